"""Write a file beside its place and rename it there: readers find it whole, or as it was."""

from __future__ import annotations

import contextlib
import os
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

#: Windows would write a line break as two bytes without O_BINARY.
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


#: Seconds that a file is waited for which somebody has open: readers take milliseconds, Defender
#: may take a second with what is new.
PATIENCE = 2.0


def within(folder: Path) -> Path:
    """Return a name in a folder that nobody else uses, not even this program."""
    return folder / f".{uuid.uuid4().hex}.part"


def beside(path: Path) -> Path:
    """Return such a name in the folder where `path` is."""
    return within(path.parent)


@contextlib.contextmanager
def replacing(path: Path, *, durable: bool = False) -> Iterator[Path]:
    """Yield a file to be written beside `path`; at the end it takes that place in one step.

    Where the block raises, or the renaming does, `path` stays as it was and nothing is left beside
    it. The folder is made where it is missing. Windows replaces no file that somebody has open: it
    is waited for, up to `PATIENCE`.

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
        _put(part, path)
        if durable and sys.platform != "win32":  # folders cannot be opened there
            _sync(path.parent, os.O_RDONLY)
    except OSError as error:
        if error.errno and not error.filename:  # a write that fails does not say where
            error.filename = str(path)
        raise
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def write_text(path: Path, text: str, *, durable: bool = False) -> None:
    """Replace a file's text (UTF-8) in one step.

    Args:
        path: the file.
        text: its new text.
        durable: as in `replacing`.

    Raises:
        OSError: the folder or the file cannot be written.
    """
    with replacing(path, durable=durable) as part:
        descriptor = os.open(part, _NEW)
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)


def _put(part: Path, path: Path) -> None:
    """Rename a file; one that another program reads, or looks over for viruses, is waited for."""
    until, pause = time.monotonic() + PATIENCE, 0.001
    while True:
        try:
            part.replace(path)
            return
        except PermissionError:
            # Of a folder that may not be written in, making the part has told.
            if path.is_dir() or time.monotonic() >= until:
                raise
        time.sleep(pause)
        pause = min(2 * pause, 0.05)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
