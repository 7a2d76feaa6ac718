"""What the end of a child that said nothing tells of its picture."""

from __future__ import annotations

import signal
import sys

from labapp.errors import JobFailedError, LabappError
from labapp.pictures.caps import Caps, too_much_memory
from labapp.pictures.children import EndedError
from labapp.pictures.forked import SERVER_GONE

#: Exit codes of Windows that who kills a process gives: its task manager and `taskkill`, Python's
#: `os.kill`; and those of the end of a session (STATUS_CONTROL_C_EXIT, DBG_TERMINATE_PROCESS,
#: STATUS_DLL_INIT_FAILED as it is shut down).
_KILLED = frozenset({1, int(signal.SIGTERM), 0xC000_013A, 0x4001_0004, 0xC000_0142})

#: STATUS_NO_MEMORY and STATUS_COMMITMENT_LIMIT.
_NO_MEMORY = frozenset({0xC000_0017, 0xC000_012D})

#: How Windows ends what cannot go on (<ntstatus.h>), in words; the runtime's abort() gives 3.
CRASHES = {
    3: "abort",
    0x8000_0003: "breakpoint",
    0xC000_0005: "access violation",
    0xC000_0006: "a file that could not be read",
    0xC000_001D: "illegal instruction",
    0xC000_0094: "division by zero",
    0xC000_00FD: "stack overflow",
    0xC000_0135: "a library is missing",
    0xC000_0374: "heap corruption",
    0xC000_0409: "abort",
    0xE06D_7363: "C++ exception",
}


def error_of(code: int | None, caps: Caps) -> LabappError:
    """Return the error for a child that ended without a word.

    Args:
        code: its exit code; None where nobody knows.
        caps: of its picture.
    """
    if sys.platform == "win32" and code is not None:
        return of_windows(code, caps)
    number = -code if code is not None and code < 0 else 0
    # A service manager's stop may reach the process that forks before it reaches us.
    if number in {signal.SIGTERM, getattr(signal, "SIGKILL", 9)} or code == SERVER_GONE:
        return _killed()
    if number == getattr(signal, "SIGXCPU", -1):
        return JobFailedError("the picture took too much CPU time", "Send a smaller one.")
    if number == getattr(signal, "SIGSYS", -1):
        return JobFailedError(
            "the picture had its process do what no picture needs (SIGSYS)", "Send another picture."
        )
    return _crashed(signal.Signals(number).name if number else f"exit code {code}")


def of_windows(code: int, caps: Caps) -> LabappError:
    """Return the error for such a child on Windows.

    Args:
        code: its exit code, 32 bits of either sign.
        caps: of its picture.
    """
    code &= 0xFFFF_FFFF
    if code in _KILLED:
        return _killed()
    if code in _NO_MEMORY:
        return too_much_memory(caps)
    number = f"0x{code:08X}" if code > 0xFFFF else f"exit code {code}"
    return _crashed(f"{CRASHES[code]}, {number}" if code in CRASHES else number)


def _killed() -> EndedError:
    return EndedError("the process of the picture was killed from outside")


def _crashed(how: str) -> JobFailedError:
    return JobFailedError(f"the process of the picture crashed ({how})", "Send another picture.")
