"""What a console of Windows can show: whether it heeds escape codes, and has our signs.

Windows 10 and later heed the codes of other terminals once they are told to; older consoles, and
those set to 'legacy', have sixteen colours that libraries set by the system's own calls.
"""

from __future__ import annotations

import functools
import os
import stat
import sys
from collections.abc import Mapping
from typing import Any, TextIO

#: Of GetStdHandle: standard output and standard error.
_HANDLES = (-11, -12)

#: Of SetConsoleMode: escape codes are heeded (ENABLE_VIRTUAL_TERMINAL_PROCESSING).
_HEEDS_CODES = 0x0004

#: The first build of Windows 10 whose console has 24 bits a colour (version 1703).
TRUECOLOR_BUILD = 15063

#: What terminals with fonts for all our signs set. The classic console's fonts lack many of them.
_WELL_FONTED = (
    *(("WT_SESSION", ""), ("ConEmuANSI", "ON"), ("TERM_PROGRAM", "vscode")),
    *(("TERMINAL_EMULATOR", "JetBrains-JediTerm"), ("ALACRITTY_LOG", "")),
)


@functools.cache
def heeds_codes() -> bool:
    """Have this process's console heed escape codes; return whether it does."""
    if sys.platform != "win32":
        return True
    import ctypes

    return told_to_heed(ctypes.WinDLL("kernel32"))


def is_console(stream: TextIO) -> bool:
    """Whether a stream that takes itself for a terminal is one, as NUL does on Windows."""
    if sys.platform != "win32":
        return True
    import ctypes
    import msvcrt

    try:
        descriptor = stream.fileno()
        is_device = stat.S_ISCHR(os.fstat(descriptor).st_mode)
        handle = msvcrt.get_osfhandle(descriptor)
    except (OSError, ValueError, AttributeError):  # no file, or closed
        return True
    return not is_device or has_mode(ctypes.WinDLL("kernel32"), handle)


def has_mode(kernel32: Any, handle: int) -> bool:
    """Whether a handle is a console's, with a mode to be asked for; `kernel32` is that library."""
    import ctypes

    return bool(kernel32.GetConsoleMode(ctypes.c_void_p(handle), ctypes.byref(ctypes.c_ulong())))


def build() -> int:
    """Return the build of Windows; 0 elsewhere."""
    if sys.platform != "win32":
        return 0
    return sys.getwindowsversion().build


def told_to_heed(kernel32: Any) -> bool:
    """Tell the consoles behind standard output and error; return whether one heeds.

    Args:
        kernel32: the library of that name.
    """
    import ctypes

    kernel32.GetStdHandle.restype = ctypes.c_void_p  # a handle has the width of a pointer
    heeded = False
    for number in _HANDLES:
        handle, mode = ctypes.c_void_p(kernel32.GetStdHandle(number)), ctypes.c_ulong()
        if kernel32.GetConsoleMode(handle, ctypes.byref(mode)):  # else a file or a pipe
            wanted = ctypes.c_ulong(mode.value | _HEEDS_CODES)
            heeded |= bool(mode.value & _HEEDS_CODES or kernel32.SetConsoleMode(handle, wanted))
    return heeded


def colors(environ: Mapping[str, str], heeds: bool, build: int) -> int:
    """Return how many colours a console has.

    Args:
        environ: the environment.
        heeds: whether it heeds escape codes.
        build: the build of Windows.
    """
    if environ.get("WT_SESSION") or (heeds and build >= TRUECOLOR_BUILD):
        return 1 << 24
    return 256 if heeds or environ.get("ConEmuANSI") == "ON" else 16


def has_our_signs(environ: Mapping[str, str]) -> bool:
    """Whether the console's fonts have the signs beyond ASCII that we draw with."""
    return any(environ.get(name) and value in ("", environ[name]) for name, value in _WELL_FONTED)
