"""Programs in terminals of their own, all read by one thread: forty emulators would be the load.

What a program writes is kept as it comes, and searched as text without its escape codes. A page is
painted whole when it opens, so what stands on it is found there; what changes on it later is not.
"""

from __future__ import annotations

import os
import re
import selectors
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from ptyprocess import PtyProcess

#: Seconds a condition may take before the run is given up.
PATIENCE = 120.0

#: Seconds of one look whether programs have ended, which no descriptor tells.
_LOOK = 0.005

_FORWARD = re.compile(rb"\x1b\[(\d*)C")
_ESCAPES = re.compile(rb"\x1b(\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|\][^\x07]*\x07|[=>])")


@dataclass
class Program:
    """One program on one terminal.

    Attributes:
        child: its process.
        raw: every byte that it wrote.
        mark: where in them `text` begins.
    """

    child: PtyProcess
    raw: bytearray = field(default_factory=bytearray)
    mark: int = 0

    @property
    def pid(self) -> int:
        return int(self.child.pid)

    @property
    def text(self) -> str:
        """What it wrote since the mark, as people read it."""
        found = _FORWARD.sub(b" ", bytes(self.raw[self.mark :]))
        return _ESCAPES.sub(b"", found).decode("utf-8", "replace")

    def type(self, keys: str) -> None:
        """Type keys, and look from here on only at what comes after them."""
        self.mark = len(self.raw)
        os.write(self.child.fd, keys.encode())

    def cpu(self) -> float:
        """Seconds of CPU time that it has taken so far."""
        times = psutil.Process(self.pid).cpu_times()
        return float(times.user + times.system)


class Terminals:
    """All terminals of a room; ends their programs with its block."""

    def __init__(self) -> None:
        self._all: list[Program] = []
        self._selector = selectors.DefaultSelector()

    def __enter__(self) -> Terminals:
        return self

    def __exit__(self, *_: object) -> None:
        for one in self._all:
            if one.child.isalive():
                one.child.kill(9)
            one.child.close(force=True)
        self._selector.close()

    def open(self, argv: Sequence[str], environment: Mapping[str, str], folder: Path) -> Program:
        """Start a program on a terminal of 24 rows and 80 columns."""
        child = PtyProcess.spawn(
            list(argv), cwd=str(folder), env=dict(environment), dimensions=(24, 80)
        )
        program = Program(child)
        self._all.append(program)
        self._selector.register(child.fd, selectors.EVENT_READ, program)
        return program

    def read(self, seconds: float) -> None:
        """Take in what is written for some time."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._take(left)

    def wait(self, programs: Sequence[Program], holds: Callable[[Program], bool]) -> list[float]:
        """Wait until something holds for each of the programs; return after how many seconds each.

        Raises:
            AssertionError: not for all of them in time; it shows what the first one wrote.
        """
        began = time.monotonic()
        times: dict[int, float] = {}
        while True:
            for one in programs:
                if one.pid not in times and holds(one):
                    times[one.pid] = time.monotonic() - began
            if len(times) == len(programs):
                return [times[one.pid] for one in programs]
            late = next(one for one in programs if one.pid not in times)
            assert time.monotonic() - began < PATIENCE, f"waited in vain:\n{late.text}"
            self._take(_LOOK)

    def _take(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            program: Program = key.data
            try:
                program.raw += os.read(program.child.fd, 65536)
            except OSError:  # its program has ended
                self._selector.unregister(program.child.fd)
