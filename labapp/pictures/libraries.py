"""C libraries: the faster of two, what they were built with, their complaints off the screen.

Deflate is by ISA-L, some ten times as fast as zlib; by zlib where a platform has no wheel of it.
Both have the same functions, and either unpacks what the other packs.

libtiff and libpng tell their complaints to file descriptor 2, past Python, where they would fall
into a table or a menu. What they mean is told by the exception that follows.
"""

from __future__ import annotations

import contextlib
import io
import os
import threading
from collections.abc import Iterator
from functools import cache

from PIL import Image

try:
    from isal import isal_zlib as deflate
except ImportError:
    import zlib as deflate  # type: ignore[no-redef]

__all__ = ["BY_LIBRARIES", "deflate", "lacks", "mute"]

#: Compressions that libtiff has only where it was built with their libraries (tag 259), and what
#: they are called. Pillow's wheels for Windows lack Zstandard.
BY_LIBRARIES = {34925: "lzma", 50000: "zstd"}

#: The descriptor is one for all threads: only the outermost turns it away and back.
_lock = threading.Lock()
_inside = 0
_kept: int | None = None


@cache
def lacks(compression: int) -> bool:
    """Whether a compression is one that libtiff would know, but not as it was built here."""
    name = BY_LIBRARIES.get(compression)
    if name is None:
        return False
    try:
        with mute():
            Image.new("L", (1, 1)).save(io.BytesIO(), "TIFF", compression=name)
    except OSError:
        return True
    return False


@contextlib.contextmanager
def mute() -> Iterator[None]:
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
    """Give a copy of descriptor 2 after it leads nowhere; None where it cannot be turned.

    A program without a console has none; that of a child for pictures leads nowhere already
    (`child.hush`), and it may have given up to open anything that can be written to (`landlock`).
    """
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
    except OSError:
        return None
    try:
        kept = os.dup(2)
    except OSError:
        os.close(nowhere)
        return None
    os.dup2(nowhere, 2)
    os.close(nowhere)
    return kept
