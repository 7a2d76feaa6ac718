"""Read a picture from a file that anybody may have sent.

Size, side and number of frames are known and checked before a pixel is decoded; Pillow is told
which one decoder to use; whatever a decoder raises on broken bytes leaves here as RefusedError.
MemoryError passes: it says nothing of the picture.
"""

from __future__ import annotations

import contextlib
import io
import math
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import simplejpeg
from PIL import Image

from labapp.errors import RefusedError, printable
from labapp.pictures import deep_png, layout, mixed_gif, pixels
from labapp.pictures import header as headers
from labapp.pictures.header import Header
from labapp.pictures.limits import Limits

if TYPE_CHECKING:
    from labapp.pictures.frames import Frame

Source: TypeAlias = str | Path | bytes


#: What simplejpeg calls the colours of Pillow's modes.
_JPEG_COLOURS = {"L": "GRAY", "RGB": "RGB"}

#: What libjpeg (jerror.h) says, in small letters, when pixels are missing and it fills in grey. Its
#: other complaints, as of stray bytes before a marker, cost no pixel.
_JPEG_LOSSES = ("premature end", "bad huffman code", "bad arithmetic code", "instead of rst")


#: Held while Pillow's limit, which all threads share, is looked at and raised.
_raising = threading.Lock()


@dataclass(frozen=True)
class Picture:
    """A picture in memory.

    Args:
        header: what was said before decoding.
        frames: arrays as `labapp.pictures.frames` describes, upright.
        durations: milliseconds of each frame; 0 for one that does not move.
    """

    header: Header
    frames: tuple[Frame, ...]
    durations: tuple[float, ...]


class Opened:
    """A file that has passed all checks of its header and waits to be decoded."""

    def __init__(self, data: bytes, name: str, image: Image.Image, header: Header) -> None:
        self.header = header
        self._data = data
        self._name = name
        self._image = image

    def frames(self, enough: int = 0) -> Iterator[tuple[Frame, float]]:
        """Decode frame after frame, upright, each with its milliseconds; once only.

        Args:
            enough: where it is above 0, a JPEG may come at a fraction of its size, as long as its
                longest side is at least this.

        Raises:
            RefusedError: the file is damaged or cut short.
        """
        # Nothing decoded is referred to from here while its receiver works on it.
        with _refusing(self._name):
            if self.header.format == "jpeg":
                yield self._jpeg(enough), 0.0
                return
            # An APNG's picture for readers without animation is not part of it.
            skip = 1 if self.header.animated and self._image.info.get("default_image") else 0
            alpha = self._is_seen_through() if self.header.animated else None
            for index in range(skip, self.header.frames + skip):
                if self._image.tell() != index:
                    self._image.seek(index)
                yield self._frame(index - skip, alpha)

    def _frame(self, number: int, alpha: bool | None) -> tuple[Frame, float]:
        if (
            self.header.format == "png"
            and not self.header.animated
            and deep_png.is_deep(self._data)
        ):
            frame = deep_png.decode(self._data)
        else:
            frame = pixels.from_image(self._image, self.header.page(number).profile, alpha)
        duration = self._image.info.get("duration") if self.header.animated else 0
        if number == self.header.frames - 1:
            self._image.close()
        return pixels.upright(frame, self.header.orientation), float(duration or 0)

    def _is_seen_through(self) -> bool:
        """Tell whether any frame of an animation has transparent pixels once it is composed.

        Most GIFs mark unchanged pixels as transparent, and show none: decoding twice costs less
        than carrying an alpha channel through every step.
        """
        if self.header.format != "gif":
            return self._image.has_transparency_data
        for index in range(self.header.frames):
            self._image.seek(index)
            self._image.load()
            if self._image.has_transparency_data:
                opaque = self._image.convert("RGBA").getchannel("A").histogram()[255]
                if opaque < self._image.width * self._image.height:
                    return True
        return False

    def _jpeg(self, enough: int) -> Frame:
        frame = self._decoded_jpeg(enough)
        self._image.close()
        self._data = b""
        return pixels.upright(frame, self.header.orientation)

    def _decoded_jpeg(self, enough: int) -> Frame:
        wide, tall = self._image.size
        mode = self._image.mode
        try:
            if mode in _JPEG_COLOURS:
                share = min(enough / max(wide, tall), 1) if enough else 1
                frame: Frame = simplejpeg.decode_jpeg(
                    self._data,
                    _JPEG_COLOURS[mode],
                    min_width=math.ceil(wide * share),
                    min_height=math.ceil(tall * share),
                    min_factor=1,
                )
                return frame[..., 0] if mode == "L" else frame
            # Only to hear whether it is whole, which Pillow does not tell: at an eighth.
            simplejpeg.decode_jpeg(self._data, mode, min_width=1, min_height=1, min_factor=8)
        except ValueError as error:
            # It minds what viewers read past, such as stray bytes between markers.
            if any(sign in str(error).lower() for sign in _JPEG_LOSSES):
                raise
        return pixels.from_image(self._image, self.header.profile)


