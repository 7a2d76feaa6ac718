"""The segments of a JPEG before its first scan (ITU-T T.81, annex B)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from labapp.pictures.refusals import CutShortError

#: Markers that open a frame header (table B.1), and that of the first scan.
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
SCAN = 0xDA

#: Markers that stand alone, without a length; a stuffed zero is read past like them, as by libjpeg.
_ALONE = frozenset((0x00, 0x01, *range(0xD0, 0xD9)))
_END = 0xD9


def segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Give marker, place and length of each segment, up to the first scan's.

    The place is that of the length, which counts itself. Stray bytes are skipped.

    Raises:
        CutShortError: the picture ends before a scan, or the file does.
    """
    at, marker = 2, 0
    try:
        while marker != SCAN:
            while data[at] != 0xFF:
                at += 1
            while data[at] == 0xFF:
                at += 1
            marker = data[at]
            at += 1
            if marker in _ALONE:
                continue
            if marker == _END:
                raise CutShortError
            length = max(struct.unpack_from(">H", data, at)[0], 2)
            yield marker, at, length
            at += length
    except (struct.error, IndexError):
        raise CutShortError from None
