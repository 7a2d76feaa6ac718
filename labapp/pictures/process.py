"""The whole of a picture job: decode, run the steps, encode. Paths in, a path out.

This is what a worker's child process calls. One frame at a time is in hand; a step may write over
the frame it is given, and nothing else refers to it. Call `prepare` once in the process the
children are forked from.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.pictures import mark, pipeline, registry
from labapp.pictures.limits import Limits, known_format
from labapp.pictures.pipeline import Step

if TYPE_CHECKING:
    from labapp.pictures.frames import Frame
    from labapp.pictures.reading import Opened


@dataclass(frozen=True)
class Processed:
    """What became of a picture.

    Args:
        format: name of the result's format.
        width: of the result's first frame, in pixels.
        height: as width.
        frames: how many it has.
        bytes: size of the result file.
        read_seconds: spent on decoding.
        step_seconds: spent on the steps.
        write_seconds: spent on encoding and writing the file.
        lost: what the format could not hold, a sentence each.
    """

    format: str
    width: int
    height: int
    frames: int
    bytes: int
    read_seconds: float
    step_seconds: float
    write_seconds: float
    lost: tuple[str, ...] = ()

    @property
    def seconds(self) -> float:
        """All of it."""
        return self.read_seconds + self.step_seconds + self.write_seconds


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

    def __call__(self) -> Processed:
        """Do it; raises as `process` does."""
        steps = pipeline.from_wire(self.pipeline)
        return process(
            self.source, steps, self.result, self.limits, self.format, self.name, self.quality
        )


def process(
    source: Path,
    steps: Sequence[Step],
    result: Path,
    limits: Limits | None = None,
    format: str = "",
    name: str = "",
    quality: int | None = None,
) -> Processed:
    """Read a picture, run steps over each of its frames, write the result.

    Args:
        source: file to read.
        steps: in their order.
        result: file to write; only written once all has gone well.
        limits: of source and result; the defaults unless given.
        format: of the result; that of the source unless given.
        name: what messages call the picture; the source's file name unless given.
        quality: of a JPEG or WebP, 1 to 100; the source's own unless given.

    Raises:
        RefusedError: the picture or the pipeline breaks a rule.
        OSError: the files cannot be read or written.
    """
    from labapp.pictures import reading, writing

    limits = limits or Limits()
    target = known_format(format) if format else ""
    clock = _Clock()
    opened = reading.open_picture(source, limits, name)
    if opened.header.is_grey_by_profile and any(registry.get(step.op).tints for step in steps):
        # No profile for grey tells how bright a colour is.
        opened.to_srgb()
    header = opened.header
    pipeline.check_sizes(steps, header.sizes, limits)
    done = _done(opened, steps, clock)
    header = header.turned() if pipeline.is_turned(steps) else header
    encoded = writing.encode(done, header, target or header.format, limits, quality)
    data = mark.marked(encoded.data, encoded.format)
    result.write_bytes(data)
    clock.lap("write")
    return Processed(
        encoded.format,
        encoded.width,
        encoded.height,
        encoded.frames,
        len(data),
        clock.spent["read"],
        clock.spent["steps"],
        clock.spent["write"],
        encoded.lost,
    )


class _Clock:
    """Adds up the seconds between laps under the name of what was done in them."""

    def __init__(self) -> None:
        self.spent = {"read": 0.0, "steps": 0.0, "write": 0.0}
        self._last = time.perf_counter()

    def lap(self, what: str) -> None:
        now = time.perf_counter()
        self.spent[what] += now - self._last
        self._last = now


def _done(opened: Opened, steps: Sequence[Step], clock: _Clock) -> Iterator[tuple[Frame, float]]:
    enough = registry.get(steps[0].op).enough if steps else None
    decoded = opened.frames(0 if enough is None else enough(**steps[0].values))
    while (item := next(decoded, None)) is not None:
        frame, duration = item
        # The last other references; without them a step's source is freed as it returns.
        del item
        clock.lap("read")
        for step in steps:
            frame = step.apply(frame)
        clock.lap("steps")
        yield frame, duration
        del frame
        clock.lap("write")
    clock.lap("read")


def prepare(threads: int = 1) -> None:
    """Load and warm up everything a job needs, for a process that children are forked from.

    Args:
        threads: that OpenCV and the matrix products may use in each child. Set before NumPy is
            imported the first time, or the latter stays as it is.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", str(threads))
    import cv2
    import numpy as np
    from PIL import BmpImagePlugin, GifImagePlugin, TiffImagePlugin, WebPImagePlugin  # noqa: F401

    from labapp.pictures import codec

    cv2.setNumThreads(threads)
    frame = np.arange(48 * 64 * 3, dtype=np.uint8).reshape(48, 64, 3)
    for operation in registry.operations().values():
        operation.apply(frame.copy(), operation.defaults)
    header = codec.Header("png", "RGB", *frame.shape[1::-1])
    for target in ("jpeg", "png", "gif", "webp", "bmp", "tiff"):
        data = codec.encode([(frame, 0.0)], header, target).data
        codec.read(data)
