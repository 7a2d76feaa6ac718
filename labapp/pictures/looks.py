"""Look at foreign pictures: header, a small copy, a check of the whole; each in a child process.

Users and admins look at files that anybody may have made, and a decoder that crashes, hangs or
eats all memory must not take their program with it. So nothing here decodes in the caller's
process: each call is a task for a sandbox. What comes back is plain: a header, pixels, a word.

A child's working folder is not the caller's, who may have changed it: so each task carries it.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from labapp.errors import LabappError, RefusedError
from labapp.pictures.limits import Limits
from labapp.pictures.sandbox import Caps, Sandbox, Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from labapp.pictures.frames import Frame
    from labapp.pictures.header import Header

#: What the process has loaded that the children of looks are forked from.
PRELOADED = "labapp.pictures.warm_looks"

T = TypeVar("T")


@dataclass(frozen=True)
class Seen:
    """What could be made of a file that may be no picture.

    Attributes:
        header: what it says of itself; None where it is no picture.
        copy: (height, width, 3) uint8 RGB, upright, reduced; None where it cannot be read.
        problem: why there is no header or no copy.
    """

    header: Header | None = None
    copy: Frame | None = None
    problem: LabappError | None = None


def header_of(path: Path, limits: Limits | None = None) -> Header:
    """Return what a picture's file says of itself.

    Args:
        path: the file.
        limits: of the picture and of the look itself; the defaults unless given.

    Raises:
        RefusedError: it cannot be read, is no picture, or is beyond the limits.
        LabappError: the process of the look crashed, or took too long.
    """
    limits = limits or Limits()
    return _run(_Inspect(path, Path.cwd(), limits), limits)


def see(path: Path, side: int, limits: Limits | None = None) -> Seen:
    """Look at a picture's header and make a small copy; what goes wrong is part of the answer.

    Args:
        path: the file.
        side: the longest side of the copy, in pixels.
        limits: as in `header_of`.
    """
    limits = limits or Limits()
    try:
        return _run(_See(path, Path.cwd(), side, limits), limits)
    except LabappError as error:
        return Seen(problem=error)


def checked_format(data: bytes, name: str, limits: Limits | None = None) -> str:
    """Decode the whole of a picture, a frame at a time; return the name of its format.

    Args:
        data: the bytes of its file.
        name: what messages call it.
        limits: as in `header_of`.

    Raises:
        RefusedError: it is no picture, damaged, or beyond the limits.
        LabappError: the process of the look crashed, or took too long.
    """
    limits = limits or Limits()
    return _run(_Check(data, name, limits), limits)


@dataclass(frozen=True)
class _Inspect:
    path: Path
    folder: Path
    limits: Limits

    def __call__(self) -> Header:
        from labapp.pictures import reading

        path = self.folder / self.path
        return _readable(self.path, lambda: reading.inspect(path, self.limits, path.name))


@dataclass(frozen=True)
class _See:
    path: Path
    folder: Path
    side: int
    limits: Limits

    def __call__(self) -> Seen:
        from labapp.pictures.preview import preview

        header = None
        try:
            header = _Inspect(self.path, self.folder, self.limits)()
            path = self.folder / self.path
            copy = _readable(self.path, lambda: preview(path, self.side, self.limits))
            return Seen(header, copy)
        except LabappError as error:
            return Seen(header, problem=error)


@dataclass(frozen=True)
class _Check:
    data: bytes
    name: str
    limits: Limits

    def __call__(self) -> str:
        from labapp.pictures import reading

        opened = reading.open_picture(self.data, self.limits, self.name)
        for _ in opened.frames():
            pass
        return opened.header.format


def _readable(path: Path, read: Callable[[], T]) -> T:
    try:
        return read()
    except OSError as error:
        raise RefusedError(
            f"cannot read {path}: {error.strerror or error}", "Name a picture's file."
        ) from error


def _run(task: Task[T], limits: Limits) -> T:
    return _sandbox(Caps(limits.seconds, limits.memory)).run(task)


@functools.cache
def _sandbox(caps: Caps) -> Sandbox:
    """Return the one sandbox of a program for these caps, so that its children are used again."""
    return Sandbox(caps, PRELOADED)
