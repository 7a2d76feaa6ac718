"""Whether somebody holds a lock file: a look that takes microseconds, and takes the lock from none.

`filelock` holds it, and takes 40 ms to import; a program that only looks does without, where the
platform has `flock`, which is what it uses there.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def is_held(path: Path) -> bool:
    """Tell whether a process holds the lock `path`.

    Raises:
        OSError: it cannot be looked at.
    """
    try:
        return _is_held(path)
    except FileNotFoundError:
        return False


if sys.platform == "win32":

    def _is_held(path: Path) -> bool:
        from filelock import FileLock, Timeout

        if not path.exists():
            return False
        try:
            with FileLock(path, timeout=0):
                return False
        except Timeout:
            return True

else:
    import fcntl

    def _is_held(path: Path) -> bool:
        with path.open("rb") as file:
            try:
                # Shared, so that two who look at once do not take each other for the holder.
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except (BlockingIOError, PermissionError):  # as some file systems say it
                return True
            return False  # closing lets go
