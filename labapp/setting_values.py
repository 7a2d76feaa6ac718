"""Conversion of settings from the text of flags, variables and files to their types.

A flag and a variable are always text; a file's values have a type of their own, which must fit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

#: Characters of a wrong value that an error repeats.
MOST_SHOWN = 80


def excerpt(value: object) -> str:
    """Return a value as an error repeats it: on one line, and not too long."""
    try:
        text = repr(value)
    except ValueError:  # Python writes no integer of more than 4300 digits
        return "a number too long to show"
    except RecursionError:
        return "a table of tables without end"
    return text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "..."


def _made(kind: Callable[[Any], Any], *given: type) -> Callable[[object], Any]:
    """Return what makes a number of values of some types; a truth value is none."""

    def convert(value: object) -> Any:
        if isinstance(value, bool) or not isinstance(value, given):
            raise TypeError
        return kind(value)

    return convert


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    words = {"1": True, "true": True, "yes": True, "on": True}
    words |= {"0": False, "false": False, "no": False, "off": False}
    if str(value).lower() not in words:
        raise ValueError
    return words[str(value).lower()]


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    value.encode()  # what is no Unicode, as in a broken variable, could be neither shown nor sent
    return value


#: What turns a value into a setting's type, by the type's name, and what it takes, in words; raises
#: ValueError, TypeError or OverflowError.
CONVERTERS: Mapping[str, tuple[Callable[[object], Any], str]] = {
    "int": (_made(int, int, str), "a whole number"),
    "float": (_made(float, int, float, str), "a number"),
    "bool": (_boolean, "true or false"),
    "str": (_text, "text"),
}
