"""Untrusted JSON: parsed within bounds, its fields coerced to the types that a table shows.

Anybody who may send a message or put an object decides what stands in it: brackets in brackets
without end, a number of a million digits, half a character, a list where a word should be. What is
read here ends in a value of known size, or in one error; and the fields of a value become what a
table can show. Files of our own are read here too where a disk may have damaged them.
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any, NoReturn

from labapp.errors import fault_at
from labapp.visible import printable

#: Lists and objects within each other. Of what we read, an event of S3 by way of SNS lies deepest,
#: at six; Python itself gives up at some hundred, and its C code may take the whole program along.
MOST_DEPTH = 32

#: Values in one document, however short each is: an empty list takes two bytes of text and 56 of
#: memory, so that a megabyte of them would take thirty.
MOST_VALUES = 100_000

#: Characters of one item of a list that is read item by item; and of what is looked at first.
MOST_PIECE, _PIECE = 16_777_216, 262_144

#: Digits of a number, all its characters counted: the least that Python can be set to read and
#: print (`sys.int_info.str_digits_check_threshold`), which else raises where nobody expects it.
MOST_DIGITS = 640

#: Characters of a field that a screen is given: one line of a wide terminal, several times.
MOST_TEXT = 500

#: A number that a table can show, a date can be made of and a float holds exactly (2**53).
MOST_NUMBER = 9_007_199_254_740_992

#: A string of JSON, also one that never ends; what it holds are no brackets and no commas.
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_NO_BRACKETS = re.compile(r"[^\[\]{}]+")
_STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}

#: A character above U+FFFF is written as two escapes; one of them alone is none.
_HALF_ESCAPED = re.compile(r"\\u[dD][89a-fA-F]")


class Written(str):
    """A number as it stood in a document: a text, but none that stood between quotes."""


class ForeignError(ValueError):
    """What was read is no JSON, or beyond the bounds.

    Its text is what is said of it, without the subject: `is no JSON from character 7 of line 1 on`,
    `nests deeper than 32 lists and objects`.

    Attributes:
        in_line: the same for who names the line already.
        line: the line from which on it is no JSON; 0 where none is to blame.
    """

    def __init__(self, reason: str, column: int = 0, line: int = 0) -> None:
        self.in_line = reason + (fault_at(column) if column else "")
        self.line = line
        super().__init__(reason + (fault_at(column, line) if column else ""))


def read(
    data: str | bytes,
    most: int,
    *,
    values: int = MOST_VALUES,
    as_written: bool = False,
    halves: bool = False,
) -> Any:
    """Read a JSON document.

    Args:
        data: its text, or its bytes in UTF-8, with a byte-order mark or without.
        most: bytes that are looked at; of a text, characters.
        values: how many values there may be in all.
        as_written: give numbers as the texts that stand there, each `Written`.
        halves: take halves of characters too, as Python has names of files that are no UTF-8; only
            for what a program of ours wrote.

    Returns:
        The value. All its numbers can be printed, and its texts encoded unless `halves` is asked.

    Raises:
        ForeignError: it is none, or beyond a bound; nothing else is ever raised.
    """
    text = _text(data, most)
    check(text, most, values=values)
    try:
        value = _decoder(as_written).decode(text)
    except json.JSONDecodeError as error:
        raise ForeignError("is no JSON", error.colno, error.lineno) from None
    if not halves:
        check_characters(text, value)
    return value


def read_object(
    data: str | bytes, most: int, *, as_written: bool = False, halves: bool = False
) -> dict[str, Any]:
    """Read a JSON object; arguments and errors as of `read`, and where it is another value."""
    found = read(data, most, as_written=as_written, halves=halves)
    if not isinstance(found, dict):
        raise ForeignError("is no JSON object")
    return found


def object_or_empty(
    data: str | bytes, most: int, *, as_written: bool = False, halves: bool = False
) -> dict[str, Any]:
    """Read a JSON object; an empty one where there is none, or none that `read` takes."""
    try:
        return read_object(data, most, as_written=as_written, halves=halves)
    except ForeignError:
        return {}


def items(text: str, most: int) -> Iterator[tuple[int, object]]:
    """Yield each item of a JSON list, with the number of its line from 1.

    The bounds are those of `read`, but for the number of values: a long list is read item by item,
    and checked in pieces, as a copy of it would take several times its size. One item has at most
    `MOST_PIECE` characters.

    Args:
        text: the list, from its bracket on; blanks before it are passed over.
        most: characters that are looked at.

    Raises:
        ForeignError: the text is none, is cut, or is beyond a bound.
    """
    if len(text) > most:
        raise ForeignError(f"has {len(text):,} characters; at most {most:,} are read")
    place = _over(_BLANK, text, 0)
    if text[place : place + 1] != "[":
        raise ForeignError("is no JSON list")
    place = _over(_BETWEEN, text, place + 1)
    line, counted = 1, 0
    for start, value in _values(text, place):
        line += text.count("\n", counted, start)
        counted = start
        yield line, value


def _values(text: str, place: int) -> Iterator[tuple[int, object]]:
    """Yield the values of a list, the first of which begins at a place, each with its own."""
    decoder, size = _decoder(False), _PIECE
    while place < len(text):
        piece = text[place : place + size]
        check(f"[{piece}", size + 1, values=size + 1)  # they lie in a list
        is_last = place + size >= len(text)
        at = 0
        while at < len(piece) and piece[at] != "]":
            try:
                value, end = decoder.raw_decode(piece, at)
            except json.JSONDecodeError as error:
                if is_last or (at == 0 and size >= MOST_PIECE):
                    raise _none_at(text, place + error.pos) from None
                break
            if not is_last and _IN_NUMBER.fullmatch(piece, end):  # of a number the rest may follow
                break
            check_characters(piece[at:end], value)
            yield place + at, value
            at = _over(_BETWEEN, piece, end)
        if at < len(piece) and piece[at] == "]":
            return
        size = 2 * size if at == 0 else _PIECE
        place = _over(_BETWEEN, text, place + at)
    raise ForeignError("ends in the middle")


def _none_at(text: str, place: int) -> ForeignError:
    column = place - text.rfind("\n", 0, place)
    return ForeignError("is no JSON", column, text.count("\n", 0, place) + 1)


def check(text: str, most: int, *, values: int = MOST_VALUES) -> None:
    """See to it, before anything is made of a text, that its size, depth and values are bounded.

    Arguments as of `read`.

    Raises:
        ForeignError: a bound is passed.
    """
    if len(text) > most:
        raise ForeignError(f"has {len(text):,} characters; at most {most:,} are read")
    # Brackets and commas within strings are counted too, so this only ever sees too many.
    brackets = text.count("[") + text.count("{")
    if brackets <= MOST_DEPTH and brackets + text.count(",") <= values:
        return
    bare = _STRING.sub("", text)
    # Each value but the outermost opens a list or an object, or follows a comma in one.
    if bare.count("[") + bare.count("{") + bare.count(",") > values:
        raise ForeignError(f"holds more than {values:,} values")
    deepest = max(accumulate(map(_STEPS.__getitem__, _NO_BRACKETS.sub("", bare)), initial=0))
    if deepest > MOST_DEPTH:
        raise ForeignError(f"nests deeper than {MOST_DEPTH} lists and objects")


def text(value: object, most: int = MOST_TEXT, other: str = "") -> str:
    """Bring a field to a text of one line that can be printed.

    Args:
        value: the field; a number is written as one.
        most: characters at most, 3 or more; of a longer text the end is cut, which dots tell.
        other: what to give for anything that is no word and no number.
    """
    if isinstance(value, str):  # as most are
        said = value
    elif isinstance(value, bool) or not isinstance(value, int | float):
        return other
    else:
        said = str(value)
    clean = printable(said[: most + 1])
    # Three dots and no single sign: terminals without Unicode are read too.
    return clean if len(said) <= most and len(clean) <= most else f"{clean[: most - 3]}..."


def number(value: object, other: float = 0, most: float = MOST_NUMBER) -> float:
    """Bring a field to a number from `-most` to `most`; `other` where it is none of these."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return other
    return value if -most <= value <= most else other  # NaN is neither


