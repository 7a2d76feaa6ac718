"""Single keys from the terminal without prompt_toolkit, for parts that rich draws.

On POSIX the terminal is put into cbreak mode (Ctrl-C still raises its signal) and given back
however the block ends; on Windows the console is asked through msvcrt.
"""

from __future__ import annotations

import sys
import time
from types import TracebackType

from labapp.console.terminal import ESCAPE_SECONDS, Hold, held

#: What follows the escape byte -> the key's name (xterm, VT100 application mode, rxvt).
_SEQUENCES = {
    "[A": "up", "[B": "down", "[C": "right", "[D": "left", "[H": "home", "[F": "end",
    "OA": "up", "OB": "down", "OC": "right", "OD": "left", "OH": "home", "OF": "end",
    "[1~": "home", "[4~": "end", "[5~": "pageup", "[6~": "pagedown", "[3~": "delete",
}  # fmt: skip

#: Characters with a name.
_NAMES = {"\r": "enter", "\n": "enter", "\t": "tab", "\x7f": "backspace", "\x08": "backspace"}

#: The second code that msvcrt gives after 0x00 or 0xE0 -> the key's name.
_WINDOWS = {
    "H": "up", "P": "down", "M": "right", "K": "left", "G": "home", "O": "end",
    "I": "pageup", "Q": "pagedown", "S": "delete",
}  # fmt: skip

#: Seconds between two looks at the keyboard on Windows, where it cannot be waited on.
_WINDOWS_POLL = 0.02


class Keys:
    """Read keys inside `with Keys(hold) as keys`; no terminal on standard input, no keys.

    Args:
        hold: how the part that reads them gives the terminal back.
    """

    def __init__(self, hold: Hold) -> None:
        self._waiting: list[str] = []
        self._hold = hold
        self._guard = held(hold)
        try:
            self._tty = sys.stdin.isatty()
        except (AttributeError, ValueError):
            self._tty = False

    def __enter__(self) -> Keys:
        self._guard.__enter__()
        if self._tty and sys.platform != "win32":
            import termios
            import tty

            tty.setcbreak(sys.stdin.fileno(), termios.TCSADRAIN)  # what was typed ahead is kept
            self._hold.ready()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._guard.__exit__(kind, error, trace)

    def read(self, timeout: float) -> str | None:
        """Return the next key within `timeout` seconds, or None.

        Returns:
            A character, or a name: up, down, left, right, home, end, pageup, pagedown, delete,
            enter, tab, backspace, esc.
        """
        if self._waiting:
            return self._waiting.pop(0)
        if not self._tty:
            time.sleep(timeout)
        elif sys.platform == "win32":
            self._waiting = _read_windows(timeout)
        else:
            self._waiting = self._read_posix(timeout)
        return self._waiting.pop(0) if self._waiting else None

    def _read_posix(self, timeout: float) -> list[str]:
        data = _available(timeout)
        # The rest of an arrow key may come a moment after its escape byte.
        while data.endswith("\x1b") or (data[-2:-1] == "\x1b" and data[-1] in "[O"):
            more = _available(ESCAPE_SECONDS)
            if not more:
                break
            data += more
        return split(data)


def split(data: str) -> list[str]:
    """Split what a terminal sent into keys; unknown sequences are left out."""
    keys: list[str] = []
    at = 0
    while at < len(data):
        if data[at] != "\x1b":
            keys.append(_NAMES.get(data[at], data[at]))
            at += 1
            continue
        end = at + 1
        if end < len(data) and data[end] in "[O":
            end += 1
            while end < len(data) and not ("@" <= data[end] <= "~"):
                end += 1
            end += 1
        name = "esc" if end == at + 1 else _SEQUENCES.get(data[at + 1 : end])
        if name:
            keys.append(name)
        at = end
    return keys


def _available(timeout: float) -> str:
    import os
    import select

    descriptor = sys.stdin.fileno()
    if not select.select([descriptor], [], [], timeout)[0]:
        return ""
    return os.read(descriptor, 1024).decode("utf-8", "ignore")


def _read_windows(timeout: float) -> list[str]:
    if sys.platform == "win32":
        import msvcrt

        deadline = time.monotonic() + timeout
        while not msvcrt.kbhit():
            if time.monotonic() >= deadline:
                return []
            time.sleep(_WINDOWS_POLL)
        character = msvcrt.getwch()
        if character in ("\x00", "\xe0"):
            name = _WINDOWS.get(msvcrt.getwch())
            return [name] if name else []
        if character == "\x03":
            raise KeyboardInterrupt
        return ["esc"] if character == "\x1b" else [_NAMES.get(character, character)]
    return []
