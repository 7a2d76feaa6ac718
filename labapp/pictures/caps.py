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
    """

    seconds: float
    memory: int
    on_worker: bool = False
    file: int = 32_000_000


def too_much_memory(caps: Caps) -> RefusedError:
    """Return the error for a picture that needs more memory than it may."""
    return RefusedError(
        f"the picture needs more than {caps.memory // 1_000_000} MB of memory",
        "Send a smaller one, or raise LABAPP_PICTURE_MEMORY_MB on the worker."
        if caps.on_worker
        else "Take a smaller one, or raise LABAPP_PICTURE_MEMORY_MB.",
    )


def too_long(caps: Caps) -> JobFailedError:
    """Return the error for a picture that takes more time than it may."""
    return JobFailedError(
        f"the picture took longer than {caps.seconds:g} seconds",
        "Send a smaller one, or fewer steps."
        if caps.on_worker
        else "Take a smaller one, or raise LABAPP_PICTURE_SECONDS.",
    )
