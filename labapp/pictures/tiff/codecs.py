"""What Pillow's libtiff was built with: not every wheel has every compression."""

from __future__ import annotations

import io
from functools import cache

from PIL import Image

from labapp.pictures import quiet

#: Compressions that libtiff has only where it was built with their libraries (tag 259), and what
#: they are called. Pillow's wheels for Windows lack Zstandard.
BY_LIBRARIES = {34925: "lzma", 50000: "zstd"}


@cache
def lacks(compression: int) -> bool:
    """Whether a compression is one that libtiff would know, but not as it was built here."""
    name = BY_LIBRARIES.get(compression)
    if name is None:
        return False
    try:
        with quiet.standard_error():
            Image.new("L", (1, 1)).save(io.BytesIO(), "TIFF", compression=name)
    except OSError:
        return True
    return False
