"""Write a picture, in any format, with nothing in it but pixels, their profile and their times.

EXIF, GPS and comments have no place in a frame, so none can get out. What a format cannot hold is
brought to what it can: alpha is laid on white, 16 bits become 8, and JPEG and BMP take the first
frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import inf

import numpy as np

from labapp.errors import RefusedError
from labapp.pictures import colour, frames
from labapp.pictures.formats import bmp, gif, jpeg, png, tiff, webp
from labapp.pictures.formats.indexed import Indexed, indexed
from labapp.pictures.frames import Frame
from labapp.pictures.header import Header, Page
from labapp.pictures.limits import (
    ANIMATED,
    OPAQUE,
    SIXTEEN_BITS,
    USUAL,
    USUAL_QUALITY,
    Limits,
    losses_of,
)
from labapp.pictures.stored import Stored
from labapp.pictures.tiff.page import JPEG

#: Milliseconds of a frame that comes from pages, which have no time.
_PAGE_DURATION = 1000.0

#: By how much Pillow's PNG of a photo may be smaller than our fast one, at best.
_PNG_GAIN = 1.25

#: By how much a result may be denser than its source before it is packed with more effort.
_SLACK = 1.1


@dataclass(frozen=True)
class Encoded:
    """A result: the bytes of the file, its format, what they hold, and what was lost by it."""

    data: bytes
    format: str
    width: int
    height: int
    frames: int
    lost: tuple[str, ...] = ()


def encode(
    sequence: Iterable[tuple[Frame, float]],
    header: Header,
    target: str,
    limits: Limits = USUAL,
    quality: int | None = None,
) -> Encoded:
    """Write frames as they come.

    Args:
        sequence: frames of any kind, each with its milliseconds; at least one.
        header: of the picture they come from: its profile, loop and ways of storing.
        target: name of the format to write.
        limits: of the result; the defaults unless given.
        quality: of a JPEG or WebP, 1 to 100; that of the source where it is one, unless given.

    Raises:
        RefusedError: the result is greater than the limits, or than the format can hold.
    """
    many = header.frames > 1 and target in ANIMATED
    how = _How(target, quality, limits.result_bytes)
    tally = _Tally(sequence, header, target, many)
    if not many:
        frame, profile = next(tally.frames())
        data = _encode_one(frame, profile, header, how)
    elif target == "tiff":
        data = _tiff(tally.frames(), header, how)
    else:
        data = _encode_animation(tally, header, how)
    if len(data) > limits.result_bytes:
        raise RefusedError(
            f"the result has {len(data) / 1e6:.3g} MB as {target.upper()}; at most "
            f"{limits.result_bytes / 1e6:.3g} MB are stored",
            "Resize it, or ask for another format, such as JPEG.",
        )
    as_seen = replace(header, stored=replace(header.stored, alpha=tally.through))
    lost = tuple(losses_of(as_seen, target, quality))
    return Encoded(data, target, tally.width, tally.height, tally.count, lost)


@dataclass(frozen=True)
class _How:
    """What is to be written: the format, the quality that was asked for, and the most bytes."""

    target: str
    quality: int | None
    most: int


class _Tally:
    """Frames on their way to an encoder: as the target holds them, and counted.

    Args:
        sequence: frames of any kind, each with its milliseconds.
        header: of the picture they come from.
        target: name of the format to write.
        many: whether more than the first is wanted.
    """

    def __init__(
        self, sequence: Iterable[tuple[Frame, float]], header: Header, target: str, many: bool
    ) -> None:
        self.width = self.height = self.count = 0
        self.profile: bytes | None = None
        #: Whether any pixel can be seen through.
        self.through = False
        self._sequence, self._header, self._target, self._many = sequence, header, target, many

    def frames(self) -> Iterator[tuple[Frame, bytes | None]]:
        """Give frames, each with the profile that goes with it."""
        for frame, profile, _ in self._prepared():
            yield frame, profile

    def timed_frames(self) -> Iterator[tuple[Frame, float]]:
        """Give frames of one size with their milliseconds; the first's profile is kept aside."""
        prepared = self._prepared()
        frame, self.profile, duration = next(prepared)

        def rest() -> Iterator[tuple[Frame, float]]:
            yield frame, duration
            for later, _, time in prepared:
                if later.shape[:2] != (self.height, self.width):
                    raise RefusedError(
                        f"its pages differ in size, and {self._target.upper()} holds one size only",
                        "Keep it a TIFF.",
                    )
                yield later, time

        return rest()

    def _prepared(self) -> Iterator[tuple[Frame, bytes | None, float]]:
        header, target = self._header, self._target
        # The frames of an animation are of one kind, with one profile: where pages differ in
        # either, all become sRGB.
        kinds = {(page.mode, page.profile) for page in header.pages}
        together = self._many and target != "tiff" and len(kinds) > 1
        alpha = any(mode.upper().endswith("A") for mode, _ in kinds)
        for number, (given, duration) in enumerate(self._sequence):
            frame = given
            if frames.has_alpha(frame) and not self.through:
                self.through = bool(frame[..., -1].min() < frames.white(frame))
            # BMP's alpha is not understood everywhere: it is kept where it was.
            if target in OPAQUE and (target, header.format) != ("bmp", "bmp"):
                frame = frames.flatten(frame)
            if target not in SIXTEEN_BITS or together:
                frame = frames.eight_bits(frame)
            profile = header.page(number).profile
            frame, profile = colour.for_result(frame, profile, "gif" if together else target)
            if together:
                frame = frames.in_colour(frame, alpha)
            if not number:
                self.height, self.width = frame.shape[:2]
            self.count = number + 1
            yield frame, profile, duration if header.animated or not self._many else _PAGE_DURATION


