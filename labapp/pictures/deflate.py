"""Deflate by ISA-L, some ten times as fast as zlib; by zlib where a platform has no wheel of it.

Both have these functions, and either unpacks what the other packs.
"""

try:
    from isal.isal_zlib import compress, compressobj, crc32, decompressobj
except ImportError:
    from zlib import (  # type: ignore[assignment]  # the same, but for the names of their types
        compress,
        compressobj,
        crc32,
        decompressobj,
    )

__all__ = ["compress", "compressobj", "crc32", "decompressobj"]
