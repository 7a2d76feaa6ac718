"""A console window of Windows that is closed, as a terminal's SIGHUP is elsewhere.

Windows tells each program in the window, and ends it once its handler returns, or five seconds
later (Microsoft, "HandlerRoutine callback function"). So the handler, in a thread that Windows
makes, asks for the end and returns when there is nothing more to do.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

#: CTRL_CLOSE_EVENT; and, for a service, CTRL_LOGOFF_EVENT and CTRL_SHUTDOWN_EVENT.
_CLOSED = frozenset({2, 5, 6})

#: Seconds that the end may take: less than Windows gives.
_SECONDS = 4.5


class ClosedWindow:
    """What is done when the window is closed.

    Args:
        stop: asks for the end; twice, since there is no time for what is in hand.
    """

    def __init__(self, stop: Callable[[], object]) -> None:
        self._stop = stop
        self._ended = threading.Event()

    def __call__(self, event: int) -> bool:
        """Take a control event of the console; tell whether that was all to be done about it."""
        if event not in _CLOSED:
            return False
        for _ in range(2):
            self._stop()
        self._ended.wait(_SECONDS)
        return True

    def ended(self) -> None:
        """Say that there is nothing more to do."""
        self._ended.set()


def watch(stop: Callable[[], object]) -> ClosedWindow:
    """Have `stop` called where the console's window is closed; say at the end that it is there."""
    closed = ClosedWindow(stop)
    if sys.platform == "win32":
        import ctypes
        from ctypes import wintypes

        handler = ctypes.WINFUNCTYPE(wintypes.BOOL, wintypes.DWORD)(closed)
        ctypes.WinDLL("kernel32").SetConsoleCtrlHandler(handler, True)
        _kept.append(handler)  # Windows calls it until this process ends
    return closed


_kept: list[object] = []
