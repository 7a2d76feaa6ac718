"""Be a child: give up all that a picture does not need, then do picture after picture.

It is forked from a warm process (`forks`), or started anew as a program of its own, with the line
on a descriptor that it is told, or on its standard input and output.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labapp.errors import JobFailedError, LabappError, RefusedError
from labapp.pictures import answers, confinement
from labapp.pictures.answers import Answer
from labapp.pictures.caps import Caps, too_much_memory
from labapp.pictures.line import ChildLine, ChildRequest
from labapp.pictures.mark import ROOM
from labapp.pictures.task_files import Beside, Files, descriptors

#: Seconds of CPU time beyond the deadline after which the kernel ends a child by itself.
SPARE_CPU_SECONDS = 5

#: Seconds that a child waits for the next picture: long enough while there is a backlog, short
#: enough that whoever is idle holds no memory for pictures. One that is started anew stays longer:
#: another takes half a second, and people look at a picture every few seconds.
IDLE_SECONDS, STARTED_IDLE_SECONDS = 1.0, 30.0

#: The exit code of a child that raised what nobody thought of: nobody who kills one gives it.
SURPRISED = 70

#: Errors of Windows that tell of no memory: ERROR_NOT_ENOUGH_MEMORY, ERROR_OUTOFMEMORY and
#: ERROR_COMMITMENT_LIMIT.
_NO_MEMORY = frozenset({8, 14, 1455})

#: The descriptor of the line, where it is a socket.
LINE = 3

#: Pictures that one child does at most: what libraries leak does not add up. To begin another after
#: each hundred was a twentieth of the work of small ones.
MOST_PICTURES = 500


@dataclass(frozen=True)
class Ready:
    """What a child says before the first picture comes: what it could not give up."""

    missing: tuple[str, ...]


def work(caps: Caps, line: ChildLine) -> None:
    """Cap oneself, say so, and do picture after picture as long as they come."""
    begin(caps, line)
    capped = 0
    for number in range(MOST_PICTURES):
        asked = line.next(line.idle if number else None)
        if asked is None:
            return  # nobody asks for more
        capped = _cap_cpu(caps, capped)
        outcome, is_ours = _done(asked, caps)
        if number and is_ours:
            return
        line.send(outcome)
        if is_ours or asked.data is None:
            return  # what went wrong may again; or nothing more can be heard


def begin(caps: Caps, line: ChildLine) -> None:
    """Give up what no picture needs, listen, and say that pictures may come."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us in order
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    present = _address_space()
    most = caps.file + ROOM if caps.file else 0
    missing = confinement.confine(most, handed=line.brings_files)
    line.listen()
    missing = confinement.limit_processes(missing)
    if not _cap_memory(caps, present):
        missing = (*missing, confinement.MEMORY)
    line.send(answers.answer(Ready(missing)))


def _done(asked: ChildRequest, caps: Caps) -> tuple[Answer, bool]:
    """Do a task; return the answer, and whether it may be this process's own fault."""
    try:
        task = asked.task()
        come: Sequence[int] = asked.files
        if isinstance(task, Beside):
            task, come = task.joined(come)
        with contextlib.closing(Files.of(task, come or descriptors(task))) as files:
            return task.answer_of(task(files)), False
    except LabappError as error:
        return answers.error_answer(error), False
    except MemoryError:
        return answers.error_answer(too_much_memory(caps)), True
    except Exception as error:  # noqa: BLE001 - whatever it was, the parent is to hear of it
        return answers.error_answer(_surprise(error, caps)), True


def _surprise(error: Exception, caps: Caps) -> LabappError:
    # OpenCV, Pillow and the system have their own ways to say that an allocation failed; Windows
    # says it in its user's language.
    said = str(error).lower()
    told = isinstance(error, OSError) and error.errno == errno.ENOMEM
    if told or getattr(error, "winerror", 0) in _NO_MEMORY or "alloc" in said or "memory" in said:
        return too_much_memory(caps)
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return RefusedError(
            f"the result has more than {caps.file / 1e6:g} MB, which is the most that is written",
            "Send a smaller picture, or fewer steps.",
        )
    return JobFailedError(f"the picture could not be processed ({type(error).__name__})")


def hush() -> None:
    """Close the parent's output to this process: decoders in C print warnings of their own."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)


def _cap_memory(caps: Caps, present: int) -> bool:
    """Bound this process's memory at so much above what it has; tell whether it is bound."""
    if sys.platform == "win32" or not present:
        return False
    import resource

    most = present + caps.memory
    try:
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    except (OSError, ValueError):  # the cap may be above what is set already
        bound, _ = resource.getrlimit(resource.RLIMIT_AS)
        return 0 <= bound <= most
    return True


def _cap_cpu(caps: Caps, present: int = 0) -> int:
    """Bound the CPU time of the next picture, where the platform can; return the bound.

    `present` is that of the picture before: of many small ones most have the same.
    """
    cpu = int(time.process_time() + caps.seconds) + SPARE_CPU_SECONDS
    if sys.platform == "win32" or cpu == present:
        return cpu
    import resource

    with contextlib.suppress(OSError, ValueError):
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (cpu, hard))
    return cpu


def _address_space() -> int:
    """Return the bytes of address space in use now; 0 where the platform does not tell.

    Linux alone tells, and holds to a limit above it: macOS takes one, and forgets it.
    """
    if sys.platform != "linux":
        return 0
    with contextlib.suppress(OSError, ValueError, IndexError):
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        return pages * os.sysconf("SC_PAGE_SIZE")
    return 0


def _line(socket: str = "") -> tuple[int, int]:
    """Return the descriptors of the line: a socket's, which gets the number 3, or the pipes'."""
    if not socket:
        return os.dup(0), os.dup(1)
    if int(socket) != LINE:
        os.dup2(int(socket), LINE, inheritable=False)
        os.close(int(socket))
    return LINE, LINE


def main() -> None:
    """Be a child that is started anew: `python -m labapp.pictures.child PRELOAD [SOCKET]`."""
    reads, writes = _line(*sys.argv[2:])
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (reads, writes):
            msvcrt.setmode(descriptor, os.O_BINARY)
        # A crash ends it at once: no dialog, and no report of the picture in its memory.
        modes = msvcrt.SEM_FAILCRITICALERRORS | msvcrt.SEM_NOOPENFILEERRORBOX
        msvcrt.SetErrorMode(modes | msvcrt.SEM_NOGPFAULTERRORBOX)
    hush()
    with contextlib.suppress(ImportError):  # told by the first picture that misses it
        importlib.import_module(sys.argv[1])
    confinement.readable()
    line = ChildLine(reads, writes, STARTED_IDLE_SECONDS)
    code = SURPRISED
    try:
        todo, caps = line.first()
        todo(caps, line)
        code = 0
    finally:
        os._exit(code)  # without a wait for the thread that listens


if __name__ == "__main__":
    main()
