"""The system calls that a child needs, and their numbers: an open picture wants little more.

Not among them, for instance: all that opens a socket, starts a program or a process, sends signals
or memory to others, and all that makes, names, moves, links or deletes a file.

Numbers: <asm/unistd_64.h> of x86-64, <asm-generic/unistd.h> of arm64; 0 where a machine has a call
no more (0 on x86-64 is `read`).
"""

from __future__ import annotations

from dataclasses import dataclass

#: Calls that are free whatever their arguments: name, number on x86-64, on arm64.
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
    """Return the calls that are free for some arguments: to itself, to read, for a thread.

    Args:
        pid: of the process.
    """
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
