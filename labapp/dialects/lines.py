"""On which line of a file each of its keys stands, which Python's reader of TOML does not tell.

The text is one that this reader took already, so that it need only be followed here, not judged.
"""

from __future__ import annotations

import contextlib
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from typing import TypeAlias

#: Where a value stands in what was read: keys, and places in lists from 0.
Where: TypeAlias = tuple[str | int, ...]

_BLANK = re.compile(r"[ \t]*")
#: What may stand between the values of a list, and between lines: comments too.
_GAP = re.compile(r"(?:[ \t\n]+|#[^\n]*)*")
_PART = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")
#: A text, in three quotes or one; up to two quotes more may stand before the three that end it.
_TEXT = re.compile(
    r'"""(?:[^"\\]|\\.|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r"""|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""",
    re.DOTALL,
)
#: Numbers, dates, true and false.
_OTHER = re.compile(r"[^,\]}#\n]+")


def of(text: str) -> dict[Where, int]:
    """Return the line, from 1, of each table, key and value of a list.

    Args:
        text: TOML that was read without an error; its lines end in one character.
    """
    scanner = _Scanner(text)
    # What a later TOML may have is followed as far as it is known: lines are for errors alone.
    with contextlib.suppress(_LostError, RecursionError):
        scanner.scan()
    return scanner.found


def nearest(lines: Mapping[Where, int], where: Where) -> int:
    """Return the line of a value, or of the innermost one around it that has one; 0 for none."""
    while where and where not in lines:
        where = where[:-1]
    return lines.get(where, 0)


class _LostError(Exception):
    """What stands there is no TOML that is known here."""


class _Scanner:
    """Goes through a text once."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.found: dict[Where, int] = {}
        self.lists = Counter[Where]()  # `[[these]]`, and how many there were

    def scan(self) -> None:
        table: Where = ()
        self.skip(_GAP)
        while self.sign:
            if self.sign == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip(_GAP)

    @property
    def sign(self) -> str:
        """The next character; empty at the end."""
        return self.text[self.at : self.at + 1]

    def skip(self, pattern: re.Pattern[str]) -> str:
        """Go beyond what a pattern finds here, and return it."""
        match = pattern.match(self.text, self.at)
        if match is None:
            raise _LostError
        self.line += match[0].count("\n")
        self.at = match.end()
        return match[0]

    def note(self, where: Where) -> None:
        for length in range(1, len(where) + 1):  # of dotted keys, the tables between as well
            self.found.setdefault(where[:length], self.line)

    def header(self) -> Where:
        """Read `[a.b]` or `[[a.b]]`; return the place of the table that it begins."""
        is_list = self.text.startswith("[[", self.at)
        self.at += 2 if is_list else 1
        *outer, last = self.key()
        self.at += 2 if is_list else 1
        where: Where = ()
        for part in outer:
            where = self.inside((*where, part))
        where = (*where, last)
        if is_list:
            self.lists[where] += 1
        where = self.inside(where)
        self.note(where)
        return where

    def inside(self, where: Where) -> Where:
        """Return the place of the table there: of a list, its last."""
        return (*where, self.lists[where] - 1) if where in self.lists else where

    def key(self) -> tuple[str, ...]:
        parts = []
        while True:
            self.skip(_BLANK)
            parts.append(_plain(self.skip(_PART)))
            self.skip(_BLANK)
            if self.sign != ".":
                return tuple(parts)
            self.at += 1

    def pair(self, table: Where) -> None:
        where = (*table, *self.key())
        self.note(where)
        self.at += 1  # the =
        self.skip(_BLANK)
        self.value(where)

    def value(self, where: Where) -> None:
        if self.sign == "[":
            self.items(where)
        elif self.sign == "{":
            self.pairs(where)
        else:
            self.skip(_TEXT if self.sign in ("'", '"') else _OTHER)

    def items(self, where: Where) -> None:
        place = 0
        self.begin()
        while self.sign not in ("]", ""):
            self.note((*where, place))
            self.value((*where, place))
            place += 1
            self.end_of_one()
        self.at += 1

    def pairs(self, where: Where) -> None:
        self.begin()
        while self.sign not in ("}", ""):
            self.pair(where)
            self.end_of_one()
        self.at += 1

    def begin(self) -> None:
        """Go beyond a bracket, or a comma, to what follows."""
        self.at += 1
        self.skip(_GAP)

    def end_of_one(self) -> None:
        """Go from the end of a value to the next one, or to the bracket behind all."""
        self.skip(_GAP)
        if self.sign == ",":
            self.begin()


def _plain(part: str) -> str:
    """Return a part of a key without its quotes."""
    if part[0] == '"' and "\\" in part:
        return next(iter(tomllib.loads(f"{part} = 0")))
    return part.strip(part[0]) if part[0] in "\"'" else part
