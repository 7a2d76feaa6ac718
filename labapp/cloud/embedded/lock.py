"""Whether somebody holds a lock file: a look that takes microseconds, and takes the lock from none.

`filelock` holds it, and takes 40 ms to import; a program that only looks does without, by the calls
that it makes: `flock`, and on Windows `LockFileEx` on the first byte. A look asks for a shared
lock, so that two who look at once do not take each other for the holder.
"""

from __future__ import annotations

import sys
from pathlib import Path

from labapp.files import replacing


def is_held(path: Path) -> bool:
    """Tell whether a process holds the lock `path`.

    Raises:
        OSError: it cannot be looked at.
    """
    try:
        return _is_held(path)
    except FileNotFoundError:
        return False


if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import wintypes

    _FAIL_IMMEDIATELY = 1
    _LOCK_VIOLATION = 33

    class _Overlapped(ctypes.Structure):
        """Where in a file a lock begins: at its first byte, if all is 0."""

        _fields_ = (
            ("internal", ctypes.c_void_p),
            ("internal_high", ctypes.c_void_p),
            ("offset", wintypes.DWORD),
            ("offset_high", wintypes.DWORD),
            ("event", wintypes.HANDLE),
        )

    _kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
    _lock_file = _kernel32.LockFileEx
    _lock_file.restype = wintypes.BOOL
    _lock_file.argtypes = (
        wintypes.HANDLE,
        *(wintypes.DWORD,) * 4,
        ctypes.POINTER(_Overlapped),
    )

    def _is_held(path: Path) -> bool:
        # Its last holder may be just removing it: until that is done, it may not be opened.
        with replacing.with_retries(lambda: path.open("rb")) as file:
            handle = msvcrt.get_osfhandle(file.fileno())
            if _lock_file(handle, _FAIL_IMMEDIATELY, 0, 1, 0, ctypes.byref(_Overlapped())):
                return False  # closing lets go
            error = ctypes.get_last_error()
            if error == _LOCK_VIOLATION:
                return True
            raise ctypes.WinError(error)

else:
    import fcntl

    def _is_held(path: Path) -> bool:
        with path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):  # as some file systems say it
                return True
            return False  # closing lets go
