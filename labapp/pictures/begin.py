"""How a process for pictures is run: its command, its environment, and where it stands.

It inherits neither the program's environment nor its memory, its open files or its terminal.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from labapp import background

T = TypeVar("T")

#: Seconds given to a killed child to be reaped.
REAP_SECONDS = 5.0

#: Seconds given to a child to be ready: the first one waits for libraries to be loaded.
BEGIN_SECONDS = 120.0

#: What children find in their environment, unless something else is there: pictures share the
#: processors, matrix products (OpenBLAS's, Accelerate's) do not; and of the allocator (mallopt(3)),
#: each arena takes 64 MB of the address space that is capped, and what one picture has freed, in
#: pieces of up to 32 MB (the most that it takes) and 128 MB in all, is kept for the next: fresh
#: memory costs a tenth of a picture's time.
ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(32 * 1024 * 1024),
    "MALLOC_TRIM_THRESHOLD_": str(128 * 1024 * 1024),
}


@dataclass(frozen=True)
class Ended:
    """How a child ended: its exit code, None where nobody knows; or why none was begun at all."""

    code: int | None
    unbegun: str = ""


def process(
    room: str,
    *arguments: str,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.DEVNULL,
    pass_fds: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Run a module of this room as a program.

    Args:
        room: its name.
        arguments: that it is given.
        stdin: as `subprocess` has it.
        stdout: likewise.
        pass_fds: descriptors that stay open in it.

    Raises:
        OSError: it cannot be run.
    """
    python, own = background.interpreter()
    # What a lab has set of these is kept, too.
    own |= {name: os.environ.get(name, value) for name, value in ENVIRONMENT.items()}
    return subprocess.Popen(
        [python, "-P", "-m", f"labapp.pictures.{room}", *arguments],
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        cwd=os.path.abspath(os.sep),  # noqa: PTH100 - the folder that we stand in may be deleted
        env={**background.for_children(), **own},
        bufsize=0,
        pass_fds=pass_fds,
        # No terminal to type into, and no Ctrl-C or Ctrl-Z from there.
        **background.popen_options(),
    )


def with_line(hand_over: Callable[[int], T]) -> tuple[socket.socket, T]:
    """Make a line; return our end, and what a function made of the descriptor of the other.

    Raises:
        OSError: as the function does; then nothing stays open.
    """
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            return ours, hand_over(theirs.fileno())
    except OSError:
        ours.close()
        raise


def handle(process: subprocess.Popen[bytes]) -> int:
    """Return the handle by which Windows knows a process; elsewhere there is none."""
    if sys.platform != "win32":
        return 0
    return int(cast("Any", process)._handle)
