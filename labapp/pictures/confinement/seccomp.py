"""seccomp: a process gives up all system calls but those that an open picture needs.

Refused calls fail with EPERM, as for somebody without the permission, so that a library that asks
for more than it needs goes on without; those newer than our list fail with ENOSYS, so that the C
library takes the older one. Calls by the numbers of another machine end the process.

Our own, since libseccomp and its binding would be a package of the system that no wheel brings; the
program is a list with a test each. Sources: seccomp(2), bpf(4), <linux/seccomp.h>, <linux/audit.h>;
numbers of <asm/unistd_64.h> of x86-64, <asm-generic/unistd.h> of arm64.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from dataclasses import dataclass

#: Of each machine: AUDIT_ARCH_*, the number of seccomp(2), and the column in our list.
_MACHINES = {"x86_64": (0xC000_003E, 317, 0), "aarch64": (0xC000_00B7, 277, 1)}

#: On x86-64, the bit of the numbers of x32's calls.
_X32 = 0x4000_0000

#: From here on numbers are the same on all machines, and later than our list (Linux 5.1).
_NEWER = 424

#: Operations of BPF: load a word, compare it, mask it, give an answer.
_LOAD, _EQUAL, _AT_LEAST, _MASK, _ANSWER = 0x20, 0x15, 0x35, 0x54, 0x06

#: Where `struct seccomp_data` has the number, the machine and the first argument.
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16

_ALLOW, _KILL = 0x7FFF_0000, 0x8000_0000
_PERMISSION, _UNKNOWN = 0x0005_0000 | errno.EPERM, 0x0005_0000 | errno.ENOSYS

#: SECCOMP_SET_MODE_FILTER, and a flag that spares older kernels a mitigation which slows down all
#: that the process does, and is for those who keep secrets of others.
_SET_FILTER, _SPEC_ALLOW = 1, 4


#: Calls that are free whatever their arguments: name, number on x86-64, on arm64; None where a
#: machine has a call no more. Not among them, for instance: all that opens a socket, starts a
#: program or a process, sends signals or memory to others, and all that makes, names, moves, links
#: or deletes a file.
FREE: tuple[tuple[str, int | None, int | None], ...] = (
    ("read", 0, 63), ("write", 1, 64), ("readv", 19, 65), ("writev", 20, 66), ("pread64", 17, 67),
    ("close", 3, 57), ("fstat", 5, 80), ("newfstatat", 262, 79), ("stat", 4, None),
    ("lstat", 6, None), ("statx", 332, 291), ("lseek", 8, 62), ("getdents64", 217, 61),
    ("readlink", 89, None), ("readlinkat", 267, 78), ("access", 21, None), ("faccessat", 269, 48),
    ("getcwd", 79, 17), ("dup", 32, 23), ("poll", 7, None), ("ppoll", 271, 73),
    ("select", 23, None), ("pselect6", 270, 72),
    ("mmap", 9, 222), ("mprotect", 10, 226), ("munmap", 11, 215), ("mremap", 25, 216),
    ("madvise", 28, 233), ("brk", 12, 214),
    ("rt_sigaction", 13, 134), ("rt_sigprocmask", 14, 135), ("rt_sigreturn", 15, 139),
    ("sigaltstack", 131, 132), ("restart_syscall", 219, 128),
    ("futex", 202, 98), ("set_robust_list", 273, 99), ("rseq", 334, 293),
    ("set_tid_address", 218, 96), ("membarrier", 324, 283), ("sched_yield", 24, 124),
    ("sched_getaffinity", 204, 123), ("getcpu", 309, 168), ("arch_prctl", 158, None),
    ("nanosleep", 35, 101), ("clock_nanosleep", 230, 115), ("clock_gettime", 228, 113),
    ("clock_getres", 229, 114), ("gettimeofday", 96, 169), ("time", 201, None),
    ("times", 100, 153), ("getrusage", 98, 165), ("sysinfo", 99, 179), ("uname", 63, 160),
    ("getrandom", 318, 278), ("getrlimit", 97, 163), ("setrlimit", 160, 164),
    ("getpid", 39, 172), ("gettid", 186, 178), ("getppid", 110, 173), ("getuid", 102, 174),
    ("geteuid", 107, 175), ("getgid", 104, 176), ("getegid", 108, 177),
    # On the line to the worker, the only socket there is.
    ("sendto", 44, 206), ("recvfrom", 45, 207), ("sendmsg", 46, 211), ("recvmsg", 47, 212),
    ("getsockname", 51, 204), ("getsockopt", 55, 209),
    ("exit", 60, 93), ("exit_group", 231, 94),
)  # fmt: skip

#: CLONE_THREAD, and with it all that makes a namespace (<linux/sched.h>).
_THREAD = 0x0001_0000
_THREAD_AND_NAMESPACES = _THREAD | 0x7E02_0080

#: O_ACCMODE, O_CREAT and O_TRUNC (<asm-generic/fcntl.h>).
_WRITING = 0o3 | 0o100 | 0o1000

#: FIOCLEX, FIONCLEX, FIONBIO, FIONREAD, TCGETS and TIOCGWINSZ (<asm-generic/ioctls.h>): what
#: Python asks of each file that it opens. Others type into terminals.
_ASKING = (0x5451, 0x5450, 0x5421, 0x541B, 0x5401, 0x5413)

#: F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL and F_DUPFD_CLOEXEC (<linux/fcntl.h>). Others have
#: signals sent.
_CONTROLLING = (0, 1, 2, 3, 4, 1030)


@dataclass(frozen=True)
class Bound:
    """A call that is free where the lower half of one argument, masked, is one of some values.

    Args:
        numbers: of the call, as in `FREE`.
        place: of the argument, from 0.
        values: that are allowed.
        mask: of the bits that count.
    """

    numbers: tuple[int | None, int | None]
    place: int
    values: tuple[int, ...]
    mask: int = 0xFFFF_FFFF


def bound(pid: int) -> tuple[Bound, ...]:
    """Return the calls that are free for some arguments: to itself, to read, for a thread."""
    return (
        Bound((2, None), 1, (0,), _WRITING),  # open
        Bound((257, 56), 2, (0,), _WRITING),  # openat
        Bound((16, 29), 1, _ASKING),  # ioctl
        Bound((72, 25), 1, _CONTROLLING),  # fcntl
        Bound((56, 220), 0, (_THREAD,), _THREAD_AND_NAMESPACES),  # clone
        Bound((302, 261), 0, (0, pid)),  # prlimit64
        Bound((62, 129), 0, (pid,)),  # kill
        Bound((234, 131), 0, (pid,)),  # tgkill
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def restrict(libc: ctypes.CDLL) -> bool:
    """Give up all other calls for this thread and those that it starts; False where it cannot.

    No new privileges must have been given up before.
    """
    found = _MACHINES.get(platform.machine())
    if found is None or sys.maxsize < 2**32 or sys.byteorder != "little":
        return False
    machine, call, column = found
    code = program(machine, column, os.getpid())
    told = _Program(len(code) // 8, code)
    return any(
        libc.syscall(call, _SET_FILTER, flags, ctypes.byref(told)) == 0
        for flags in (_SPEC_ALLOW, 0)
    )


def program(machine: int, column: int, pid: int) -> bytes:
    """Return the filter as BPF.

    Args:
        machine: AUDIT_ARCH_* of it.
        column: of its numbers in the list of calls.
        pid: of the process that it is for.
    """
    steps = [(_LOAD, 0, 0, _MACHINE), (_EQUAL, 1, 0, machine), (_ANSWER, 0, 0, _KILL)]
    steps += [(_LOAD, 0, 0, _NUMBER)]
    if column == 0:
        steps += [(_AT_LEAST, 0, 1, _X32), (_ANSWER, 0, 0, _KILL)]
    for _, *numbers in FREE:
        if (number := numbers[column]) is not None:
            steps += [(_EQUAL, 0, 1, number), (_ANSWER, 0, 0, _ALLOW)]
    for one in bound(pid):
        if (number := one.numbers[column]) is not None:
            answers = _answers(one)
            steps += [(_EQUAL, 0, len(answers), number), *answers]
    steps += [(_AT_LEAST, 0, 1, _NEWER), (_ANSWER, 0, 0, _UNKNOWN), (_ANSWER, 0, 0, _PERMISSION)]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _answers(one: Bound) -> list[tuple[int, int, int, int]]:
    """Return what follows a call whose argument counts; it ends in an answer."""
    steps = [(_LOAD, 0, 0, _ARGUMENTS + 8 * one.place), (_MASK, 0, 0, one.mask)]
    for value in one.values:
        steps += [(_EQUAL, 0, 1, value), (_ANSWER, 0, 0, _ALLOW)]
    return [*steps, (_ANSWER, 0, 0, _PERMISSION)]
