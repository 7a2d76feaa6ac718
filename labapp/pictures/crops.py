"""What steps make of a picture, before it is sent: of a reduced copy, or at 1:1.

A copy is reduced once and steps are tried on it by `tried` in some milliseconds, with their lengths
scaled. That is near to what a worker gives, and for some not near enough: edges are fainter at full
size, specks are gone from a copy before the median sees them. `result` does the steps on the whole
picture, as a worker does, and reduces what comes out.

At 1:1 a `Part` with a margin around it is decoded once, and what an operation does there is
computed on the part alone as long as the operation looks no further than the margin (its `reach`).
One that looks at the whole picture, or moves its pixels, is done on the whole.

All decoding is in a child process, as in `looks`; only pixels come back.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from labapp.pictures import answers, frames, looks, pipeline, registry, sources
from labapp.pictures.answers import Answer, LieError
from labapp.pictures.frames import Frame
from labapp.pictures.lazy import np
from labapp.pictures.limits import USUAL, Limits
from labapp.pictures.line import Most
from labapp.pictures.pipeline import Step

if TYPE_CHECKING:
    from labapp.pictures.header import Header
    from labapp.pictures.reading import Source
    from labapp.pictures.task_files import Files

#: Pixels around a part at 1:1 that operations may look at: as far as a blur of sigma 50 does.
MARGIN = 256

#: Pixels along a side of a result on a copy, at most, before a smaller copy is taken: what enlarges
#: is not to take longer than what does not.
MOST_ON_A_COPY = 1_800

#: Pixels along a side of what a JPEG packs together, at most (T.81, A.2.4).
_BLOCK = 16

#: Bytes of a pixel at most: RGBA in 16 bits.
_PIXEL = 8

#: Width and height, in pixels.
Size = tuple[int, int]


@dataclass(frozen=True)
class Box:
    """A place at 1:1: its middle as a share of width and height, its size in pixels."""

    across: float
    down: float
    width: int
    height: int

    def start(self, size: Size) -> tuple[int, int]:
        """Return its left and top in a picture of a size, moved so that it lies inside.

        It begins where a block of a JPEG does, unless the border is nearer.
        """
        found = []
        for share, length, whole in zip(
            (self.across, self.down), (self.width, self.height), size, strict=True
        ):
            first, last = round(share * whole - length / 2), max(whole - length, 0)
            found.append(last if first >= last else max(first // _BLOCK * _BLOCK, 0))
        return found[0], found[1]

    def cut(self, frame: Frame, left: int = 0, top: int = 0) -> Frame:
        """Return the rows and columns of it in a frame."""
        return frame[top : top + self.height, left : left + self.width]

    def wider(self, by: int) -> Box:
        """Return the same with a margin on all sides."""
        return replace(self, width=self.width + 2 * by, height=self.height + 2 * by)


@dataclass(frozen=True)
class Part:
    """A picture's pixels, of all of it reduced or of a part of it at 1:1.

    Attributes:
        frame: of any kind, upright; a copy is in sRGB and 8 bits, a part is as it is stored.
        size: of the whole picture.
        left: where it begins in the whole.
        top: as `left`.
        scale: its side over that of the picture, 1 for a part.
        is_tagged: whether a profile tells what its colours are, so that they are not sRGB's.
    """

    frame: Frame
    size: Size
    left: int = 0
    top: int = 0
    scale: float = 1.0
    is_tagged: bool = False


def copy(path: Path, side: int, limits: Limits = USUAL) -> Part:
    """Return a reduced copy of a picture's first frame; one that is small stays as large as it is.

    Args:
        path: the file.
        side: the longest side of the copy, in pixels.
        limits: of the picture and of the look itself; the defaults unless given.

    Raises:
        RefusedError: it cannot be read, is no picture, or is beyond the limits.
        JobFailedError: the processes of the look crashed, took too long or were killed.
    """
    return _run(_Look(path, limits, side=side, as_stored=True))


def part(path: Path, box: Box, limits: Limits = USUAL) -> Part:
    """Return a part of a picture at 1:1 with `MARGIN` around it; else as `copy`."""
    return _run(_Look(path, limits, box=box.wider(MARGIN), as_stored=True))


def result(path: Path, steps: Sequence[Step], side: int, limits: Limits = USUAL) -> Frame:
    """Return what a worker makes of a picture, reduced: RGB as viewers show it, alpha on white.

    Arguments and errors as `copy`; steps that make too much of it are refused.
    """
    return _run(_Look(path, limits, _wire(steps), side=side)).frame


def crop(path: Path, steps: Sequence[Step], box: Box, limits: Limits = USUAL) -> Frame:
    """Return a place of what a worker makes of a picture, at 1:1; else as `result`."""
    return _run(_Look(path, limits, _wire(steps), box=box)).frame


def tried(copied: Part, steps: Sequence[Step]) -> Frame | None:
    """Return what steps make of a copy, their lengths scaled: RGB, alpha on white.

    None where they would be done to other values than the picture's own: those under a profile.
    """
    if copied.is_tagged and steps:
        return None
    scale, frame = copied.scale, copied.frame
    longest = side = max(frame.shape[:2])
    size: Size = (frame.shape[1], frame.shape[0])
    for step in steps:
        size = step.on_copy(scale).size(*size)
        longest = max(longest, *size)
    if longest > MOST_ON_A_COPY:
        share = MOST_ON_A_COPY / longest
        frame = looks.reduced(frame, max(round(side * share), 1))
        scale *= share  # also where a copy of few pixels cannot be as small
    return shown(pipeline.apply(frame, [step.on_copy(scale) for step in steps]))


def tried_at(around: Part, steps: Sequence[Step], box: Box) -> Frame | None:
    """Return what steps make of a place at 1:1, from the part around it: RGB, alpha on white.

    None where it takes more than the part: steps that look further or move pixels, or colours that
    are not sRGB's.
    """
    grid, reach = 1, 0
    for step in steps:
        operation = registry.get(step.op)
        looks_at = operation.reach(**step.values) if operation.reach is not None else None
        if looks_at is None:
            return None
        reach += looks_at
        grid = math.lcm(grid, operation.grid(**step.values)) if operation.grid else grid
    if around.is_tagged:
        return None
    frame, cuts, places = around.frame, [], []
    for place, length, first, have, whole in zip(
        box.start(around.size),
        (box.width, box.height),
        (around.left, around.top),
        frame.shape[1::-1],
        around.size,
        strict=True,
    ):
        # Squares of a grid begin where those of the whole picture do.
        start = max(place - reach, 0) // grid * grid
        stop = min(place + length + reach, whole)
        if start < first or stop > first + have:
            return None
        cuts.append(slice(start - first, stop - first))
        places.append(place - start)
    seen = np.ascontiguousarray(frame[cuts[1], cuts[0]])
    return shown(box.cut(pipeline.apply(seen, _fast(steps)), *places))


def as_written(cut: Frame, header: Header, target: str, quality: int | None) -> Frame:
    """Return what becomes of a place once it is written in a format that loses some of it.

    Only what we have drawn ourselves is written and read here. A WebP, whose blocks are told by
    those around them, is near to what becomes of the whole.

    Args:
        cut: RGB in 8 bits, from where a block begins.
        header: of the picture.
        target: name of the format.
        quality: that was asked for; None for that of the picture.
    """
    from labapp.pictures import reading, writing

    header = replace(header.in_srgb(), frames=1, animated=False, pages=(), orientation=1)
    data = writing.encode([(cut, 0.0)], header, target, quality=quality).data
    frame, _ = next(reading.open_picture(data).frames())
    return shown(frame)


def shown(frame: Frame) -> Frame:
    """Return a frame in sRGB as it is drawn: RGB in 8 bits, alpha laid on white."""
    return np.ascontiguousarray(frames.rgb_of(frames.flatten(frames.eight_bits(frame))))


def _fast(steps: Sequence[Step]) -> list[Step]:
    """Return steps to be done by their kernels, which give the same within one grey level."""
    return [replace(step, exact=False) for step in steps]


def _wire(steps: Sequence[Step]) -> str:
    return pipeline.to_wire(_fast(steps)) if steps else ""


def _run(look: _Look) -> Part:
    data = sources.read(looks.whole(look.called), look.limits, look.called)
    return looks.run(replace(look, data=data), look.called.name, look.limits)


@dataclass(frozen=True)
class _Look:
    """A look at what steps make of a file: of all of it reduced to a side, or of a place.

    Its bytes travel with it: the look before this one has read them.
    """

    called: Path
    limits: Limits
    steps: str = ""
    side: int = 0
    box: Box | None = None
    as_stored: bool = False
    data: bytes = b""
    source: ClassVar[None] = None
    result: ClassVar[None] = None

    @property
    def most(self) -> Most:
        """How great the answer may be: a few words, and the pixels."""
        width, height = self._room
        return Most(answers.MOST_WORDS, width * height * (_PIXEL if self.as_stored else 3))

    @property
    def _room(self) -> Size:
        box = self.box
        return (self.side, self.side) if box is None else (box.width, box.height)

    def __call__(self, files: Files) -> Part:
        name = self.called.name
        if self.as_stored and self.side:
            return _copied(self.data, self.side, self.limits, name)
        from labapp.pictures import colour, process

        steps = pipeline.from_wire(self.steps) if self.steps else ()
        header, done = process.results(self.data, steps, self.limits, name)
        frame, _ = next(done)
        size, left, top = (frame.shape[1], frame.shape[0]), 0, 0
        if self.box is None:
            frame = looks.reduced(frame, self.side)
        else:
            left, top = self.box.start(size)
            frame = self.box.cut(frame, left, top)
        profile = header.page(0).profile
        if not self.as_stored:
            # As for a format that holds no profile: its values become those of sRGB.
            frame = shown(colour.for_result(frames.eight_bits(frame), profile, "gif")[0])
        return Part(frame, size, left, top, is_tagged=profile is not None)

    def answer_of(self, result: Part) -> Answer:
        frame = result.frame
        place = [*result.size, result.left, result.top]
        words = [place, result.scale, result.is_tagged, frames.kind(frame), frame.shape[:2]]
        return answers.answer(words, np.ascontiguousarray(frame).tobytes())

    def result_of(self, answer: Answer, made: int | None) -> Part:
        match answers.read(answer.words):
            case [
                [int(width), int(height), int(left), int(top)],
                int() | float() as scale,
                bool(tagged),
                str(kind),
                [int(rows), int(columns)],
            ]:
                self._check((width, height), (left, top), (columns, rows), scale)
                frame = self._frame(kind, (rows, columns), answer.raw)
                return Part(frame, (width, height), left, top, float(scale), tagged)
        raise LieError("it tells nothing of what it saw")

    def _check(self, size: Size, start: Size, seen: Size, scale: float) -> None:
        """Hold what is told of a part to what one can be.

        Raises:
            LieError: it cannot.
        """
        for whole, first, length, room in zip(size, start, seen, self._room, strict=True):
            if not 0 < length <= min(room, whole) or not 0 <= first <= whole - length:
                raise LieError("its pixels are of no part that there is")
        if max(size) > self.limits.side or not 0 < scale <= 1:
            raise LieError("its picture is of a size that none has")

    def _frame(self, kind: str, size: Size, pixels: bytes | bytearray) -> Frame:
        name, _, deep = kind.partition(";")
        planes = {"L": 1, "I": 1, "LA": 2, "RGB": 3, "RGBA": 4}.get(name, 0)
        if not planes or (deep and not self.as_stored) or (planes != 3 and not self.as_stored):
            raise LieError("its pixels are of a kind that nobody asked for")
        if len(pixels) != planes * size[0] * size[1] * (2 if deep else 1):
            raise LieError("its pixels are more or fewer than it says")
        samples = np.frombuffer(pixels, np.uint16 if deep else np.uint8)
        return cast("Frame", samples.reshape(*size, *([planes] if planes > 1 else [])))


def _copied(source: Source, side: int, limits: Limits, name: str) -> Part:
    """Return a reduced copy in sRGB, of a JPEG from a fraction of its size, in this process."""
    from labapp.pictures import colour, reading

    opened = reading.open_picture(source, limits, name)
    frame, _ = next(opened.frames(enough=2 * side))
    size = (opened.header.width, opened.header.height)
    frame = frames.eight_bits(looks.reduced(frame, side))
    profile = opened.header.page(0).profile
    frame = colour.in_srgb(frame, profile)
    scale = min(max(frame.shape[:2]) / max(size), 1.0)
    return Part(frame, size, scale=scale, is_tagged=profile is not None)
