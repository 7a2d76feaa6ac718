"""What a dialect says: of each way to ask, what is read, done, stored and answered.

A dialect is a list of blocks, `[[request]]` in its file. The first of a queue whose `when` fits a
message answers it. Names of queues and buckets stand in the file, and never come of a message.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from labapp.dialects.templates import Template
from labapp.errors import SettingError


@dataclass(frozen=True)
class Choice:
    """One of several texts, chosen by a value: `{ by = "{field2}", "1" = "flip", else = "..." }`.

    Attributes:
        by: gives the value.
        texts: the text for each value.
        other: the text for any other value; None where there is none, and such a one is refused.
    """

    by: Template
    texts: Mapping[str, Template]
    other: Template | None = None


#: A text to be filled, or a choice of one.
Text = Template | Choice


@dataclass(frozen=True)
class Condition:
    """What must hold of a message: that a fact of it fits one of some patterns, or is not there.

    Attributes:
        fact: which, such as `attr.RequestType`, `body`, `field1` or `body.kind`.
        patterns: texts with `*` for anything; empty where the fact must not be there.
    """

    fact: str
    patterns: tuple[str, ...]


@dataclass(frozen=True)
class Numbers:
    """A list of integers to be summed up.

    Attributes:
        source: gives the integers, or, with `is_object`, the key of the object that holds them.
        is_object: whether they are in S3.
        separators: the characters that part them, and the fields of a body; `non-digit` for
            whatever is no digit or sign; empty for labapp's own: commas, semicolons, white space.
    """

    source: Text
    is_object: bool = False
    separators: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture to be processed.

    Attributes:
        key: gives its key in the block's bucket.
        steps: give what is done, as typed: `blur:sigma=3 grayscale`; None for the default pipeline.
        format: gives the result's; None for the picture's own.
        quality: gives the quality of a JPEG or WebP, 1 to 100; None for the picture's own.
        separators: the characters that part the fields of a body; as of `Numbers`.
    """

    key: Text
    steps: Text | None = None
    format: Text | None = None
    quality: Text | None = None
    separators: str = ""


@dataclass(frozen=True)
class AttributeText:
    """An attribute of a reply: its type, and its value.

    Attributes:
        text: gives the value. One placeholder of an attribute alone gives it as it came, bytes too.
        type: SQS's type of it; empty for String, or that of the attribute that is given as it came.
    """

    text: Text
    type: str = ""


@dataclass(frozen=True)
class ReplyRule:
    """One message that answers a request.

    Attributes:
        body: its body.
        attributes: its attributes by name.
        echo: patterns of the request's attributes that it repeats as they came.
        queue: the queue it goes to.
        group: its group, on a FIFO queue; None for the request's own, or `labapp`.
        deduplication: its deduplication id, likewise; None for one made of the message's own.
        line: where it begins in the file, from 1: its `[[request.reply]]`, or its block.
    """

    body: Text
    attributes: Mapping[str, AttributeText] = field(default_factory=dict)
    echo: tuple[str, ...] = ()
    queue: str = ""
    group: Text | None = None
    deduplication: Text | None = None
    line: int = 0


@dataclass(frozen=True)
class Block:
    """One way to ask, and to be answered: a `[[request]]` of the file.

    Attributes:
        place: which of the file's it is, from 1.
        name: what the file calls it; else `request <place>`.
        line: where it begins in the file, from 1.
        lines: the line of each of its keys.
        queue: the queue of its requests; empty for that of its kind of job, as settings have it.
        answer: the queue of its replies; likewise.
        bucket: the bucket that it reads of, and writes to; empty for the lab's own.
        result_bucket: the bucket of its results, where that is another.
        when: what must hold of a message, all of it.
        work: what is done.
        pick: the text that `{pick}` stands for.
        number: how means and medians are written; see `templates`.
        result: the key of the result, or of the object with the answer; None for the ordinary.
        content: what is written to that object, of numbers; None for the sentence.
        replies: the messages that answer, one after another.
        refusal: the message that answers what is refused, or failed.
        dialect: the name of its dialect.
    """

    place: int
    name: str
    line: int
    lines: Mapping[str, int]
    queue: str
    answer: str
    bucket: str
    result_bucket: str
    when: tuple[Condition, ...]
    work: Numbers | Picture
    pick: Choice | None
    number: str
    result: Text | None
    content: Text | None
    replies: tuple[ReplyRule, ...]
    refusal: ReplyRule
    dialect: str = ""

    @property
    def is_numbers(self) -> bool:
        """Whether it sums up integers; else it processes a picture."""
        return isinstance(self.work, Numbers)

    def line_of(self, key: str) -> int:
        """Return the line of one of its keys; where the file has it not, that of the block."""
        return self.lines.get(key, self.line)


@dataclass(frozen=True)
class QueueRule:
    """How one queue is made: a `[queue.NAME]` of the file.

    Attributes:
        name: the queue's name.
        attributes: SQS's attributes of it, by name, as text, such as `DelaySeconds`.
        wait: whether the lab's client makes it, and the worker waits until it has.
        line: where it begins in the file, from 1.
    """

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    wait: bool = False
    line: int = 0


@dataclass(frozen=True)
class Fault:
    """Something wrong in a dialect's file.

    Attributes:
        line: where, from 1; 0 where no line is to blame.
        what: what is wrong, as a sentence without a full stop.
        remedy: what to do about it.
    """

    line: int
    what: str
    remedy: str


@dataclass(frozen=True)
class Dialect:
    """A whole file.

    Attributes:
        name: that of the file without its ending, or of the one that ships.
        path: the file.
        about: what it says of itself in one line.
        blocks: in the file's order.
        queues: how queues are made, by name.
    """

    name: str
    path: Path
    about: str
    blocks: tuple[Block, ...]
    queues: Mapping[str, QueueRule] = field(default_factory=dict)

    def fault(self, line: int, what: str, remedy: str) -> SettingError:
        """Return the error of something wrong in this file, which names file and line."""
        return fault_in(self.path, line, what, remedy)


def fault_in(path: Path, line: int, what: str, remedy: str) -> SettingError:
    """Return the error of something wrong in a dialect's file; a line of 0 is not told."""
    where = f"{path}, line {line}" if line else str(path)
    return SettingError(f"{where}: {what}", remedy)
