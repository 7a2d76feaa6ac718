"""One attribute of a message of SQS, which is pure: rooms that know no cloud speak of it too."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Attribute:
    """One attribute of a message: its type, such as `String` or `Number.int`, and its value.

    SQS knows String, Number and Binary, each with a word of its sender's behind a dot; a Number is
    text, and only a Binary is bytes.
    """

    type: str
    value: str | bytes
