"""What a picture may cost: limits that are checked before a decoder sees a byte, time and memory.

They apply to the source and to the result alike, so that no step turns a small picture into one
that the next reader would have to refuse.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Every format that is read and written, by the name used on the wire and in `--format`.
FORMATS = ("jpeg", "png", "gif", "webp", "bmp", "tiff")

#: The extension a result of each format gets.
EXTENSIONS = {
    "jpeg": ".jpg",
    "png": ".png",
    "gif": ".gif",
    "webp": ".webp",
    "bmp": ".bmp",
    "tiff": ".tif",
}

_MEGA = 1_000_000


@dataclass(frozen=True)
class Limits:
    """The greatest picture that is taken, and made.

    Args:
        formats: names out of `FORMATS` that may be read.
        source_bytes: size of the source file, in bytes.
        result_bytes: size of the result file, in bytes.
        pixels: width times height, summed over all frames.
        side: width, and height, in pixels.
        frames: number of frames or pages.
        seconds: that all there is to do with it may take.
        memory: bytes that this may take beyond an idle process.
    """

    formats: tuple[str, ...] = FORMATS
    source_bytes: int = 32 * _MEGA
    result_bytes: int = 32 * _MEGA
    pixels: int = 50 * _MEGA
    side: int = 16_384
    frames: int = 100
    seconds: float = 30.0
    memory: int = 450 * _MEGA
