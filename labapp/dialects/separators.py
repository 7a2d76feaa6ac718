"""How a text is parted: into the fields of a body, and into integers.

What parts is chosen by characters, any one of which parts; by `non-digit`; or, where nothing is
chosen, as labapp parts lists: at commas, semicolons and white space, however many.
"""

from __future__ import annotations

import functools
import re

from labapp import numbers

#: Whatever is no digit; a sign before a digit is the number's, unless it stands behind one.
NON_DIGIT = "non-digit"
_NON_DIGIT = r"(?:[^\d+\-\u2212]|(?<=\d)[+\-\u2212]|[+\-\u2212](?!\d))+"

_USUAL = r"[,;\s]+"

#: An integer as programs write it that know only numbers with a point: 3.0.
_WHOLE = re.compile(r"(?<![\w.])([+-]?[0-9]+)\.0+(?![\w.])", re.ASCII)


@functools.cache
def _pattern(separators: str) -> re.Pattern[str]:
    """Return what a separator is; none is chosen but by a dialect's file."""
    if separators == NON_DIGIT:
        return re.compile(_NON_DIGIT)
    if not separators:
        return re.compile(_USUAL)
    blank = "".join(sign for sign in separators if sign.isspace())
    other = "".join(sign for sign in separators if not sign.isspace())
    # Blanks in a row part once, and beside another separator they part no further.
    blanks, others = f"[{re.escape(blank)}]", f"[{re.escape(other)}]"
    if not blank:
        return re.compile(others)
    return re.compile(f"{blanks}*{others}{blanks}*|{blanks}+" if other else f"{blanks}+")


def parted(text: str, separators: str, most: int = 0) -> list[str]:
    """Return the fields of a text, blanks around each taken off.

    Args:
        text: what is parted.
        separators: those of a block. Of chosen characters each one parts, so that an empty field
            keeps its place; of the others any number are one, and at an end they part nothing.
        most: how often it is parted at most; 0 for as often as it can be.
    """
    pattern, text = _pattern(separators), text.strip()
    if separators in ("", NON_DIGIT) and (found := pattern.match(text)):
        text = text[found.end() :]
    fields = [field.strip() for field in pattern.split(text, maxsplit=most)]
    if separators in ("", NON_DIGIT) and not fields[-1]:
        fields.pop()
    return fields


def integers(text: str, separators: str) -> list[int]:
    """Return the integers of a text, 3.0 taken for 3; separators as of `parted`.

    Raises:
        RefusedError: there is none, or one is no integer.
    """
    if separators:
        return numbers.read(map(_whole, parted(text, separators)))
    return numbers.parse(_whole(text))


def _whole(text: str) -> str:
    return _WHOLE.sub(r"\1", text) if ".0" in text else text


def field(text: str, separators: str, place: int, rest: bool) -> str | None:
    """Return a field by its place from 1; None where there is none, or it is empty.

    Args:
        text: the body.
        separators: those of a block.
        place: which, from 1.
        rest: whether all behind it belongs to it, as it stands.
    """
    if rest and place == 1:
        return text.strip() or None
    found = parted(text, separators, place - 1 if rest else place)
    return (found[place - 1] or None) if len(found) >= place else None
