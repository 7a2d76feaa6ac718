"""seccomp: a process gives up all system calls but those that `calls` lists.

Refused calls fail with EPERM, as for somebody without the permission, so that a library that asks
for more than it needs goes on without; those newer than our list fail with ENOSYS, so that the C
library takes the older one. Calls by the numbers of another machine end the process.

Our own, since libseccomp and its binding would be a package of the system that no wheel brings; the
program is a list with a test each. Sources: seccomp(2), bpf(4), <linux/seccomp.h>, <linux/audit.h>.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys

from labapp.pictures.confinement.calls import FREE, Bound, bound

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
