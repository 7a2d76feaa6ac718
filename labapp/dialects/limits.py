"""What SQS and S3 take of what a message of anybody's is made into."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Mapping

from labapp.message_attribute import Attribute
from labapp.visible import printable

#: Where labapp keeps its own things in a bucket; no result of a lab's may lie among them.
OWN_PREFIXES = (
    *("inbox/", "outbox/", "drop/", "images/", "labels/", "logs/", "workers/", "removed/"),
)

#: Bytes of an object's key in S3 at most.
MOST_KEY = 1_024

#: Attributes of a message, and bytes of it with all of them; every queue of SQS takes so many.
MOST_ATTRIBUTES, MOST_BYTES = 10, 256 * 1024

#: Characters of an attribute's name, and of its type.
MOST_WORD = 256

#: Characters of a group, and of a deduplication id; and digits of a number.
MOST_ID, MOST_DIGITS = 128, 38

#: What the name of a FIFO queue ends in.
FIFO = ".fifo"

_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NOT_IN_ID = re.compile("[^!-~]+")
_NAME = re.compile(r"(?!(?i:aws|amazon)\.)(?!\.)(?!.*\.\.)[A-Za-z0-9_.-]+(?<!\.)", re.ASCII)
_TYPE = re.compile(r"(String|Number|Binary)(\.[!-~]+)?", re.ASCII)
_NUMBER = re.compile(r"[+-]?(?=\.?[0-9])([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]{1,4}))?", re.ASCII)

#: Between which powers of ten a number lies, if it is none of zero.
_SMALLEST, _GREATEST = -128, 126


def sendable(text: str) -> str:
    """Return a text with what SQS takes in none escaped; ends of lines and tabs stay."""
    if text.isprintable():
        return text
    return _UNFIT.sub(lambda found: printable(found[0]), text)


def is_number(text: str) -> bool:
    """Tell whether SQS takes a text as the value of a Number."""
    found = _NUMBER.fullmatch(text)
    if not found:
        return False
    whole, broken, power = found.groups()
    digits = f"{whole}{broken}".lstrip("0")
    if not digits:
        return True
    first = len(digits) - len(broken) - 1 + int(power or 0)
    return len(digits.rstrip("0")) <= MOST_DIGITS and _SMALLEST <= first < _GREATEST


def takes(name: str, one: Attribute) -> bool:
    """Tell whether SQS takes an attribute of a message."""
    if not (one.value and _takes_words(name, one.type)):
        return False
    if one.type.startswith("Binary"):
        return isinstance(one.value, bytes)
    if not isinstance(one.value, str) or _UNFIT.search(one.value):
        return False
    return is_number(one.value) if one.type.startswith("Number") else True


@functools.lru_cache(maxsize=512)
def _takes_words(name: str, type: str) -> bool:
    """Tell whether SQS takes an attribute's name and type: the same few, over and over."""
    if len(name) > MOST_WORD or len(type) > MOST_WORD:
        return False
    return bool(_NAME.fullmatch(name) and _TYPE.fullmatch(type))


def group(text: str) -> str:
    """Return a text as the group of a message: what SQS does not take there is replaced."""
    return _NOT_IN_ID.sub("_", text)[:MOST_ID]


def deduplication(text: str) -> str:
    """Return a text as a deduplication id; what two are told apart by is kept as a digest."""
    plain = _NOT_IN_ID.sub("_", text)
    if plain == text and len(text) <= MOST_ID:
        return text
    digest = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]
    return f"{plain[: MOST_ID - len(digest) - 1]}-{digest}"


def size(body: str, attributes: Mapping[str, Attribute]) -> int:
    """Return the bytes of a message, as SQS counts them."""
    return len(body.encode()) + sum(
        len(name) + len(one.type.encode()) + len(_bytes(one.value))
        for name, one in attributes.items()
    )


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()