def count(value: object) -> int:
    """Bring a field to a whole number from 0 on; 0 where it is none."""
    return max(0, int(number(value)))


def table(value: object) -> dict[str, Any]:
    """Bring a field to an object; an empty one where it is none."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """Bring a field to a list; an empty one where it is none."""
    return value if isinstance(value, list) else []


_BLANK = re.compile(r"[ \t\r\n]*")
_IN_NUMBER = re.compile(r"[-+.0-9eE]*")
_BETWEEN = re.compile(r"[\s,]*")


def _over(pattern: re.Pattern[str], text: str, place: int) -> int:
    """Return where a text goes on behind what a pattern, which fits anything, takes."""
    found = pattern.match(text, place)
    return found.end() if found else place


def _text(data: str | bytes, most: int) -> str:
    """Return bytes as text, once they are not too many."""
    if isinstance(data, str):
        return data
    if len(data) > most:
        raise ForeignError(f"has {len(data):,} bytes; at most {most:,} are read")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ForeignError("is not text in UTF-8") from None


def check_characters(text: str, value: object) -> None:
    """Refuse halves of characters, written out or escaped: they can be neither sent nor printed.

    Args:
        text: a document.
        value: what was read of it.

    Raises:
        ForeignError: there is one.
    """
    if not text.isascii():
        _check_encodes(text)
    if _HALF_ESCAPED.search(text):
        for each in _texts(value):
            _check_encodes(each)


def _check_encodes(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ForeignError("holds half a character (a lone surrogate)") from None


def _texts(value: object) -> Iterator[str]:
    """Yield every text in a value, names too; without recursion."""
    rest = [value]
    while rest:
        one = rest.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            rest.extend(one)
        elif isinstance(one, dict):
            rest.extend(one)
            rest.extend(one.values())


@functools.cache
def _decoder(as_written: bool) -> json.JSONDecoder:
    whole, broken = (_as_written, _as_written) if as_written else (_whole, _broken)
    return json.JSONDecoder(parse_int=whole, parse_float=broken, parse_constant=_refuse)


def _short(then: Callable[[str], Any]) -> Callable[[str], Any]:
    """Refuse a number that is too long to be worked on."""

    def taken(digits: str) -> Any:
        if len(digits) > MOST_DIGITS:
            raise ForeignError(f"holds a number of more than {MOST_DIGITS} digits")
        return then(digits)

    return taken


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ForeignError("holds a number that is too large")
    return value


_whole, _broken, _as_written = _short(int), _short(_finite), _short(Written)


def _refuse(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python takes and JSON does not know."""
    raise ForeignError(f"holds {name}, which is no JSON")
