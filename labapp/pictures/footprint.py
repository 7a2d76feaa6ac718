"""How much memory a process of ours takes, where the platform tells a program of its children.

It stands in for a limit where a process cannot bound itself: macOS takes RLIMIT_AS and does not
hold to it. On Linux, which does, this is not needed and tells nothing.
"""

from __future__ import annotations

import ctypes
import subprocess
import sys

from labapp.pictures import begin

#: The flavour of proc_pid_rusage that is asked for, the bytes of its answer, and where in it the
#: footprint stands (`struct rusage_info_v0` of <sys/resource.h>): what Activity Monitor shows, with
#: what was compressed.
_V0, _V0_BYTES, _FOOTPRINT = 0, 96, 72


def of(process: subprocess.Popen[bytes]) -> int:
    """Return the bytes that a process takes now; 0 where nobody tells, or it is gone."""
    try:
        if sys.platform == "win32":
            return _committed(begin.handle(process))
        if sys.platform == "darwin":
            return _footprint(process.pid)
    except (OSError, AttributeError):  # a library without the call
        pass
    return 0


def _footprint(pid: int) -> int:
    """Return what macOS counts as a process's own (ledger `phys_footprint`)."""
    told = (ctypes.c_uint64 * (_V0_BYTES // 8))()
    asked = ctypes.CDLL(None).proc_pid_rusage(pid, _V0, ctypes.byref(told))
    return 0 if asked else int(told[_FOOTPRINT // 8])


if sys.platform == "win32":
    from ctypes import wintypes

    class _Counters(ctypes.Structure):
        """PROCESS_MEMORY_COUNTERS of <psapi.h>."""

        _fields_ = (
            ("size", wintypes.DWORD),
            ("faults", wintypes.DWORD),
            ("peak_resident", ctypes.c_size_t),
            ("resident", ctypes.c_size_t),
            ("pools", ctypes.c_size_t * 4),
            ("committed", ctypes.c_size_t),
            ("peak_committed", ctypes.c_size_t),
        )

    def _committed(handle: int) -> int:
        """Return what Windows has promised a process of memory and page file."""
        told = _Counters(size=ctypes.sizeof(_Counters))
        asked = ctypes.WinDLL("kernel32").K32GetProcessMemoryInfo
        asked.argtypes = (wintypes.HANDLE, ctypes.c_void_p, wintypes.DWORD)
        return int(told.committed) if asked(handle, ctypes.byref(told), told.size) else 0
