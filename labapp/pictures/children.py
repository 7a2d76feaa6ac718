"""A program's side of its children: the ways to begin one, and what each of them can.

On Linux each is a fork of a warm process of ours. On macOS, where a fork of a process that has
loaded OpenCV and Accelerate is not safe, and on other systems each is started anew. None inherits
the program's environment, its memory or its open files.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from typing import Protocol

from labapp.errors import LabappError
from labapp.pictures.answers import Answer
from labapp.pictures.begin import Ended
from labapp.pictures.forked import Forked
from labapp.pictures.line import Most
from labapp.pictures.started import OverPipes, OverSocket

#: Whether children are forked. Elsewhere than on Linux it is not known of what is loaded whether it
#: survives that.
FORKS = sys.platform == "linux"

#: Whether children that are not forked are handed their files, over a socket.
HANDS_FILES = sys.platform != "win32" and hasattr(socket, "send_fds")


class EndedError(LabappError):
    """A child was ended from outside, or could not be begun: another attempt may pass."""


class Child(Protocol):
    """One process."""

    def ask(self, task: bytes, files: Sequence[int], most: Most, until: float) -> Answer:
        """Send a task and return the answer; errors as `line.exchange`.

        Some bound its memory by looking at it meanwhile.
        """

    @property
    def takes_files(self) -> bool:
        """Whether open files can be handed over to it."""

    @property
    def is_dear(self) -> bool:
        """Whether it takes long to begin another."""

    def hold(self, most: int, missing: tuple[str, ...]) -> tuple[str, ...]:
        """Bound what it cannot bound itself; return what is missing then.

        Args:
            most: bytes of memory that it may take from now on.
            missing: what it could not give up.
        """

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
        if FORKS:
            return Forked(preload)
        return OverSocket(preload) if HANDS_FILES else OverPipes(preload)
    except OSError as error:  # no memory, too many processes or open files
        raise unbegun(error.strerror or str(error)) from error


def unbegun(why: str) -> EndedError:
    """Return the error for a child that could not be begun."""
    return EndedError(f"no process could be begun for the picture: {why}")
