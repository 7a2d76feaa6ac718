"""Keep what C libraries write to standard error off the screen.

libtiff tells its complaints to file descriptor 2, past Python, where they would fall into a table
or a menu. What they mean is told by the exception that follows.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator

#: The descriptor is one for all threads: only the outermost turns it away and back.
_lock = threading.Lock()
_inside = 0
_kept: int | None = None


@contextlib.contextmanager
def standard_error() -> Iterator[None]:
    """Turn descriptor 2 to nowhere for as long as the block runs, in however many threads."""
    global _inside, _kept
    with _lock:
        if _inside == 0:
            _kept = _turned_away()
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0 and _kept is not None:
                os.dup2(_kept, 2)
                os.close(_kept)
                _kept = None


def _turned_away() -> int | None:
    """Give a copy of descriptor 2 after it leads nowhere; None where there is none."""
    try:
        kept = os.dup(2)
    except OSError:  # a program without a console
        return None
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    return kept
