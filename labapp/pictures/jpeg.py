"""Decode a JPEG: what its frame header says is read before a decoder is chosen.

libjpeg-turbo scales while it decodes, but not every process of T.81: asked for a scaled picture of
a lossless one it writes behind the end of its buffer. Nothing is asked of a decoder here that the
process does not define.
"""

from __future__ import annotations

import contextlib
import io
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import simplejpeg
from PIL import Image

from labapp.pictures.frames import Frame
from labapp.pictures.strangers import CutShortError, DamagedError, UnsupportedError

#: Markers that open a frame header (T.81, table B.1), and that of the first scan.
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
SCAN = 0xDA

#: Markers that stand alone, without a length; a stuffed zero is read past like them, as by libjpeg.
_ALONE = frozenset((0x00, 0x01, *range(0xD0, 0xD9)))
_END = 0xD9

#: Processes by Huffman coding and a cosine transform, the only ones that are scaled or hurried.
_PLAIN = frozenset((0xC0, 0xC1, 0xC2))
_LOSSLESS, _ARITHMETIC = 0xC3, frozenset((0xC9, 0xCA))

#: What libjpeg (jerror.h) says, in small letters, when pixels are missing and it fills in grey. Its
#: other complaints, as of stray bytes before a marker, cost no pixel.
_LOSSES = ("premature end", "bad huffman code", "bad arithmetic code", "instead of rst")

_REMEDY = "Save it in an image editor as an ordinary JPEG (8 bits, baseline or progressive) or PNG."


@dataclass(frozen=True)
class Start:
    """The frame header of a JPEG (T.81, annex B.2.2).

    Args:
        process: second byte of its marker.
        bits: of each sample.
        width: in pixels.
        height: as width.
        components: samples of each pixel.
        scan: where the first scan begins, behind its header.
    """

    process: int
    bits: int
    width: int
    height: int
    components: int
    scan: int

    @property
    def plain(self) -> bool:
        """Whether a decoder may be asked for a part of the size, or for haste."""
        return self.process in _PLAIN and self.bits == 8


def segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Give marker, place and length of each segment (T.81, annex B), up to the first scan's.

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


def start(data: bytes) -> Start:
    """Walk to the first scan.

    Raises:
        CutShortError: the file ends before.
        UnsupportedError: of a process that is not decoded here.
    """
    frame: tuple[int, ...] | None = None
    try:
        for marker, at, length in segments(data):
            end = at + length
            if marker == 0xF7:
                raise UnsupportedError("is a JPEG-LS, which is not taken", _REMEDY)
            if marker in FRAMES and frame is None:
                frame = (marker, *struct.unpack_from(">BHHB", data, at + 2))
    except (struct.error, IndexError):  # a segment that is itself cut
        raise CutShortError from None
    if frame is None:
        raise DamagedError("it has no frame header")
    process, bits, height, width, components = frame
    found = Start(process, bits, width, height, components, end)
    _check(found)
    return found


def _check(found: Start) -> None:
    if found.bits != 8:
        raise UnsupportedError(f"is a JPEG of {found.bits} bits a sample; 8 are taken", _REMEDY)
    if found.process not in _PLAIN | _ARITHMETIC | {_LOSSLESS}:
        kind = (
            "lossless JPEG in arithmetic coding" if found.process == 0xCB else "hierarchical JPEG"
        )
        raise UnsupportedError(f"is a {kind}, which is not taken", _REMEDY)
    if found.components not in (1, 3, 4):
        raise UnsupportedError(
            f"is a JPEG of {found.components} samples a pixel; 1, 3 and 4 are taken", _REMEDY
        )
    if not found.height:
        raise UnsupportedError("is a JPEG that tells its height only behind its pixels", _REMEDY)


def decode(data: bytes, found: Start, mode: str, enough: int = 0) -> Frame | None:
    """Decode grey or RGB by the fast way; None where Pillow has to.

    Args:
        data: the whole file.
        found: its frame header.
        mode: Pillow's name of its colours.
        enough: where it is above 0, the picture may come at a fraction of its size, as long as its
            longest side is at least this.

    Raises:
        DamagedError: pixels are missing.
    """
    colours = {"L": "GRAY", "RGB": "RGB"}.get(mode)
    if not found.plain:
        return None
    try:
        if colours is not None:
            share = min(enough / max(found.width, found.height), 1) if enough else 1
            frame: Frame = simplejpeg.decode_jpeg(
                data,
                colours,
                min_width=math.ceil(found.width * share),
                min_height=math.ceil(found.height * share),
                min_factor=1,
            )
            return frame[..., 0] if mode == "L" else frame
        # Only to hear whether it is whole, which Pillow does not tell: at an eighth.
        simplejpeg.decode_jpeg(data, mode, min_width=1, min_height=1, min_factor=8)
    except KeyError:
        return None  # a way of sharing chroma that it has no name for
    except ValueError as error:
        # It minds what viewers read past, such as stray bytes between markers.
        if any(sign in str(error).lower() for sign in _LOSSES):
            raise DamagedError(str(error)) from None
    return None


def samples(data: bytes, found: Start, components: int, *, as_rgb: bool) -> Frame:
    """Decode a JPEG that is a piece of a TIFF: (height, width, components).

    Args:
        data: the piece, its tables included.
        found: its frame header.
        components: samples of a pixel that the TIFF tells.
        as_rgb: whether its colours are YCbCr and wanted as RGB; else samples come as stored.

    Raises:
        ValueError: it is damaged, or another picture than the TIFF tells.
    """
    if found.components != components:
        raise DamagedError("a piece has another number of samples")
    if components > 1:
        # Said as Adobe says it (T.872, 6.5.3), or the decoder would have to guess; where the piece
        # says it too, that comes later and counts.
        said = b"Adobe" + struct.pack(">HHHB", 100, 0, 0, int(as_rgb))
        data = data[:2] + b"\xff\xee" + struct.pack(">H", len(said) + 2) + said + data[2:]
    frame: Frame | None = None
    if found.process != _LOSSLESS:
        with contextlib.suppress(KeyError):
            frame = simplejpeg.decode_jpeg(data, {1: "GRAY", 3: "RGB", 4: "CMYK"}[components])
    if frame is None:
        with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
            frame = np.array(image)
    return frame[..., None] if frame.ndim == 2 else frame
