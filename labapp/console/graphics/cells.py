"""How large a terminal's cells are in pixels, as far as its size alone tells."""

from __future__ import annotations

import sys

#: Width and height in pixels.
Cell = tuple[int, int]

#: Pixels across and down that OpenSSH on Windows makes up for any window.
_MADE_UP = 640, 480

#: No cell is larger: what says so was not meant in pixels.
_MOST = 200


def told(
    columns: int, rows: int, across: int, down: int, *, is_remote: bool = False
) -> Cell | None:
    """Return the cell of a window of so many cells and pixels; None where that tells nothing.

    Rounded down: some terminals count their border.
    """
    if columns < 1 or rows < 1 or (is_remote and (across, down) == _MADE_UP):
        return None
    return plausible(across // columns, down // rows)


def plausible(width: int, height: int) -> Cell | None:
    """Return a cell, or None where none can be of that size."""
    return (width, height) if 1 <= width <= _MOST and 1 < height <= _MOST else None


def of_terminal(descriptor: int, *, is_remote: bool = False) -> Cell | None:
    """Return the cell that the terminal behind a file has just now; None where it does not tell."""
    if sys.platform == "win32":
        return None
    import fcntl
    import struct
    import termios

    try:
        size = fcntl.ioctl(descriptor, termios.TIOCGWINSZ, bytes(8))
    except (OSError, ValueError):  # no terminal, or gone
        return None
    rows, columns, across, down = struct.unpack("HHHH", size)
    return told(columns, rows, across, down, is_remote=is_remote)
