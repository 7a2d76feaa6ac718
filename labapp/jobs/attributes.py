"""The attributes of a message that labapp gives no meaning, shown to people: another program's.

Whoever sends a message may put anything there, in any type of SQS's. It is kept with a dead letter
as it came, and a log repeats it within bounds. What proves a job is never among what is shown.
"""

from __future__ import annotations

import base64
import functools
import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from labapp.jobs import kinds
from labapp.jobs.wire import CLIENT, JOB, MARK, MARKED, NONCE, Request, quoted
from labapp.visible import printable, visible

if TYPE_CHECKING:
    from labapp.message_attribute import Attribute

#: The attribute of a message that was sent back: which redrive did it, in hexadecimal digits.
REDRIVEN = "redriven"
_RUN = re.compile(r"[0-9a-f]{8}", re.ASCII)

#: Attributes that SQS lets a message have, and that are shown of one.
MOST = 10

#: Characters of a value, and of a name or a type, that a log or a list repeats.
MOST_VALUE, MOST_WORD = 200, 256

#: What the value of a type begins with that holds bytes: they are shown in base64.
BINARY = "Binary"


def is_run(text: object) -> bool:
    """Tell whether a value is the mark that a redrive puts on what it sends back."""
    return isinstance(text, str) and bool(_RUN.fullmatch(text))


def shown(
    came: Mapping[str, Attribute], known: Collection[str] = (JOB, CLIENT)
) -> dict[str, Attribute]:
    """Return the attributes to show: all but what proves a job, and what has a place of its own.

    Args:
        came: all of a message.
        known: the names of those that are shown elsewhere, where they are of the type String.
    """
    return {name: one for name, one in came.items() if not _is_ours(name, one, known)}


def _is_ours(name: str, one: Attribute, known: Collection[str]) -> bool:
    if name == NONCE:
        return True
    if one.type != "String":
        return False
    marks = (name == MARK and one.value == MARKED) or (name == REDRIVEN and is_run(one.value))
    return marks or name in known


def logged_text(request: Request) -> str:
    """Return the foreign attributes of a request in one line; empty where it has none."""
    message = request.message
    if message is None:
        return ""
    # Most messages have none, which is seen at once: this is asked of every job.
    if request.is_plain:  # what it calls job or client is its own
        none = not (message.attributes or message.odd_attributes)
        return "" if none else text_of(shown(message.typed, ()))
    own = 2 + len(request.attributes) + bool(request.nonce) + (MARK in message.attributes)
    if len(message.attributes) == own and not message.odd_attributes:
        return ""
    return text_of(shown(message.typed, (JOB, CLIENT, *kinds.attributes())))


def text_of(attributes: Mapping[str, Attribute]) -> str:
    """Return attributes in one line: each with its type and its value, bytes in base64."""
    told = [_text(name, one) for name, one in sorted(attributes.items())[:MOST]]
    more = len(attributes) - len(told)
    return ", ".join([*told, *([f"and {more} more"] if more else [])])


def _text(name: str, one: Attribute) -> str:
    value = quoted(value_text(one, MOST_VALUE + 1), MOST_VALUE)
    return f"{_word(name)} {_word(one.type)} {value}"


@functools.lru_cache(maxsize=512)
def _word(text: str) -> str:
    """Return a name or a type, fit for a line; messages have the same few, over and over."""
    return visible(printable(text[:MOST_WORD]))


def value_text(one: Attribute, most: int | None = None) -> str:
    """Return a value as text, bytes in base64; of no more than so many of its signs."""
    if isinstance(one.value, bytes):
        return base64.b64encode(one.value[:most]).decode("ascii")
    return one.value


def documents(attributes: Mapping[str, Attribute]) -> list[dict[str, str]]:
    """Return attributes as JSON has them: name, type, and value as text, bytes in base64."""
    return [
        {"name": name, "type": one.type, "value": value_text(one)}
        for name, one in sorted(attributes.items())
    ]
