"""What a picture says of itself, and the check of that against the limits."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import simplejpeg
from PIL import Image

from labapp.errors import RefusedError
from labapp.pictures import colour, stored
from labapp.pictures.limits import Limits
from labapp.pictures.probe import Layout
from labapp.pictures.stored import UNKNOWN, Stored
from labapp.pictures.strangers import DamagedError
from labapp.pictures.tiff import pieces

#: Tag of the orientation in EXIF.
_ORIENTATION = 0x0112


@dataclass(frozen=True)
class Page:
    """What may differ from one page of a TIFF to the next; fields as in `Header`."""

    width: int
    height: int
    mode: str
    profile: bytes | None = None
    stored: Stored = UNKNOWN
    subsampling: str | None = None


@dataclass(frozen=True)
class Header:
    """What is known of a picture before it is decoded.

    Args:
        format: name of the format it is in.
        mode: Pillow's name for how it stores pixels: 1, L, P, RGB, CMYK, I;16 and others.
        width: in pixels, as shown (orientation applied), of the first frame.
        height: as width.
        frames: frames of an animation, or pages.
        orientation: EXIF's number, 1 for upright.
        loop: how often an animation plays, 0 for ever; None when it does not say.
        profile: its ICC profile, if it is one for the colours that are stored.
        subsampling: of a JPEG's colours, as simplejpeg names it.
        lossless: whether a WebP was written without loss.
        animated: whether its frames follow each other in time, as pages do not.
        stored: how its pixels are stored.
        pages: of a TIFF; mode, size and profile above are those of the first.
    """

    format: str
    mode: str
    width: int
    height: int
    frames: int = 1
    orientation: int = 1
    loop: int | None = None
    profile: bytes | None = None
    subsampling: str | None = None
    lossless: bool = False
    animated: bool = False
    stored: Stored = UNKNOWN
    pages: tuple[Page, ...] = ()

    @property
    def sizes(self) -> list[tuple[int, int]]:
        """Width and height of each frame or page."""
        pages = [(page.width, page.height) for page in self.pages]
        return pages or [(self.width, self.height)] * self.frames

    @property
    def is_grey_by_profile(self) -> bool:
        """Whether a profile tells how bright the greys of any frame or page are."""
        profiles = [self.profile, *(page.profile for page in self.pages)]
        return any(colour.space(profile) == "L" for profile in profiles)

    def in_srgb(self) -> Header:
        """Give the same for frames that have become sRGB."""
        pages = tuple(replace(page, profile=None) for page in self.pages)
        return replace(self, profile=None, pages=pages)

    def page(self, number: int) -> Page:
        """Give what holds for one frame or page, counted from 0."""
        if number < len(self.pages):
            return self.pages[number]
        return Page(self.width, self.height, self.mode, self.profile, self.stored, self.subsampling)

    def turned(self) -> Header:
        """Give the same for a picture turned by a quarter: its resolution turns with it."""
        pages = tuple(replace(page, stored=page.stored.turned()) for page in self.pages)
        return replace(self, stored=self.stored.turned(), pages=pages)


def check(sizes: Sequence[tuple[int, int]], limits: Limits, name: str) -> None:
    """Refuse frames beyond the limits.

    Args:
        sizes: width and height of each frame.
        limits: to hold them against.
        name: of the picture, for the message.

    Raises:
        RefusedError: names the limit and what exceeds it.
    """
    if len(sizes) > limits.frames:
        raise RefusedError(
            f"{name} has more than {limits.frames} frames", "Send fewer, or a part of it."
        )
    for wide, tall in sizes:
        if not wide or not tall:
            raise RefusedError(f"{name} has no pixels", "Send a picture that has some.")
        if max(wide, tall) > limits.side:
            raise RefusedError(
                f"{name} is {wide:,} x {tall:,} pixels; at most {limits.side:,} are taken on a "
                "side",
                "Scale it down, or cut it.",
            )
    if (area := sum(wide * tall for wide, tall in sizes)) > limits.pixels:
        frames = f" in {len(sizes)} frames" if len(sizes) > 1 else ""
        raise RefusedError(
            f"{name} has {area / 1e6:,.1f} megapixels{frames}; at most {limits.pixels / 1e6:g} "
            "are taken in all",
            "Scale it down.",
        )


def of(image: Image.Image, found: Layout, data: bytes) -> Header:
    """Collect the header of an opened image that is no TIFF.

    Args:
        image: opened by Pillow, not loaded.
        found: what the walk over the file found.
        data: the whole file.
    """
    # A GIF's frames are counted and sized by us; Pillow would visit them all.
    count = found.frames if found.gif else getattr(image, "n_frames", 1)
    animated = found.format in ("gif", "webp", "png") and count > 1
    # An APNG may open with a picture that is shown only where animation is not known.
    spare = bool(animated and image.info.get("default_image"))
    orientation = _orientation(image)
    wide, tall = (found.width, found.height) if found.gif else image.size
    subsampling = None
    if found.jpeg and found.jpeg.plain:
        with contextlib.suppress(ValueError, KeyError):
            subsampling = simplejpeg.decode_jpeg_header(data, strict=False)[3]
    profile = image.info.get("icc_profile")
    if not isinstance(profile, bytes) or not profile:
        profile = None
    kept = stored.of(image, found, data)
    return Header(
        format=found.format,
        mode=image.mode,
        width=tall if orientation >= 5 else wide,
        height=wide if orientation >= 5 else tall,
        frames=count - spare if animated else 1,
        orientation=orientation,
        loop=image.info.get("loop") if animated else None,
        profile=colour.fitting(profile, image.mode),
        subsampling=subsampling,
        lossless=found.lossless,
        animated=animated,
        stored=kept.turned() if orientation >= 5 else kept,
    )


def of_tiff(found: Layout) -> Header:
    """Collect the header of a TIFF.

    Raises:
        CutShortError: a piece of a page lies behind the end of the file.
    """
    if not found.tiff:
        raise DamagedError("it has no page")
    pages = []
    kept = stored.of_tiff(found.tiff)
    for page, how in zip(found.tiff, kept, strict=True):
        pieces.check(page)
        profile = colour.fitting(page.profile, page.mode)
        pages.append(Page(*page.shown, page.mode, profile, how, stored.subsampling(page)))
    first = pages[0]
    return Header(
        "tiff",
        first.mode,
        first.width,
        first.height,
        frames=len(pages),
        profile=first.profile,
        subsampling=first.subsampling,
        stored=first.stored,
        pages=tuple(pages),
    )


def _orientation(image: Image.Image) -> int:
    try:
        # Not the method of PNG's own class, which decodes the picture to look behind it.
        number = Image.Image.getexif(image).get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - a broken EXIF block raises anything; the picture is fine
        return 1
    return number if isinstance(number, int) and 1 <= number <= 8 else 1
