"""The integer job: read a list, hold it against the rules, sum it up.

Pure: client and worker call the same functions, the client to spare a useless round trip, the
worker because it trusts nobody. Results are exact: means are fractions, never floats, so that two
neighbours near 2**63 keep their half between them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from labapp.errors import RefusedError

#: The integers taken: those that fit 64 bits with a sign, as databases and other languages have it.
SMALLEST, GREATEST = -(2**63), 2**63 - 1

#: Decimals shown of a mean that does not end, such as 1/3; rounded half to even.
DECIMALS = 10

#: Characters of what was typed that an error repeats.
QUOTED = 40

_SEPARATORS = re.compile(r"[,;\s]+")
_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)

#: Digits beyond which a number cannot fit 64 bits, leading zeros aside.
_MOST_DIGITS = 19


@dataclass(frozen=True)
class Rules:
    """What a lab takes: the most integers in a list, and whether any may be negative."""

    max_integers: int = 10
    allow_negative: bool = False


@dataclass(frozen=True)
class Summary:
    """What is told of a list: all values exact."""

    min: int
    max: int
    mean: Fraction
    median: Fraction
    sum: int
    count: int

    def sentence(self) -> str:
        """Return the summary as plain clients read it."""
        return (
            f"minimum is {self.min} maximum is {self.max} average is {decimal(self.mean)}"
            f" median is {decimal(self.median)} sum is {self.sum}"
        )

    def json(self) -> str:
        """Return the summary as a JSON object; its numbers are not rounded to floats."""
        return (
            f'{{"min": {self.min}, "max": {self.max}, "mean": {decimal(self.mean)},'
            f' "median": {decimal(self.median)}, "sum": {self.sum}, "count": {self.count}}}'
        )


def parse(text: str) -> list[int]:
    """Read integers separated by commas, semicolons or white space; empty fields do no harm.

    Raises:
        RefusedError: the list is empty, or holds what is no integer or does not fit 64 bits.
    """
    values = [_integer(field) for field in _SEPARATORS.split(text) if field]
    if not values:
        raise RefusedError(
            "the list is empty", "Send integers separated by commas, such as 1,12,55,4."
        )
    return values


def check(values: Sequence[int], rules: Rules) -> None:
    """Hold a list against a lab's rules.

    Raises:
        RefusedError: the first integer below zero is named, or the count where they are too many.
    """
    if not rules.allow_negative:
        offender = next((value for value in values if value < 0), None)
        if offender is not None:
            raise RefusedError(
                f"all integers must be positive or zero, and {offender} is not",
                "Leave it out, or set LABAPP_ALLOW_NEGATIVE=true on client and worker.",
            )
    if len(values) > rules.max_integers:
        raise too_many(len(values), rules)


def too_many(count: int, rules: Rules) -> RefusedError:
    """Return the refusal of a list that has `count` integers."""
    return RefusedError(
        f"at most {rules.max_integers} integers are taken, and the list has {count}",
        "Send fewer, or raise LABAPP_MAX_INTEGERS on client and worker.",
    )


def summarise(values: Sequence[int]) -> Summary:
    """Sum up a list of at least one integer."""
    ordered = sorted(values)
    count, total = len(ordered), sum(ordered)
    middle = ordered[(count - 1) // 2] + ordered[count // 2]
    return Summary(
        ordered[0], ordered[-1], Fraction(total, count), Fraction(middle, 2), total, count
    )


def decimal(value: Fraction) -> str:
    """Write a fraction as people do: `18`, `13.75`, `0.3333333333`; never `18.0`."""
    scaled = round(value * 10**DECIMALS)
    whole, rest = divmod(abs(scaled), 10**DECIMALS)
    sign = "-" if scaled < 0 else ""
    return f"{sign}{whole}.{rest:0{DECIMALS}d}".rstrip("0").rstrip(".")


def _integer(field: str) -> int:
    shown = field if len(field) <= QUOTED else field[:QUOTED] + "..."
    if not _INTEGER.fullmatch(field):
        raise RefusedError(
            f"{shown!r} is not an integer",
            "Send whole numbers separated by commas, such as 1,12,55,4.",
        )
    digits = field.lstrip("+-").lstrip("0")
    value = int(digits or "0") if len(digits) <= _MOST_DIGITS else GREATEST + 1
    value = -value if field.startswith("-") else value
    if len(digits) > _MOST_DIGITS or not SMALLEST <= value <= GREATEST:
        raise RefusedError(
            f"{shown} does not fit 64 bits", f"Send integers from {SMALLEST} to {GREATEST}."
        )
    return value
