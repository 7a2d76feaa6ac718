"""Where a message that somebody's client sent seems to have what it asks: its integers, a key."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from labapp.dialects import facts, patterns, separators
from labapp.dialects.messages import Incoming
from labapp.dialects.separators import NON_DIGIT
from labapp.errors import RefusedError
from labapp.pictures.limits import known_format

#: What a message may ask; nothing that is known, where neither integers nor a key are seen.
NUMBERS, OBJECT, PICTURE, UNKNOWN = "numbers", "object", "picture", ""

#: Extensions of objects that may hold a list of integers.
_LISTS = frozenset((".txt", ".csv", ".json", ".dat", ".lst"))

#: Characters of a text that is looked at: nobody types longer keys, and lists begin like this.
_MOST = 10_000

#: Values of a JSON body that are looked at.
_MOST_VALUES = 200

#: A list whose integers are parted by signs: what the signs may be, and what it is all in all.
_SIGNS = re.compile(r"[^\w\s+\-\u2212]")
_BETWEEN_SIGNS = re.compile(r"[+\-\u2212]?[0-9]+(\s*[^\w\s+\-\u2212]\s*[+\-\u2212]?[0-9]+)+\W?")
_NUMBERED = re.compile(r"(.*?)[0-9]+", re.ASCII)
_BEGINS_AS_A_LIST = re.compile(r"\W*[0-9]")
#: What stands around the integers of a text, and a word that stands alone between two of them.
_INTEGER = re.compile(r"[+\-\u2212]?[0-9]+")
_WORD_BETWEEN = re.compile(r"\W+([^\W\d]+)\W+")
#: A name in a JSON body that a placeholder can have.
_NAME = re.compile(r"[^{}:|.\x00-\x1f]+")


@dataclass(frozen=True)
class Source:
    """Where a message has what it asks.

    Attributes:
        kind: what it asks: `NUMBERS`, `OBJECT`, `PICTURE` or `UNKNOWN`.
        text: the template that gives it.
        separators: what parts its integers, or the fields of its body.
    """

    kind: str
    text: str = ""
    separators: str = ""


def source_of(message: Incoming) -> Source:
    """Return where a message seems to have what it asks."""
    looks: tuple[Callable[[Incoming], Source | None], ...] = (
        *(_in_json, _picture_in_body, _integers_in_body, _picture_in_attribute),
        *(_integers_in_attributes, _integer_alone, _object),
    )
    found = (look(message) for look in looks)
    return next((one for one in found if one), Source(UNKNOWN))


def is_picture(text: str) -> bool:
    """Tell whether a text ends like the key of a picture."""
    return is_format(facts.extension(text.strip()))


def is_format(text: str) -> bool:
    """Tell whether a text is the name of a format of pictures, or an extension."""
    try:
        return bool(known_format(text.strip().lower().removeprefix("image/")))
    except RefusedError:
        return False


def integers_in(text: str) -> list[int]:
    """Return the integers of a list as labapp reads them; none where it is no list."""
    try:
        return separators.integers(text[:_MOST], "")
    except RefusedError:
        return []


def _in_json(message: Incoming) -> Source | None:
    """Look into a JSON body: for a list, the key of a picture, a list that is a text."""
    for path, value in _values(message.document or {}, ()):
        text = f"{{body.{'.'.join(path)}}}"
        is_list = isinstance(value, list) and bool(value)
        if is_list and all(isinstance(one, str) and integers_in(one) for one in value):
            return Source(NUMBERS, text)
        if isinstance(value, str) and is_picture(value):
            return Source(PICTURE, text)
        if isinstance(value, str) and len(integers_in(value)) > 1:
            return Source(NUMBERS, text)
    return None


def _values(document: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Give the values of a JSON object, those within first to last, with their paths."""
    left = _MOST_VALUES
    rest = [(path, document)]
    while rest and left:
        left -= 1
        where, value = rest.pop()
        if isinstance(value, dict):
            inside = [
                ((*where, name), one)
                for name, one in value.items()
                if _NAME.fullmatch(name) and name == name.strip()
            ]
            rest += reversed(inside)
        else:
            yield where, value


