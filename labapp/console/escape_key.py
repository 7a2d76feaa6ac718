"""Hear Esc while something else has the screen, and leave all other keys to whoever comes next.

What is read of a terminal cannot be put back, so nothing is read until an Esc is there. On POSIX
the terminal gathers lines for as long, and Esc is what ends one: it tells how many bytes it has up
to the last Esc, and how many in all. Where the two are the same, an Esc was pressed by itself;
where more follows, it is the beginning of another key, such as an arrow. Enter ends no line
meanwhile: it stays in the queue as it was pressed, as a shell that edits its line reads it.

What was typed before an Esc goes with it. Windows has no such mode: there other keys are dropped.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from labapp.console.terminal import ESCAPE_SECONDS

#: Seconds between two looks at the keyboard.
WATCH_SECONDS = 0.1

_ESC = b"\x1b"


@contextmanager
def heard(ready: Callable[[], None]) -> Iterator[Callable[[], bool]]:
    """Give what looks at the keyboard for a moment, and tells whether Esc was pressed.

    `ready` is called once the keyboard is as it has to be. The modes that it has at the end stay:
    whoever holds the terminal gives them back.
    """
    if not sys.stdin.isatty():
        yield _nobody
    elif sys.platform == "win32":
        yield _is_pressed_on_windows
    else:
        keyboard = _Keyboard(sys.stdin.fileno())
        keyboard.gather()
        ready()
        yield keyboard.is_escape


def _nobody() -> bool:
    time.sleep(WATCH_SECONDS)
    return False


if sys.platform == "win32":

    def _is_pressed_on_windows() -> bool:
        import msvcrt

        while msvcrt.kbhit():
            if msvcrt.getwch() == "\x1b":
                return True
        time.sleep(WATCH_SECONDS)
        return False

else:

    class _Keyboard:
        """The terminal that keys come from, whose queue is counted and not read."""

        def __init__(self, descriptor: int) -> None:
            import os
            import termios

            self._descriptor = descriptor
            modes = termios.tcgetattr(descriptor)
            modes[0] = (modes[0] & ~termios.ICRNL) | termios.INLCR  # Enter ends no line
            modes[3] = (modes[3] | termios.ICANON) & ~termios.ECHO
            signs: list[Any] = list(modes[6])
            nothing = os.fpathconf(descriptor, "PC_VDISABLE") & 0xFF
            signs[termios.VEOF] = bytes([nothing])
            signs[termios.VEOL] = _ESC
            modes[6] = signs
            self._lines = modes
            #: The same without lines: all there is can be counted, and read.
            self._all = [*modes[:3], modes[3] & ~termios.ICANON, *modes[4:6], list(signs)]
            self._all[6][termios.VMIN], self._all[6][termios.VTIME] = 1, 0
            #: Bytes up to the last Esc that was looked at.
            self._known = 0

        def gather(self) -> None:
            """Have the terminal gather what is typed up to an Esc; what was typed before stays."""
            self._set(self._lines)
            self._known = self._count()

        def is_escape(self) -> bool:
            """Look at the queue; tell whether Esc was pressed, and take it out."""
            time.sleep(WATCH_SECONDS)
            with contextlib.suppress(OSError):  # the terminal is gone
                if self._count() <= self._known:
                    self._known = min(self._known, self._count())  # somebody else read
                    return False
                time.sleep(ESCAPE_SECONDS)  # what an Esc begins may come a moment after it
                return self._take()
            return False

        def _take(self) -> bool:
            """Take all out of the queue if an Esc is the last in it; tell whether it is."""
            import os

            up_to_escape = self._count()
            self._set(self._all)
            try:
                pressed = self._count() == up_to_escape
                if pressed:
                    os.read(self._descriptor, up_to_escape)
            finally:
                self._set(self._lines)
            self._known = self._count()
            return pressed

        def _count(self) -> int:
            """Return the bytes that can be read now: in lines, those up to the last Esc."""
            import fcntl
            import termios
            from array import array

            count = array("i", [0])
            fcntl.ioctl(self._descriptor, termios.FIONREAD, count)
            return count[0]

        def _set(self, modes: list[Any]) -> None:
            import termios

            with contextlib.suppress(termios.error):  # the terminal is gone
                # Drained and not flushed: what was typed ahead is kept.
                termios.tcsetattr(self._descriptor, termios.TCSADRAIN, modes)
