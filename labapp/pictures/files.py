"""Find the pictures' files that a user means, and say what of the folders named is left out."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from labapp.errors import UsageError, os_errors_as
from labapp.files import typed_paths
from labapp.pictures.limits import EXTENSIONS
from labapp.pictures.mark import is_marked
from labapp.pictures.strangers import by_name

#: Endings of files that are taken for pictures when a folder is given.
ENDINGS = frozenset(
    {".jpeg", ".jpe", ".jfif", ".jif", ".pjpeg", ".pjp", ".apng", ".dib", ".tiff"}
    | set(EXTENSIONS.values())
)

_DIGITS = re.compile(r"([0-9]+)", re.ASCII)

#: Names that a line of what is not taken repeats.
_NAMED = 5


@dataclass(frozen=True)
class Selection:
    """The files that were found.

    Attributes:
        files: the pictures, each once, in the order named and then by name.
        others: names of what else lies in the folders, folders with a slash behind; hidden files
            are not among them.
        results: results of labapp in the folders, which are not taken.
        listed: those of `files` that a folder gave, and nobody named.
    """

    files: tuple[Path, ...]
    others: tuple[str, ...] = ()
    results: tuple[Path, ...] = ()
    listed: frozenset[Path] = frozenset()

    @property
    def size(self) -> int:
        """Bytes of the files; one that cannot be read counts as none."""
        return sum(map(_size, self.files))

    @property
    def others_line(self) -> str:
        """One line on what else lies there, or an empty text."""
        return others_line(self.others)

    @property
    def results_line(self) -> str:
        """One line on the results of labapp that are left out, or an empty text."""
        if not self.results:
            return ""
        names = _few([path.name for path in self.results])
        what = "result" if len(self.results) == 1 else "results"
        return f"{len(self.results):,} {what} of labapp left out: {names}"

    @property
    def notes(self) -> list[str]:
        """Lines on all that was not taken, with what would help."""
        lines = [self.others_line]
        kinds: dict[tuple[str, str], list[str]] = defaultdict(list)
        for name in self.others:
            if kind := by_name(name):
                kinds[kind].append(name)
        for (what, remedy), names in kinds.items():
            lines.append(f"{_few(names)}: {what}, which is not taken. {remedy}")
        if any(name.endswith("/") for name in self.others):
            lines.append("--recursive takes the pictures of folders in folders, too")
        if self.results:
            lines.append(f"{self.results_line}; name them, or say --results, to take them")
        return [line for line in lines if line]

    def without(self, is_result: Callable[[Path], bool]) -> Selection:
        """Leave out what a folder gave and `is_result` knows for a result of labapp.

        Raises:
            UsageError: nothing is left.
        """
        known = {path for path in self.files if path in self.listed and is_result(path)}
        if not known:
            return self
        found = replace(
            self,
            files=tuple(path for path in self.files if path not in known),
            results=(*self.results, *(path for path in self.files if path in known)),
        )
        if not found.files:
            raise _nothing(sorted({str(path.parent) for path in known}), found)
        return found


def select(paths: Sequence[str], *, recursive: bool = False, results: bool = False) -> Selection:
    """Find the pictures that paths, folders and patterns name.

    A file that is named is taken whatever its name ends with: its bytes will tell. From a folder
    only files are taken whose names end like a picture's, and no results of labapp.

    Args:
        paths: as typed; `~` and patterns are understood.
        recursive: whether pictures of folders in a folder are meant, too.
        results: whether results of labapp are taken from folders, too.

    Raises:
        UsageError: something named is not there or cannot be read, or nothing was found.
    """
    found = gather(paths, recursive=recursive, results=results)
    if not found.files:
        raise _nothing(paths, found)
    return found


def gather(paths: Sequence[str], *, recursive: bool = False, results: bool = False) -> Selection:
    """Find pictures as `select` does, and be content with none."""
    found: dict[Path, None] = {}
    singly: set[Path] = set()
    others: list[str] = []
    left: dict[Path, None] = {}
    for folder in paths_of(paths):
        if not folder.is_dir():
            singly.add(folder)
            found[folder] = None
            continue
        for inner in _folders(folder, others) if recursive else [folder]:
            pictures = pictures_in(inner)
            ours = [] if results else [path for path in pictures if is_marked(path)]
            left |= dict.fromkeys(ours)
            found |= dict.fromkeys(path for path in pictures if path not in left)
            prefix = "" if inner == folder else f"{inner.relative_to(folder).as_posix()}/"
            others += [prefix + name for name in _others(inner, frozenset(pictures), recursive)]
    return Selection(
        tuple(found),
        tuple(others),
        tuple(path for path in left if path not in found),
        frozenset(path for path in found if path not in singly),
    )


def paths_of(paths: Sequence[str]) -> list[Path]:
    """Return the files and folders that words name, patterns among them.

    Raises:
        UsageError: a word names nothing that is there.
    """
    found: list[Path] = []
    for text in paths:
        those = typed_paths.glob(text)
        if not those and not typed_paths.is_unmatched_pattern(text):
            raise UsageError(f"there is no file {text}", "Name a picture, or a folder of some.")
        found += those
    return found


def pictures_in(folder: Path) -> list[Path]:
    """Return a folder's files whose names end like a picture's, by name: 2.jpg before 10.jpg."""
    with os_errors_as(UsageError, f"cannot read the folder {folder}", "Name another."):
        return sorted(
            filter(is_picture_name, folder.iterdir()), key=lambda path: natural(path.name)
        )


def is_picture_name(path: Path) -> bool:
    """Return whether a file's name ends like a picture's."""
    return path.suffix.lower() in ENDINGS and path.is_file()


def has_folders(folder: Path) -> bool:
    """Tell whether there are folders in a folder, but for hidden ones."""
    try:
        return any(path.is_dir() and not path.name.startswith(".") for path in folder.iterdir())
    except OSError:
        return False


def _nothing(paths: Sequence[str], selection: Selection) -> UsageError:
    rest = "; ".join(filter(None, (selection.others_line, selection.results_line)))
    remedy = "Name a picture, or a folder of some."
    if selection.results:
        remedy = "Name them, or say --results at the prompt, to take them all the same."
    elif kind := next(filter(None, map(by_name, selection.others)), None):
        remedy = kind[1]
    elif any(name.endswith("/") for name in selection.others):
        remedy = "--recursive at the prompt takes the pictures of folders in folders, too."
    return UsageError(f"no picture in {', '.join(paths)}" + (f" ({rest})" if rest else ""), remedy)


def _folders(top: Path, unread: list[str]) -> Iterator[Path]:
    """Yield a folder and those in it at any depth, but for hidden ones, in order of their names.

    Those that cannot be read are added to `unread`.
    """

    def note(error: OSError) -> None:
        if Path(error.filename) != top:  # which is told by whoever reads it
            unread.append(f"{Path(error.filename).relative_to(top).as_posix()} ({error.strerror})")

    yield top
    for folder, inner, _ in os.walk(top, onerror=note):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        if Path(folder) != top:
            yield Path(folder)


def _others(folder: Path, pictures: frozenset[Path], recursive: bool) -> list[str]:
    rest = [p for p in folder.iterdir() if p not in pictures and not p.name.startswith(".")]
    names = [f"{p.name}/" if p.is_dir() else p.name for p in rest if not (recursive and p.is_dir())]
    return sorted(names)


def others_line(names: Sequence[str]) -> str:
    """Return one line on names of what is not taken, or an empty text."""
    if not names:
        return ""
    # Pictures that are not read are what somebody may miss.
    return f"not taken: {_few(sorted(names, key=lambda name: not by_name(name)))}"


def _few(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def natural(name: str) -> list[tuple[bool, Any]]:
    """Return what sorts names as people count: by number where there are digits."""
    parts = _DIGITS.split(name.lower())
    return [
        (not part.isdecimal(), int(part) if part.isdecimal() else part) for part in parts if part
    ]
