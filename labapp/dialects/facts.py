"""The facts that a placeholder or a condition may name, and how each is found of a message."""

from __future__ import annotations

import base64
import functools
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from labapp.dialects import documents, separators
from labapp.dialects.messages import Done, Incoming
from labapp.dialects.patterns import fits_name, is_pattern
from labapp.errors import RefusedError
from labapp.message_attribute import Attribute

if TYPE_CHECKING:
    from labapp.numbers import Summary

#: Which facts there are where: of any message; of integers, once they are summed up; of a key that
#: was asked for; of an answer; of a refusal.
REQUEST, NUMBERS, KEY, ANSWER, REFUSAL = "request", "numbers", "key", "answer", "refusal"

#: What a fact is: text, an integer, a number that may be broken, several.
TEXT, INTEGER, BROKEN, LIST = "text", "integer", "broken", "list"

#: What a reader finds.
Value = str | int | Fraction | Attribute | Sequence[int] | Sequence[str]


@dataclass(frozen=True)
class Fact:
    """One fact, or all of one form.

    Attributes:
        name: as it is written, X for what its writer chooses.
        meaning: what it stands for, in one line.
        places: where it is known.
        kind: what it is, which decides how it can be written.
    """

    name: str
    meaning: str
    places: tuple[str, ...]
    kind: str = TEXT


#: Every fact, in the order in which the manual tells them.
FACTS = (
    Fact("body", "the text of the message", (REQUEST,)),
    Fact("field1", "the first field of the body; field2 the second, and so on", (REQUEST,)),
    Fact("field2+", "the second field and all behind it, as they stand", (REQUEST,)),
    Fact("attr.X", "the attribute X; with * or #, all that fit, 2 before 10", (REQUEST,)),
    Fact("body.X", "X of a JSON body; what is nested, with dots: body.data.id", (REQUEST,)),
    Fact("message_id", "the id that SQS gave the message", (REQUEST,)),
    Fact("group", "the message's group, on a FIFO queue", (REQUEST,)),
    Fact("min", "the smallest integer", (NUMBERS,), INTEGER),
    Fact("max", "the greatest integer", (NUMBERS,), INTEGER),
    Fact("mean", "their mean", (NUMBERS,), BROKEN),
    Fact("median", "their median", (NUMBERS,), BROKEN),
    Fact("sum", "their sum", (NUMBERS,), INTEGER),
    Fact("count", "how many they are", (NUMBERS,), INTEGER),
    Fact("sorted", "the integers from the smallest on, between commas", (NUMBERS,), LIST),
    Fact("integers", "the integers as they came, between commas", (NUMBERS,), LIST),
    Fact("json", "all values as a JSON object", (NUMBERS,)),
    Fact("sentence", "all values as plain clients read them", (NUMBERS,)),
    Fact("name", "the name in the key that was asked for: cat.png of photos/cat.png", (KEY,)),
    Fact("stem", "the same without its extension: cat", (KEY,)),
    Fact("ext", "the extension of the result, with its dot: .png", (KEY,)),
    Fact(
        "folder",
        "the folder in that key with its slash: photos/; empty where there is none",
        (KEY,),
    ),
    Fact("result", "the key of the result, or of the object with the answer", (ANSWER,)),
    Fact("pick", "what the block's pick chooses", (ANSWER,)),
    Fact("status", "done; of a refusal refused, or failed", (ANSWER, REFUSAL)),
    Fact("error", "why it was refused, or failed", (REFUSAL,)),
)

_BY_NAME = {fact.name: fact for fact in FACTS}
_FIELD = re.compile(r"field([1-9][0-9]{0,2})(\+?)", re.ASCII)
_ATTRIBUTE = re.compile(r"attr\.[A-Za-z0-9_.*#-]{1,256}", re.ASCII)
_DIGITS = re.compile(r"([0-9]+)", re.ASCII)


#: Words for facts that other languages and labs have.
_OTHER_WORDS = {"average": "mean", "avg": "mean", "moyenne": "mean", "mediane": "median"} | {
    **{"minimum": "min", "maximum": "max", "total": "sum", "somme": "sum"},
    **{"filename": "name", "extension": "ext", "key": "result", "text": "body"},
}


class TemplateError(ValueError):
    """Something in a text of a dialect cannot be; `remedy` says what to do."""

    def __init__(self, message: str, remedy: str) -> None:
        self.message = message
        self.remedy = remedy
        super().__init__(f"{message}. {remedy}")


class LackError(RefusedError):
    """A message, or what came of it, lacks a fact."""


class Facts:
    """What can be told of one message, and of what came of it.

    Args:
        message: as it came.
        separators: those of its block, which part the fields of the body.
        done: what came of it; nothing yet.
        number: how means and medians are written where a placeholder does not say.
        pick: gives what `pick` stands for.
        status: `done`, `refused` or `failed`; empty where it is not answered yet.
        error: why it was refused, or failed.
    """

    __slots__ = ("done", "error", "message", "number", "pick", "separators", "status")

    def __init__(
        self,
        message: Incoming,
        separators: str = "",
        done: Done | None = None,
        *,
        number: str = "",
        pick: Callable[[], str] | None = None,
        status: str = "",
        error: str = "",
    ) -> None:
        self.message, self.separators, self.done = message, separators, done
        self.number, self.pick, self.status, self.error = number, pick, status, error

    def lacking(self, name: str) -> LackError:
        """Return the refusal of a message that lacks a fact."""
        what, _, of = name.partition(".")
        if what == "attr":
            told = f"no attribute fits {of}" if is_pattern(of) else f"the attribute {of} is missing"
            return LackError(told, "Send it with the message.")
        if what == "body" and of:
            if self.message.document is None:
                return LackError("the body is no JSON object", f"Send one that has {of!r}.")
            return LackError(f"{of!r} is missing in the body", "Send it in the JSON object.")
        if found := _FIELD.fullmatch(name):
            return LackError(f"the body has no field {found[1]}", "Send all fields.")
        if what == "group":
            return LackError("the message has no group", "Send it to a FIFO queue with one.")
        return LackError(f"there is no {name}")


