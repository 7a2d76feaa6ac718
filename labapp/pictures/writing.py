"""Write a picture, in any format, with nothing in it but pixels, their profile and their times.

EXIF, GPS and comments have no place in a frame, so none can get out. What a format cannot hold is
brought to what it can: alpha is laid on white, 16 bits become 8, and JPEG and BMP take the first
frame.
"""

from __future__ import annotations

import io
import itertools
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import simplejpeg
from PIL import Image, TiffImagePlugin

from labapp.errors import RefusedError
from labapp.pictures import colour, frames
from labapp.pictures.formats import gif, png, webp
from labapp.pictures.header import Header
from labapp.pictures.limits import FORMATS, Limits
from labapp.pictures.reading import Picture

if TYPE_CHECKING:
    from labapp.pictures.frames import Frame

#: Quality of a JPEG, of 100: the loss is below what a second look finds.
JPEG_QUALITY = 90

#: How simplejpeg may store colours; a source's own way is kept.
_SUBSAMPLINGS = frozenset(("444", "422", "420", "440", "411"))

#: Formats that hold 16 bits, and those that hold alpha.
_SIXTEEN_BITS = frozenset(("png", "tiff"))
_ALPHA = frozenset(("png", "tiff", "webp", "gif"))

#: Milliseconds of a frame that comes from pages, which have no time.
_PAGE_DURATION = 1000.0

#: By how much Pillow's PNG may be smaller than our fast one, at best.
_PNG_GAIN = 1.25

#: Most bytes of a profile in one APP2 segment of a JPEG (ICC.1:2022, annex B.4).
_ICC_PIECE = 65_519


@dataclass(frozen=True)
class Encoded:
    """A result: the bytes of the file, its format, and what they hold."""

    data: bytes
    format: str
    width: int
    height: int
    frames: int


def known_format(name: str) -> str:
    """Give the format of a name as typed: `jpg` and `tif` are taken too.

    Raises:
        RefusedError: none of ours.
    """
    plain = name.strip().lower().lstrip(".")
    plain = {"jpg": "jpeg", "tif": "tiff", "apng": "png"}.get(plain, plain)
    if plain not in FORMATS:
        raise RefusedError(
            f"there is no format {name[:20]!r} to write", f"Choose one of {', '.join(FORMATS)}."
        )
    return plain


def encode(
    sequence: Iterable[tuple[Frame, float]],
    header: Header,
    target: str,
    limits: Limits | None = None,
) -> Encoded:
    """Write frames as they come.

    Args:
        sequence: frames of any kind, each with its milliseconds; at least one.
        header: of the picture they come from: its profile, loop and ways of storing.
        target: name of the format to write.
        limits: of the result; the defaults unless given.

    Raises:
        RefusedError: the result is greater than the limits, or than the format can hold.
    """
    limits = limits or Limits()
    many = header.frames > 1 and target in ("gif", "png", "webp", "tiff")
    tally = _Tally(_prepared(sequence, header, target, many), target)
    if not many:
        frame, profile = next(tally.frames())
        data = _encode_one(frame, profile, header, target, limits.result_bytes)
    elif target == "tiff":
        data = _tiff(tally.frames(), header)
    else:
        data = _encode_animation(tally, header, target)
    if len(data) > limits.result_bytes:
        raise RefusedError(
            f"the result has {len(data) / 1e6:.3g} MB as {target.upper()}; at most "
            f"{limits.result_bytes / 1e6:.3g} MB are stored",
            "Resize it, or ask for another format, such as JPEG.",
        )
    return Encoded(data, target, tally.width, tally.height, tally.count)


def write(picture: Picture, path: Path, target: str = "", limits: Limits | None = None) -> Encoded:
    """Write a picture to a file, in its own format unless another is named; errors as `encode`."""
    sequence = zip(picture.frames, picture.durations, strict=True)
    chosen = known_format(target or picture.header.format)
    encoded = encode(sequence, picture.header, chosen, limits)
    path.write_bytes(encoded.data)
    return encoded


class _Tally:
    """Frames on their way to an encoder: counted, and all of one size where they must be."""

    def __init__(self, prepared: Iterator[tuple[Frame, bytes | None, float]], target: str) -> None:
        self.width = self.height = self.count = 0
        self.profile: bytes | None = None
        self._prepared = prepared
        self._target = target

    def frames(self) -> Iterator[tuple[Frame, bytes | None]]:
        for frame, profile, _ in self._counted():
            yield frame, profile

    def timed(self) -> Iterator[tuple[Frame, float]]:
        """Give frames with their milliseconds; the profile of the first is kept aside."""
        counted = self._counted()
        frame, self.profile, duration = next(counted)

        def rest() -> Iterator[tuple[Frame, float]]:
            yield frame, duration
            for later, _, time in counted:
                if later.shape[:2] != (self.height, self.width):
                    raise RefusedError(
                        f"its pages differ in size, and {self._target.upper()} holds one size only",
                        "Keep it a TIFF.",
                    )
                yield later, time

        return rest()

    def _counted(self) -> Iterator[tuple[Frame, bytes | None, float]]:
        for frame, profile, duration in self._prepared:
            if not self.count:
                self.height, self.width = frame.shape[:2]
            self.count += 1
            yield frame, profile, duration


