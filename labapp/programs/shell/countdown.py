"""What a command says while it waits for what the cloud knows, or allows, within a minute.

It is said on standard error: on a terminal in one line that counts down, else in a line now and
then.
"""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from labapp.console.figures import cut

if TYPE_CHECKING:
    from labapp.cloud.patience import Patience

#: Seconds between two lines of one wait, where they are kept, as in a log.
EVERY = 15.0

#: Columns of a terminal that does not say how many it has.
COLUMNS = 80


def text(what: str, seconds: float) -> str:
    """Return what is said of a wait: the seconds first, as a narrow screen shows the beginning."""
    return f"{math.ceil(seconds)} s at most until {what}"


def patience(say: Callable[[str], object]) -> Patience:
    """Return what waits, and counts down on standard error; `say` writes a line there."""
    from labapp.cloud.patience import Patience
    from labapp.console import theme

    if sys.stderr.isatty() and not theme.current().plain:
        return Patience(told=_Line())
    return Patience(told=_Lines(say))


class _Line:
    """One line that is written anew each second, without codes: every terminal has a return."""

    def __init__(self) -> None:
        self._length = 0

    def __call__(self, what: str, seconds: float) -> None:
        line = f"{text(what, seconds)}  Ctrl-C leaves" if what else ""
        shown = cut(line, _columns() - 1)
        end = "" if what else "\r"
        sys.stderr.write(f"\r{shown.ljust(self._length)}{end}")
        sys.stderr.flush()
        self._length = len(shown)


def _columns() -> int:
    """Return how wide the terminal is that standard error is on."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or COLUMNS
    except (OSError, ValueError):
        return COLUMNS


class _Lines:
    """A line at the beginning of each wait, and then now and then."""

    def __init__(self, say: Callable[[str], object]) -> None:
        self._say = say
        self._what = ""
        self._due = 0.0

    def __call__(self, what: str, seconds: float) -> None:
        now = time.monotonic()
        if what and (what != self._what or now >= self._due):
            self._say(text(what, seconds))
            self._what, self._due = what, now + EVERY
