"""Do foreign pictures in processes of their own, so that whatever one does hurts nobody.

A thread cannot be killed, and a decoder fed by strangers may hang, crash or eat all memory. A child
is forked from a server process that has OpenCV and NumPy loaded and warm. While pictures follow one
another it does the next one too, since fresh memory costs a fifth of a picture's time; a second
without one, or one that goes wrong, ends it, and all its memory is given back. Only a fresh child's
word is taken for what goes wrong by crash or memory: a used one may suffer from its past.

The parent holds the deadline; the child caps its own memory and CPU time where the platform can
(POSIX), and ends itself when its parent is gone. On Windows a child is started anew, without caps.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from labapp import working_folder
from labapp.errors import JobFailedError, LabappError, RefusedError

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

#: Seconds of CPU time beyond the deadline after which the kernel ends a child by itself.
SPARE_CPU_SECONDS = 5

#: Seconds given to a killed child to be reaped.
REAP_SECONDS = 5.0

#: Seconds that a child waits for the next picture: long enough while there is a backlog, short
#: enough that whoever is idle holds no memory for pictures.
IDLE_SECONDS = 1.0

#: Pictures that one child does at most: what libraries leak does not add up.
MOST_PICTURES = 100

#: The exit code of a child of which nobody can tell, since the process that forked it is gone.
SERVER_GONE = 255

#: What children are to find in their environment, unless something else is there: pictures share
#: the processors, matrix products do not; and each arena of the allocator (mallopt(3)) takes 64 MB
#: of the address space that is capped.
ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}


#: Held while a child is begun: the working folder may be another one for that moment.
_beginning = threading.Lock()


class EndedError(LabappError):
    """A child was ended from outside, or could not be begun: another attempt may pass."""


@dataclass(frozen=True)
class Caps:
    """What one task may take.

    Args:
        seconds: of the clock on the wall.
        memory: bytes above the idle child.
        on_worker: whether a worker sets them, and not the program of who gets the error.
    """

    seconds: float
    memory: int
    on_worker: bool = False


Result = TypeVar("Result", covariant=True)


class Task(Protocol[Result]):
    """What a child does with one picture: a call without arguments, which can be pickled.

    Its result can be, too. It raises RefusedError where the picture breaks a rule.
    """

    def __call__(self) -> Result:
        """Do it."""


class Sandbox:
    """The processes that do pictures; shared by threads, as many at once as there are.

    The first starts with the first picture: a worker that only sums up numbers never pays for it.

    Args:
        caps: what each picture may take.
        preload: the module that the server process loads before it forks the first child. There is
            one server in a program: the first sandbox that does a picture decides.
    """

    def __init__(self, caps: Caps, preload: str) -> None:
        self._caps = caps
        self._lock = threading.Lock()
        self._idle: list[_Child] = []
        _configure(preload)

    def run(self, task: Task[Result]) -> Result:
        """Do a task.

        Raises:
            RefusedError: the picture or its pipeline breaks a rule, or needs more memory than it
                may.
            JobFailedError: it took too long, or its process crashed; it would again.
            EndedError: the process was ended from outside, or none could be begun.
        """
        used = self._take()
        outcome = self._ask(used, task) if used else None
        if outcome is None:
            fresh = _Child(self._caps)
            outcome = self._ask(fresh, task) or _crash(fresh.process.exitcode)
        if isinstance(outcome, LabappError):
            raise outcome
        return cast("Result", outcome)

    def _ask(self, child: _Child, task: Task[object]) -> object:
        """Have a child do a picture, and keep it for the next; None where it ended without a word.

        Who gave no result is killed.
        """
        outcome: object = None
        try:
            outcome = child.ask(task)
        finally:
            if outcome is None or isinstance(outcome, LabappError):
                child.end()
            else:
                with self._lock:
                    self._idle.append(child)
        return outcome

    def _take(self) -> _Child | None:
        """Return a child that waits for a picture; None where there is none."""
        with self._lock:
            waiting = self._idle.pop() if self._idle else None
            gone = [child for child in self._idle if not child.process.is_alive()]
            self._idle = [child for child in self._idle if child not in gone]
        for child in gone:
            child.end()
        return waiting


class _Child:
    """One process, and the line to it."""

    def __init__(self, caps: Caps) -> None:
        self._caps = caps
        try:
            self._line, theirs = _context().Pipe()
            with theirs, _beginning, _standing():
                self.process: BaseProcess = _context().Process(
                    target=_work, args=(caps, theirs), daemon=True
                )
                self.process.start()
        except (OSError, EOFError) as error:  # no memory, too many processes or open files
            why = getattr(error, "strerror", None) or "the process that forks it is gone"
            raise EndedError(f"no process could be begun for the picture: {why}") from error

    def ask(self, task: Task[object]) -> object:
        """Return what becomes of a picture; None where the process ends without a word."""
        try:
            with contextlib.suppress(OSError):  # it may have ended in the middle, with a word
                self._line.send(task)
            if not self._line.poll(self._caps.seconds):
                return _too_long(self._caps)
            outcome: object = self._line.recv()
        except (EOFError, OSError):  # gone before it spoke, or in the middle of it
            self.process.join(REAP_SECONDS)
            return None
        return outcome

    def end(self) -> None:
        """Kill it, unless it is gone, and let go of it."""
        self._line.close()
        self.process.kill()
        self.process.join(REAP_SECONDS)


def _configure(preload: str) -> None:
    """Say what the process that children are forked from has loaded."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    context = _context()
    if context.get_start_method() == "forkserver":
        context.set_forkserver_preload([preload])


