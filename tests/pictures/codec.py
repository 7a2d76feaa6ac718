"""Whole pictures in memory, for tests: look at a header, read a file, write one.

header = codec.inspect(path)
picture = codec.read(path)
codec.write(picture, result, "png")
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from labapp.pictures.frames import Frame
from labapp.pictures.header import Header
from labapp.pictures.limits import USUAL, Limits, known_format
from labapp.pictures.reading import Opened, Source, inspect, open_picture
from labapp.pictures.writing import Encoded, encode

__all__ = [
    "Encoded",
    "Header",
    "Opened",
    "Picture",
    "Source",
    "encode",
    "inspect",
    "known_format",
    "open_picture",
    "read",
    "write",
]


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


def read(source: Source, limits: Limits = USUAL, name: str = "") -> Picture:
    """Decode a whole picture; arguments and errors as `open_picture` and `Opened.frames`."""
    opened = open_picture(source, limits, name)
    decoded = list(opened.frames())
    return Picture(opened.header, tuple(f for f, _ in decoded), tuple(d for _, d in decoded))


def write(picture: Picture, path: Path, target: str = "", limits: Limits = USUAL) -> Encoded:
    """Write a picture to a file, in its own format unless another is named; errors as `encode`."""
    sequence = zip(picture.frames, picture.durations, strict=True)
    chosen = known_format(target or picture.header.format)
    encoded = encode(sequence, picture.header, chosen, limits)
    path.write_bytes(encoded.data)
    return encoded
