"""The forms in which a placeholder writes its fact: `{mean:.2f}`, `{sorted:/}`, `{attr.id:json}`.

A comma may stand for the point: `{mean:,2f}`, `{mean:comma}`. Numbers are written exactly, never by
way of floats, but for the form that is called so.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from fractions import Fraction

from labapp import numbers
from labapp.dialects.documents import as_json
from labapp.dialects.facts import BROKEN, INTEGER, LIST, TemplateError, Value, text_of
from labapp.message_attribute import Attribute

#: Digits behind the point that a form may ask for: SQS takes 38 in all, and a mean has 19 before.
MOST_PLACES = 15

#: Decimals behind a point or a comma, and the same where neither was written.
_PLACES = re.compile(r"([.,])([0-9]{1,2})f", re.ASCII)
_NO_POINT = re.compile(r"[0-9]{1,2}f", re.ASCII)
_JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)

_NUMBER_FORMS = (
    "Numbers have .2f or ,2f (or another count of decimals), comma, float, int and round."
)
_TEXT_FORMS = "Texts have json, upper and lower."


def check_number(form: str) -> None:
    """See to it that numbers can be written in a form: that of a block, or of a placeholder.

    Raises:
        TemplateError: they cannot.
    """
    places = _PLACES.fullmatch(form)
    if places and int(places[2]) > MOST_PLACES:
        raise TemplateError(
            f"the form {form!r} has more than {MOST_PLACES} decimals", "Take fewer."
        )
    if not places and form not in _WHOLE:
        remedy = f"Write .{form}, or ,{form}." if _NO_POINT.fullmatch(form) else _NUMBER_FORMS
        raise TemplateError(f"there is no form {form!r} of a number", remedy)


def has_comma(form: str) -> bool:
    """Tell whether a form of numbers writes a comma for the point, which no Number of SQS has."""
    return form == "comma" or form.startswith(",")


def check(form: str, kind: str) -> None:
    """See to it that a fact of a kind can be written in a form; errors as `check_number`."""
    if form == "json":
        return
    if kind in (INTEGER, BROKEN):
        check_number(form)
    elif kind == LIST:
        if not form:
            raise TemplateError("a colon is followed by no form", "Say what joins the integers.")
    elif form not in _TEXTS:
        raise TemplateError(f"there is no form {form!r} of a text", _TEXT_FORMS)


@functools.cache
def writer(form: str, kind: str) -> Callable[[Value], str]:
    """Return what writes facts of a kind in a form that was checked; empty for the usual one."""
    if not form:
        return _usual if kind == BROKEN else text_of
    if form == "json":
        return _json
    if kind == LIST:
        return lambda value: form.join(map(str, value)) if isinstance(value, list) else str(value)
    if places := _PLACES.fullmatch(form):
        point, count = places[1], int(places[2])
        return lambda value: numbers.fixed(_number(value), count).replace(".", point)
    if form in _WHOLE:
        write = _WHOLE[form]
        return lambda value: write(_number(value))
    return _TEXTS[form]


def _usual(value: Value) -> str:
    # Exactly: to ask an integer whether it is an instance of an abstract class takes a while.
    return numbers.decimal(value) if type(value) is Fraction else text_of(value)


def _number(value: Value) -> Fraction | int:
    """Return a fact of numbers, whose readers find nothing else, as one."""
    return value if isinstance(value, Fraction | int) else Fraction(str(value))


def _json(value: Value) -> str:
    """Write a value as JSON; a number that its sender typed as one stays as it is."""
    if isinstance(value, Attribute):
        text = text_of(value)
        is_number = value.type.partition(".")[0] == "Number" and _JSON_NUMBER.fullmatch(text)
        return text if is_number else as_json(text)
    if isinstance(value, Fraction):
        return _usual(value)
    return as_json(value)


_WHOLE: dict[str, Callable[[Fraction | int], str]] = {
    "comma": lambda value: _usual(value).replace(".", ","),
    "float": lambda value: repr(float(value)),
    "int": lambda value: str(int(value)),
    "round": lambda value: numbers.fixed(value, 0),
}

_TEXTS: dict[str, Callable[[Value], str]] = {
    "upper": lambda value: text_of(value).upper(),
    "lower": lambda value: text_of(value).lower(),
}
