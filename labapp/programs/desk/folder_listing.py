"""What lies in a folder: folders first, then pictures as people count, each result by its source.

One look into the folder tells the names; what a file's size is, and whether it is a result, is
asked of each file by itself, later and behind.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from labapp.errors import LabappError, UsageError, os_errors_as
from labapp.pictures.files import ENDINGS, natural
from labapp.pictures.mark import is_marked

#: Seconds for which a folder that has just changed is not trusted to tell of the next change: file
#: systems count time in steps.
UNSURE = 2.0

#: Pictures that are listed of a folder and those in it, at most.
MOST = 20_000


@dataclass(frozen=True)
class Item:
    """A line of the list.

    Attributes:
        path: the file or folder.
        name: as listed, for one in a folder of the folder with that in front.
        is_folder: whether it is one.
    """

    path: Path
    name: str
    is_folder: bool = False


@dataclass(frozen=True)
class Contents:
    """What lies in a folder.

    Attributes:
        folder: it.
        deep: whether pictures of the folders in it are among the items, and those are not.
        items: folders, then pictures.
        others: names of what else lies there, but for hidden files.
        problem: why it cannot be listed, or not all of it.
        folders: those that were looked into.
        stamps: of each of them, as `stamp_of` gives it.
    """

    folder: Path
    deep: bool = False
    items: tuple[Item, ...] = ()
    others: tuple[str, ...] = ()
    problem: LabappError | None = None
    folders: tuple[Path, ...] = ()
    stamps: tuple[object, ...] = ()

    def is_as_now(self) -> bool:
        """Tell whether nothing has come to its folders or gone since, as far as that is sure."""
        now = tuple(map(stamp_of, self.folders))
        return None not in now and now == self.stamps


@dataclass(frozen=True)
class Facts:
    """What is known of a file without decoding it.

    Attributes:
        octets: its size.
        modified: when it was written last, in seconds since 1970.
        is_result: whether it bears the mark of a result.
    """

    octets: int
    modified: float
    is_result: bool


def contents_of(
    folder: Path, *, deep: bool = False, stopped: Callable[[], bool] = lambda: False
) -> Contents:
    """List a folder; what goes wrong is part of the answer."""
    folders: list[Item] = []
    pictures: list[Item] = []
    others: list[str] = []
    looked: list[Path] = []
    stamps: list[object] = []
    problem: LabappError | None = None
    todo = [(folder, "")]
    while todo and not stopped():
        place, prefix = todo.pop()
        looked.append(place)
        stamps.append(stamp_of(place))
        try:
            inner = _look(place, prefix, folders, pictures, others)
        except LabappError as error:
            problem = problem or error
            continue
        if deep:
            todo += [(item.path, f"{item.name}/") for item in reversed(inner)]
        if len(pictures) > MOST:
            problem = UsageError(f"only the first {MOST:,} pictures are listed")
            break
    if deep:
        folders.clear()
    return Contents(
        folder,
        deep,
        (*_ordered(folders), *_ordered(pictures[:MOST])),
        tuple(sorted(others)),
        problem,
        tuple(looked),
        tuple(stamps),
    )


def _look(
    place: Path, prefix: str, folders: list[Item], pictures: list[Item], others: list[str]
) -> list[Item]:
    """Sort what lies in one folder; return the folders in it that are no links."""
    inner: list[Item] = []
    with (
        os_errors_as(UsageError, f"cannot read the folder {place}", "Press f to name another."),
        os.scandir(place) as found,
    ):
        for one in found:
            if one.name.startswith("."):
                continue
            item = Item(place / one.name, prefix + one.name, _is_folder(one))
            if item.is_folder:
                folders.append(item)
                if not one.is_symlink():
                    inner.append(item)
            elif _ending(one.name) in ENDINGS and _is_file(one):
                pictures.append(item)
            else:
                others.append(item.name)
    return sorted(inner, key=_order)


def _is_folder(one: os.DirEntry[str]) -> bool:
    try:
        return one.is_dir()
    except OSError:  # a link to what cannot be asked
        return False


def _is_file(one: os.DirEntry[str]) -> bool:
    try:
        return one.is_file()
    except OSError:
        return False


def _ordered(items: Iterable[Item]) -> list[Item]:
    return sorted(items, key=_order)


def _order(item: Item) -> tuple[object, ...]:
    """Return what sorts items: a name without its ending first, so that results follow sources."""
    top, _, name = item.name.rpartition("/")
    ending = _ending(name)
    return natural(top), natural(name[: len(name) - len(ending)]), ending, name


def _ending(name: str) -> str:
    """Return a name's ending in small letters, its dot included."""
    _, dot, ending = name.rpartition(".")
    return (dot + ending).lower() if dot else ""


def stamp_of(folder: Path) -> object:
    """Return what is another once something comes to a folder or goes; None if unsure."""
    try:
        changed = folder.stat().st_mtime_ns
    except OSError as error:
        return error.errno
    return changed if abs(time.time() - changed / 1e9) > UNSURE else None


def facts_of(path: Path) -> Facts | None:
    """Ask a file for its facts; None where it cannot be asked, or is no file any more."""
    try:
        status = path.stat()
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return Facts(status.st_size, status.st_mtime, is_marked(path))


def source_by_name(path: Path, pictures: Mapping[tuple[Path, str], Path]) -> Path | None:
    """Return the picture that a result's name tells of: `photo-blur-2.png` is of `photo.jpg`.

    Args:
        path: the result.
        pictures: those that it may be of, by their folder and name without ending.
    """
    stem = path.stem
    while "-" in stem:
        stem = stem.rpartition("-")[0]
        found = pictures.get((path.parent, stem))
        if found is not None and found != path:
            return found
    return None
