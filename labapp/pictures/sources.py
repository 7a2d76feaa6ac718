"""The bytes of pictures' files, read from disk once for a look at one and for sending it after.

What was read last is kept as long as the file is the one that it was read from: its size, times
and number tell. A file that is written to while it is read is not taken half.
"""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from labapp.errors import RefusedError
from labapp.pictures.limits import USUAL, Limits, check_bytes
from labapp.pictures.task_files import opened_source, unreadable

#: What is another once a file was written to.
_Stamp: TypeAlias = "tuple[int, int, int, int]"

#: Times that a file is read which is written to meanwhile.
ATTEMPTS = 3

#: Seconds for which a file has to be at rest to be kept: a clock of files may tick so slowly that
#: what is written again just after it was read has the same time.
REST = 2.0


@dataclass(frozen=True)
class _Kept:
    stamp: _Stamp
    data: bytes


_kept: OrderedDict[Path, _Kept] = OrderedDict()
_lock = threading.Lock()


def read(path: Path, limits: Limits = USUAL, called: Path | None = None) -> bytes:
    """Return a picture's file, as it is now; kept are as many bytes as one may have.

    Args:
        path: the file, from the root on.
        limits: one with more bytes is not read.
        called: what messages call it; its path unless given.

    Raises:
        RefusedError: it cannot be read, is no file, has too many bytes, or is written to just now.
    """
    called = called or path
    found = opened_source(path, called)
    try:
        for _ in range(ATTEMPTS):
            before = os.fstat(found)
            check_bytes(before.st_size, limits, path.name)
            if (kept := _of(path, _stamp(before))) is not None:
                return kept
            data = _whole(found, before.st_size)
            if _stamp(os.fstat(found)) == _stamp(before) and len(data) == before.st_size:
                _keep(path, before, data, limits.source_bytes)
                return data
    except OSError as error:
        raise unreadable(called, error.strerror or str(error)) from error
    finally:
        os.close(found)
    raise RefusedError(f"{path.name} is being written to", "Send it once it is whole.")


def _whole(descriptor: int, size: int) -> bytes:
    """Return so many bytes from the beginning, or all there are."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    parts, left = [], size
    while left > 0 and (part := os.read(descriptor, left)):
        parts.append(part)
        left -= len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _stamp(found: os.stat_result) -> _Stamp:
    # The time of the last change to it cannot be set, where that of the last write can.
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _of(path: Path, stamp: _Stamp) -> bytes | None:
    with _lock:
        kept = _kept.get(path)
        if kept is None or kept.stamp != stamp:
            return None
        _kept.move_to_end(path)
        return kept.data


def _keep(path: Path, found: os.stat_result, data: bytes, most: int) -> None:
    if abs(time.time() - max(found.st_mtime, found.st_ctime)) < REST:
        return
    with _lock:
        _kept[path] = _Kept(_stamp(found), data)
        _kept.move_to_end(path)
        while sum(len(one.data) for one in _kept.values()) > most:
            _kept.popitem(last=False)


def forget() -> None:
    """Keep nothing any longer."""
    with _lock:
        _kept.clear()
