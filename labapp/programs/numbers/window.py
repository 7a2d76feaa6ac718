"""How many lines are read and not told: as many as there is room for, and no more."""

from __future__ import annotations

import threading

#: Lines that are read and not told, at most; and how far the last may be ahead of the first.
WINDOW, SPREAD = 1000, 20_000

#: Lines that become free before more are read, once there was no room: so that tens are sent.
AT_LEAST = 100


class Window:
    """The room for lines on their way; who reads waits in it for who tells.

    Args:
        told: the lines that are told already.
    """

    def __init__(self, told: int) -> None:
        self._held = 0
        self._told = told
        self._is_over = False
        self._changed = threading.Condition()

    def enter(self, line: int) -> bool:
        """Wait until there is room for the line of this number; return False once it is over."""
        with self._changed:
            if self._is_full(line, 0):
                while self._is_full(line, AT_LEAST) and not self._is_over:
                    self._changed.wait()
            self._held += 1
            return not self._is_over

    def _is_full(self, line: int, spare: int) -> bool:
        return self._held > max(WINDOW - 1 - spare, 0) or line - self._told > SPREAD

    def leave(self, count: int, told: int) -> None:
        """Give back the room of `count` lines; up to `told` all are told."""
        with self._changed:
            self._held -= count
            self._told = told
            self._changed.notify()

    def end(self) -> None:
        """Let nobody in any more."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()
