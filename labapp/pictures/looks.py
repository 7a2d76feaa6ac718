"""Look at foreign pictures: header, a small copy, a check of the whole; each in a child process.

Users and admins look at files that anybody may have made, and a decoder that crashes, hangs or
eats all memory must not take their program with it. So nothing here decodes in the caller's
process: each call is a task for a sandbox. What comes back is plain: a header, pixels, a word.

A child that is ended from outside says nothing of its picture: another looks again. If that one
ends as well, the picture is named, and the others go on.

A child's working folder is not the caller's, who may have changed it: so each task has a path from
the root on.
"""

from __future__ import annotations

import contextlib
import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from labapp.errors import JobFailedError, LabappError, RefusedError
from labapp.pictures.limits import Limits
from labapp.pictures.sandbox import Caps, EndedError, Sandbox, Task

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


def header_of(path: Path, limits: Limits | None = None, name: str = "") -> Header:
    """Return what a picture's file says of itself.

    Args:
        path: the file.
        limits: of the picture and of the look itself; the defaults unless given.
        name: what messages call it; the file's own unless given.

    Raises:
        RefusedError: it cannot be read, is no picture, or is beyond the limits.
        JobFailedError: the processes of the look crashed, took too long or were killed.
    """
    limits = limits or Limits()
    name = name or path.name
    return _run(_Inspect(path, _whole(path), name, limits), name, limits)


def see(path: Path, side: int, limits: Limits | None = None) -> Seen:
    """Look at a picture's header and make a small copy; what goes wrong is part of the answer.

    Args:
        path: the file.
        side: the longest side of the copy, in pixels.
        limits: as in `header_of`.
    """
    limits = limits or Limits()
    try:
        return _run(_See(path, _whole(path), side, limits), path.name, limits)
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
        JobFailedError: as in `header_of`.
    """
    limits = limits or Limits()
    return _run(_Check(data, name, limits), name, limits)


@dataclass(frozen=True)
class _Inspect:
    named: Path
    path: Path
    name: str
    limits: Limits

    def __call__(self) -> Header:
        from labapp.pictures import reading

        path = self.path
        return _readable(self.named, lambda: reading.inspect(path, self.limits, self.name))


@dataclass(frozen=True)
class _See:
    named: Path
    path: Path
    side: int
    limits: Limits

    def __call__(self) -> Seen:
        from labapp.pictures.preview import preview

        header = None
        try:
            header = _Inspect(self.named, self.path, self.named.name, self.limits)()
            copy = _readable(self.named, lambda: preview(self.path, self.side, self.limits))
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


def _whole(path: Path) -> Path:
    """Return a path from the root on."""
    try:
        return path.absolute()
    except OSError as error:
        raise RefusedError(
            f"cannot read {path}: the folder that it is to be in is gone", "Name a picture's file."
        ) from error


def _readable(path: Path, read: Callable[[], T]) -> T:
    try:
        return read()
    except OSError as error:
        raise RefusedError(
            f"cannot read {path}: {error.strerror or error}", "Name a picture's file."
        ) from error


def _run(task: Task[T], name: str, limits: Limits) -> T:
    sandbox = _sandbox(Caps(limits.seconds, limits.memory))
    with contextlib.suppress(EndedError):
        return sandbox.run(task)
    try:
        return sandbox.run(task)
    except EndedError as error:
        raise JobFailedError(
            f"{name} could not be looked at, in two attempts: {error.message}",
            "Try it again; where memory is short, close other programs first.",
        ) from error


@functools.cache
def _sandbox(caps: Caps) -> Sandbox:
    """Return the one sandbox of a program for these caps, so that its children are used again."""
    return Sandbox(caps, PRELOADED)
