"""A decoder that a picture has taken over: what it does in its child, instead of the picture.

Tasks are pickled to the child, which believes the program; so a test's task is just what somebody
who runs code in the child may do. The child is a real one, forked and confined as ever.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from unittest import mock

from labapp.pictures import answers, child, sandbox
from labapp.pictures.answers import Answer
from labapp.pictures.line import ChildLine, Most
from labapp.pictures.process import PictureTask, Processed
from labapp.pictures.sandbox import Caps, Child, Sandbox
from labapp.pictures.task_files import Files

if sys.platform != "win32":
    import fcntl
    import resource

CAPS = Caps(60, 450_000_000)

#: As the worker has it, whose own room takes a second to import in each child.
PRELOADED = "labapp.worker.preload"

#: The child's descriptor of the line to the worker.
LINE = child.LINE

#: What a call that is refused fails with.
DENIED = frozenset({"EPERM", "EACCES", "ENOSYS"})


@dataclass(frozen=True)
class TakenOver:
    """Does a deed in a child; the result is what it returned, or the name of its error."""

    deed: Callable[..., object]
    given: tuple[Any, ...] = ()
    source: Path | None = None
    result: Path | None = None
    called: ClassVar[None] = None
    most: ClassVar[Most] = Most(answers.MOST_WORDS)

    def __call__(self, files: Files) -> object:
        try:
            return ["did", self.deed(*self.given)]
        except OSError as error:
            return ["failed", errno.errorcode.get(error.errno or 0, type(error).__name__)]

    def answer_of(self, result: object) -> Answer:
        return answers.answer(result)

    def result_of(self, answer: Answer, made: int | None) -> object:
        return answers.read(answer.words)


def _be_ready(caps: Caps, line: ChildLine) -> None:
    """Be a child that has this module loaded, as it could not once it is confined."""
    child.work(caps, line)


class _Sandbox(Sandbox):
    """One whose children know the tasks of this module."""

    forks = True

    def _begin(self) -> Child:
        forks = mock.patch.object(sandbox, "FORKS", self.forks)
        with mock.patch.object(sandbox, "_work", _be_ready), forks:
            return super()._begin()


def done(room: Sandbox, deed: Callable[..., object], *given: object) -> list[Any]:
    """Return what becomes of a deed: `["did", its result]`, or `["failed", name of the error]`."""
    outcome = room.run(TakenOver(deed, given))
    assert isinstance(outcome, list)
    return outcome


def warm(lacking: str = "", *, forks: bool = True) -> Sandbox:
    """Return a sandbox whose child has begun; skips where the platform lacks what is to be seen.

    Args:
        lacking: what it lacks then.
        forks: whether the child is forked, and not started anew.
    """
    import pytest  # not in the child

    room = _Sandbox(CAPS, PRELOADED)
    room.forks = forks
    assert done(room, os.getpid)[0] == "did"
    if lacking in (room.missing or ()):
        pytest.skip(f"not on this machine: {lacking}")
    return room


def call(number: int, *given: int) -> int:
    """Make a system call by its number."""
    libc = ctypes.CDLL(None, use_errno=True)
    found = int(libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, given)))
    if found < 0:
        raise OSError(ctypes.get_errno(), "")
    return found


def environment() -> list[str]:
    """Return the environment as Python has it, and as C has it."""
    libc = ctypes.CDLL(None)
    block = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, "environ")
    found = []
    for place in range(10_000):
        entry = block[place]
        if entry is None:
            break
        found.append(entry.decode())
    return [*found, *(f"{name}={value}" for name, value in os.environ.items())]


def read(path: str) -> str:
    """Open a file and read of it."""
    with open(path, "rb") as file:  # noqa: PTH123
        return file.read(10).hex()


def open_descriptors() -> list[int]:
    """Return the descriptors that are open."""
    found = []
    for descriptor in range(64):
        try:
            os.fstat(descriptor)
        except OSError:
            continue
        found.append(descriptor)
    return found


def connect(port: int) -> None:
    socket.create_connection(("127.0.0.1", port), 5).close()


def open_socket(family: int, kind: int) -> None:
    socket.socket(family, kind)


def send_to_abstract(name: str) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.sendto(b"!", "\0" + name)


def reconnect_the_line() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    address = ctypes.create_string_buffer(b"\x01\x00/tmp/somewhere")
    if libc.connect(LINE, address, len(address)) < 0:
        raise OSError(ctypes.get_errno(), "")


def fork() -> object:
    return os.fork()


def fork_on_a_terminal() -> object:
    return os.forkpty()


def run_a_program() -> None:
    subprocess.run(["true"], check=True)


def become_a_program() -> None:
    os.execv("/bin/sh", ["sh", "-c", "exit 0"])


def trace(pid: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(16, pid, None, None) < 0:  # PTRACE_ATTACH
        raise OSError(ctypes.get_errno(), "")


def read_memory(pid: int) -> None:
    call(310 if platform.machine() == "x86_64" else 270, pid, 0, 0, 0, 0, 0)


def bound_cpu(pid: int) -> None:
    resource.prlimit(pid, resource.RLIMIT_CPU, (1, 1))


def be_sent_signals_for(pid: int) -> None:
    fcntl.fcntl(LINE, fcntl.F_SETOWN, pid)


def type_into(descriptor: int) -> None:
    fcntl.ioctl(descriptor, 0x5412, b"x")  # TIOCSTI


def open_terminal() -> None:
    os.close(os.open("/dev/tty", os.O_RDONLY))


def threads() -> int:
    found: list[int] = []
    several = [threading.Thread(target=found.append, args=(one,)) for one in range(4)]
    for thread in several:
        thread.start()
    for thread in several:
        thread.join()
    return sum(found)


def threads_of_a_library() -> int:
    import cv2
    import numpy as np

    cv2.setNumThreads(4)
    blurred = cv2.GaussianBlur(np.full((2_000, 2_000, 3), 7, np.uint8), (0, 0), 3)
    cv2.setNumThreads(1)
    return int(blurred[1_000, 1_000, 0])


def open_for_writing(path: str, flags: int) -> None:
    """Open a file in a way by which it can be written, made or cut."""
    os.close(os.open(path, flags, 0o600))


def open_many() -> int:
    """Open files until there are no more; return how many there were."""
    found = 0
    try:
        while True:
            os.dup(LINE)
            found += 1
    except OSError:
        for descriptor in range(LINE + 1, LINE + 1 + found):
            os.close(descriptor)
    return found


def write_to(descriptor: int, size: int) -> int:
    """Write zeros to a descriptor, so many."""
    left = size
    while left:
        left -= os.write(descriptor, bytes(min(left, 1 << 20)))
    return size


def leave_behind(descriptor: int, size: int) -> None:
    """Make a file great without writing it."""
    os.lseek(descriptor, size, os.SEEK_SET)
    os.write(descriptor, b"!")


@dataclass(frozen=True)
class Lying(PictureTask):
    """A picture whose decoder writes a result, says what it likes over the line, then waits."""

    said: bytes = b""
    written: bytes = b"\x89PNG\r\n\x1a\n"
    stays: bool = False

    def __call__(self, files: Files) -> Processed:
        assert files.result is not None
        files.result.write(self.written)
        view = memoryview(self.said)
        while view:
            view = view[os.write(LINE, view) :]
        while self.stays:
            time.sleep(3600)
        os._exit(0)