def _prepared(
    sequence: Iterable[tuple[Frame, float]], header: Header, target: str, many: bool
) -> Iterator[tuple[Frame, bytes | None, float]]:
    """Bring frames to what the target holds, each with the profile that goes with it."""
    # The frames of an animation are of one kind, with one profile: where pages differ in either,
    # all become sRGB.
    kinds = {(page.mode, page.profile) for page in header.pages}
    together = many and target != "tiff" and len(kinds) > 1
    alpha = any(mode.upper().endswith("A") for mode, _ in kinds)
    for number, (given, duration) in enumerate(sequence):
        frame = given
        if target not in _ALPHA:
            frame = frames.flatten(frame)
        if target not in _SIXTEEN_BITS or together or (target == "tiff" and frame.ndim == 3):
            frame = frames.eight_bits(frame)
        profile = header.page(number).profile
        frame, profile = colour.for_result(frame, profile, "gif" if together else target)
        if together:
            frame = frames.coloured(frame, alpha)
        yield frame, profile, duration if header.animated or not many else _PAGE_DURATION


def _encode_one(
    frame: Frame, profile: bytes | None, header: Header, target: str, most: int
) -> bytes:
    if target == "jpeg":
        return _jpeg(frame, profile, header)
    if target == "gif":
        return gif.encode([(frame, 0.0)], None)
    if target == "webp":
        _check_webp(frame)
        return webp.encode(frame, profile, header.lossless)
    if target == "tiff":
        return _tiff(iter([(frame, profile)]), header)
    if target == "bmp" or _is_bilevel(frame, header.mode):
        return _by_pillow(_image(frame, header.mode), target, profile)
    data = png.encode(frame, profile)
    if most < len(data) <= most * _PNG_GAIN:
        # Slower by far, and somewhat smaller: better than no result.
        return _by_pillow(Image.fromarray(frame), target, profile)
    return data


def _encode_animation(tally: _Tally, header: Header, target: str) -> bytes:
    sequence = tally.timed()
    loop = header.loop
    if target == "gif":
        if header.format != "gif":
            # There one means once, which GIF says by saying nothing.
            loop = None if loop == 1 else loop or 0
        return gif.encode(sequence, loop)
    if loop is None:
        loop = 1 if header.animated else 0
    if target == "png":
        return png.encode_animation(sequence, header.frames, loop, tally.profile)
    first, time = next(sequence)
    _check_webp(first)
    sequence = itertools.chain([(first, time)], sequence)
    return webp.encode_animation(sequence, loop, tally.profile, header.lossless)


def _jpeg(frame: Frame, profile: bytes | None, header: Header) -> bytes:
    if frame.ndim == 2:
        data: bytes = simplejpeg.encode_jpeg(frame[..., None], JPEG_QUALITY, "GRAY", "Gray")
    else:
        kept = header.subsampling if header.subsampling in _SUBSAMPLINGS else "444"
        data = simplejpeg.encode_jpeg(np.ascontiguousarray(frame), JPEG_QUALITY, "RGB", kept)
    if profile is None:
        return data
    pieces = [profile[at : at + _ICC_PIECE] for at in range(0, len(profile), _ICC_PIECE)]
    if len(pieces) > 255:
        return data
    # Behind the start and the JFIF segment, which has to come first.
    at = 4 + struct.unpack_from(">H", data, 4)[0]
    segments = [
        struct.pack(">HH", 0xFFE2, len(piece) + 16)
        + b"ICC_PROFILE\0"
        + bytes([number, len(pieces)])
        + piece
        for number, piece in enumerate(pieces, start=1)
    ]
    return b"".join([data[:at], *segments, data[at:]])


def _tiff(pages: Iterator[tuple[Frame, bytes | None]], header: Header) -> bytes:
    buffer = io.BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(buffer, new=True) as pen:
        for number, (frame, profile) in enumerate(pages):
            image = _image(frame, header.page(number).mode)
            options: dict[str, Any] = {"icc_profile": profile} if profile else {}
            if image.mode != "1":
                # Differences between neighbours (TIFF 6.0, section 14) pack to half the size.
                options["tiffinfo"] = {317: 2}
            image.save(pen, "TIFF", compression="tiff_lzw", **options)
            pen.newFrame()
    return buffer.getvalue()


def _by_pillow(image: Image.Image, target: str, profile: bytes | None) -> bytes:
    buffer = io.BytesIO()
    options: dict[str, Any] = {"icc_profile": profile} if profile and target == "png" else {}
    # Level 4 of 9: on a photo as small as Pillow's own 6, in about half the time.
    image.save(buffer, target.upper(), compress_level=4, **options)
    return buffer.getvalue()


def _image(frame: Frame, mode: str) -> Image.Image:
    image = Image.fromarray(frame)
    # Greys that a step has made are dithered, which is how one bit shows them.
    return image.convert("1") if _is_bilevel(frame, mode) else image


def _is_bilevel(frame: Frame, mode: str) -> bool:
    """Tell whether a frame goes back to the one bit a pixel that its source had by its mode."""
    return mode == "1" and frames.kind(frame) == "L"


def _check_webp(frame: Frame) -> None:
    if max(frame.shape[:2]) > webp.MAX_SIDE:
        raise RefusedError(
            f"the result is {frame.shape[1]:,} x {frame.shape[0]:,} pixels; WebP holds at most "
            f"{webp.MAX_SIDE:,} on a side",
            "Resize it, or ask for another format.",
        )