def _crash(code: int | None) -> LabappError:
    """Return the error for a child that ended without a word."""
    number = -code if code is not None and code < 0 else 0
    # A service manager's stop may reach the process that forks before it reaches us.
    if number in {signal.SIGTERM, getattr(signal, "SIGKILL", 9)} or code == SERVER_GONE:
        return EndedError("the process of the picture was killed from outside")
    if number == getattr(signal, "SIGXCPU", -1):
        return JobFailedError("the picture took too much CPU time", "Send a smaller one.")
    name = signal.Signals(number).name if number else f"exit code {code}"
    return JobFailedError(f"the process of the picture crashed ({name})", "Send another picture.")


def _work(caps: Caps, line: Connection) -> None:
    """Be a child: cap oneself, and do picture after picture as long as they come."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us in order
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _hush()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _cap_memory(caps)
    for number in range(MOST_PICTURES):
        if number and not line.poll(IDLE_SECONDS):
            return
        try:
            task = line.recv()
        except (EOFError, OSError):
            return  # nobody asks for more
        except MemoryError:  # the file alone is too much
            if not number:
                line.send(_too_much_memory(caps))
            return
        _cap_cpu(caps)
        outcome, is_ours = _done(task, caps)
        if number and is_ours:
            return
        line.send(outcome)


def _done(task: Task[object], caps: Caps) -> tuple[object, bool]:
    """Do a task; return the outcome, and whether it may be this process's own fault."""
    try:
        return task(), False
    except LabappError as error:
        return error, False
    except MemoryError:
        return _too_much_memory(caps), True
    except Exception as error:  # noqa: BLE001 - whatever it was, the parent is to hear of it
        # OpenCV and Pillow have their own ways to say that an allocation failed.
        if "alloc" in str(error).lower() or "memory" in str(error).lower():
            return _too_much_memory(caps), True
        told = f"the picture could not be processed ({type(error).__name__})"
        return JobFailedError(told), True


def _too_much_memory(caps: Caps) -> RefusedError:
    return RefusedError(
        f"the picture needs more than {caps.memory // 1_000_000} MB of memory",
        "Send a smaller one, or raise LABAPP_PICTURE_MEMORY_MB on the worker."
        if caps.on_worker
        else "Take a smaller one, or raise LABAPP_PICTURE_MEMORY_MB.",
    )


def _too_long(caps: Caps) -> JobFailedError:
    return JobFailedError(
        f"the picture took longer than {caps.seconds:g} seconds",
        "Send a smaller one, or fewer steps."
        if caps.on_worker
        else "Take a smaller one, or raise LABAPP_PICTURE_SECONDS.",
    )


@contextlib.contextmanager
def _standing() -> Iterator[None]:
    """Stand in a folder that is there: multiprocessing asks for it, and ours may be deleted."""
    if sys.platform == "win32" or working_folder.find():
        yield
        return
    ours = os.open(".", os.O_RDONLY)
    os.chdir(os.sep)
    try:
        yield
    finally:
        os.fchdir(ours)
        os.close(ours)


def _hush() -> None:
    """Close the parent's output to this process: decoders in C print warnings of their own."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)


def _cap_memory(caps: Caps) -> None:
    """Bound this process's memory, where the platform can."""
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(OSError, ValueError):  # the cap may be below what is set already
        present = _address_space()
        if present:
            resource.setrlimit(resource.RLIMIT_AS, (present + caps.memory, present + caps.memory))
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _cap_cpu(caps: Caps) -> None:
    """Bound the CPU time of the next picture, where the platform can."""
    if sys.platform == "win32":
        return
    import resource

    with contextlib.suppress(OSError, ValueError):
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        cpu = int(time.process_time() + caps.seconds) + SPARE_CPU_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, hard))


def _address_space() -> int:
    """Return the bytes of address space in use now; 0 where the platform does not tell."""
    if sys.platform == "win32":
        return 0
    with contextlib.suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 0


def _end_with_parent() -> None:
    """Wait until the parent is gone, then end at once: nobody would read the result."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _context() -> Any:
    """Return how processes are started: forked from a warm server where there is one."""
    methods = multiprocessing.get_all_start_methods()
    return multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
