"""The mark in a result's file by which any labapp knows it again, wherever it was moved or copied.

A few bytes where the format has comments; else behind the picture's data, where no reader looks.
They say nothing of the source. Results are left out where a folder is taken for input.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

#: What the mark is.
MARK = b"result of labapp"

#: Bytes by which a marked file is greater than its limit at most: a PNG's is the greatest mark.
ROOM = 64

#: Bytes at either end of a file among which the mark stands.
_ENDS = 128


def with_mark(data: bytes, format: str) -> bytes:
    """Return a picture's file with the mark in it.

    Args:
        data: the file, as an encoder wrote it.
        format: its format, as on the wire.
    """
    if MARK in data[:_ENDS] or MARK in data[-_ENDS:]:
        return data
    if format == "jpeg" and data.startswith(b"\xff\xd8"):
        # JFIF wants its own segment first (ITU-T T.871, 10.1); a comment may follow anywhere.
        jfif = data[2:4] == b"\xff\xe0"
        place = 4 + int.from_bytes(data[4:6], "big") if jfif else 2
        comment = b"\xff\xfe" + struct.pack(">H", len(MARK) + 2) + MARK
        return data[:place] + comment + data[place:]
    if format == "png" and data[-8:-4] == b"IEND":
        chunk = b"tEXtComment\x00" + MARK
        length = struct.pack(">I", len(chunk) - 4)
        return data[:-12] + length + chunk + struct.pack(">I", zlib.crc32(chunk)) + data[-12:]
    if format == "gif" and data.endswith(b";"):
        return data[:-1] + b"\x21\xfe" + bytes([len(MARK)]) + MARK + b"\x00;"
    if format == "webp" and data[:4] == b"RIFF":
        # Chunks that a reader does not know stand last, and are passed over (RFC 9649, 2.7.1.6).
        body = data[8:] + b"note" + struct.pack("<I", len(MARK)) + MARK
        return b"RIFF" + struct.pack("<I", len(body)) + body
    if format == "bmp" and data[:2] == b"BM":
        whole = data[:2] + struct.pack("<I", len(data) + len(MARK)) + data[6:]
        return whole + MARK
    return data + MARK


def is_marked(path: Path) -> bool:
    """Tell whether a file bears the mark; one that cannot be read does not."""
    try:
        with path.open("rb") as file:
            head = file.read(_ENDS)
            size = file.seek(0, 2)
            file.seek(max(0, size - _ENDS))
            return MARK in head or MARK in file.read(_ENDS)
    except OSError:
        return False
