"""A picture job without files: the bytes of the picture go to the child, those of the result come.

For what the program holds in memory anyway, since it comes from a network and goes to one. Small
ones go several at a time; what is larger goes beside the line, where the system has files in memory
(see `task_files`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from labapp.pictures import answers, mark, pipeline, process
from labapp.pictures.answers import Answer, LieError
from labapp.pictures.limits import BEGINNINGS, Limits
from labapp.pictures.line import Most
from labapp.pictures.task_files import Files


@dataclass(frozen=True)
class Held:
    """What became of a picture, and the bytes of its result."""

    done: process.Processed
    data: bytes


@dataclass(frozen=True)
class HeldTask:
    """A picture job for a sandbox: bytes in, bytes out; the pipeline as it travels."""

    data: bytes
    pipeline: str
    limits: Limits
    format: str
    name: str
    quality: int | None = None

    source: ClassVar[None] = None
    result: ClassVar[None] = None

    @property
    def called(self) -> Path:
        """What messages call the picture."""
        return Path(self.name)

    @property
    def most(self) -> Most:
        """How great its answer may be."""
        return Most(answers.MOST_WORDS, self.limits.result_bytes + mark.ROOM)

    def __call__(self, files: Files) -> Held:
        """Do it; raises as `process` does."""
        steps = pipeline.from_wire(self.pipeline)
        given = self.data, steps, self.limits, self.format, self.name, self.quality
        return Held(*process.made(*given))

    def answer_of(self, result: Held) -> Answer:
        """Return the answer that tells the result."""
        return answers.answer(result.done, result.data)

    def result_of(self, answer: Answer, made: int | None) -> Held:
        """Return the result that an answer tells, as far as this job can have it.

        Raises:
            LieError: it cannot.
            LabappError: the answer tells of it.
        """
        done = process.told(answer, self.limits, self.format)
        if len(answer.raw) != done.bytes:
            raise LieError("its result is of another size than it says")
        if not answer.raw.startswith(BEGINNINGS[done.format]):
            raise LieError("its result is of another format than it says")
        return Held(done, bytes(answer.raw))
