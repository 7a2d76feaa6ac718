"""The whole of a picture job: decode, run the steps, encode. Paths in, a path out.

This is what a worker's child process calls. One frame at a time is in hand; a step may write over
the frame it is given, and nothing else refers to it. Call `prepare` once in the process the
children are forked from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, ClassVar

from labapp.pictures import answers, mark, pipeline, registry
from labapp.pictures.answers import Answer, LieError
from labapp.pictures.frames import Frame
from labapp.pictures.limits import BEGINNINGS, FORMATS, USUAL, Limits, known_format
from labapp.pictures.line import Most
from labapp.pictures.pipeline import Step
from labapp.pictures.task_files import Files, check_result

if TYPE_CHECKING:
    from labapp.pictures.header import Header
    from labapp.pictures.reading import Opened, Source

#: Sentences of what a result lost; `losses_of` has fewer to say.
MOST_LOST = 16


@dataclass(frozen=True)
class Processed:
    """What became of a picture.

    Args:
        format: name of the result's format.
        width: of the result's first frame, in pixels.
        height: as width.
        frames: how many it has.
        bytes: size of the result file.
        lost: what the format could not hold, a sentence each.
    """

    format: str
    width: int
    height: int
    frames: int
    bytes: int
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class PictureTask:
    """A picture job for a sandbox: paths in, a path out; the pipeline as it travels."""

    source: Path
    pipeline: str
    result: Path
    limits: Limits
    format: str
    name: str
    quality: int | None = None

    #: Of the words of its answer; no pixels travel.
    most: ClassVar[Most] = Most(answers.MOST_WORDS)

    @property
    def called(self) -> Path:
        """What messages call the picture's file."""
        return Path(self.name or self.source.name)

    def __call__(self, files: Files) -> Processed:
        """Do it; raises as `process` does."""
        steps = pipeline.from_wire(self.pipeline)
        assert files.source is not None
        assert files.result is not None
        name = self.name or self.source.name
        return process(
            files.source, steps, files.result, self.limits, self.format, name, self.quality
        )

    def answer_of(self, result: Processed) -> Answer:
        """Return the answer that tells the result."""
        return answers.answer(result)

    def result_of(self, answer: Answer, made: int | None) -> Processed:
        """Return the result that an answer tells, as far as this job can have it.

        Raises:
            LieError: it cannot.
            LabappError: the answer tells of it.
        """
        done = told(answer, self.limits, self.format)
        check_result(self.result, done.bytes, BEGINNINGS[done.format], made)
        return done


def told(answer: Answer, limits: Limits, format: str) -> Processed:
    """Return the result that an answer tells, as far as a job can have it.

    Args:
        answer: of its child.
        limits: of the job.
        format: that was asked for; empty where it may be any.

    Raises:
        LieError: it cannot.
        LabappError: the answer tells of it.
    """
    done = answers.value_of(Processed, answers.read(answer.words))
    if done.format not in ([known_format(format)] if format else FORMATS):
        raise LieError("its result is of a format that nobody asked for")
    if not 1 <= min(done.width, done.height) <= max(done.width, done.height) <= limits.side:
        raise LieError("its result has more pixels on a side than one may have, or none")
    if done.width * done.height > limits.pixels or not 1 <= done.frames <= limits.frames:
        raise LieError("its result has more pixels or frames than one may have")
    if not 0 < done.bytes <= limits.result_bytes + mark.ROOM:
        raise LieError("its result has more bytes than one may have, or none")
    if len(done.lost) > MOST_LOST:
        raise LieError("its result lost more than there is to lose")
    return done


def process(
    source: Path | BinaryIO,
    steps: Sequence[Step],
    result: Path | BinaryIO,
    limits: Limits = USUAL,
    format: str = "",
    name: str = "",
    quality: int | None = None,
) -> Processed:
    """Read a picture, run steps over each of its frames, write the result.

    Args:
        source: file to read, by its path or open and unbuffered.
        steps: in their order.
        result: file to write, likewise; only written once all has gone well.
        limits: of source and result; the defaults unless given.
        format: of the result; that of the source unless given.
        name: what messages call the picture; the source's file name unless given.
        quality: of a JPEG or WebP, 1 to 100; the source's own unless given.

    Raises:
        RefusedError: the picture or the pipeline breaks a rule.
        JobFailedError: a step is to be exact, and there is no scikit-image here.
        OSError: the files cannot be read or written.
    """
    done, data = made(source, steps, limits, format, name, quality)
    _write(result, data)
    return done


