"""Look at foreign pictures: header, a small copy, a check of the whole; each in a child process.

Users and admins look at files that anybody may have made, and a decoder that crashes, hangs or
eats all memory must not take their program with it. So nothing here decodes in the caller's
process: each call is a task for a sandbox. What comes back is plain: a header, pixels, a word.

A child that is ended from outside says nothing of its picture: another looks again. If that one
ends as well, the picture is named, and the others go on.

A child's working folder is not the caller's, who may have changed it: so each task has a path from
the root on.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, TypeVar

from labapp.errors import JobFailedError, LabappError, RefusedError
from labapp.pictures import answers, frames, sources
from labapp.pictures.answers import MOST_WORDS, WORDS_A_FRAME, Answer, LieError, plain
from labapp.pictures.frames import Frame
from labapp.pictures.limits import BEGINNINGS, USUAL, Limits
from labapp.pictures.line import Most
from labapp.pictures.sandbox import Caps, EndedError, Sandbox, Task
from labapp.pictures.task_files import Files, unreadable

if TYPE_CHECKING:
    from labapp.pictures.header import Header
    from labapp.pictures.reading import Opened, Source

#: What the process has loaded that the children of looks are forked from.
PRELOADED = "labapp.pictures.preload_looks"

#: Bytes of a colour profile that say what it is for (ICC.1:2022, 7.2).
PROFILE_HEADER = 128

T = TypeVar("T")


@dataclass(frozen=True)
class Seen:
    """What could be made of a file that may be no picture.

    Attributes:
        header: what it says of itself; None where it is no picture.
        copy: (height, width, 3) uint8 RGB, upright, reduced; None where it cannot be read.
        problem: why there is no header or no copy.
    """

    header: Header | None = None
    copy: Frame | None = None
    problem: LabappError | None = None


def header_of(path: Path, limits: Limits = USUAL) -> Header:
    """Return what a picture's file says of itself.

    Args:
        path: the file.
        limits: of the picture and of the look itself; the defaults unless given.

    Raises:
        RefusedError: it cannot be read, is no picture, or is beyond the limits.
        JobFailedError: the processes of the look crashed, took too long or were killed.
    """
    return _header_seen(_See(path, whole(path), limits, 0), limits)


def header_in(data: bytes, name: str, limits: Limits = USUAL) -> Header:
    """Return what the bytes of a picture's file say of it; else as `header_of`, `name` names it."""
    return _header_seen(_See(Path(name), Path(name), limits, 0, data), limits)


def _header_seen(look: _See, limits: Limits) -> Header:
    seen = run(look, look.called.name, limits)
    if seen.problem is not None:
        raise seen.problem
    assert seen.header is not None  # who tells of neither lies
    return seen.header


def see(path: Path, side: int, limits: Limits = USUAL) -> Seen:
    """Look at a picture's header and make a small copy; what goes wrong is part of the answer.

    Its bytes are read as by `sources`, and so need not be read again to be sent.

    Args:
        path: the file.
        side: the longest side of the copy, in pixels.
        limits: as in `header_of`.
    """
    try:
        file = whole(path)
        data = sources.read(file, limits, path)
        return run(_See(path, file, limits, side, data), path.name, limits)
    except LabappError as error:
        return Seen(problem=error)


def prepare(limits: Limits = USUAL) -> None:
    """Begin what looks are done in, behind, so that the first one need not wait for it.

    What goes wrong is told by the look that meets it too.
    """
    _sandbox(_caps(limits)).prepare()


def checked_format(data: bytes, name: str, limits: Limits = USUAL) -> str:
    """Decode the whole of a picture, a frame at a time; return the name of its format.

    Args:
        data: the bytes of its file.
        name: what messages call it.
        limits: as in `header_of`.

    Raises:
        RefusedError: it is no picture, damaged, or beyond the limits.
        JobFailedError: as in `header_of`.
    """
    return run(_Check(data, name, limits), name, limits)


