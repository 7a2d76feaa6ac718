"""What a picture may cost, told before a decoder sees a byte; what formats hold and what they lose.

They apply to the source and to the result alike, so that no step turns a small picture into one
that the next reader would have to refuse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labapp.errors import RefusedError
from labapp.visible import printable

if TYPE_CHECKING:
    from labapp.pictures.header import Header

#: How a file of each format begins, as far as it tells; formats by their names on the wire and in
#: `--format`. TIFFs are classic ones and BigTIFFs, in both byte orders.
BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "jpeg": (b"\xff\xd8\xff",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "gif": (b"GIF87a", b"GIF89a"),
    "webp": (b"RIFF",),
    "bmp": (b"BM",),
    "tiff": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
}

#: Every format that is read and written.
FORMATS = tuple(BEGINNINGS)

#: The extension a result of each format gets.
EXTENSIONS = {name: f".{name}" for name in FORMATS} | {"jpeg": ".jpg", "tiff": ".tif"}

#: Formats that hold several frames or pages, those that hold 16 bits a sample, those whose quality
#: can be chosen; those that hold no alpha (BMP has it, which few readers know), and no profile.
ANIMATED = frozenset(("gif", "png", "webp", "tiff"))
SIXTEEN_BITS = frozenset(("png", "tiff"))
LOSSY = frozenset(("jpeg", "webp"))
OPAQUE = frozenset(("jpeg", "bmp"))
WITHOUT_PROFILE = frozenset(("gif", "bmp"))

#: The words for each format in a sentence.
_NAMES = {"jpeg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WebP", "bmp": "BMP", "tiff": "TIFF"}

#: Other names of formats, as endings of files have them.
_ALIASES = {
    "jpg": "jpeg",
    "jpe": "jpeg",
    "jfif": "jpeg",
    "tif": "tiff",
    "apng": "png",
    "dib": "bmp",
}

#: The best quality of a JPEG or WebP; the worst is 1. And that of a result where its source has
#: none to keep: the loss is below what a second look finds, where libwebp's own of 75 shows.
BEST_QUALITY, USUAL_QUALITY = 100, 90

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


#: Where nothing else is asked for.
USUAL = Limits()


def check_bytes(size: int, limits: Limits, name: str) -> None:
    """Refuse a file of more bytes than are taken.

    Raises:
        RefusedError: it has more.
    """
    if size > limits.source_bytes:
        raise RefusedError(
            f"{name} has {size / 1e6:.3g} MB; at most {limits.source_bytes / 1e6:.3g} MB are taken",
            "Send it smaller, or as JPEG.",
        )


def known_format(name: str) -> str:
    """Give the format of a name as typed, in any case, with a dot or not: `jpg` is taken too.

    Raises:
        RefusedError: none of ours.
    """
    plain = name.strip().lower().lstrip(".")
    plain = _ALIASES.get(plain, plain)
    if plain not in FORMATS:
        raise RefusedError(
            f"the format {printable(name[:20])!r} is not written",
            f"Take one of {', '.join(FORMATS)}.",
        )
    return plain


def known_quality(text: str) -> int:
    """Give the quality of a JPEG or WebP that is written as text.

    Raises:
        RefusedError: no whole number from 1 to 100.
    """
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and 1 <= int(plain[:4]) <= BEST_QUALITY):
        raise RefusedError(
            f"the quality {printable(text[:20])!r} is not taken",
            f"Take a whole number from 1, the smallest file, to {BEST_QUALITY}, the best picture.",
        )
    return int(plain)


def losses_of(header: Header, target: str = "", quality: int | None = None) -> list[str]:
    """Say what a picture loses by the format that it is written in, each as a sentence.

    They have no full stop; there is none where all is kept. They are told before anything is lost:
    in the menu and by the command from the file's header, in the answer by what the worker has
    seen.

    Args:
        header: of the picture.
        target: name of the format that is written; that of the picture unless given.
        quality: that was asked for.
    """
    from labapp.pictures.tiff.page import JPEG  # few who ask for limits need it

    target = target or header.format
    name, other = _NAMES[target], target != header.format
    lost = []
    if header.frames > 1 and target not in ANIMATED:
        what = "frames" if header.animated else "pages"
        lost.append(f"{name} holds one picture: of {header.frames} {what} the first is kept")
    if header.stored.alpha and other and target in OPAQUE:
        lost.append(f"{name} holds no transparency here: the picture is laid on white")
    if header.stored.alpha and other and target == "gif":
        lost.append("GIF holds no half transparency: a pixel is clear or it is not")
    most = 16 if target in SIXTEEN_BITS else 8
    if header.stored.bits > most:
        lost.append(f"{name} holds {most} bits a sample here: {header.stored.bits} become {most}")
    if target == "gif" and not header.stored.indexed and header.mode[:1] not in ("1", "L", "I"):
        lost.append("GIF holds 256 colours a frame: others become the nearest of them")
    if header.profile is not None and target in WITHOUT_PROFILE:
        lost.append(f"{name} holds no colour profile: colours become sRGB")
    keeps_jpeg = target == "tiff" and header.stored.compression == JPEG
    if quality is not None and target not in LOSSY and not keeps_jpeg:
        lost.append(f"{name} knows no quality: {quality} says nothing to it")
    return lost
