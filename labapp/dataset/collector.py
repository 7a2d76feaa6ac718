"""Have Python look for garbage more rarely while very many things are made that stay.

Each look goes through all that was made since the last one, and now and then through all there is:
of 300,000 answers that takes as long as reading them. What is in no circle goes all the same.
"""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Iterator

#: Things made between two looks; Python's own is 700.
_RARELY = 100_000

_guard = threading.Lock()
_at_work = 0
_before = gc.get_threshold()


@contextlib.contextmanager
def rarely() -> Iterator[None]:
    """Do something with looks that are rare, also where several threads do."""
    global _at_work, _before
    with _guard:
        _at_work += 1
        if _at_work == 1:
            _before = gc.get_threshold()
            gc.set_threshold(_RARELY, *_before[1:])
    try:
        yield
    finally:
        with _guard:
            _at_work -= 1
            if not _at_work:
                gc.set_threshold(*_before)
