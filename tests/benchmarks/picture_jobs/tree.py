"""Look at a worker's processes from outside: CPU time and memory, as the system counts them."""

from __future__ import annotations

import contextlib
import re
import threading
from dataclasses import dataclass
from pathlib import Path

import psutil

#: Seconds between two looks at memory.
STEP = 0.02


def cpu_seconds(pid: int) -> float:
    """Give the CPU seconds of a process, of what lives below it, and of what has ended there."""
    total = 0.0
    for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


@dataclass
class Peaks:
    """The most that was seen, in megabytes.

    Args:
        whole: of the tree: each page once, shared or not (PSS).
        child: of a single picture's process: its resident pages, shared ones included (VmHWM).
    """

    whole: float = 0.0
    child: float = 0.0


class Watch:
    """Watches the memory of a worker and what lives below it, as a context manager."""

    def __init__(self, pid: int) -> None:
        self.peaks = Peaks()
        self._pid = pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Peaks:
        self._thread.start()
        return self.peaks

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        worker = psutil.Process(self._pid)
        while not self._done.wait(STEP):
            below = worker.children(recursive=True)
            pages = [_kilobytes(one.pid, "smaps_rollup", "Pss") for one in [worker, *below]]
            self.peaks.whole = max(self.peaks.whole, sum(pages) / 1000)
            direct = {one.pid for one in worker.children()}
            for one in below:
                if one.pid not in direct:  # forked from the process that is kept warm
                    held = _kilobytes(one.pid, "status", "VmHWM") / 1000
                    self.peaks.child = max(self.peaks.child, held)


def _kilobytes(pid: int, file: str, name: str) -> float:
    """Read one of Linux's figures on a process (proc(5)); 0 once it is gone."""
    try:
        found = re.search(
            rf"^{name}:\s+(\d+) kB", Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8"), re.M
        )
    except OSError:
        return 0.0
    return int(found[1]) * 1.024 if found else 0.0
