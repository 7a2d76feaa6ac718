"""What server.py runs, and how a parent process controls it: by lines on its standard input."""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import IO, Any

from labapp.worker.stats import WorkerStats

log = logging.getLogger(__name__)

#: Seconds between two looks at a pipe that cannot be waited at.
_STEP = 0.05

#: Seconds between a worker's own looks at whether to end, and a parent's at its children.
TICK = 0.1

#: Seconds between a child's looks at what it has in flight, which it tells where that has changed.
LOOK = 0.5


class Runnable(ABC):
    """What server.py runs: one worker, or several."""

    def __init__(self) -> None:
        self.stats = WorkerStats()
        self._stops_asked = 0
        self._paused = threading.Event()

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._stops_asked > 0

    def stop(self) -> None:
        """Ask for the end; asked twice, the jobs in flight are handed back at once.

        Safe to call from a signal handler, even in the middle of another call: it takes no lock,
        not even that of an Event, which the interrupted frame may hold. `run` sees it soon.
        """
        self._stops_asked += 1
        self.stats.state = "stopping"

    def toggle_pause(self) -> bool:
        """Pause or go on; return whether it is paused now. Jobs in flight are finished anyway."""
        if self._paused.is_set():
            self._paused.clear()
        else:
            self._paused.set()
        if not self.stopping:
            self.stats.state = "paused" if self._paused.is_set() else "running"
        return self._paused.is_set()

    @abstractmethod
    def run(self) -> None:
        """Work until stopped; returns once everything is settled or handed back."""


def follow(stream: IO[str], worker: Runnable) -> None:
    """Do what the parent says on `stream`, and stop when it is gone: the body of a thread.

    Service managers end a whole group of processes: a child that had the signal itself and is then
    told to stop by its parent was asked once, not twice.
    """
    told = False
    for line in lines(stream):
        if line.strip() == "pause":
            worker.toggle_pause()
        elif line.strip() == "stop":
            if told or not worker.stopping:
                worker.stop()
            told = True
    if not worker.stopping:
        worker.stop()


def tell_in_flight(worker: Runnable, ended: threading.Event) -> None:
    """Tell the parent of the jobs in flight whenever they are others: the body of a thread."""
    told: tuple[int, list[dict[str, Any]]] = 0, []
    while not ended.wait(LOOK):
        snapshot = worker.stats.snapshot()
        held, hands = snapshot.in_flight, [job.fields() for job in snapshot.hands]
        if (held, hands) != told:
            extra = {"event": "hands", "in_hand": held, "hands": hands}
            log.info("%d in hand", held, extra=extra)
            told = held, hands


def lines(stream: IO[str]) -> Iterator[str]:
    """Yield the lines on a standard input until there are no more.

    On Windows a thread that waits in a read of a pipe holds the pipe: whoever else asks something
    about it waits too, as the C libraries of native modules do while they are loaded. So there the
    pipe is looked at now and then, and read when there is something in it. A file never waits.
    """
    if sys.platform == "win32":
        import _winapi
        import msvcrt

        descriptor = stream.fileno()
        handle = msvcrt.get_osfhandle(descriptor)
        if _winapi.GetFileType(handle) != _winapi.FILE_TYPE_PIPE:
            yield from stream
            return

        def waiting() -> int:
            size = _winapi.PeekNamedPipe(handle)[0]
            return size if isinstance(size, int) else len(size)

        yield from looked_for(descriptor, waiting)
    else:
        yield from stream


def looked_for(descriptor: int, waiting: Callable[[], int]) -> Iterator[str]:
    """Yield the lines on a pipe, which is read only when there is something in it.

    `waiting` returns the bytes in it; it raises OSError when its other end is closed.
    """
    data = b""
    while True:
        try:
            size = waiting()
        except OSError:  # ERROR_BROKEN_PIPE; whatever else it is, nobody can be heard any more
            return
        if not size:
            time.sleep(_STEP)
            continue
        data += os.read(descriptor, size)
        *whole, data = data.split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace")
