"""What one picture may take of a machine, and what is told where it takes more."""

from __future__ import annotations

from dataclasses import dataclass

from labapp.errors import JobFailedError, RefusedError


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
