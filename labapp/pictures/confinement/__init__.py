"""What keeps a process that a picture has taken over from doing anything but its picture.

A child that has its files open needs nothing more of the system than memory, time and the modules
of Python. So it gives up the rest before the first picture comes, by what the platform gives to
those who are not root: limits (setrlimit(2)), no new privileges, on Linux the folders that it can
see (`landlock`) and the calls that it can make (`seccomp`). Nothing of that can be taken back.

Each stands alone: where one is not there, the others hold, and what is missing is told.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys

from labapp.pictures.confinement import landlock, seccomp

#: Open files of a child: its line, a picture, a result, and what the import of a module takes.
MOST_FILES = 32

#: Threads of one user, on Linux, beyond which a child starts none: more than people's programs have
#: together, and few beside the tens of thousands that systems allow.
MOST_THREADS = 4_096

#: Of <linux/prctl.h>.
_SET_DUMPABLE, _SET_NO_NEW_PRIVS = 4, 38

#: What is missing, in the words of the log.
FILES, NETWORK, PROCESSES, LIMITS, MEMORY = (
    "other files are not out of reach",
    "the network is not out of reach",
    "new processes are not out of reach",
    "what it writes is not limited",
    "its memory is not limited",
)


def confine(most_bytes: int, *, handed: bool = True) -> tuple[str, ...]:
    """Give up all that a picture does not need; return what this platform does not let us give up.

    Args:
        most_bytes: that a file written from now on may have.
        handed: whether its files are handed over to it, and none is opened by its name.
    """
    missing = [] if _limit(most_bytes) else [LIMITS]
    if sys.platform != "linux" or not handed:
        return (*missing, FILES, NETWORK, PROCESSES)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        libc.prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    except (OSError, AttributeError):  # a C library that cannot be asked
        return (*missing, FILES, NETWORK, PROCESSES)
    steps = ((landlock.restrict, (FILES,)), (seccomp.restrict, (NETWORK, PROCESSES)))
    for step, what in steps:
        try:
            held = step(libc)
        except (OSError, AttributeError):
            held = False
        if not held:
            missing += what
    return tuple(missing)


def _limit(most_bytes: int) -> bool:
    """Bound what a process may write and open, and that it leaves no picture of its memory."""
    if sys.platform == "win32":
        return False
    import resource

    wanted = [
        (resource.RLIMIT_FSIZE, most_bytes),
        (resource.RLIMIT_NOFILE, MOST_FILES),
        (resource.RLIMIT_CORE, 0),
    ]
    held = [_bound(what, most) for what, most in wanted]  # each, whatever becomes of another
    return all(held)


def limit_processes(missing: tuple[str, ...]) -> tuple[str, ...]:
    """Bound the processes of this process's user, as far as it may start more; once it has all.

    On macOS it counts processes, of which there is one by now: but for root, it starts no other. On
    Linux it counts threads, which libraries start, and those of the user's other programs too:
    there `seccomp` forbids processes, and this keeps a crowd of threads from taking all that the
    user may have (not of root). Given is what was `missing` before; returned, what is now.
    """
    if sys.platform == "win32":
        return missing
    import resource

    held = _bound(resource.RLIMIT_NPROC, 1 if sys.platform == "darwin" else MOST_THREADS)
    if sys.platform == "darwin" and held and os.geteuid() != 0:
        return tuple(one for one in missing if one != PROCESSES)
    return missing


def _bound(what: int, most: int) -> bool:
    """Set a limit, or leave a lower one; tell whether it holds."""
    if sys.platform == "win32":
        return False
    import resource

    try:
        _, hard = resource.getrlimit(what)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (bound, bound))
    except (OSError, ValueError):
        return False
    return True


def readable() -> None:
    """Find what children may read, once for all of them, in the process that they are forked from.

    Call it once all that they need is loaded.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            landlock.readable()
