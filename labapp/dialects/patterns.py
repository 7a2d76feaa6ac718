"""Patterns of texts, and of attributes' names: `*` stands for anything, in names `#` for digits."""

from __future__ import annotations

import re

#: What stands in the pattern of an attribute's name for more: anything, digits.
_SIGNS = "*#"

_DIGITS = re.compile(r"[0-9]+", re.ASCII)


def is_pattern(name: str) -> bool:
    """Tell whether the name of an attribute stands for all that fit it."""
    return any(sign in name for sign in _SIGNS)


def fits_name(pattern: str, name: str) -> bool:
    """Tell whether an attribute's name fits a pattern: `*` is anything, `#` one or more digits."""
    if "#" not in pattern:
        return fits(pattern, name)
    ends = {0}  # where in the name what was looked at of the pattern may end
    for sign in pattern:
        if sign == "*":
            ends = set(range(min(ends), len(name) + 1))
        elif sign == "#":
            ends = {end for start in ends for end in _ends_of_digits(name, start)}
        else:
            ends = {end + 1 for end in ends if name.startswith(sign, end)}
        if not ends:
            return False
    return len(name) in ends


def _ends_of_digits(name: str, start: int) -> range:
    found = _DIGITS.match(name, start)
    return range(start + 1, found.end() + 1) if found else range(0)


def fits(pattern: str, text: str) -> bool:
    """Tell whether a text fits a pattern, in which `*` stands for anything; exactly, case too.

    It takes the first place for each part, which is right for `*` alone, and never goes back: a
    pattern of many stars on a long body takes no longer than one.
    """
    if "*" not in pattern:
        return pattern == text
    first, *middle, last = pattern.split("*")
    if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        at = text.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True