def known(name: str) -> Fact:
    """Return the fact of a name, as written in a placeholder or a condition.

    Raises:
        TemplateError: there is none.
    """
    fact = _BY_NAME.get(name) or _of_a_form(name)
    if fact is None:
        raise TemplateError(f"there is no {{{name}}}", _nearest(name))
    return fact


def _of_a_form(name: str) -> Fact | None:
    if found := _FIELD.fullmatch(name):
        return _BY_NAME["field2+" if found[2] else "field1"]
    if _ATTRIBUTE.fullmatch(name):
        fact = _BY_NAME["attr.X"]
        return replace(fact, kind=LIST) if is_pattern(name) else fact
    is_path = name.startswith("body.") and all(name.split("."))
    return _BY_NAME["body.X"] if is_path else None


def _nearest(name: str) -> str:
    import difflib  # for this sentence only

    if name.startswith("attr"):
        return "An attribute is written {attr.Name}: letters, digits, dots, dashes, underscores."
    plain = name.lower()
    near = difflib.get_close_matches(_OTHER_WORDS.get(plain, plain), _BY_NAME, 1)
    names = ", ".join(f"{{{one}}}" for one in _BY_NAME)
    return f"Did you mean {{{near[0]}}}?" if near else f"There are {names}."


@functools.cache
def reader(name: str) -> Callable[[Facts], Value | None]:
    """Return what finds a fact that is `known`; it returns None where it is not there."""
    what, _, of = name.partition(".")
    if what == "attr":
        if is_pattern(of):
            return lambda facts: attributes_like(facts.message, of)
        # SQS takes no empty values; a cloud that does has one that says nothing.
        return lambda facts: (
            one if (one := facts.message.attributes.get(of)) and one.value else None
        )
    if what == "body" and of:
        path = of.split(".")
        return lambda facts: documents.found(facts.message.document, path)
    if found := _FIELD.fullmatch(name):
        place, rest = int(found[1]), bool(found[2])
        return lambda facts: separators.field(facts.message.text, facts.separators, place, rest)
    return _READERS[name]


def attributes_like(message: Incoming, pattern: str) -> list[str] | None:
    """Return the attributes whose names fit a pattern as texts, 2 before 10; None for none."""
    names = [name for name in message.attributes if fits_name(pattern, name)]
    return [text_of(message.attributes[name]) for name in sorted(names, key=_natural)] or None


def _natural(name: str) -> list[str | int]:
    # Digits and what is no digit take turns, so that nothing is compared with its unlike.
    return [int(part) if at % 2 else part for at, part in enumerate(_DIGITS.split(name))]


def text_of(value: Value) -> str:
    """Return what a reader found as text: bytes as UTF-8, or base64 where they are none."""
    if isinstance(value, str):
        return value
    if isinstance(value, Attribute):
        if isinstance(value.value, str):
            return value.value
        try:
            return value.value.decode()
        except UnicodeDecodeError:
            return base64.b64encode(value.value).decode("ascii")
    if isinstance(value, int | Fraction):
        return str(value)
    return ",".join(map(str, value))


def _summary(facts: Facts) -> Summary | None:
    return facts.done.summary if facts.done else None


def _of_summary(name: str) -> Callable[[Facts], Value | None]:
    of = operator.attrgetter(name)

    def read(facts: Facts) -> Value | None:
        found: Value | None = of(facts.done.summary) if facts.done and facts.done.summary else None
        return found

    return read


def _key(part: Callable[[str], str]) -> Callable[[Facts], str | None]:
    """Return what finds a part of the key that was asked for."""
    return lambda facts: part(key) if (key := facts.done and facts.done.source) else None


def _name(key: str) -> str:
    return key.rpartition("/")[2]


def extension(key: str) -> str:
    """Return the extension of a key, with its dot; empty where it has none."""
    stem, dot, rest = _name(key).rpartition(".")
    return dot + rest if rest and stem.strip(".") else ""


def _extension(facts: Facts) -> str | None:
    return (facts.done and facts.done.extension) or _key(extension)(facts)


_READERS: dict[str, Callable[[Facts], Value | None]] = {
    **{name: _of_summary(name) for name in ("min", "max", "mean", "median", "sum", "count")},
    "body": lambda facts: facts.message.text,
    "message_id": lambda facts: facts.message.id,
    "group": lambda facts: facts.message.group or None,
    "sorted": lambda facts: sorted(facts.done.integers) if facts.done else None,
    "integers": lambda facts: list(facts.done.integers) if facts.done else None,
    "json": lambda facts: found.json() if (found := _summary(facts)) else None,
    "sentence": lambda facts: found.sentence() if (found := _summary(facts)) else None,
    "name": _key(_name),
    "stem": _key(lambda key: _name(key).removesuffix(extension(key))),
    "ext": _extension,
    "folder": _key(lambda key: key[: key.rfind("/") + 1]),
    "result": lambda facts: (facts.done and facts.done.result) or None,
    "pick": lambda facts: facts.pick() if facts.pick else None,
    "status": lambda facts: facts.status or None,
    "error": lambda facts: facts.error or None,
}
