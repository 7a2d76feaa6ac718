"""Copies of pictures in memory: those looked at last, and those that may be looked at next.

A picture is read once, whoever asks for it, and anew once its file has changed. Reading is done in
the threads that ask, and ahead of them in one of its own.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console.behind import Latest
from labapp.errors import JobFailedError, LabappError

if TYPE_CHECKING:
    from labapp.programs.menus.picture_page import Seen

#: Bytes of copies, and of their drawings, that are kept.
MOST = 64_000_000

#: Bytes that what is known of a picture counts for besides.
_HEADER = 4_000

#: What tells that a file has changed; None where there is none that can be asked.
Stamp = tuple[int, int, int] | None


@dataclass(frozen=True)
class _Kept:
    stamp: Stamp
    seen: Seen

    @property
    def octets(self) -> int:
        return _HEADER + self.seen.octets


class PictureCache:
    """Pictures that were read.

    Args:
        read: reads one; blocks, and raises nothing.
        changed: called when something was read ahead, or read anew.
        most: bytes that are kept.
    """

    def __init__(
        self, read: Callable[[Path], Seen], changed: Callable[[], None], most: int = MOST
    ) -> None:
        self._read = read
        self._changed = changed
        self._most = most
        self._kept: OrderedDict[Path, _Kept] = OrderedDict()
        #: What is read just now, and when that is done.
        self._under_way: dict[Path, threading.Event] = {}
        #: How often a file was found to be another than before.
        self._versions: dict[Path, int] = {}
        self._lock = threading.Lock()
        self._behind = Latest(self._read_behind, "ahead")

    @property
    def octets(self) -> int:
        """Bytes that are kept."""
        with self._lock:
            return sum(one.octets for one in self._kept.values())

    def stop(self) -> None:
        """Read nothing ahead any longer, and keep nothing: what was sent knows its desk."""
        self._behind.stop()
        with self._lock:
            self._kept.clear()

    def known(self, path: Path) -> Seen | None:
        """Return a picture if it is in memory."""
        with self._lock:
            kept = self._kept.get(path)
            if kept is not None:
                self._kept.move_to_end(path)
            return kept.seen if kept else None

    def problem(self, path: Path) -> LabappError | None:
        """Return why a file is no picture that is taken, if that is known."""
        with self._lock:
            kept = self._kept.get(path)
        return kept.seen.problem if kept else None

    def version(self, path: Path) -> int:
        """Return a number that is another once the file was found to have changed."""
        return self._versions.get(path, 0)

    def seen(self, path: Path) -> Seen:
        """Return a picture, from memory if its file is as it was, or read now; blocks."""
        while True:
            stamp = stamp_of(path)
            with self._lock:
                kept = self._kept.get(path)
                if kept is not None and kept.stamp == stamp:
                    self._kept.move_to_end(path)
                    return kept.seen
                other = self._under_way.get(path)
                if other is None:
                    self._under_way[path] = mine = threading.Event()
                    break
            other.wait()
        try:
            seen = self._read(path)
            if not isinstance(seen.problem, JobFailedError):  # which may be otherwise the next time
                self._keep(path, _Kept(stamp, seen))
        finally:
            with self._lock:
                del self._under_way[path]
            mine.set()
        return seen

    def check(self, path: Path) -> None:
        """See whether a file that is in memory has changed: then it is read anew when wanted."""
        with self._lock:
            kept = self._kept.get(path)
        if kept is None or kept.stamp == stamp_of(path):
            return
        with self._lock:
            self._kept.pop(path, None)
            self._versions[path] = self.version(path) + 1
        self._changed()

    def read_ahead(self, paths: Sequence[Path]) -> None:
        """Have pictures read behind, in this order, instead of what was to be read ahead before."""
        self._behind.want(tuple(paths))

    def _read_behind(self, paths: Sequence[Path]) -> None:
        for path in paths:
            if self._behind.is_overtaken:
                return
            if path not in self._kept:
                self.seen(path)
                self._changed()

    def _keep(self, path: Path, kept: _Kept) -> None:
        with self._lock:
            if (before := self._kept.get(path)) is not None and before.stamp != kept.stamp:
                self._versions[path] = self.version(path) + 1
            self._kept[path] = kept
            self._kept.move_to_end(path)
            octets = sum(one.octets for one in self._kept.values())
            while octets > self._most and len(self._kept) > 1:
                _, oldest = self._kept.popitem(last=False)
                octets -= oldest.octets


def stamp_of(path: Path) -> Stamp:
    """Return what is another once a file has changed."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
