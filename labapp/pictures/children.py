"""A program's side of its children: how one is begun, asked, and ended.

Where the platform forks, each is a fork of a warm process of ours, one for each thing to preload;
else it is started anew. Neither inherits the program's environment, its memory or its open files.
"""

from __future__ import annotations

import contextlib
import errno
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from labapp import environment
from labapp.errors import LabappError
from labapp.pictures import line
from labapp.pictures.answers import Answer
from labapp.pictures.line import FORK, FORK_AND_SAY, STATUS, GoneError, LateError, Most

#: Seconds given to a killed child to be reaped.
REAP_SECONDS = 5.0

#: Seconds given to a child to be ready: the first one waits for libraries to be loaded.
BEGIN_SECONDS = 120.0

#: Whether descriptors must stay open until they have come: macOS may lose them else, as CPython's
#: own `multiprocessing.reduction` has it (its issue 14669).
SAYS = sys.platform == "darwin"

#: Seconds between two looks whether who should say so still lives.
STEP_SECONDS = 0.2

#: The exit code of a child of which nobody can tell, since the process that forked it is gone.
SERVER_GONE = 255

#: What children find in their environment, unless something else is there: pictures share the
#: processors, matrix products do not; and of the allocator (mallopt(3)), each arena takes 64 MB of
#: the address space that is capped, and what one picture has freed, in pieces of up to 32 MB (the
#: most that it takes) and 128 MB in all, is kept for the next: fresh memory costs a tenth of a
#: picture's time.
ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(32 * 1024 * 1024),
    "MALLOC_TRIM_THRESHOLD_": str(128 * 1024 * 1024),
}


class EndedError(LabappError):
    """A child was ended from outside, or could not be begun: another attempt may pass."""


@dataclass(frozen=True)
class Ended:
    """How a child ended: its exit code, None where nobody knows; or why none was begun at all."""

    code: int | None
    unbegun: str = ""


class Child(Protocol):
    """One process."""

    def ask(self, task: bytes, files: Sequence[int], most: Most, until: float) -> Answer:
        """Send a task and return the answer; errors as `line.exchange`."""

    @property
    def takes_files(self) -> bool:
        """Whether open files can be handed over to it."""

    def is_gone(self) -> bool:
        """Tell whether it has ended."""

    @property
    def ended(self) -> Ended:
        """How it ended, once it has closed its line; looked at once, for a while."""

    def end(self) -> None:
        """Kill it, unless it is gone, and let go of it."""


def begun(preload: str) -> Child:
    """Begin a child.

    Args:
        preload: the module that is loaded before the first picture comes.

    Raises:
        EndedError: none could be begun.
    """
    try:
        return Forked(preload) if FORKS else Started(preload)
    except OSError as error:  # no memory, too many processes or open files
        raise unbegun(error.strerror or str(error)) from error


def unbegun(why: str) -> EndedError:
    """Return the error for a child that could not be begun."""
    return EndedError(f"no process could be begun for the picture: {why}")


#: Whether children are forked.
FORKS = sys.platform != "win32" and hasattr(socket, "send_fds")


class Forked:
    """A child that is forked from a warm process."""

    takes_files = True

    def __init__(self, preload: str) -> None:
        self._line, theirs = socket.socketpair()
        try:
            with theirs:
                self._status = _server(preload).fork(theirs.fileno())
        except OSError:
            self._line.close()
            raise

    def ask(self, task: bytes, files: Sequence[int], most: Most, until: float) -> Answer:
        """Send a task and return the answer; errors as `line.exchange`."""
        return line.exchange(self._line, task, files, most, until)

    def is_gone(self) -> bool:
        """Tell whether it has ended."""
        self._status.setblocking(False)
        try:
            self._status.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    @cached_property
    def ended(self) -> Ended:
        """How it ended, once it has closed its line; looked at once, for a while."""
        self._status.settimeout(REAP_SECONDS)
        try:
            told = self._status.recv(STATUS.size)
        except TimeoutError:
            return Ended(None)
        except OSError:
            told = b""
        if len(told) < STATUS.size:
            return Ended(SERVER_GONE)
        code, number = STATUS.unpack(told)
        return Ended(code, os.strerror(number) if number else "")

    def end(self) -> None:
        """Have it killed, unless it is gone, and let go of it."""
        self._line.close()
        with contextlib.suppress(OSError):
            self._status.shutdown(socket.SHUT_WR)
            _ = self.ended
            self._status.settimeout(REAP_SECONDS)
            self._status.recv(STATUS.size)  # where it was looked at in vain before
        self._status.close()


