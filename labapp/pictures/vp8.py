"""The chunks of a WebP; and how coarsely a lossy one was stored: its VP8 quantiser (RFC 6386)."""

from __future__ import annotations

import struct
from collections.abc import Iterator


def quality(data: bytes) -> int | None:
    """Estimate the quality of a WebP, 1 to 100 as libwebp counts, from its first frame.

    Where a frame has quantisers by segments, their mean is taken: libwebp spreads them around what
    was asked for. None where there is no lossy frame, or it cannot be read.
    """
    found = chunks(data, len(data), within=True)
    at = next((body for kind, body, _ in found if kind == b"VP8 "), None)
    if at is None:
        return None
    try:
        # Behind three bytes of tag, three of a start code, four of width and height.
        index = _quantiser(_Bits(data, at + 10))
    except IndexError:
        return None
    # The inverse of QualityToCompression and of what libwebp makes of it (src/enc/quant_enc.c).
    linear = (1 - index / 127) ** 3
    share = linear * 1.5 if linear < 0.5 else (linear + 1) / 2
    return min(max(round(share * 100), 1), 100)


def chunks(data: bytes, end: int, *, within: bool = False) -> Iterator[tuple[bytes, int, int]]:
    """Give the kind of each chunk of a WebP, the place of its body and its length.

    Args:
        data: the whole file.
        end: where it ends.
        within: whether the chunks within a frame of an animation come behind that frame's own.
    """
    at = 12
    while at + 8 <= end:
        kind, length = struct.unpack_from("<4sI", data, at)
        yield kind, at + 8, length
        # Such a frame holds its chunks behind 16 bytes of its own (RFC 9649, 2.7.1.1).
        at += 8 + (16 if within and kind == b"ANMF" else length + length % 2)


class _Bits:
    """The boolean decoder (RFC 6386, section 7), for flags and numbers of even chance."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = data
        self._at = at + 2
        self._value = data[at] << 8 | data[at + 1]
        self._range = 255
        self._shifted = 0

    def flag(self) -> bool:
        split = 1 + ((self._range - 1) * 128 >> 8)
        is_set = self._value >= split << 8
        if is_set:
            self._range -= split
            self._value -= split << 8
        else:
            self._range = split
        while self._range < 128:
            self._value <<= 1
            self._range <<= 1
            self._shifted += 1
            if self._shifted == 8:
                self._shifted = 0
                self._value |= self._data[self._at]
                self._at += 1
        return is_set

    def number(self, bits: int) -> int:
        value = 0
        for _ in range(bits):
            value = value << 1 | self.flag()
        return value

    def signed_number(self, bits: int) -> int:
        """Give a number behind a flag that says whether it is there at all."""
        if not self.flag():
            return 0
        value = self.number(bits)
        return -value if self.flag() else value


def _quantiser(bits: _Bits) -> float:
    """Read the frame header as far as its quantiser (section 19.2); 0 to 127."""
    bits.number(2)  # colour space, clamping
    segments: list[int] = []
    absolute = False
    if bits.flag():
        with_map = bits.flag()
        if bits.flag():
            absolute = bits.flag()
            segments = [bits.signed_number(7) for _ in range(4)]
            for _ in range(4):
                bits.signed_number(6)
        if with_map:
            for _ in range(3):
                if bits.flag():
                    bits.number(8)
    bits.number(1 + 6 + 3)  # the loop filter
    if bits.flag() and bits.flag():
        for _ in range(8):
            bits.signed_number(6)
    bits.number(2)  # partitions
    base = bits.number(7)
    if not segments:
        return base
    mean = sum(segments) / len(segments)
    return mean if absolute else min(max(base + mean, 0), 127)