def preview(source: Source, max_side: int, limits: Limits = USUAL, name: str = "") -> Frame:
    """Give a reduced copy of a picture's first frame, decoded in this process.

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
    from labapp.pictures import reading

    return _small(reading.open_picture(source, limits, name), max_side)


def _small(opened: Opened, max_side: int) -> Frame:
    """Give the copy of a picture whose header was read; arguments and errors as of `preview`."""
    from labapp.pictures import colour

    frame, _ = next(opened.frames(enough=2 * max_side))
    frame = reduced(frame, max_side)
    # Small by now: what a profile tells costs little.
    frame = colour.in_srgb(frames.eight_bits(frame), opened.header.page(0).profile)
    return frames.rgb_of(frames.flatten(frame))


def reduced(frame: Frame, max_side: int) -> Frame:
    """Return a frame whose longest side is `max_side` pixels at most; a smaller one stays."""
    from labapp.pictures.kernels import lanczos
    from labapp.pictures.lazy import cv2

    longest = max(frame.shape[:2])
    if longest <= max_side:
        return frame
    width, height = (max(round(side * max_side / longest), 1) for side in frame.shape[1::-1])
    if longest < 2 * max_side or frames.has_alpha(frame):  # colours are to be weighed by alpha
        return lanczos.resize(frame, width, height)
    # The mean of what falls on each pixel: to the eye the same from there on, in a tenth of the
    # time, which somebody waits for who goes through a folder.
    return cv2.resize(frame, (width, height), interpolation=cv2.INTER_AREA)


@dataclass(frozen=True)
class _See:
    """A look at a file: its header, and where `side` is above 0 a copy; nothing is written.

    Its bytes travel with it where they were read already.
    """

    called: Path
    file: Path
    limits: Limits
    side: int
    data: bytes | None = None
    result: ClassVar[None] = None

    @property
    def source(self) -> Path | None:
        """The file, where it is still to be read."""
        return self.file if self.data is None else None

    @property
    def most(self) -> Most:
        """How great the answer may be: a header for each page, and three bytes a pixel."""
        return Most(MOST_WORDS + self.limits.frames * WORDS_A_FRAME, 3 * self.side**2)

    def __call__(self, files: Files) -> Seen:
        from labapp.pictures import reading

        source = files.source if self.data is None else self.data
        assert source is not None
        header = copy = None
        try:
            with _reading(self.called):
                # Read once, for both.
                opened = reading.open_picture(source, self.limits, self.file.name)
                header = opened.header
                if self.side:
                    copy = _small(opened, self.side)
            return Seen(header, copy)
        except LabappError as error:
            return Seen(header, problem=error)

    def answer_of(self, result: Seen) -> Answer:
        copy, problem = result.copy, result.problem
        words = [
            None if result.header is None else plain(_short(result.header)),
            None if copy is None else copy.shape[:2],
            None if problem is None else answers.error_words(problem),
        ]
        return answers.answer(words, b"" if copy is None else copy.tobytes())

    def result_of(self, answer: Answer, made: int | None) -> Seen:
        match answers.read(answer.words):
            case [header, size, problem] if header is not None or problem is not None:
                return Seen(
                    None if header is None else _header(header, self.limits),
                    None if size is None else self._copy(size, answer.raw),
                    None if problem is None else answers.error_of(problem),
                )
        raise LieError("it tells nothing of what it saw")

    def _copy(self, size: object, pixels: bytes | bytearray) -> Frame:
        import numpy as np

        match size:
            case [int(height), int(width)] if 0 < height <= self.side and 0 < width <= self.side:
                if 3 * height * width == len(pixels):
                    return np.frombuffer(pixels, np.uint8).reshape(height, width, 3)
        raise LieError("its copy is of another size than it says")


@dataclass(frozen=True)
class _Check:
    data: bytes
    name: str
    limits: Limits
    source: ClassVar[None] = None
    result: ClassVar[None] = None
    called: ClassVar[None] = None
    most: ClassVar[Most] = Most(MOST_WORDS)

    def __call__(self, files: Files) -> str:
        from labapp.pictures import reading

        opened = reading.open_picture(self.data, self.limits, self.name)
        for _ in opened.frames():
            pass
        return opened.header.format

    def answer_of(self, result: str) -> Answer:
        return answers.answer(result)

    def result_of(self, answer: Answer, made: int | None) -> str:
        said = answers.read(answer.words)
        if not isinstance(said, str) or said not in self.limits.formats:
            raise LieError("it tells of no format that is taken")
        if not self.data.startswith(BEGINNINGS[said]):
            raise LieError("it tells of another format than the file is in")
        return said


def _short(header: Header) -> Header:
    """Return a header without its colour profiles' tables: that there are some is what counts."""
    pages = tuple(replace(page, profile=_start(page.profile)) for page in header.pages)
    return replace(header, profile=_start(header.profile), pages=pages)


def _start(profile: bytes | None) -> bytes | None:
    return None if profile is None else profile[:PROFILE_HEADER]


def _header(told: object, limits: Limits) -> Header:
    """Return a header as a child tells it, as far as a picture within the limits can have it.

    Raises:
        LieError: none can.
    """
    from labapp.pictures.header import Header, check

    header = answers.value_of(Header, told)
    counted = header.frames if not header.pages else len(header.pages)
    if header.format not in limits.formats or header.frames != counted or not counted:
        raise LieError("its header is of no picture that is taken")
    if counted > limits.frames:
        raise LieError("its header is beyond the limits")
    try:
        check(header.sizes, limits, "it")
    except RefusedError as error:
        raise LieError("its header is beyond the limits") from error
    if min(map(min, header.sizes)) < 1:
        raise LieError("its header has sizes below nothing")
    return header


def whole(path: Path) -> Path:
    """Return a path from the root on, for a task.

    Raises:
        RefusedError: the working folder is gone.
    """
    try:
        return path.absolute()
    except OSError as error:
        raise unreadable(path, "the folder that it is to be in is gone") from error


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unreadable(path, error.strerror or str(error)) from error


def run(task: Task[T], name: str, limits: Limits) -> T:
    """Have a child look at a picture, and another where the first is ended from outside.

    Args:
        task: the look.
        name: what messages call the picture.
        limits: what the look may take.

    Raises:
        RefusedError: as the task does.
        JobFailedError: the children crashed, took too long or were ended.
    """
    sandbox = _sandbox(_caps(limits))
    with contextlib.suppress(EndedError):
        return sandbox.run(task)
    try:
        return sandbox.run(task)
    except EndedError as error:
        raise JobFailedError(
            f"{name} could not be looked at, in two attempts: {error.message}",
            "Try it again; where memory is short, close other programs first.",
        ) from error


def _caps(limits: Limits) -> Caps:
    return Caps(limits.seconds, limits.memory, file=0)


@functools.cache
def _sandbox(caps: Caps) -> Sandbox:
    """Return the one sandbox of a program for these caps, so that its children are used again."""
    return Sandbox(caps, PRELOADED)
