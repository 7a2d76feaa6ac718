"""Atomic replacement: a file is written beside its place and renamed there, whole or not at all.

On Windows a file cannot be renamed, replaced or removed while somebody has it open: a reader, the
indexer, a virus scanner that looks at whatever is new. Such looks are over in a moment, so what is
refused for one is tried again, here for all of labapp, and raised as OSError after a second.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

#: What Windows says of a folder with a file in it that is only going: ERROR_DIR_NOT_EMPTY.
_NOT_EMPTY_YET = 145

#: Seconds for which a file is waited for that somebody has open, as long as pip does; and those
#: between two tries, the first and the longest.
PATIENCE, _FIRST_STEP, _LONGEST_STEP = 1.0, 0.005, 0.1


#: Seconds after which a file under a name of `within` is nobody's; and how such names look.
LEFT_BEHIND, _OURS = 3600.0, re.compile(r"\.[0-9a-f]{32}\.part")


def within(folder: Path) -> Path:
    """Return a name in a folder that nobody else uses, not even this program."""
    return folder / f".{os.urandom(16).hex()}.part"


def beside(path: Path) -> Path:
    """Return such a name in the folder where `path` is."""
    return within(path.parent)


def sweep(folder: Path) -> None:
    """Remove what programs that were killed have left in a folder under such names.

    What was written to within the hour may be a program's that is at work.
    """
    until = time.time() - LEFT_BEHIND
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        for one in found:
            if _OURS.fullmatch(one.name):
                with contextlib.suppress(OSError):
                    if one.is_file(follow_symlinks=False) and one.stat().st_mtime < until:
                        Path(one.path).unlink()


def move(source: Path, target: Path) -> None:
    """Rename a file, over another where there is one; OSError where it cannot be."""
    with_retries(lambda: source.replace(target))


def remove(path: Path, *, missing_ok: bool = False) -> None:
    """Remove a file; OSError where it cannot be."""
    with_retries(lambda: path.unlink(missing_ok=missing_ok))


def remove_tree(folder: Path) -> None:
    """Remove a folder with all that is in it; OSError where it cannot be."""
    import shutil  # takes some milliseconds, and hardly any command needs it

    with_retries(lambda: shutil.rmtree(folder))


def clear_away(folder: Path) -> None:
    """Remove a folder with all that is in it, as far as that can be; on Windows in a second."""
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    if sys.platform == "win32" and folder.exists():  # a scanner has something of it open
        with contextlib.suppress(OSError):
            remove_tree(folder)


def read(path: Path) -> bytes:
    """Read a file that others replace meanwhile; OSError where it cannot be read.

    While that happens, Windows refuses it to readers as if they were not allowed to read it.
    """
    return with_retries(path.read_bytes)


def with_retries(act: Callable[[], T]) -> T:
    """Do something with a file, again for a while where somebody seems to have it open.

    Windows says so as PermissionError (ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION), as it does
    where one may not. That is known a second later.

    Raises:
        OSError: as `act` last did.
    """
    until = time.monotonic() + PATIENCE
    step = _FIRST_STEP
    while True:
        try:
            return act()
        except OSError as error:
            may_pass = isinstance(error, PermissionError)
            may_pass |= getattr(error, "winerror", None) == _NOT_EMPTY_YET
            if not may_pass or time.monotonic() > until:
                raise
        time.sleep(step)
        step = min(2 * step, _LONGEST_STEP)


@contextlib.contextmanager
def replacing(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """Yield a file to be written beside `path`; at the end it takes that place in one step.

    Where the block raises, or the renaming does, `path` stays as it was and nothing is left beside
    it. The folder is made where it is missing.

    Args:
        path: the file to be replaced, or made.
        durable: whether file and name are to outlive a power failure once this returns.

    Raises:
        OSError: the folder or the file cannot be written; it names the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = beside(path)
    try:
        yield part
        if durable:
            _sync(part, os.O_RDWR)
        move(part, path)
        if durable and sys.platform != "win32":  # folders cannot be opened there
            _sync(path.parent, os.O_RDONLY)
    except OSError as error:
        if error.errno and not error.filename:  # a write that fails does not say where
            error.filename = str(path)
        raise
    finally:
        with contextlib.suppress(OSError):
            remove(part, missing_ok=True)


def write_text(path: Path, text: str, *, durable: bool = False) -> None:
    """Replace a file's text (UTF-8) in one step; `durable` and errors as of `replacing`."""
    with replacing(path, durable=durable) as part:
        part.write_bytes(text.encode())


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
