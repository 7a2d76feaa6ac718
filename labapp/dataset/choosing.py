"""Find the pictures' files that a user means, and say what else lies in the folders named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labapp.errors import UsageError
from labapp.jobs.pictures import find, pictures_in

#: Names that the line of what is not taken repeats.
_NAMED = 5


@dataclass(frozen=True)
class Selection:
    """The files that were found.

    Attributes:
        files: the pictures, each once, in the order named and then by name.
        others: names of what else lies in the folders, folders with a slash behind; hidden files
            are not among them.
    """

    files: tuple[Path, ...]
    others: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of the files; one that cannot be read counts as none."""
        return sum(map(_size, self.files))

    @property
    def others_line(self) -> str:
        """One line on what else lies there, or an empty text."""
        if not self.others:
            return ""
        named = ", ".join(self.others[:_NAMED])
        more = len(self.others) - _NAMED
        return f"not taken: {named}" + (f" and {more:,} more" if more > 0 else "")


def select(paths: Sequence[str]) -> Selection:
    """Find the pictures that paths, folders and patterns name.

    A file that is named is taken whatever its name ends with: its bytes will tell. From a folder
    only files are taken whose names end like a picture's, and none of its folders.

    Args:
        paths: as typed; `~` and patterns are understood.

    Raises:
        UsageError: something named is not there or cannot be read, or nothing was found.
    """
    found: dict[Path, None] = {}
    others: list[str] = []
    for text in paths:
        folder = Path(text).expanduser()
        if folder.is_dir():
            pictures = pictures_in(folder)
            found |= dict.fromkeys(pictures)
            others += _others(folder, frozenset(pictures))
        else:
            found |= dict.fromkeys(find([text]))
    if not found:
        rest = Selection((), tuple(others)).others_line
        raise UsageError(
            f"no picture in {', '.join(paths)}" + (f" ({rest})" if rest else ""),
            "Name a picture, or a folder of some.",
        )
    return Selection(tuple(found), tuple(others))


def _others(folder: Path, pictures: frozenset[Path]) -> list[str]:
    rest = [p for p in folder.iterdir() if p not in pictures and not p.name.startswith(".")]
    return sorted(f"{path.name}/" if path.is_dir() else path.name for path in rest)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
