"""Files that arrive in a folder: each is given once it is whole, as far as its size and time tell.

A file that is written to, or copied, changes while it is looked at; one that rests for a moment is
whole, or will never be. Names that programs give to what they have not finished are left alone.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from labapp.errors import UsageError
from labapp.pictures.files import ENDINGS, natural

#: Seconds for which a file has to be the same to be taken for whole.
REST = 1.0

#: How names begin that are hidden, or of what is being written or edited: `.cat.jpg.Xa81`, `~$1`.
UNFINISHED = (".", "~")


@dataclass(frozen=True)
class Arrived:
    """A file at rest: its path, what is another once it was written to, and for how long it rests.

    Attributes:
        path: from the root on.
        stamp: of its size and the time of its last change.
        rested: seconds.
    """

    path: Path
    stamp: str
    rested: float


class Arrivals:
    """The files of a folder that nobody has taken yet.

    Args:
        folder: looked at, from the root on.
        recursive: whether folders in it are, too.
        without: a folder in it that is left out; None: none is.
        clock: gives seconds.
    """

    def __init__(
        self,
        folder: Path,
        *,
        recursive: bool = False,
        without: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._recursive = recursive
        self._without = without
        self._clock = clock
        #: Since when a file has had its stamp, of those that are there.
        self._since: dict[Path, tuple[str, float]] = {}
        self._taken: dict[Path, str] = {}
        #: Whether something is there that is not at rest.
        self.is_moving = False

    def look(self) -> list[Arrived]:
        """Return the files at rest that were not taken as they are, by name.

        Raises:
            UsageError: the folder cannot be read.
        """
        now, before, found = self._clock(), self._since, []
        self._since, self.is_moving = {}, False
        for path, stamp in self._files():
            known, since = before.get(path, ("", now))
            since = since if known == stamp else now
            self._since[path] = stamp, since
            if self._taken.get(path) == stamp:
                continue
            if now - since >= REST:
                found.append(Arrived(path, stamp, now - since))
            else:
                self.is_moving = True
        self._taken = {path: self._taken[path] for path in self._since if path in self._taken}
        return sorted(found, key=lambda one: natural(str(one.path)))

    def take(self, one: Arrived) -> None:
        """Give a file no more, unless it becomes another."""
        self._taken[one.path] = one.stamp

    def _files(self) -> Iterator[tuple[Path, str]]:
        waiting = [self._folder]
        while waiting:
            folder = waiting.pop()
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if entry.name.startswith(UNFINISHED):
                            continue
                        path = Path(entry.path)
                        if entry.is_dir(follow_symlinks=False):
                            if self._recursive and path != self._without:
                                waiting.append(path)
                        elif path.suffix.lower() in ENDINGS and (stamp := stamp_of(path)):
                            yield path, stamp
            except OSError as error:
                if folder == self._folder:
                    told = f"cannot read the folder {folder}: {error.strerror or error}"
                    raise UsageError(told, "Name another.") from error


def stamp_of(path: Path) -> str:
    """Return what is another once a file was written to; empty where there is none."""
    try:
        found = path.stat()
    except OSError:  # gone since it was listed
        return ""
    return f"{found.st_size}:{found.st_mtime_ns}" if path.is_file() else ""
