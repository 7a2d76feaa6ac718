"""What stands for a picture on a page: blanks whose style tells which picture, and which row of it.

The style is hidden text in a colour that nothing else has: it goes unchanged through rich,
prompt_toolkit and whatever puts lines side by side, as text does. The overlay finds it on the drawn
screen. The same pixels at the same size are the same content: encoded, and sent, once.
"""

from __future__ import annotations

import re
import threading
import weakref
from collections import deque
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from labapp.console import blocks, theme
from labapp.console.graphics import choice as choices

if TYPE_CHECKING:
    from labapp.console.graphics.choice import Choice
    from labapp.console.graphics.encoded import Encoded, Pixels

#: Contents that are kept though no drawing has them now: a page may have kept its lines alone, and
#: what was shown a moment ago is shown again. With its pixels each takes some 2 MB.
KEPT = 12

#: Numbers of contents, and rows of one: together they make up a colour.
_NUMBERS, _ROWS = 1 << 16, 1 << 8

#: A marked style, as prompt_toolkit reads it.
_STYLE = re.compile(r"(?<!bg:)#([0-9a-f]{4})([0-9a-f]{2})\b.*\bhidden\b")

#: A row of marked blanks in text with escape codes.
_LINE = re.compile(r"\x1b\[8;38;2;(\d+);(\d+);(\d+)m +\x1b\[0m")


@dataclass(eq=False)
class Content:
    """A picture at a size, encoded.

    Args:
        pixels: height by width by 3, RGB, uint8; never changed.
        columns: cells across.
        rows: cells down.
        choice: how it was encoded.
        encoded: what is sent.
    """

    pixels: Pixels
    columns: int
    rows: int
    choice: Choice
    encoded: Encoded
    #: What its blanks are marked with.
    number: int = field(default=0, init=False)

    @cached_property
    def blocks(self) -> list[str]:
        """Its rows in blocks, for where it cannot be shown whole."""
        return blocks.lines(self.pixels, self.columns, self.rows, theme.current())

    @cached_property
    def cells(self) -> list[list[tuple[str, str]]]:
        """The blocks cell by cell: style and sign."""
        from prompt_toolkit.formatted_text import ANSI, to_formatted_text

        return [[(style, sign) for style, text, *_ in to_formatted_text(ANSI(line))
                 for sign in text] for line in self.blocks]  # fmt: skip

    def lines(self) -> list[str]:
        """Return its marked blanks, a line for each row."""
        high, low = divmod(self.number, 256)
        blank = " " * self.columns
        return [f"\x1b[8;38;2;{high};{low};{row}m{blank}\x1b[0m" for row in range(self.rows)]


_lock = threading.Lock()
_alive: weakref.WeakValueDictionary[int, Content] = weakref.WeakValueDictionary()
_made: weakref.WeakValueDictionary[tuple[object, ...], Content] = weakref.WeakValueDictionary()
_kept: deque[Content] = deque(maxlen=KEPT)
_last = 0


def content_of(pixels: Pixels, columns: int, rows: int) -> Content | None:
    """Return a picture for the given cells, encoded at once; None where it can only be blocks."""
    from labapp.console.graphics.encoders import encode  # most pages have no picture

    choice = choices.current()
    if choice.protocol == "blocks" or rows > _ROWS:
        return None
    # A content keeps its pixels, so that no others can have their identity.
    key = (id(pixels), columns, rows, choice)
    with _lock:
        found = _made.get(key)
    if found is None:
        encoded = encode(pixels, columns, rows, choice)
        if encoded is None:
            return None
        found = Content(pixels, columns, rows, choice, encoded)
    with _lock:
        if not found.number:
            found.number = _next()
            _alive[found.number] = _made[key] = found
        if found in _kept:
            _kept.remove(found)
        _kept.append(found)
    return found


def are_used() -> bool:
    """Whether there is any content: a page may have marks on it."""
    return bool(_alive)


def content(number: int) -> Content | None:
    """Return the content with a number; None where nothing has kept it."""
    return _alive.get(number)


@lru_cache(maxsize=4096)
def mark_of(style: str) -> tuple[int, int] | None:
    """Return the number of the content and the row that a style marks; None for any other."""
    found = _STYLE.search(style)
    return (int(found[1], 16), int(found[2], 16)) if found else None


def in_blocks(line: str) -> str:
    """Return a line of text with what is marked in it as blocks, for where there is no overlay."""

    def drawn(found: re.Match[str]) -> str:
        high, low, row = map(int, found.groups())
        one = content(high * 256 + low)
        return one.blocks[row] if one else found[0]

    return _LINE.sub(drawn, line)


def _next() -> int:
    """Return a number that is free; 0 stands for none."""
    global _last
    while True:
        _last = (_last + 1) % _NUMBERS
        if _last and _last not in _alive:
            return _last
