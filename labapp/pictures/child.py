"""Be a child: give up all that a picture does not need, then do picture after picture.

It is forked from a warm process (`forks`); where there is no fork, it is started anew as a program
of its own, with the line on its standard input and output.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labapp.errors import JobFailedError, LabappError, RefusedError
from labapp.pictures import answers, confinement
from labapp.pictures.answers import Answer
from labapp.pictures.caps import Caps, too_much_memory
from labapp.pictures.files import Files, opened
from labapp.pictures.line import Asked, ChildLine
from labapp.pictures.mark import ROOM

#: Seconds of CPU time beyond the deadline after which the kernel ends a child by itself.
SPARE_CPU_SECONDS = 5

#: Seconds that a child waits for the next picture: long enough while there is a backlog, short
#: enough that whoever is idle holds no memory for pictures.
IDLE_SECONDS = 1.0

#: Pictures that one child does at most: what libraries leak does not add up.
MOST_PICTURES = 100


@dataclass(frozen=True)
class Ready:
    """What a child says before the first picture comes: what it could not give up."""

    missing: tuple[str, ...]


def work(caps: Caps, line: ChildLine) -> None:
    """Cap oneself, say so, and do picture after picture as long as they come."""
    begin(caps, line)
    for number in range(MOST_PICTURES):
        asked = line.next(IDLE_SECONDS if number else None)
        if asked is None:
            return  # nobody asks for more
        _cap_cpu(caps)
        outcome, is_ours = _done(asked, caps)
        if number and is_ours:
            return
        line.send(outcome)
        if asked.data is None:
            return  # nor can anything more be heard


def begin(caps: Caps, line: ChildLine) -> None:
    """Give up what no picture needs, listen, and say that pictures may come."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends us in order
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    present = _address_space()
    most = caps.file + ROOM if caps.file else 0
    missing = confinement.confine(most, handed=line.brings_files)
    line.listen()
    confinement.limit_processes()
    _cap_memory(caps, present)
    line.send(answers.answer(Ready(missing)))


def _done(asked: Asked, caps: Caps) -> tuple[Answer, bool]:
    """Do a task; return the answer, and whether it may be this process's own fault."""
    try:
        task = asked.task()
        with _files(task, asked.files) as files:
            return task.told(task(files)), False
    except LabappError as error:
        return answers.error_answer(error), False
    except MemoryError:
        return answers.error_answer(too_much_memory(caps)), True
    except Exception as error:  # noqa: BLE001 - whatever it was, the parent is to hear of it
        return answers.error_answer(_surprise(error, caps)), True


def _surprise(error: Exception, caps: Caps) -> LabappError:
    # OpenCV and Pillow have their own ways to say that an allocation failed.
    if "alloc" in str(error).lower() or "memory" in str(error).lower():
        return too_much_memory(caps)
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return RefusedError(
            f"the result has more than {caps.file / 1e6:g} MB, which is the most that is written",
            "Send a smaller picture, or fewer steps.",
        )
    return JobFailedError(f"the picture could not be processed ({type(error).__name__})")


@contextlib.contextmanager
def _files(task: Any, come: Sequence[int]) -> Iterator[Files]:
    """Give a task its files: those that came with it, or those that it names."""
    files = Files.of(task, come) if come else opened(task)
    try:
        yield files
    finally:
        files.close()


def hush() -> None:
    """Close the parent's output to this process: decoders in C print warnings of their own."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)


def _cap_memory(caps: Caps, present: int) -> None:
    """Bound this process's memory, where the platform can, at so much above what it has."""
    if sys.platform == "win32" or not present:
        return
    import resource

    with contextlib.suppress(OSError, ValueError):  # the cap may be below what is set already
        resource.setrlimit(resource.RLIMIT_AS, (present + caps.memory, present + caps.memory))


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


def main() -> None:
    """Be a child that is started anew: `python -m labapp.pictures.child PRELOAD`."""
    reads, writes = os.dup(0), os.dup(1)
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (reads, writes):
            msvcrt.setmode(descriptor, os.O_BINARY)
    hush()
    with contextlib.suppress(ImportError):  # told by the first picture that misses it
        importlib.import_module(sys.argv[1])
    confinement.readable()
    line = ChildLine(reads, writes)
    todo, caps = line.first()
    todo(caps, line)


if __name__ == "__main__":
    main()