def _encode_one(frame: Frame, profile: bytes | None, header: Header, how: _How) -> bytes:
    target, stored = how.target, header.page(0).stored
    if target == "jpeg":
        return jpeg.encode(frame, profile, _as_jpeg(header), header.subsampling, how.quality)
    if target == "gif":
        return gif.encode([(frame, 0.0)], None)
    if target == "webp":
        quality = _webp_quality(header, how)
        data = webp.encode(frame, profile, quality, hard=False)
        room = header.stored.density * _SLACK * frame.shape[0] * frame.shape[1]
        if quality is None and header.format == "webp" and len(data) > room:
            data = min(data, webp.encode(frame, profile, None, hard=True), key=len)
        return data
    if target == "tiff":
        return _tiff(iter([(frame, profile)]), header, how)
    few = _few(frame, header.page(0), target)
    if target == "bmp":
        return bmp.encode(frame, few, stored.dpi)
    small = few and png.encode_few(few, profile, stored.dpi)
    return small or _png(frame, profile, header, how)


def _few(frame: Frame, page: Page, target: str) -> Indexed | None:
    """Give a frame as numbers, where its source was stored so and the target holds it so."""
    if frame.dtype != np.uint8 or not (page.stored.indexed or page.mode in ("1", "P")):
        return None
    few = indexed(frame)
    if few is None or target == "png":
        return few
    has_greys = few.grey and (few.palette[:, 0] % 255).any()
    return None if has_greys or len(few.alpha) else few


def _png(frame: Frame, profile: bytes | None, header: Header, how: _How) -> bytes:
    dpi = header.page(0).stored.dpi
    data = png.encode(frame, profile, dpi)
    room = header.stored.density * _SLACK * frame.shape[0] * frame.shape[1]
    larger = header.format == "png" and len(data) > room and png.gains(frame)
    if larger or how.most < len(data) <= how.most * _PNG_GAIN:
        return min(data, png.encode_hard(frame, profile, dpi, len(data)), key=len)
    return data


def _encode_animation(tally: _Tally, header: Header, how: _How) -> bytes:
    sequence, target = tally.timed_frames(), how.target
    loop = header.loop
    if target == "gif":
        if header.format != "gif":
            # There one means once, which GIF says by saying nothing.
            loop = None if loop == 1 else loop or 0
        return gif.encode(sequence, loop)
    if loop is None:
        loop = 1 if header.animated else 0
    if target == "png":
        dpi = header.stored.dpi
        return png.encode_animation(sequence, header.frames, loop, tally.profile, dpi)
    return webp.encode_animation(sequence, loop, tally.profile, _webp_quality(header, how))


def _tiff(pages: Iterator[tuple[Frame, bytes | None]], header: Header, how: _How) -> bytes:
    def each() -> Iterator[tiff.Page]:
        for number, (frame, profile) in enumerate(pages):
            page = header.page(number)
            few = _few(frame, page, "tiff")
            yield tiff.Page(frame, few, profile, page.stored, page.subsampling)

    return tiff.encode(each(), how.quality)


def _as_jpeg(header: Header) -> Stored:
    """Give how a source is stored as far as it says anything to a JPEG."""
    stored = header.page(0).stored
    was_jpeg = header.format == "jpeg" or stored.compression == JPEG
    return stored if was_jpeg else replace(stored, quality=None, density=inf)


def _webp_quality(header: Header, how: _How) -> int | None:
    """Give the quality to write WebP with; None for without loss, as the source was."""
    if how.quality is None and header.lossless:
        return None
    kept = header.stored.quality if header.format == "webp" else None
    return how.quality or kept or USUAL_QUALITY
