"""What is said of a fleet on a terminal: sentences, folded at their blanks on a narrow one."""

from __future__ import annotations

import shutil
import textwrap
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from labapp.console.figures import duration

if TYPE_CHECKING:
    from labapp.programs.shell.context import Context

#: Seconds between two lines that tell how long something is waited for already.
EACH = 30.0


def say(context: Context, text: str) -> None:
    """Tell the person at the terminal something that is not a result."""
    import sys

    for one in folded(text, sys.stderr):
        context.say(one)


def line(context: Context, text: str) -> None:
    """Write a sentence of the result; in a pipe it is one line."""
    import sys

    for one in folded(text, sys.stdout):
        context.line(one)


def folded(text: str, stream: TextIO) -> list[str]:
    """Return a text on lines as the terminal at a stream has room for; as it is for anything else.

    What it is indented by, each of its lines is.
    """
    if not stream.isatty():
        return [text]
    indent = " " * (len(text) - len(text.lstrip(" ")))
    room = max(20, shutil.get_terminal_size().columns)
    return textwrap.wrap(text, room, subsequent_indent=indent, break_on_hyphens=False) or [text]


class Clock:
    """Tells now and then for how long something is waited for.

    Args:
        tell: says a line.
    """

    def __init__(self, tell: Callable[[str], object]) -> None:
        self._tell = tell
        self._what = ""
        self._began = self._last = 0.0

    def waits(self, what: str) -> None:
        """Begin a wait for something; for nothing that is told: end it."""
        self._what = what
        self._began = self._last = time.monotonic()

    def tick(self) -> None:
        """Tell it where it is time again."""
        now = time.monotonic()
        if self._what and now - self._last >= EACH:
            self._last = now
            self._tell(f"{self._what}: {duration(int(now - self._began))} so far")
