"""The integer job: read a list, hold it against the rules, sum it up.

Pure: client and worker call the same functions, the client to spare a useless round trip, the
worker because it trusts nobody. Results are exact: means are fractions, never floats, so that two
neighbours near 2**63 keep their half between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from labapp.errors import RefusedError

#: The integers taken: those that fit 64 bits with a sign, as databases and other languages have it.
SMALLEST, GREATEST = -(2**63), 2**63 - 1

#: Decimals shown of a mean that does not end, such as 1/3; rounded half to even.
DECIMALS = 10

#: Characters of what was typed that an error repeats.
QUOTED = 40

#: White space of ASCII and Unicode's line breaks; other blanks of Unicode may group digits.
_SEPARATORS = re.compile(r"[,;\s\x85\u2028\u2029]+", re.ASCII)
_OUTER = re.compile(r"^[,;\s\x85\u2028\u2029]+|[,;\s\x85\u2028\u2029]+$", re.ASCII)
#: The sign of an integer, and its digits without leading zeros.
_INTEGER = re.compile(r"([+-]?)(?=[0-9])0*([1-9][0-9]*|)")

#: How programs print a list: Python, R and JSON, tuples and sets.
_BRACKETS = {"[": "]", "(": ")", "{": "}"}

#: Minus as typesetters have it (U+2212); it means nothing else.
_MINUS = "\u2212"

#: Digits in groups of three, such as 1,000 or 1 000: a list whose second integer is 0, or no list.
_THOUSANDS = re.compile(r"(?<![0-9])[1-9][0-9]{0,2}[, ]0[0-9]{2}(?![0-9])")

#: Where semicolons part the integers, a comma between digits is decimal or groups them, and so
#: does a blank before three digits.
_BETWEEN_SEMICOLONS = re.compile(r"[0-9]+,[0-9]+|(?<![0-9])[0-9]{1,3} [0-9]{3}(?![0-9])")

#: What a summary tells, and how its numbers are written: with so few digits that every program
#: that reads one finds it finite.
_NAMES = ("min", "max", "mean", "median", "sum", "count")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,39})(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?", re.ASCII)

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

    def told(self) -> tuple[str, str]:
        """Return `sentence` and `json`, at less than what both cost."""
        mean, median = decimal(self.mean), decimal(self.median)
        return (
            f"minimum is {self.min} maximum is {self.max} average is {mean}"
            f" median is {median} sum is {self.sum}",
            f'{{"min": {self.min}, "max": {self.max}, "mean": {mean},'
            f' "median": {median}, "sum": {self.sum}, "count": {self.count}}}',
        )

    def sentence(self) -> str:
        """Return the summary as plain clients read it."""
        return self.told()[0]

    def json(self) -> str:
        """Return the summary as a JSON object; its numbers are not rounded to floats."""
        return self.told()[1]


def known_values(found: Mapping[str, object]) -> str:
    """Return what somebody else's summary tells, as `Summary.json` writes it.

    Args:
        found: its values, numbers as the texts that stand there.

    Returns:
        a JSON object of the known names alone, each number exactly as written; empty where there
        are none, or one of them is no number that every program finds finite.
    """
    values = {name: str(found[name]) for name in _NAMES if name in found}
    if not values or not all(map(_NUMBER.fullmatch, values.values())):
        return ""
    return "{" + ", ".join(f'"{name}": {value}' for name, value in values.items()) + "}"


def parse(text: str) -> list[int]:
    """Read integers separated by commas, semicolons or white space; empty fields do no harm.

    One pair of brackets around the list is taken, as programs print one. What stands between
    digits and may group them is never taken for a separator: no-break and thin spaces, marks, and
    commas or blanks where the rest of the list shows that they do.

    Raises:
        RefusedError: the list is empty, or holds what is no integer, does not fit 64 bits or may
            be one integer as well as two.
    """
    inside = _inside_brackets(text.strip()).replace(_MINUS, "-")
    _refuse_groups(inside)
    return read(_SEPARATORS.split(inside))


def read(fields: Iterable[str]) -> list[int]:
    """Read integers that are parted already, with blanks around them; empty fields do no harm.

    Raises:
        RefusedError: there is none, or one is no integer or does not fit 64 bits.
    """
    # A no-break space beside a separator is a blank like any other.
    values = [_integer(field) for each in fields if (field := each.strip())]
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
    if not rules.allow_negative and min(values, default=0) < 0:
        offender = next(value for value in values if value < 0)
        raise RefusedError(
            f"all integers must be positive or zero, and {offender} is not",
            "Leave it out, or give client and worker the setting allow_negative.",
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
    if value.denominator == 1:
        return str(value.numerator)
    return fixed(value, DECIMALS).rstrip("0").rstrip(".")


def fixed(value: Fraction | int, places: int) -> str:
    """Write a number with so many decimals, exactly; a half goes to the even neighbour."""
    whole, over = divmod(abs(value.numerator) * 10**places, value.denominator)
    twice = 2 * over
    whole += twice > value.denominator or (twice == value.denominator and whole & 1)
    sign = "-" if value.numerator < 0 and whole else ""
    if not places:
        return f"{sign}{whole}"
    before, behind = divmod(whole, 10**places)
    return f"{sign}{before}.{behind:0{places}d}"


def _inside_brackets(text: str) -> str:
    """Return the text without the one pair of brackets around it, if there is one."""
    if text[:1] in _BRACKETS and text[1:].endswith(_BRACKETS[text[0]]):
        return text[1:-1]
    return text


def _refuse_groups(text: str) -> None:
    """Refuse a list in which commas or blanks seem to group the digits of one number."""
    parted = ";" in text and ";" in _OUTER.sub("", text)  # one at an end parts nothing
    found = _THOUSANDS.search(text) or (parted and _BETWEEN_SEMICOLONS.search(text))
    if found:
        raise RefusedError(
            f"{_shown(found[0])!r} may be one number or two integers",
            "Write the digits of one integer without marks between them, such as 1000, and one"
            " kind of separator between two, such as 1,12,55,4.",
        )


def _integer(field: str) -> int:
    if len(field) < _MOST_DIGITS and field.isascii() and field.isdigit():  # as most are
        return int(field)
    found = _INTEGER.fullmatch(field)
    if not found:
        raise _no_integer(field)
    sign, digits = found.groups()
    if len(digits) <= _MOST_DIGITS:
        value = int(f"{sign}{digits or 0}")
        if SMALLEST <= value <= GREATEST:
            return value
    raise RefusedError(
        f"{_shown(field)} does not fit 64 bits", f"Send integers from {SMALLEST} to {GREATEST}."
    )


def _no_integer(field: str) -> RefusedError:
    """Return the refusal of a field; a character that may not be seen as wrong is named."""
    message = f"{_shown(field)!r} is not an integer"
    foreign = next((c for c in field if not c.isascii()), "")
    if not foreign:
        return RefusedError(message, "Send whole numbers separated by commas, such as 1,12,55,4.")
    import unicodedata  # for this sentence only

    name = f"U+{ord(foreign):04X} ({unicodedata.name(foreign, 'without a name')})"
    if foreign.isspace():
        return RefusedError(
            f"{message}: {name} may group its digits, or part two",
            "Write one number without it, and a comma between two.",
        )
    return RefusedError(
        message, f"{name} is in it. Send the digits 0 to 9, and commas between the integers."
    )


def _shown(text: str) -> str:
    return text if len(text) <= QUOTED else text[:QUOTED] + "..."
