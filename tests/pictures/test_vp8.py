"""The quantiser is found behind any head of a VP8 frame; heads are written by hand (RFC 6386)."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

import pytest

from labapp.pictures import vp8

#: A number behind a flag that it is there; None for a flag that it is not.
Optional = Sequence[int | None]


def coded(bits: str) -> bytes:
    """Write bits of even chance by the boolean encoder of section 7.3."""
    low, wide, shifted = 0, 255, 0
    for bit in bits:
        split = 1 + ((wide - 1) * 128 >> 8)
        low, wide = (low + split, wide - split) if bit == "1" else (low, split)
        while wide < 128:
            low, wide, shifted = low << 1, wide << 1, shifted + 1
    spare = -shifted % 8
    return (low << spare).to_bytes(1 + (shifted + spare) // 8, "big") + bytes(4)


def signed(numbers: Optional, bits: int) -> str:
    """Write numbers as section 9.3 has them: a flag, the magnitude, and the sign."""
    return "".join(
        "0" if number is None else f"1{abs(number):0{bits}b}{int(number < 0)}" for number in numbers
    )


def head(
    base: int,
    segments: Optional = (),
    *,
    absolute: bool = False,
    levels: Optional = (None,) * 4,
    chances: Optional | None = None,
    deltas: Optional | None = None,
    adjusted: bool = False,
) -> bytes:
    """Write the head of a frame (section 19.2) as far as its quantiser."""
    bits = "01"  # colour space, clamping
    if segments or chances is not None:
        bits += "1" + str(int(chances is not None)) + str(int(bool(segments)))
        if segments:
            bits += str(int(absolute)) + signed(segments, 7) + signed(levels, 6)
        for chance in chances or ():
            bits += "0" if chance is None else f"1{chance:08b}"
    else:
        bits += "0"
    bits += "1" + "101010" + "011"  # filter, its level, its sharpness
    bits += "0" if deltas is None and not adjusted else "1" + str(int(deltas is not None))
    bits += signed(deltas or (), 6)
    return coded(bits + "10" + f"{base:07b}" + "0110")


def webp(body: bytes, before: bytes = b"") -> bytes:
    frame = b"\x10\0\0" + b"\x9d\x01\x2a" + struct.pack("<HH", 9, 9) + body
    chunks = before + b"VP8 " + struct.pack("<I", len(frame)) + frame
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks


def index(quality: int) -> int:
    """Give the quantiser that libwebp takes for a quality (QualityToCompression in quant_enc.c)."""
    share = quality / 100
    linear = share * 2 / 3 if share < 0.75 else 2 * share - 1
    return round(127 * (1 - math.pow(linear, 1 / 3)))


@pytest.mark.parametrize("quality", [*range(1, 101, 3), 75, 99])
def test_a_quality_is_found_again(quality: int) -> None:
    assert vp8.quality(webp(head(index(quality)))) == pytest.approx(quality, abs=1.2)


def test_the_best_and_the_worst_are_the_ends() -> None:
    assert vp8.quality(webp(head(0))) == 100
    assert vp8.quality(webp(head(127))) == 1


HEADS = {
    "of absolute segments": (head(3, (40, 50, 60, 70), absolute=True), 55),
    "of segments one of which is not told": (head(3, (40, None, 60, 100), absolute=True), 50),
    "of segments that differ from the base": (head(60, (4, -8, None, 8)), 61),
    "of segments beyond the greatest": (head(120, (40, 40, 40, 40)), 127),
    "of segments below the least": (head(10, (-40, -40, -40, -40)), 0),
    "behind levels of the filter": (head(3, (7, 7, 7, 7), absolute=True, levels=(63, -1, 5, 9)), 7),
    "behind chances of segments": (head(33, chances=(255, None, 170)), 33),
    "behind both": (
        head(3, (20, 20, 20, 24), absolute=True, levels=(-63,) * 4, chances=(1, 254, 99)), 21,
    ),
    "behind changes of the filter": (head(44, deltas=(63, -63, None, 1, None, 5, -6, 7)), 44),
    "behind a filter that stays as it is": (head(44, adjusted=True), 44),
}  # fmt: skip


@pytest.mark.parametrize("title", HEADS)
def test_the_quantiser_is_found_behind_all_that_may_stand_before(title: str) -> None:
    body, wanted = HEADS[title]
    assert vp8.quality(webp(body)) == vp8.quality(webp(head(wanted)))


def test_the_frame_is_found_behind_other_chunks() -> None:
    odd = b"EXIF" + struct.pack("<I", 3) + b"abc\0"
    even = b"VP8X" + struct.pack("<I", 10) + bytes(10)
    wanted = vp8.quality(webp(head(50)))
    assert vp8.quality(webp(head(50), even + odd)) == wanted
    inside = webp(head(50), b"ALPH" + struct.pack("<I", 1) + b"\7\0")[12:]
    moving = b"ANMF" + struct.pack("<I", 16 + len(inside)) + bytes(16)
    assert vp8.quality(webp(b"")[:12] + even + moving + inside) == wanted


@pytest.mark.parametrize("left", [0, 1, 2, 3])
def test_a_head_that_is_cut_off_tells_nothing(left: int) -> None:
    data = webp(b"")
    assert vp8.quality(data + head(50, (1, 2, 3, 4), levels=(1, 2, 3, 4))[:left]) is None
    assert vp8.quality(data[:12]) is None
