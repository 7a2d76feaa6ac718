"""Width and height of a picture on this disk, by what its file says: nothing of it is decoded."""

from __future__ import annotations

import contextlib
from pathlib import Path

#: Bytes of a file within which its size stands, but for rare ones.
_HEAD = 64 * 1024

#: What ends a JPEG.
_JPEG_END = b"\xff\xd9"


def of(path: Path) -> tuple[int, int] | None:
    """Return a picture's width and height as it is stored; None where it does not tell them."""
    with contextlib.suppress(OSError), path.open("rb") as file:
        head = file.read(_HEAD)
        if head.startswith(b"\xff\xd8") and (found := _measured(head + _JPEG_END, path.name)):
            return found
        return _measured(head + file.read(), path.name)
    return None


def _measured(data: bytes, name: str) -> tuple[int, int] | None:
    import struct

    from labapp.errors import RefusedError
    from labapp.pictures import probe
    from labapp.pictures.strangers import CutShortError, DamagedError

    try:
        found = probe.measure(data, 1, name)
    except (RefusedError, CutShortError, DamagedError, struct.error, IndexError, ValueError):
        return None
    return (found.width, found.height) if found.width and found.height else None