def made(
    source: Source,
    steps: Sequence[Step],
    limits: Limits = USUAL,
    format: str = "",
    name: str = "",
    quality: int | None = None,
) -> tuple[Processed, bytes]:
    """Do as `process` does, and return the bytes of the result; arguments and errors likewise."""
    from labapp.pictures import writing

    target = known_format(format) if format else ""
    header, done = results(source, steps, limits, name)
    header = header.turned() if pipeline.is_turned(steps) else header
    encoded = writing.encode(done, header, target or header.format, limits, quality)
    data = mark.with_mark(encoded.data, encoded.format)
    size = encoded.width, encoded.height
    return Processed(encoded.format, *size, encoded.frames, len(data), encoded.lost), data


def results(
    source: Source, steps: Sequence[Step], limits: Limits = USUAL, name: str = ""
) -> tuple[Header, Iterator[tuple[Frame, float]]]:
    """Open a picture; return what it says of itself, and what steps make of each of its frames.

    The frames come one by one, each with its milliseconds; their colours are those of the header.
    Arguments and errors as of `process`.
    """
    from labapp.pictures import reading

    opened = reading.open_picture(source, limits, name)
    if opened.header.is_grey_by_profile and any(registry.get(step.op).tints for step in steps):
        # No profile for grey tells how bright a colour is.
        opened.to_srgb()
    pipeline.check_sizes(steps, opened.header.sizes, limits)
    return opened.header, _done(opened, steps)


def _write(result: Path | BinaryIO, data: bytes) -> None:
    if isinstance(result, Path):
        result.write_bytes(data)
        return
    view = memoryview(data)
    while view:
        view = view[result.write(view) :]


def _done(opened: Opened, steps: Sequence[Step]) -> Iterator[tuple[Frame, float]]:
    # What is defined is what becomes of the whole picture, and not of a reader's smaller copy.
    enough = registry.get(steps[0].op).enough if steps and not steps[0].exact else None
    decoded = opened.frames(0 if enough is None else enough(**steps[0].values))
    while (item := next(decoded, None)) is not None:
        frame, duration = item
        # The last other references; without them a step's source is freed as it returns.
        del item
        for step in steps:
            frame = step.apply(frame)
        yield frame, duration
        del frame


def prepare(threads: int = 1) -> None:
    """Load and warm up everything a job needs, for a process that children are forked from.

    Args:
        threads: that OpenCV may use in each child.
    """
    import cv2
    import numpy as np
    from PIL import BmpImagePlugin, GifImagePlugin, TiffImagePlugin, WebPImagePlugin  # noqa: F401

    from labapp.pictures import header, reading, writing

    cv2.setNumThreads(threads)
    frame = np.arange(48 * 64 * 3, dtype=np.uint8).reshape(48, 64, 3)
    for operation in registry.operations().values():
        operation.apply(frame.copy(), operation.defaults)
    head = header.Header("png", "RGB", *frame.shape[1::-1])
    for target in FORMATS:
        for _ in reading.open_picture(writing.encode([(frame, 0.0)], head, target).data).frames():
            pass


def prepare_exact() -> None:
    """Load and warm up what an exact job needs besides.

    Raises:
        JobFailedError: there is no scikit-image here.
    """
    import numpy as np

    frame = np.arange(48 * 64 * 3, dtype=np.uint8).reshape(48, 64, 3)
    # A quarter turn, which rotate makes unless told otherwise, needs nothing of scikit-image.
    steps = [*map(Step.of, registry.operations()), Step.of("rotate", {"angle": 7.0})]
    for step in pipeline.exactly(steps):
        step.apply(frame)