class Started:
    """A child that is started anew, where there is no fork; it opens its files by their names."""

    takes_files = False

    def __init__(self, preload: str) -> None:
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.CREATE_NO_WINDOW
        self._process = subprocess.Popen(
            _command("child", preload),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_somewhere(),
            env=_environment(),
            bufsize=0,
            creationflags=flags,
        )

    def ask(self, task: bytes, files: Sequence[int], most: Most, until: float) -> Answer:
        """Send a task and return the answer; errors as `line.exchange`.

        A pipe knows no deadline on every platform, so a thread waits at it; it ends with the child.
        """
        told: queue.SimpleQueue[Answer | Exception] = queue.SimpleQueue()

        def talk() -> None:
            try:
                told.put(self._talk(task, most))
            except Exception as error:  # noqa: BLE001 - raised where it was asked
                told.put(error)

        threading.Thread(target=talk, daemon=True).start()
        try:
            outcome = told.get(timeout=max(0.0, until - time.monotonic()))
        except queue.Empty:
            raise LateError from None
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _talk(self, task: bytes, most: Most) -> Answer:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            view = memoryview(task)
            while view:
                view = view[self._process.stdin.write(view) :]
        return line.receive(self._exactly, most)

    def _exactly(self, size: int) -> bytearray:
        assert self._process.stdout is not None
        data = bytearray()
        while len(data) < size:
            piece = self._process.stdout.read(min(size - len(data), 1 << 20))
            if not piece:
                raise GoneError
            data += piece
        return data

    def is_gone(self) -> bool:
        """Tell whether it has ended."""
        return self._process.poll() is not None

    @cached_property
    def ended(self) -> Ended:
        """How it ended, once it has closed its line; looked at once, for a while."""
        try:
            return Ended(self._process.wait(REAP_SECONDS))
        except subprocess.TimeoutExpired:
            return Ended(None)

    def end(self) -> None:
        """Kill it, unless it is gone, and let go of it."""
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(REAP_SECONDS)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(OSError):
                pipe.close()


class _Server:
    """The process that children are forked from, and the way to ask it."""

    def __init__(self, preload: str) -> None:
        self._requests, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = subprocess.Popen(
                    _command("forks", str(theirs.fileno()), preload),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    cwd=_somewhere(),
                    env=_environment(),
                    pass_fds=[theirs.fileno()],
                    # No terminal to type into, and no Ctrl-C or Ctrl-Z from there.
                    start_new_session=True,
                )
        except OSError:
            self._requests.close()
            raise

    def fork(self, theirs: int) -> socket.socket:
        """Ask for a child with that line; return the socket by which its end is told."""
        status, told = socket.socketpair()
        try:
            with told:
                if sys.platform != "win32":
                    asked = [FORK_AND_SAY if SAYS else FORK]
                    socket.send_fds(self._requests, asked, [theirs, told.fileno()])
                if SAYS:
                    self._hear(status)
        except OSError:
            status.close()
            raise
        return status

    def _hear(self, status: socket.socket) -> None:
        """Wait until the descriptors have come."""
        until = time.monotonic() + BEGIN_SECONDS
        status.settimeout(STEP_SECONDS)
        while time.monotonic() < until and self.lives():
            with contextlib.suppress(TimeoutError):
                status.recv(len(FORK_AND_SAY))
                return
        raise ConnectionResetError(errno.ECONNRESET, "the process that forks it is gone")

    def lives(self) -> bool:
        """Tell whether it does."""
        return self._process.poll() is None

    def let_go(self) -> None:
        """Close what leads to it; it has ended."""
        self._requests.close()


#: The processes that children are forked from, by what is preloaded there; and who may look.
_servers: dict[str, _Server] = {}
_beginning = threading.Lock()


def _server(preload: str) -> _Server:
    """Return the one that has that loaded, started anew if it has ended."""
    with _beginning:
        found = _servers.get(preload)
        if found is not None and not found.lives():
            found.let_go()
            found = None
        if found is None:
            found = _servers[preload] = _Server(preload)
        return found


def _command(room: str, *arguments: str) -> list[str]:
    """Return how a module of this room is run as a program."""
    return [sys.executable, "-P", "-m", f"labapp.pictures.{room}", *arguments]


def _environment() -> dict[str, str]:
    # What a lab has set of these is kept, too.
    own = {name: os.environ.get(name, value) for name, value in ENVIRONMENT.items()}
    return {**environment.inherited(), **own}


def _somewhere() -> str:
    """Return a folder that is there: the one that we stand in may be deleted."""
    return os.path.abspath(os.sep)  # noqa: PTH100 - a path would ask for the working folder
