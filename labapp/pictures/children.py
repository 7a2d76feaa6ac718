"""A program's side of its children: the ways to begin one, and what each of them can.

On Linux each is a fork of a warm process of ours. On macOS, where a fork of a process that has
loaded OpenCV and Accelerate is not safe, and on other systems each is started anew. None inherits
the program's environment, its memory or its open files.
"""

from __future__ import annotations

import socket
import sys
from typing import TypeAlias

from labapp.errors import LabappError
from labapp.pictures.forked import Forked
from labapp.pictures.started import OverPipes, OverSocket

#: Whether children are forked. Elsewhere than on Linux it is not known of what is loaded whether it
#: survives that.
FORKS = sys.platform == "linux"

#: Whether children that are not forked are handed their files, over a socket.
HANDS_FILES = sys.platform != "win32" and hasattr(socket, "send_fds")


class EndedError(LabappError):
    """A child was ended from outside, or could not be begun: another attempt may pass."""


#: One process.
Child: TypeAlias = Forked | OverSocket | OverPipes


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
