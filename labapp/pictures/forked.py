"""A program's side of children that are forked: how one is begun, asked, and ended.

Each is a fork of a warm process of ours (`forks`), of which there is one for each thing to preload.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
from collections.abc import Sequence
from functools import cached_property

from labapp.pictures import begin, line
from labapp.pictures.answers import Answer
from labapp.pictures.begin import Ended
from labapp.pictures.line import FORK, SERVER_GONE, STATUS, Most


class Forked:
    """A child that is forked from a warm process."""

    #: Whether open files can be handed over to it; and whether it takes long to begin another.
    takes_files = True
    is_dear = False

    #: Whether it takes several tasks at once, and answers them one by one.
    takes_several = True

    def __init__(self, preload: str) -> None:
        self._line, self._status = begin.with_line(_server(preload).fork)

    def ask(self, task: bytes, files: Sequence[int], most: Most, until: float) -> Answer:
        """Send a task and return the answer; errors as `line.exchange`."""
        return line.exchange(self._line, task, files, most, until)

    def send(self, tasks: bytes, until: float) -> None:
        """Send tasks without files, which are answered in their order; errors as `line.send`."""
        line.send(self._line, tasks, (), until)

    def speaks(self, until: float) -> bool:
        """Wait for the beginning of an answer, or the end of the child; tell whether it came."""
        return line.speaks(self._line, until)

    def hear(self, most: Most, until: float) -> Answer:
        """Return the next answer; errors as `line.exchange`."""
        return line.hear(self._line, most, until)

    def hold(self, most: int, missing: tuple[str, ...]) -> tuple[str, ...]:
        """Leave it: what a forked child cannot give up, nobody can for it."""
        return missing

    def is_gone(self) -> bool:
        """Tell whether it has ended."""
        self._status.setblocking(False)
        try:
            self._status.recv(1, socket.MSG_PEEK)
        except OSError as error:
            return not isinstance(error, BlockingIOError)
        return True

    @cached_property
    def ended(self) -> Ended:
        """How it ended, once it has closed its line; looked at once, for a while."""
        self._status.settimeout(begin.REAP_SECONDS)
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
            self._status.settimeout(begin.REAP_SECONDS)
            self._status.recv(STATUS.size)  # where it was looked at in vain before
        self._status.close()


class _Server:
    """The process that children are forked from, and the way to ask it."""

    def __init__(self, preload: str) -> None:
        self._requests, self._process = begin.with_line(
            lambda own: begin.process("forks", str(own), preload, pass_fds=[own])
        )

    def fork(self, theirs: int) -> socket.socket:
        """Ask for a child with that line; return the socket by which its end is told."""

        def ask(told: int) -> None:
            if sys.platform != "win32":
                socket.send_fds(self._requests, [FORK], [theirs, told])

        status, _ = begin.with_line(ask)
        return status

    def is_gone(self) -> bool:
        """Tell whether it has ended, and close what leads to it if so."""
        if self._process.poll() is None:
            return False
        self._requests.close()
        return True


#: The processes that children are forked from, by what is preloaded there; and who may look.
_servers: dict[str, _Server] = {}
_beginning = threading.Lock()


def _server(preload: str) -> _Server:
    """Return the one that has that loaded, started anew if it has ended."""
    with _beginning:
        found = _servers.get(preload)
        if found is None or found.is_gone():
            found = _servers[preload] = _Server(preload)
        return found