def open_picture(source: Source, limits: Limits | None = None, name: str = "") -> Opened:
    """Check a file's header against the limits.

    Args:
        source: a path, or the bytes of the file.
        limits: the defaults unless given.
        name: what messages call it, its control characters escaped; the file's name unless given.

    Raises:
        RefusedError: not a picture, not one that is taken, cut short, or beyond a limit.
    """
    limits = limits or Limits()
    if not name:
        name = "the picture" if isinstance(source, bytes) else Path(source).name
    name = printable(name)
    data = _bytes_of(source, limits, name)
    with _refusing(name):
        found = layout.measure(data, limits.frames, name)
        if found.format not in limits.formats:
            raise RefusedError(
                f"{name} is a {found.format.upper()}, which is not taken here",
                f"Send it as one of {', '.join(limits.formats)}.",
            )
        sizes = found.sizes or [(found.width, found.height)] * found.frames
        headers.check(sizes, limits, name)
        # Asked for at every call: other code may have reset the filters. What else Pillow has to
        # say of a picture's metadata concerns nobody here.
        warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
        warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
        _let_through(limits.pixels)
        readable = io.BytesIO(layout.in_reading_order(data, found))
        image = Image.open(readable, formats=(found.format.upper(),))
        if found.mixed and found.frames > 1 and image.mode == "L":
            image = mixed_gif.opened(data)
        if found.format == "tiff":
            header = headers.of_tiff(image, len(data), limits, name)
        else:
            header = headers.of(image, found, data)
            # Pillow's reading of the header must not promise more than ours did.
            headers.check([image.size] * min(header.frames, limits.frames + 1), limits, name)
    return Opened(data, name, image, header)


def _let_through(pixels: int) -> None:
    """Raise Pillow's own limit of a picture to ours, to which the header was held before.

    It is one for all threads, so it is never lowered: another may be at a greater picture.
    """
    with _raising:
        if (most := Image.MAX_IMAGE_PIXELS) is not None and most < pixels:
            Image.MAX_IMAGE_PIXELS = pixels


def inspect(source: Source, limits: Limits | None = None, name: str = "") -> Header:
    """Give what the header says, without decoding; arguments and errors as `open_picture`."""
    return open_picture(source, limits, name).header


def read(source: Source, limits: Limits | None = None, name: str = "") -> Picture:
    """Decode a whole picture; arguments and errors as `open_picture` and `Opened.frames`."""
    opened = open_picture(source, limits, name)
    decoded = list(opened.frames())
    return Picture(opened.header, tuple(f for f, _ in decoded), tuple(d for _, d in decoded))


def _bytes_of(source: Source, limits: Limits, name: str) -> bytes:
    size = len(source) if isinstance(source, bytes) else Path(source).stat().st_size
    if size > limits.source_bytes:
        raise RefusedError(
            f"{name} has {size / 1e6:.3g} MB; at most {limits.source_bytes / 1e6:.3g} MB are taken",
            "Send it smaller, or as JPEG.",
        )
    return source if isinstance(source, bytes) else Path(source).read_bytes()


@contextlib.contextmanager
def _refusing(name: str) -> Iterator[None]:
    """Turn whatever a decoder raises into a RefusedError that names the picture."""
    remedy = "Open it in a viewer to see whether it is whole, save it again, and send that."
    try:
        yield
    except (RefusedError, MemoryError):
        raise
    except layout.CutShortError:
        raise RefusedError(f"{name} is cut short: its end is missing", remedy) from None
    except Exception as error:  # on hostile bytes decoders raise anything at all
        said = printable(str(error)) or type(error).__name__
        raise RefusedError(f"{name} is damaged or cut short ({said})", remedy) from error
