"""A job object of Windows around a child: it starts no other process, and ends with the program.

The program holds the only handle, and the child ends with it, however the program ends; the limit
on memory is the kernel's. Before Windows 8 there is no job within a job: a child of a program that
runs in one goes without.

Sources: "Job Objects", CreateJobObjectW, SetInformationJobObject and
JOBOBJECT_EXTENDED_LIMIT_INFORMATION in Microsoft's documentation.
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import wintypes
from typing import Any

#: Nothing imports this elsewhere.
assert sys.platform == "win32"

#: JOB_OBJECT_LIMIT_ACTIVE_PROCESS, _PROCESS_MEMORY, _DIE_ON_UNHANDLED_EXCEPTION (no dialog waits
#: for somebody to close it) and _KILL_ON_JOB_CLOSE.
_PROCESSES, _MEMORY, _NO_DIALOG, _ENDS = 0x8, 0x100, 0x400, 0x2000

#: JobObjectExtendedLimitInformation.
_EXTENDED = 9


class _Limits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION of <winnt.h>."""

    _fields_ = (
        ("times", ctypes.c_int64 * 2),
        ("flags", wintypes.DWORD),
        ("working_set", ctypes.c_size_t * 2),
        ("processes", wintypes.DWORD),
        ("affinity", ctypes.c_size_t),
        ("classes", wintypes.DWORD * 2),
        ("transferred", ctypes.c_uint64 * 6),
        ("memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peaks", ctypes.c_size_t * 2),
    )


class JobObject:
    """The job of one child, which has just begun, by its handle.

    Raises:
        OSError: there is none to be had.
    """

    def __init__(self, process: int) -> None:
        self._kernel = _kernel()
        self._handle = self._kernel.CreateJobObjectW(None, None)
        _check(self._handle)
        try:
            self._limit()
            _check(self._kernel.AssignProcessToJobObject(self._handle, process))
        except OSError:
            self.close()
            raise

    @property
    def forbids_processes(self) -> bool:
        """Whether it does, as Windows itself tells: what stands in for Windows may not."""
        told = _Limits()
        given = (self._handle, _EXTENDED, ctypes.byref(told), ctypes.sizeof(told), None)
        return bool(self._kernel.QueryInformationJobObject(*given) and told.flags & _PROCESSES)

    def bound_memory(self, most: int) -> None:
        """Bound what the child may have of memory and page file, in bytes.

        Raises:
            OSError: it cannot be bound.
        """
        self._limit(most)

    def close(self) -> None:
        """Let go of it, which ends what is left in it."""
        handle, self._handle = self._handle, None
        if handle:
            self._kernel.CloseHandle(handle)

    def _limit(self, memory: int = 0) -> None:
        flags = _PROCESSES | _NO_DIALOG | _ENDS | (_MEMORY if memory else 0)
        told = _Limits(flags=flags, processes=1, memory=memory)
        given = (self._handle, _EXTENDED, ctypes.byref(told), ctypes.sizeof(told))
        _check(self._kernel.SetInformationJobObject(*given))


def _check(outcome: object) -> None:
    if not outcome:
        raise ctypes.WinError(ctypes.get_last_error())


def _kernel() -> Any:
    """Return the library, with its functions' types."""
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    handle, size, bytes_ = wintypes.HANDLE, wintypes.DWORD, ctypes.c_void_p
    kernel.CreateJobObjectW.restype = handle
    kernel.CreateJobObjectW.argtypes = (bytes_, wintypes.LPCWSTR)
    kernel.SetInformationJobObject.argtypes = (handle, ctypes.c_int, bytes_, size)
    kernel.QueryInformationJobObject.argtypes = (handle, ctypes.c_int, bytes_, size, bytes_)
    kernel.AssignProcessToJobObject.argtypes = (handle, handle)
    kernel.CloseHandle.argtypes = (handle,)
    return kernel
