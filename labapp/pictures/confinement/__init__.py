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
import sys

from labapp.pictures.confinement import landlock, seccomp

#: Open files of a child: its line, a picture, a result, and what the import of a module takes.
MOST_FILES = 32

#: Of <linux/prctl.h>.
_SET_DUMPABLE, _SET_NO_NEW_PRIVS = 4, 38

#: What is missing, in the words of the log.
FILES, CALLS, LIMITS = (
    "other files are not out of reach",
    "network and new processes are not out of reach",
    "files and processes are not limited",
)


def confine(most_bytes: int, *, handed: bool = True) -> tuple[str, ...]:
    """Give up all that a picture does not need; return what this platform does not let us give up.

    Args:
        most_bytes: that a file written from now on may have.
        handed: whether its files are handed over to it, and none is opened by its name.
    """
    missing = [] if _limit(most_bytes) else [LIMITS]
    if sys.platform != "linux" or not handed:
        return (*missing, FILES, CALLS)
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        libc.prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    except (OSError, AttributeError):  # a C library that cannot be asked
        return (*missing, FILES, CALLS)
    for step, what in ((landlock.restrict, FILES), (seccomp.restrict, CALLS)):
        try:
            held = step(libc)
        except (OSError, AttributeError):
            held = False
        if not held:
            missing.append(what)
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
    if sys.platform == "darwin":
        # It counts the processes of the user, of whom there is one by now. On Linux it would count
        # threads, which libraries start; there `seccomp` forbids new processes alone.
        wanted.append((resource.RLIMIT_NPROC, 1))
    held = True
    for what, most in wanted:
        try:
            _, hard = resource.getrlimit(what)
            bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(what, (bound, bound))
        except (OSError, ValueError):
            held = False
    return held


def readable() -> None:
    """Find what children may read, once for all of them, in the process that they are forked from.

    Call it once all that they need is loaded.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            landlock.readable()
