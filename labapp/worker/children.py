"""Do one picture in a process of its own, so that whatever it does hurts nobody.

A thread cannot be killed, and a decoder fed by strangers may hang, crash or eat all memory. Each
job gets a fresh child, forked from a server process that has OpenCV and NumPy loaded and warm: a
few milliseconds, and all its memory is given back when it ends. The parent holds the deadline; the
child caps its own memory and CPU time where the platform can (POSIX), and ends itself when the
worker is gone. On Windows a child is started anew for each job, without these caps.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labapp.errors import JobFailedError, LabappError, RefusedError

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from labapp.pictures.limits import Limits
    from labapp.pictures.process import Processed

#: Seconds of CPU time beyond the deadline after which the kernel ends a child by itself.
SPARE_CPU_SECONDS = 5

#: Seconds given to a killed child to be reaped.
REAP_SECONDS = 5.0

#: Modules that the server process has loaded when it forks the first child.
PRELOADED = ["labapp.worker.warm"]

#: What children are to find in their environment, unless something else is there: pictures share
#: the processors, matrix products do not; and each arena of the allocator (mallopt(3)) takes 64 MB
#: of the address space that is capped.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}


@dataclass(frozen=True)
class Caps:
    """What one job may take: wall-clock seconds, and bytes of memory above the idle child."""

    seconds: float
    memory: int


@dataclass(frozen=True)
class Task:
    """One picture job: paths in, a path out; the pipeline as it travels."""

    source: Path
    pipeline: str
    result: Path
    limits: Limits
    format: str
    name: str


def configure() -> None:
    """Say what the process that children are forked from has loaded.

    It starts with the first picture: a worker that only ever sums up numbers never pays for it.
    """
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    context = _context()
    if context.get_start_method() == "forkserver":
        context.set_forkserver_preload(PRELOADED)


def run(task: Task, caps: Caps) -> Processed:
    """Do a picture job in a child of its own.

    Raises:
        RefusedError: the picture or its pipeline breaks a rule, or needs more memory than it may.
        JobFailedError: the job took too long, or its process crashed; it would again.
        LabappError: the process was ended from outside: another attempt may pass.
    """
    receiver, sender = _context().Pipe(duplex=False)
    child = _context().Process(target=_work, args=(task, caps, sender), daemon=True)
    with receiver:
        child.start()
        sender.close()
        try:
            return _outcome(child, receiver, caps)
        finally:
            child.kill()
            child.join(REAP_SECONDS)


def _outcome(child: BaseProcess, receiver: Connection, caps: Caps) -> Processed:
    if not receiver.poll(caps.seconds):
        raise JobFailedError(
            f"the picture took longer than {caps.seconds:g} seconds",
            "Send a smaller one, or fewer steps.",
        )
    try:
        outcome = receiver.recv()
    except (EOFError, OSError):  # gone before it spoke, or in the middle of it
        child.join(REAP_SECONDS)
        raise _crash(child.exitcode) from None
    if isinstance(outcome, LabappError):
        raise outcome
    processed: Processed = outcome
    return processed


def _crash(code: int | None) -> LabappError:
    """Return the error for a child that ended without a word."""
    number = -code if code is not None and code < 0 else 0
    if number in {signal.SIGTERM, getattr(signal, "SIGKILL", 9)}:
        return LabappError("the process of the picture was killed from outside")
    if number == getattr(signal, "SIGXCPU", -1):
        return JobFailedError("the picture took too much CPU time", "Send a smaller one.")
    name = signal.Signals(number).name if number else f"exit code {code}"
    return JobFailedError(f"the process of the picture crashed ({name})", "Send another picture.")


def _work(task: Task, caps: Caps, sender: Connection) -> None:
    """Be the child: cap oneself, do the job, say how it went."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the worker, which ends us in order
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _hush()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _cap(caps)
    sender.send(_done(task, caps))


def _done(task: Task, caps: Caps) -> object:
    from labapp.pictures.pipeline import from_wire
    from labapp.pictures.process import process

    try:
        steps = from_wire(task.pipeline)
        return process(task.source, steps, task.result, task.limits, task.format, task.name)
    except LabappError as error:
        return error
    except MemoryError:
        return _too_much_memory(caps)
    except Exception as error:  # noqa: BLE001 - whatever it was, the worker is to hear of it
        # OpenCV and Pillow have their own ways to say that an allocation failed.
        if "alloc" in str(error).lower() or "memory" in str(error).lower():
            return _too_much_memory(caps)
        return JobFailedError(f"the picture could not be processed ({type(error).__name__})")


def _too_much_memory(caps: Caps) -> RefusedError:
    return RefusedError(
        f"the picture needs more than {caps.memory // 1_000_000} MB of memory",
        "Send a smaller one, or raise LABAPP_PICTURE_MEMORY_MB on the worker.",
    )


def _hush() -> None:
    """Close the worker's output to this process: decoders in C print warnings of their own."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)


def _cap(caps: Caps) -> None:
    """Bound memory and CPU time, where the platform can."""
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(OSError, ValueError):  # the caps may be below what is set already
        present = _address_space()
        if present:
            resource.setrlimit(resource.RLIMIT_AS, (present + caps.memory, present + caps.memory))
    with contextlib.suppress(OSError, ValueError):
        cpu = int(caps.seconds) + SPARE_CPU_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, cpu + 1))
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _address_space() -> int:
    """Return the bytes of address space in use now; 0 where the platform does not tell."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 0


def _end_with_parent() -> None:
    """Wait until the worker is gone, then end at once: nobody would read the result."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _context() -> Any:
    """Return how processes are started: forked from a warm server where there is one."""
    methods = multiprocessing.get_all_start_methods()
    return multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
