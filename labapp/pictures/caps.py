"""What one picture may take of a machine; what is told where it takes more or its child ends."""

from __future__ import annotations

import signal
import sys
from dataclasses import dataclass

from labapp.errors import JobFailedError, LabappError, RefusedError
from labapp.pictures.line import SERVER_GONE

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


class EndedError(LabappError):
    """A child was ended from outside, or could not be begun: another attempt may pass."""


@dataclass(frozen=True)
class Caps:
    """What one task may take.

    Args:
        seconds: of the clock on the wall.
        memory: bytes above the idle child.
        on_worker: whether a worker sets them, and not the program of who gets the error.
        file: bytes that its result may have.
        lighter: how else it would take less, such as "it without --exact"; mostly empty.
    """

    seconds: float
    memory: int
    on_worker: bool = False
    file: int = 32_000_000
    lighter: str = ""

    def remedy(self, setting: str) -> str:
        """Return what helps a picture that is too much; `setting` is the bound that was met."""
        if not self.on_worker:
            return f"Take a smaller one, or raise {setting}."
        lighter = f"{self.lighter}, or " if self.lighter else ""
        return f"Send {lighter}a smaller one, or raise {setting} on the worker."


def too_much_memory(caps: Caps) -> RefusedError:
    """Return the error for a picture that needs more memory than it may."""
    return RefusedError(
        f"the picture needs more than {caps.memory // 1_000_000} MB of memory",
        caps.remedy("LABAPP_PICTURE_MEMORY_MB"),
    )


def too_long(caps: Caps) -> JobFailedError:
    """Return the error for a picture that takes more time than it may."""
    return JobFailedError(
        f"the picture took longer than {caps.seconds:g} seconds",
        caps.remedy("LABAPP_PICTURE_SECONDS"),
    )


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
    """Return the error for such a child on Windows; its exit code has 32 bits of either sign."""
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
