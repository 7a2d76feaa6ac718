"""A small copy of a picture for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.pictures import frames, registry
from labapp.pictures.frames import Frame
from labapp.pictures.limits import USUAL, Limits
from labapp.pictures.pipeline import Step

if TYPE_CHECKING:
    from labapp.pictures.reading import Source


def preview(source: Source, max_side: int, limits: Limits = USUAL, name: str = "") -> Frame:
    """Give a reduced copy of a picture's first frame.

    Args:
        source: as `reading.open_picture` takes it.
        max_side: the longest side of the result, in pixels; a smaller picture stays as it is.
        limits: the defaults unless given.
        name: what messages call it; the file's name unless given.

    Returns:
        (height, width, 3) uint8 sRGB, upright, alpha laid on white.

    Raises:
        RefusedError: as `reading.open_picture` and `Opened.frames`.
    """
    from labapp.pictures import colour, reading
    from labapp.pictures.kernels import lanczos

    opened = reading.open_picture(source, limits, name)
    frame, _ = next(opened.frames(enough=2 * max_side))
    longest = max(frame.shape[:2])
    if longest > max_side:
        width, height = (max(round(side * max_side / longest), 1) for side in frame.shape[1::-1])
        frame = lanczos.resize(frame, width, height)
    # Small by now: what a profile tells costs little.
    frame = colour.in_srgb(frames.eight_bits(frame), opened.header.page(0).profile)
    return frames.rgb_of(frames.flatten(frame))


def on_copy(step: Step, scale: float) -> Step:
    """Give the step that does to a reduced copy what `step` does to the picture itself.

    Args:
        step: as chosen for the whole picture.
        scale: the copy's side over the picture's, at most 1. Lengths in pixels shrink with it, down
            to the least that the operation takes.
    """
    operation = registry.get(step.op)
    values: dict[str, object] = dict(step.values)
    for parameter in operation.parameters:
        if parameter.is_length:
            least = parameter.minimum or 0
            length = max(float(step.values[parameter.name]) * scale, least)
            values[parameter.name] = round(length) if parameter.kind == "int" else length
    return Step.of(step.op, values)
