"""Hear Esc while something long goes on that no page shows; all other keys are nobody's.

The terminal sends key by key for as long, and Ctrl-C and Ctrl-Z are signals as ever.
"""

from __future__ import annotations

import contextlib
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from labapp.console import theme
from labapp.console.terminal import ESCAPE_SECONDS, Hold, held

#: Seconds between two looks at the keyboard.
_WATCH_SECONDS = 0.1

#: Esc, and no key that begins with it, as the arrows do.
_ESC = re.compile(r"\x1b(?![\[O])")


@contextmanager
def escape() -> Iterator[threading.Event]:
    """Give an event that Esc sets while the block runs.

    For several bars, one after the other: in between, Esc would be heard by nobody.
    """
    left, done = threading.Event(), threading.Event()
    if not is_drawn():
        yield left
        return

    def watch() -> None:
        while not (done.is_set() or left.is_set()):
            if _is_pressed():
                left.set()

    with _key_by_key():
        watcher = threading.Thread(target=watch, name="escape", daemon=True)
        watcher.start()
        try:
            yield left
        finally:
            done.set()
            watcher.join()


def is_drawn() -> bool:
    """Whether a bar can be drawn on standard error, so that Esc is told of."""
    return sys.stderr.isatty() and not theme.stderr().is_dumb_terminal


@contextmanager
def _key_by_key() -> Iterator[None]:
    hold = Hold(sys.stderr)
    with held(hold):
        if sys.platform != "win32" and sys.stdin.isatty():
            import termios
            import tty

            tty.setcbreak(sys.stdin.fileno(), termios.TCSADRAIN)  # what was typed ahead is kept
            hold.ready()
        yield


def _is_pressed() -> bool:
    """Look at the keyboard, for a moment; return whether Esc was pressed."""
    if not sys.stdin.isatty():
        time.sleep(_WATCH_SECONDS)
        return False
    if sys.platform == "win32":
        import msvcrt

        while msvcrt.kbhit():
            if msvcrt.getwch() == "\x1b":
                return True
        time.sleep(_WATCH_SECONDS)
        return False
    data = _typed(_WATCH_SECONDS)
    # The rest of an arrow key may come a moment after its escape byte.
    while data.endswith(("\x1b", "\x1b[", "\x1bO")) and (more := _typed(ESCAPE_SECONDS)):
        data += more
    return bool(_ESC.search(data))


def _typed(timeout: float) -> str:
    """Return what was typed within some seconds."""
    import os
    import select

    descriptor = sys.stdin.fileno()
    if not select.select([descriptor], [], [], timeout)[0]:
        return ""
    data = b""
    with contextlib.suppress(OSError):
        data = os.read(descriptor, 1024)
    if not data:
        time.sleep(timeout)  # the terminal is gone, which is always ready to say so
    return data.decode("utf-8", "ignore")