def _picture_in_body(message: Incoming) -> Source | None:
    """Look for the key of a picture in a body: it is all of it, or a field."""
    body = message.text.strip()[:_MOST]
    if message.document is not None:
        return None
    chosen = next((sign for sign in ";," if sign in body), "")
    fields = separators.parted(body, chosen)
    at = next((place for place, field in enumerate(fields, start=1) if is_picture(field)), 0)
    # A folder's name may have a blank in it, which then parts nothing.
    if is_picture(body) and (len(fields) == 1 or (not chosen and "/" in fields[0])):
        return Source(PICTURE, "{body}")
    return Source(PICTURE, f"{{field{at}}}", chosen) if at else None


def _integers_in_body(message: Incoming) -> Source | None:
    """Look for at least two integers in a body, with a word before them or without."""
    body = message.text.strip()
    if message.document is not None or len(body) > _MOST:
        return None
    if len(integers_in(body)) > 1:
        return Source(NUMBERS, "{body}")
    signs = "".join(sorted(set(_SIGNS.findall(body))))
    if _BETWEEN_SIGNS.fullmatch(body) and not set(signs) <= set(",;"):
        return _if_read(body, Source(NUMBERS, "{body}", signs))
    if _BEGINS_AS_A_LIST.match(body) and _is_parted_alike(body):
        return _if_read(body, Source(NUMBERS, "{body}", NON_DIGIT))
    for chosen in ("", *signs):
        rest = separators.field(body, chosen, 2, True)
        if rest and (found := _if_read(rest, Source(NUMBERS, "{field2+}", chosen), least=1)):
            return found
    return None


def _is_parted_alike(body: str) -> bool:
    """Tell whether signs part the integers of a body, or one word does: no names stand there."""
    _, *between, _ = _INTEGER.split(body)
    words = [_WORD_BETWEEN.fullmatch(one) for one in between if re.search(r"[^\W\d]", one)]
    return all(words) and len({one[1].casefold() for one in words if one}) <= 1


def _if_read(text: str, source: Source, least: int = 2) -> Source | None:
    """Return a source if a text of its holds integers, so many at least, and nothing else."""
    try:
        found = separators.integers(text, source.separators)
    except RefusedError:
        return None
    return source if len(found) >= least else None


def _picture_in_attribute(message: Incoming) -> Source | None:
    for name, one in message.attributes.items():
        if is_picture(facts.text_of(one)):
            return Source(PICTURE, f"{{attr.{name}}}")
    return None


def _integers_in_attributes(message: Incoming) -> Source | None:
    """Look for attributes that are numbered and hold integers, then for one that holds a list."""
    texts = {name: facts.text_of(one) for name, one in message.attributes.items()}
    for name in texts:
        if found := _NUMBERED.fullmatch(name):
            pattern = f"{found[1]}#"
            alike = [text for other, text in texts.items() if patterns.fits_name(pattern, other)]
            if len(alike) > 1 and all(map(integers_in, alike)):
                return Source(NUMBERS, f"{{attr.{pattern}}}")
    lists = (name for name, text in texts.items() if len(integers_in(text)) > 1)
    return next((Source(NUMBERS, f"{{attr.{name}}}") for name in lists), None)


def _integer_alone(message: Incoming) -> Source | None:
    return Source(NUMBERS, "{body}") if integers_in(message.text) else None


def _object(message: Incoming) -> Source | None:
    """Look for the key of an object that may hold a list."""
    texts = {f"attr.{name}": facts.text_of(one) for name, one in message.attributes.items()}
    texts["body"] = message.text
    for name, text in texts.items():
        if facts.extension(text.strip()).lower() in _LISTS and len(text.split()) == 1:
            return Source(OBJECT, f"{{{name}}}")
    return None


def values_of(fact: str, messages: Sequence[Incoming], parting: str = "") -> list[str] | None:
    """Return what a fact is in each of some messages, without blanks; None where one lacks it."""
    read, found = facts.reader(fact), []
    for message in messages:
        value = read(facts.Facts(message, parting))
        if value is None:
            return None
        found.append(facts.text_of(value).strip())
    return found
