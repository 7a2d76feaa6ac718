"""Marks of tests that need what not every platform has: each says what it misses."""

from __future__ import annotations

import ctypes
import sys

import pytest

WINDOWS = sys.platform == "win32"
#: Whether it is wine that runs Windows' Python: it knows no process's sockets, and not all of NTFS.
WINE = sys.platform == "win32" and hasattr(ctypes.windll.ntdll, "wine_get_version")
LINUX = sys.platform == "linux"

#: Why a test that drives a program through a terminal is not for Windows.
NO_TERMINALS = "Windows has no pseudoterminals that pexpect drives"


def posix_only(reason: str) -> pytest.MarkDecorator:
    """Skip what needs POSIX (signals, forks, modes of files) on Windows."""
    return pytest.mark.skipif(WINDOWS, reason=reason)


def linux_only(reason: str) -> pytest.MarkDecorator:
    """Skip what needs Linux itself (/proc, seccomp, Landlock) elsewhere."""
    return pytest.mark.skipif(not LINUX, reason=reason)


def not_under_wine(reason: str) -> pytest.MarkDecorator:
    """Skip what Windows has, and wine has not."""
    return pytest.mark.skipif(WINE, reason=reason)


needs_terminal = posix_only(NO_TERMINALS)
