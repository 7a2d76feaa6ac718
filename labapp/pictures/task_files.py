"""The two files of a task: a picture to read, a result to write.

The program opens both, and a child is given the descriptors: of what else is on the disk it needs
to see nothing, nor the names of these. Where descriptors cannot be handed over, it opens them by
name. Whatever it did, a result is only taken for one if it is what was made for it.

A picture whose bytes the program has already comes beside the task, too, where the system has files
in memory: a child can read it, and neither change it nor make it grow.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TypeVar, cast

from labapp.errors import RefusedError
from labapp.pictures.answers import Answer, LieError
from labapp.pictures.line import Most

Result = TypeVar("Result")

#: Bytes of a picture from which on they come in a file: over a socket they take twice as long.
LEAST_BESIDE = 1 << 20

#: Flags of Windows or of POSIX, where each has them.
_BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_NOT_WAITING = getattr(os, "O_NONBLOCK", 0)  # on a pipe that nobody writes to
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)


class Task(Protocol[Result]):
    """What a child does with one picture; it can be pickled."""

    @property
    def source(self) -> Path | None:
        """The picture's file; None where it travels with the task."""

    @property
    def result(self) -> Path | None:
        """The file to write; None where nothing is written."""

    @property
    def called(self) -> Path | None:
        """What messages call the picture's file."""

    @property
    def most(self) -> Most:
        """How great its answer may be."""

    def __call__(self, files: Files) -> Result:
        """Do it, in the child; raises RefusedError where the picture breaks a rule."""

    def answer_of(self, result: Result) -> Answer:
        """Return the answer that tells the result, in the child."""

    def result_of(self, answer: Answer, made: int | None) -> Result:
        """Return the result that an answer tells, in the program that asked.

        Args:
            answer: within `most`.
            made: the descriptor of the result's file, where it was made here.

        Raises:
            LieError: this task cannot have it.
            LabappError: it tells of one.
        """


@dataclass(frozen=True)
class Files:
    """A task's open files, as a child has them."""

    source: BinaryIO | None = None
    result: BinaryIO | None = None

    @classmethod
    def of(cls, task: Task[Any], descriptors: Sequence[int]) -> Files:
        """Return a task's files by their descriptors, in this order."""
        come = iter(descriptors)
        source = os.fdopen(next(come), "rb", buffering=0) if task.source else None
        result = os.fdopen(next(come), "wb", buffering=0) if task.result else None
        return cls(source, result)

    def close(self) -> None:
        """Let go of them."""
        for file in (self.source, self.result):
            if file is not None:
                file.close()


@dataclass(frozen=True)
class Beside:
    """A task whose picture's bytes, its `data`, come beside it."""

    task: Any

    def joined(self, files: Sequence[int]) -> tuple[Any, Sequence[int]]:
        """Return the task with its bytes, in the child, and its other files."""
        with os.fdopen(files[0], "rb", buffering=0) as file:
            return replace(self.task, data=file.read()), files[1:]


def apart(task: Task[Any]) -> tuple[object, list[int]]:
    """Return what travels of a task, and the descriptor of the bytes that come beside it.

    There is none where the task has few, or the system no files in memory.
    """
    data = getattr(task, "data", None)
    if isinstance(data, bytes) and len(data) >= LEAST_BESIDE:
        with contextlib.suppress(OSError, AttributeError):
            found = _in_memory(data)
            return Beside(replace(cast("Any", task), data=b"")), [found]
    return task, []


def _in_memory(data: bytes) -> int:
    """Return the descriptor of a file in memory that nobody can write to any more.

    Raises:
        OSError: there is no room, or no such file.
        AttributeError: the platform knows none.
    """
    if sys.platform != "linux":
        raise AttributeError
    import fcntl

    found = os.memfd_create("picture", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(found, view) :]
        seals = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL
        fcntl.fcntl(found, fcntl.F_ADD_SEALS, seals)
        os.lseek(found, 0, os.SEEK_SET)
    except OSError:
        os.close(found)
        raise
    return found


def descriptors(task: Task[Any]) -> list[int]:
    """Open a task's files; return the descriptors, the picture's first.

    Raises:
        RefusedError: the picture cannot be read.
        OSError: the result cannot be written.
    """
    found = [] if task.source is None else [opened_source(task.source, task.called or task.source)]
    if task.result is not None:
        try:
            found.append(_result(task.result))
        except OSError:
            close(found)
            raise
    return found


def close(descriptors: Sequence[int]) -> None:
    """Let go of descriptors."""
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            os.close(descriptor)


def opened_source(path: Path, called: Path) -> int:
    """Open a picture's file; return the descriptor.

    Raises:
        RefusedError: it cannot be read, or is no file.
    """
    try:
        found = os.open(path, os.O_RDONLY | _BINARY | _NOT_WAITING)
    except OSError as error:
        # Windows opens no folder, and says no more than that it may not.
        why = "Is a directory" if path.is_dir() else error.strerror or str(error)
        raise unreadable(called, why) from error
    kind = os.fstat(found).st_mode
    if stat.S_ISREG(kind):
        return found
    os.close(found)
    raise unreadable(called, "Is a directory" if stat.S_ISDIR(kind) else "it is no file")


def unreadable(path: Path, why: str) -> RefusedError:
    """Return the error for a picture's file that cannot be read."""
    return RefusedError(f"cannot read {path}: {why}", "Name a picture's file.")


def _result(path: Path) -> int:
    path.unlink(missing_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _BINARY | _NO_LINK, 0o600)


def check_result(path: Path, size: int, begins: Sequence[bytes], made: int | None) -> None:
    """See to it that a result is the file that was made for it, and is what was told of it.

    Args:
        path: of the result.
        size: that a child told, in bytes.
        begins: one of these.
        made: the descriptor of the file that was made, where it was made here.

    Raises:
        LieError: it is a link, a pipe, somebody else's, another file, of another size or begins
            otherwise.
    """
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            raise LieError("its result is no file of its own")
        if sys.platform != "win32" and found.st_uid != os.geteuid():
            raise LieError("its result is somebody else's")
        if made is not None and not os.path.samestat(found, os.fstat(made)):
            raise LieError("its result is another file")
        if found.st_size != size:
            raise LieError("its result is of another size than it says")
        with open(os.open(path, os.O_RDONLY | _BINARY | _NOT_WAITING | _NO_LINK), "rb") as file:  # noqa: PTH123
            if not file.read(max(map(len, begins))).startswith(tuple(begins)):
                raise LieError("its result is of another format than it says")
    except OSError:
        raise LieError("its result is gone") from None
