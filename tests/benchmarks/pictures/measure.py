"""Time and peak memory of one call, and what two pictures differ by."""

from __future__ import annotations

import ctypes
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

_STATUS = Path("/proc/self/status")
_PEAK_RESET = Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Measured:
    """The best of several runs.

    Args:
        milliseconds: of the quickest.
        megabytes: peak above what was held before, of the first; NaN where it cannot be known.
        result: of the last.
    """

    milliseconds: float
    megabytes: float
    result: Any


def measure(call: Callable[[], Any], runs: int) -> Measured:
    """Run a call several times.

    Time is the processor's, not the clock's: nothing here has threads, and others may be at work
    on the machine. Memory is what Linux calls VmHWM, reset beforehand, of the first run, in which
    all arrays above 1 MB are given back as they are freed; else a contender would find those of
    the one before, and seem to need nothing.
    """
    _keep_arrays_above(1 << 20)
    before = _reset_peak()
    start = time.process_time()
    result = call()
    best = time.process_time() - start
    megabytes = status("VmHWM") - before
    _keep_arrays_above(32 << 20)
    for _ in range(runs - 1):
        start = time.process_time()
        result = call()
        best = min(best, time.process_time() - start)
    return Measured(best * 1000, megabytes, result)


def _keep_arrays_above(threshold: int) -> None:
    """Tell the allocator from how many bytes on an array is to be given back when freed."""
    if _STATUS.exists():
        # -3 is M_MMAP_THRESHOLD (mallopt(3)).
        ctypes.CDLL(None).mallopt(-3, threshold)


def difference(result: npt.NDArray[Any], wanted: npt.NDArray[Any]) -> int | None:
    """Give the greatest difference in grey levels; None where the shapes differ."""
    if result.shape != wanted.shape:
        return None
    # In strips: both as int16 would take more memory than what is measured.
    return max(
        int(np.abs(result[at : at + 64].astype(np.int16) - wanted[at : at + 64]).max())
        for at in range(0, len(result), 64)
    )


def _reset_peak() -> float:
    if not _PEAK_RESET.exists():
        return float("nan")
    # 5 sets the peak back to what is held now (proc(5)).
    _PEAK_RESET.write_text("5", encoding="utf-8")
    return status("VmRSS")


def status(name: str) -> float:
    """Give one of Linux's figures on this process in megabytes; NaN elsewhere.

    VmHWM begins anew with each program, where getrusage goes on from the parent's peak.
    """
    if not _STATUS.exists():
        return float("nan")
    found = re.search(rf"{name}:\s+(\d+) kB", _STATUS.read_text(encoding="utf-8"))
    return int(found[1]) / 1024 if found else float("nan")
