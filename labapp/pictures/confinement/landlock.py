"""Landlock: a process gives up the files that it has not opened yet, but for Python's own.

Sources: landlock(7), landlock_create_ruleset(2), landlock_add_rule(2), landlock_restrict_self(2)
and <linux/landlock.h>; from Linux 5.13 on, if it is among the kernel's `lsm`.
"""

from __future__ import annotations

import ctypes
import functools
import os
import struct
import sys
import sysconfig
from pathlib import Path

#: The numbers of the calls, the same on all machines.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446

#: A flag: tell the version. And the one kind of rule that is used here: what lies beneath a path.
_VERSION, _PATH_BENEATH = 1, 1

#: LANDLOCK_ACCESS_FS_READ_FILE and _READ_DIR.
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3

#: How many kinds of access to files each version knows, from the first on.
_ACCESSES = (13, 14, 15, 15, 16)

#: From these versions on: all of TCP (bind and connect), and abstract sockets and signals to
#: processes outside.
_NETWORK_FROM, _NETWORK = 4, 0b11
_SCOPES_FROM, _SCOPES = 6, 0b11

#: Where the platform keeps the libraries that C code loads late.
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/nix/store")
_FILES = ("/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/urandom")


@functools.cache
def readable() -> tuple[str, ...]:
    """Return what a child may read: Python, its packages and libraries, and what is loaded by now.

    Of the folder that labapp lies in only its own package, since settings may lie beside it.
    """
    paths = sysconfig.get_paths()
    found = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    found |= {os.path.join(sys.base_prefix, "lib"), *_LIBRARIES, *_FILES}  # noqa: PTH118
    for name, module in list(sys.modules.items()):
        if "." not in name:
            found |= {str(folder) for folder in getattr(module, "__path__", ())}
    try:
        home = Path.home()
    except RuntimeError:  # a user whom the system does not know
        home = Path("/")
    return tuple(
        path
        for path in sorted(found)
        if os.path.exists(path) and not home.is_relative_to(path)  # noqa: PTH110
    )


def restrict(libc: ctypes.CDLL) -> bool:
    """Give up all other files for this thread and those that it starts; False where it cannot.

    No new privileges must have been given up before.
    """
    version = libc.syscall(_CREATE_RULESET, None, 0, _VERSION)
    if version < 1:
        return False
    files = (1 << _ACCESSES[min(version, len(_ACCESSES)) - 1]) - 1
    network = _NETWORK if version >= _NETWORK_FROM else 0
    scopes = _SCOPES if version >= _SCOPES_FROM else 0
    known = 1 + (version >= _NETWORK_FROM) + (version >= _SCOPES_FROM)
    wanted = struct.pack("=QQQ", files, network, scopes)[: 8 * known]
    rules = libc.syscall(_CREATE_RULESET, wanted, len(wanted), 0)
    if rules < 0:
        return False
    try:
        allowed = all(_allow(libc, rules, path) for path in readable())
        return allowed and libc.syscall(_RESTRICT_SELF, rules, 0) == 0
    finally:
        os.close(rules)


def _allow(libc: ctypes.CDLL, rules: int, path: str) -> bool:
    """Let what lies beneath a path be read; one that is gone by now needs no rule."""
    try:
        place = os.open(path, getattr(os, "O_PATH", 0) | getattr(os, "O_CLOEXEC", 0))
    except OSError:
        return True
    try:
        access = _READ_FILE | _READ_DIR if os.path.isdir(path) else _READ_FILE  # noqa: PTH112
        rule = struct.pack("=Qi", access, place)
        return bool(libc.syscall(_ADD_RULE, rules, _PATH_BENEATH, rule, 0) == 0)
    finally:
        os.close(place)
