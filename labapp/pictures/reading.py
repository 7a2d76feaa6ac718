"""Read a picture from a file that anybody may have sent.

Size, side and number of frames are known and checked before a pixel is decoded; Pillow is told
which one decoder to use; whatever a decoder raises on broken bytes leaves here as RefusedError.
MemoryError passes: it says nothing of the picture.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import threading
import warnings
from collections.abc import Iterator
from math import ceil
from pathlib import Path
from typing import BinaryIO, TypeAlias

import numpy as np
from PIL import Image

from labapp.errors import RefusedError
from labapp.pictures import bmp, colour, frames, gif, jpeg, png, probe
from labapp.pictures import header as headers
from labapp.pictures.frames import Frame
from labapp.pictures.header import Header
from labapp.pictures.limits import USUAL, Limits, check_bytes
from labapp.pictures.probe import Layout
from labapp.pictures.strangers import CutShortError, DamagedError, UnsupportedError
from labapp.pictures.tiff import frame as tiff_frame
from labapp.visible import printable

Source: TypeAlias = str | Path | bytes | BinaryIO

#: Held while Pillow's limit, which all threads share, is looked at and raised.
_raising = threading.Lock()


class Opened:
    """A file that has passed all checks of its header and waits to be decoded."""

    def __init__(
        self, data: bytes, name: str, image: Image.Image | None, header: Header, found: Layout
    ) -> None:
        self.header = header
        self._data = data
        self._name = name
        self._image = image
        self._found = found
        #: As the file has it; `header` is that of the frames that are given.
        self._source = header
        self._in_srgb = False

    def to_srgb(self) -> None:
        """Let frames that a profile tells the colours of come in sRGB, without the profile."""
        self._in_srgb, self.header = True, self.header.in_srgb()

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
            if not self._in_srgb:
                yield from self._decoded(enough)
                return
            for number, (frame, duration) in enumerate(self._decoded(enough)):
                yield colour.in_srgb(frame, self._source.page(number).profile), duration

    def _decoded(self, enough: int) -> Iterator[tuple[Frame, float]]:
        if self.header.format == "jpeg":
            yield self._jpeg(enough), 0.0
            return
        if self.header.format == "tiff":
            for page in self._found.tiff:
                yield tiff_frame.decode(page), 0.0
            return
        if self._found.gif is not None:
            for frame, duration in gif.compose(self._data, self._found.gif):
                yield frame, duration if self.header.animated else 0.0
                del frame
            return
        if self._found.png is not None and self.header.animated:
            composed = png.compose(self._data, self._found.png)
            for frame, duration in itertools.islice(composed, self.header.frames):
                yield frames.upright(frame, self.header.orientation), duration
                del frame
            return
        assert self._image is not None
        for index in range(self.header.frames):
            if self._image.tell() != index:
                self._image.seek(index)
            yield self._frame(index)

    def _frame(self, number: int) -> tuple[Frame, float]:
        assert self._image is not None
        if self._found.png is not None:
            frame = png.decode(self._data, self._found.png, self._image)
        else:
            frame = colour.from_image(self._image, None)
            if self._found.bmp is not None and frames.has_alpha(frame) and not frame[..., 3].any():
                # Left empty by those who write no alpha into the room for it.
                frame = np.ascontiguousarray(frame[..., :3])
        duration = self._image.info.get("duration") if self.header.animated else 0
        if number == self.header.frames - 1:
            self._image.close()
        return frames.upright(frame, self.header.orientation), float(duration or 0)

    def _jpeg(self, enough: int) -> Frame:
        start, image = self._found.jpeg, self._image
        assert start is not None
        assert image is not None
        frame = jpeg.decode(self._data, start, image.mode, enough)
        if frame is None:
            if enough and start.plain:
                share = min(enough / max(image.size), 1)
                image.draft(None, (ceil(image.width * share), ceil(image.height * share)))
            frame = colour.from_image(image, self._source.profile)
        image.close()
        self._data = b""
        return frames.upright(frame, self.header.orientation)


def open_picture(source: Source, limits: Limits = USUAL, name: str = "") -> Opened:
    """Check a file's header against the limits.

    Args:
        source: a path, the bytes of the file, or the file itself, open at its beginning.
        limits: the defaults unless given.
        name: what messages call it, its control characters escaped; the file's name unless given.

    Raises:
        RefusedError: not a picture, not one that is taken, cut short, or beyond a limit.
    """
    if not name:
        name = Path(source).name if isinstance(source, str | Path) else "the picture"
    name = printable(name)
    data = _bytes_of(source, limits, name)
    with _refusing(name):
        found = probe.measure(data, limits.frames, name)
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
        if found.format == "tiff":
            return Opened(data, name, None, headers.of_tiff(found), found)
        readable = data
        if found.png is not None:
            readable = png.in_reading_order(data, found.png)
        elif found.bmp is not None:
            readable = bmp.customary(data, found.bmp)
        image = Image.open(io.BytesIO(readable), formats=(found.format.upper(),))
        header = headers.of(image, found, data)
        # Pillow's reading of the header must not promise more than ours did.
        headers.check([image.size] * min(header.frames, limits.frames + 1), limits, name)
    return Opened(data, name, image, header, found)


def _let_through(pixels: int) -> None:
    """Raise Pillow's own limit of a picture to ours, to which the header was held before.

    It is one for all threads, so it is never lowered: another may be at a greater picture.
    """
    with _raising:
        if (most := Image.MAX_IMAGE_PIXELS) is not None and most < pixels:
            Image.MAX_IMAGE_PIXELS = pixels


def inspect(source: Source, limits: Limits = USUAL, name: str = "") -> Header:
    """Give what the header says, without decoding; arguments and errors as `open_picture`."""
    return open_picture(source, limits, name).header


def _bytes_of(source: Source, limits: Limits, name: str) -> bytes:
    if isinstance(source, str | Path):
        with Path(source).open("rb") as file:
            return _bytes_of(file, limits, name)
    size = len(source) if isinstance(source, bytes) else os.fstat(source.fileno()).st_size
    check_bytes(size, limits, name)
    # No more than that, should it grow meanwhile.
    return source if isinstance(source, bytes) else source.read(size)


@contextlib.contextmanager
def _refusing(name: str) -> Iterator[None]:
    """Turn whatever a decoder raises into a RefusedError that names the picture."""
    remedy = "Open it in a viewer to see whether it is whole, save it again, and send that."
    try:
        yield
    except (RefusedError, MemoryError):
        raise
    except UnsupportedError as error:
        raise RefusedError(f"{name} {error.what}", error.remedy) from None
    except CutShortError:
        raise RefusedError(f"{name} is cut short: its end is missing", remedy) from None
    except DamagedError as error:
        said = printable(str(error))
        raise RefusedError(f"{name} is damaged or cut short ({said})", remedy) from error
    except Exception as error:  # on hostile bytes decoders raise anything at all
        # Their words are for programmers, and lie in the exception that caused this one.
        raise RefusedError(f"{name} is damaged or cut short", remedy) from error
