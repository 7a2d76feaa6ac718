"""A program's side of children that are started anew: how one is begun, asked, held, and ended.

For platforms where what is loaded may not survive a fork (macOS), or that have none (Windows).
What such a child cannot give up, the program holds for it, as far as the platform lets it.
"""

from __future__ import annotations

import contextlib
import ctypes
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Protocol

from labapp.pictures import begin, confinement, line
from labapp.pictures.answers import Answer
from labapp.pictures.begin import Ended
from labapp.pictures.line import FullError, GoneError, LateError, Most


class Job(Protocol):
    """What the platform lays around a process from outside: see `confinement.job_object`."""

    @property
    def forbids_processes(self) -> bool:
        """Whether it keeps the child from starting others."""

    def bound_memory(self, most: int) -> None:
        """Bound its memory, in bytes; raises OSError where it cannot."""

    def close(self) -> None:
        """End what is in it."""


class Started:
    """What the two have in common; the process has just begun."""

    is_dear = True
    takes_several = False

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._job = _job_around(process)
        self._most: int | None = None

    def hold(self, most: int, missing: tuple[str, ...]) -> tuple[str, ...]:
        """Bound what this child cannot bound itself; return what is missing then.

        Args:
            most: bytes of memory that it may take from now on.
            missing: what it could not give up.
        """
        held = set()
        if self._job is not None and self._job.forbids_processes:
            held.add(confinement.PROCESSES)
        if confinement.MEMORY in missing and (present := footprint(self._process)):
            self._most = present + most
            held.add(confinement.MEMORY)
            if self._job is not None:
                with contextlib.suppress(OSError):  # it is looked at all the same
                    self._job.bound_memory(self._most)
        return tuple(one for one in missing if one not in held)

    @property
    def _look(self) -> Callable[[], None] | None:
        """What is looked at while it works: None where it bounds its memory itself."""
        return None if self._most is None else self._see_memory

    def _see_memory(self) -> None:
        assert self._most is not None
        if footprint(self._process) > self._most:
            raise FullError

    def is_gone(self) -> bool:
        """Tell whether it has ended."""
        return self._process.poll() is not None

    @cached_property
    def ended(self) -> Ended:
        """How it ended, once it has closed its line; looked at once, for a while."""
        try:
            return Ended(self._process.wait(begin.REAP_SECONDS))
        except subprocess.TimeoutExpired:
            return Ended(None)

    def end(self) -> None:
        """Kill it, unless it is gone, and let go of it."""
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(begin.REAP_SECONDS)
        if self._job is not None:
            self._job.close()


class OverSocket(Started):
    """One that is spoken to over a socket, and handed its files.

    macOS may lose a descriptor that is closed before it has come (CPython's issue 14669); a task's
    files stay open until the answer has.
    """

    takes_files = True

    def __init__(self, preload: str) -> None:
        self._line, process = begin.with_line(
            lambda own: begin.process("child", preload, str(own), pass_fds=[own])
        )
        super().__init__(process)

    def ask(self, task: bytes, files: Sequence[int], most: Most, until: float) -> Answer:
        """Send a task and return the answer; errors as `line.exchange`."""
        return line.exchange(self._line, task, files, most, until, self._look)

    def end(self) -> None:
        """Kill it, unless it is gone, and let go of it."""
        self._line.close()
        super().end()


class OverPipes(Started):
    """One that is spoken to over pipes; it opens its files by their names."""

    takes_files = False

    def __init__(self, preload: str) -> None:
        pipe = subprocess.PIPE
        super().__init__(begin.process("child", preload, stdin=pipe, stdout=pipe))

    def ask(self, task: bytes, files: Sequence[int], most: Most, until: float) -> Answer:
        """Send a task and return the answer; errors as `line.exchange`.

        A pipe knows no deadline on every platform, so a thread waits at it; it ends with the child.
        """
        told: queue.SimpleQueue[Answer | Exception] = queue.SimpleQueue()

        def talk() -> None:
            try:
                told.put(self._talk(task, most))
            except Exception as error:  # noqa: BLE001 - raised where it was asked
                told.put(error)

        threading.Thread(target=talk, daemon=True).start()
        outcome = self._heard(told, until)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _heard(
        self, told: queue.SimpleQueue[Answer | Exception], until: float
    ) -> Answer | Exception:
        look = self._look
        while (left := until - time.monotonic()) > 0:
            try:  # in short waits, between which Windows tells of Ctrl-C
                return told.get(timeout=min(left, line.LOOK_SECONDS))
            except queue.Empty:
                if look is not None:
                    look()
        raise LateError

    def _talk(self, task: bytes, most: Most) -> Answer:
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            view = memoryview(task)
            while view:
                view = view[self._process.stdin.write(view) :]
        return line.receive(self._exactly, most)

    def _exactly(self, size: int) -> bytearray:
        assert self._process.stdout is not None
        data = bytearray()
        while len(data) < size:
            piece = self._process.stdout.read(min(size - len(data), 1 << 20))
            if not piece:
                raise GoneError
            data += piece
        return data

    def end(self) -> None:
        """Kill it, unless it is gone, and let go of it."""
        super().end()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(OSError):
                pipe.close()


def _job_around(process: subprocess.Popen[bytes]) -> Job | None:
    """Lay a job around a child that has just begun; None where there is none to be had."""
    if sys.platform == "win32":
        from labapp.pictures.confinement.job_object import JobObject

        with contextlib.suppress(OSError):
            return JobObject(begin.handle(process))
    return None


#: The flavour of proc_pid_rusage that is asked for, the bytes of its answer, and where in it the
#: footprint stands (`struct rusage_info_v0` of <sys/resource.h>): what Activity Monitor shows, with
#: what was compressed.
_V0, _V0_BYTES, _FOOTPRINT = 0, 96, 72


def footprint(process: subprocess.Popen[bytes]) -> int:
    """Return the bytes that a process of ours takes now; 0 where nobody tells, or it is gone.

    It stands in for a limit where a process cannot bound itself: macOS takes RLIMIT_AS and does not
    hold to it. On Linux, which does, this is not needed and tells nothing.
    """
    try:
        if sys.platform == "win32":
            return _committed(begin.handle(process))
        if sys.platform == "darwin":
            return _physical(process.pid)
    except (OSError, AttributeError):  # a library without the call
        pass
    return 0


def _physical(pid: int) -> int:
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
