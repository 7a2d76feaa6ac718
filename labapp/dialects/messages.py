"""What goes in and out of a dialect: a message, what it asks, what came of it, what answers it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labapp import foreign
from labapp.message_attribute import Attribute
from labapp.unlocked import cached_property

if TYPE_CHECKING:
    from labapp.numbers import Summary

#: Characters of a body that are read as JSON; longer ones hold nothing that a lab asks.
MOST_JSON = 100_000


@dataclass(frozen=True)
class Incoming:
    """A message as a lab's client sent it.

    Attributes:
        id: the id that SQS gave it.
        body: its text.
        attributes: all its attributes.
        group: its group, on a FIFO queue.
    """

    id: str
    body: str
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    group: str = ""

    @cached_property
    def text(self) -> str:
        """The body without the mark that some programs put before all they encode (U+FEFF)."""
        return self.body.removeprefix("\ufeff")

    @cached_property
    def document(self) -> Mapping[str, Any] | None:
        """The object that the body is in JSON, numbers as written; None where it is none."""
        try:
            return foreign.read_object(self.text, MOST_JSON, as_written=True)
        except foreign.ForeignError:
            return None


@dataclass(frozen=True)
class PictureAsked:
    """A picture that a message asks for: its key, the steps as typed, format and quality."""

    key: str
    steps: tuple[str, ...] | None
    format: str = ""
    quality: int | None = None


@dataclass(frozen=True)
class Done:
    """What came of a request, as its answers tell it.

    Attributes:
        integers: the list, as it came.
        summary: what was found of it; None for a picture.
        source: the key of the picture, or of the object of integers.
        extension: that of the result, with its dot: the source's own where the format is the same.
        result: the key of the result; empty where there is none, or not yet.
    """

    integers: tuple[int, ...] = ()
    summary: Summary | None = None
    source: str = ""
    extension: str = ""
    result: str = ""


@dataclass(frozen=True)
class Answer:
    """One message that answers: its queue's name, and what it holds.

    On a FIFO queue it has a group and a deduplication id; else both are empty. The name is empty
    where the file has none: then it is that of the settings.
    """

    queue: str
    body: str
    attributes: Mapping[str, Attribute]
    group: str = ""
    deduplication: str = ""
