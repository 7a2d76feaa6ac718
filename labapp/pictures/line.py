"""The line between a program and one of its children: what goes over it, and how.

To the child go pickles: it may believe the program. From the child come answers (`answers`): two
numbers, the bytes of its words and of its pixels, then those. A child that has gone wrong may say
nothing, half of it or without end: so each number is bounded before anything is read, and the
program that waits has one deadline for all of it.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from labapp.pictures.answers import Answer, LieError

#: Before a task: its bytes. Before an answer: those of its words, and those of its pixels.
_TASK, _ANSWER = struct.Struct("!Q"), struct.Struct("!II")

#: What is told of a child that has ended: the exit code as `waitstatus_to_exitcode` has it, and the
#: number of the error where none could be forked.
STATUS = struct.Struct("!ii")

#: The exit code of a child of which nobody can tell, since the process that forked it is gone.
SERVER_GONE = 255

#: How a child is asked for.
FORK = b"!"

#: Files that come with a task: the picture, and the result.
MOST_FILES = 2

#: Seconds between two looks at a child that works; in so long it may take some 200 MB of memory.
LOOK_SECONDS = 0.05

#: Bytes that go in one piece with the words before them: to copy so few costs less than to ask the
#: system twice.
_JOINED = 128 * 1024

#: Bytes of the stack of the thread that receives; the least of some platforms is half of it.
_STACK = 512 * 1024


class GoneError(Exception):
    """The other side has ended, or has closed the line."""


class LateError(Exception):
    """The time is over."""


class FullError(Exception):
    """The other side takes more memory than it may."""


@dataclass(frozen=True)
class Most:
    """Bytes that an answer may have: of its words, and of its pixels."""

    words: int
    raw: int = 0


def message(task: object) -> bytes:
    """Return a task as it travels to a child."""
    data = pickle.dumps(task, pickle.HIGHEST_PROTOCOL)
    return _TASK.pack(len(data)) + data


def exchange(
    line: socket.socket,
    task: bytes,
    files: Sequence[int],
    most: Most,
    until: float,
    look: Callable[[], None] | None = None,
) -> Answer:
    """Send a task with its open files, and return the answer.

    Args:
        line: the program's end.
        task: as `message` gave it; empty to listen alone.
        files: descriptors, which stay open here.
        most: what is listened to.
        until: the deadline, on `time.monotonic`'s clock.
        look: called again and again while the answer is waited for; what it raises ends the wait.

    Raises:
        GoneError: the child has ended, perhaps in the middle.
        LateError: the deadline has passed, perhaps in the middle.
        LieError: the answer would be greater than one may be, or was there before the task.
    """
    send(line, task, files, until)
    return hear(line, most, until, look)


def send(line: socket.socket, tasks: bytes, files: Sequence[int], until: float) -> None:
    """Send a task with its open files, or several without; arguments and errors as `exchange`."""
    if _has_spoken(line):
        raise LieError("it speaks without being asked")
    # It may end in the middle of a task that is more than it can hold, with a word.
    with contextlib.suppress(ConnectionError):
        _send(line, tasks, files, until)


def speaks(line: socket.socket, until: float) -> bool:
    """Wait until a child says something, or ends; return whether it did by then."""
    line.settimeout(max(0.0, until - time.monotonic()))
    try:
        line.recv(1, socket.MSG_PEEK)
    except (TimeoutError, BlockingIOError):
        return False
    except OSError:
        pass  # it has ended, which who listens hears
    return True


def hear(
    line: socket.socket, most: Most, until: float, look: Callable[[], None] | None = None
) -> Answer:
    """Return the next answer of a child; arguments and errors as of `exchange`."""
    return receive(lambda size: _receive(line, size, until, look), most)


def _has_spoken(line: socket.socket) -> bool:
    line.setblocking(False)
    try:
        return bool(line.recv(1, socket.MSG_PEEK))
    except OSError:
        return False  # or it has ended, which sending tells


def receive(exactly: Callable[[int], bytearray], most: Most) -> Answer:
    """Return an answer, read by a function that gives that many bytes; errors as `exchange`."""
    words, raw = _ANSWER.unpack(exactly(_ANSWER.size))
    if words > most.words or raw > most.raw:
        raise LieError("it has more to say than there is to say")
    return Answer(bytes(exactly(words)), exactly(raw))


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise LateError
    return left


def _send(line: socket.socket, task: bytes, files: Sequence[int], until: float) -> None:
    view = memoryview(task)
    try:
        if files and sys.platform != "win32":
            line.settimeout(_left(until))
            view = view[socket.send_fds(line, [view], list(files)) :]
        while view:
            line.settimeout(_left(until))
            view = view[line.send(view) :]
    except TimeoutError:
        raise LateError from None


def _receive(
    line: socket.socket, size: int, until: float, look: Callable[[], None] | None
) -> bytearray:
    data = bytearray(size)
    view = memoryview(data)
    while view:
        left = _left(until)
        if look is not None:
            look()
        line.settimeout(left if look is None else min(left, LOOK_SECONDS))
        try:
            count = line.recv_into(view)
        except TimeoutError:
            continue
        except OSError:
            raise GoneError from None
        if not count:
            raise GoneError
        view = view[count:]
    return data


@dataclass(frozen=True)
class ChildRequest:
    """A task as it came to a child, with the files that came with it; none if too great to hold."""

    data: bytearray | None
    files: tuple[int, ...] = ()

    def task(self) -> Any:
        """Return the task itself; MemoryError where there was no room for it."""
        if self.data is None:
            raise MemoryError
        return pickle.loads(self.data)


class ChildLine:
    """A child's end. A thread listens: when the program is gone, nobody would read the answer.

    Args:
        reads: the descriptor that tasks come by.
        writes: the one that answers go by; the same, where it is a socket.
        idle: seconds that the child waits there for the next picture after one.
    """

    def __init__(self, reads: int, writes: int, idle: float) -> None:
        self._reads, self._writes, self.idle = reads, writes, idle
        self._socket = socket.socket(fileno=reads) if reads == writes else None
        self._asked: queue.SimpleQueue[ChildRequest] = queue.SimpleQueue()

    @property
    def brings_files(self) -> bool:
        """Whether open files come with a task."""
        return self._socket is not None

    def first(self) -> Any:
        """Return what comes before the first task, without a thread."""
        return self._next().task()

    def listen(self) -> None:
        """Have a thread listen from now on."""
        threading.stack_size(_STACK)
        threading.Thread(target=self._listen, daemon=True).start()
        threading.stack_size(0)

    def next(self, seconds: float | None = None) -> ChildRequest | None:
        """Return what is asked for next; None if it takes longer than that."""
        try:
            return self._asked.get(timeout=seconds)
        except queue.Empty:
            return None

    def send(self, answer: Answer) -> None:
        """Send an answer."""
        head = _ANSWER.pack(len(answer.words), len(answer.raw)) + answer.words
        parts = [head, answer.raw] if len(answer.raw) > _JOINED else [head + answer.raw]
        for data in parts:
            view = memoryview(data)
            while view:
                view = view[os.write(self._writes, view) :]

    def _listen(self) -> None:
        while True:
            try:
                self._asked.put(self._next())
            except MemoryError:
                self._asked.put(ChildRequest(None))
                return
            except (GoneError, OSError):
                os._exit(1)

    def _next(self) -> ChildRequest:
        head, files = self._head()
        (size,) = _TASK.unpack(head)
        data = bytearray(size)
        view = memoryview(data)
        while view:
            count = self._piece(view)
            if not count:
                raise GoneError
            view = view[count:]
        return ChildRequest(data, files)

    def _piece(self, view: memoryview) -> int:
        if sys.platform != "win32":
            return os.readv(self._reads, [view])
        data = os.read(self._reads, min(len(view), 1 << 20))
        view[: len(data)] = data
        return len(data)

    def _head(self) -> tuple[bytes, tuple[int, ...]]:
        """Read the number before a task, and the files that come with it."""
        head = b""
        files: tuple[int, ...] = ()
        while len(head) < _TASK.size:
            data, come = self._some(_TASK.size - len(head))
            if not data:
                raise GoneError
            head, files = head + data, files + come
        return head, files

    def _some(self, size: int) -> tuple[bytes, tuple[int, ...]]:
        if self._socket is None or sys.platform == "win32":
            return os.read(self._reads, size), ()
        data, files, _, _ = socket.recv_fds(self._socket, size, MOST_FILES)
        return data, tuple(files)
