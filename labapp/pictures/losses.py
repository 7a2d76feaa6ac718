"""What a picture loses by the format that it is written in: one list of sentences for all.

They are told before anything is lost: in the menu and by the command from the file's header, in
the answer by what the worker has seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.pictures.limits import ANIMATED, LOSSY, OPAQUE, SIXTEEN_BITS, WITHOUT_PROFILE
from labapp.pictures.tiff.page import JPEG

if TYPE_CHECKING:
    from labapp.pictures.header import Header

#: The words for each format.
_NAMES = {"jpeg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WebP", "bmp": "BMP", "tiff": "TIFF"}


def of(header: Header, target: str = "", quality: int | None = None) -> list[str]:
    """Say what is lost, each as a sentence without a full stop; nothing where all is kept.

    Args:
        header: of the picture.
        target: name of the format that is written; that of the picture unless given.
        quality: that was asked for.
    """
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
