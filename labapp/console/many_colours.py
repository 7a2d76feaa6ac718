"""Thousands of colours at once, as a picture in text has: read and looked up quickly.

The library reads escape codes a character at a time, and goes through all rules of a style for each
colour that it meets for the first time: a tenth of a second for one picture, while no key is heard.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.formatted_text import StyleAndTextTuples

#: Codes that set colours or end them; whatever else there is, the library reads.
_CODES = re.compile("\x1b\\[([0-9;]*)m")

#: What the codes of a colour behind text begin with; those of the text itself begin with 38.
_BACK = 48

#: Intensities of the 6 by 6 by 6 cube of the 256 colours, and the first number of that and of the
#: greys behind it.
_CUBE, _FIRST, _GREYS = (0, 95, 135, 175, 215, 255), 16, 232

#: A style that is two colours and nothing else.
_COLOURS = re.compile(r"(?:#([0-9a-f]{6}))?(?: ?bg:#([0-9a-f]{6}))?")


def styled_lines(text: str) -> list[StyleAndTextTuples]:
    """Return text with escape codes as the lines of fragments that pages show."""
    try:
        return [list(_fragments(line)) for line in _lines(text)]
    except ValueError:
        from prompt_toolkit.formatted_text import ANSI, split_lines, to_formatted_text

        return list(split_lines(to_formatted_text(ANSI(text))))


def _lines(text: str) -> list[str]:
    """Return the lines of a text whose codes all end in their line.

    Raises:
        ValueError: it has others.
    """
    lines = text.split("\n")
    if any(_ends_open(line) for line in lines[:-1]):
        raise ValueError("a colour goes on in the next line")
    return lines


def _ends_open(line: str) -> bool:
    last = line.rfind("\x1b[")
    return last >= 0 and not line.startswith(("\x1b[0m", "\x1b[m"), last)


def _fragments(line: str) -> Iterator[tuple[str, str]]:
    """Yield the fragments of one line; ValueError as of `_lines`."""
    front = back = ""
    parts = _CODES.split(line)
    for place, part in enumerate(parts):
        if place % 2:
            front, back = _after(part, front, back)
        elif part:
            if "\x1b" in part or "\r" in part or "\x01" in part:
                raise ValueError("it has other codes")
            yield (f"{front} {back}" if front and back else front or back), part


def _after(codes: str, front: str, back: str) -> tuple[str, str]:
    """Return the colours that hold after some codes."""
    for change in _changes(codes):
        if change is None:
            front = back = ""
        elif change.startswith("bg:"):
            back = change
        else:
            front = change
    return front, back


@functools.lru_cache(maxsize=20_000)
def _changes(codes: str) -> tuple[str | None, ...]:
    """Return the colours that codes set; None for their end."""
    numbers = [int(one or 0) for one in codes.split(";")]
    found: list[str | None] = []
    while numbers:
        match numbers:
            case [0, *numbers]:
                found.append(None)
            case [38 | 48 as layer, 2, red, green, blue, *numbers]:
                found.append(_colour(layer, red, green, blue))
            case [38 | 48 as layer, 5, index, *numbers] if index >= _FIRST:
                found.append(_colour(layer, *_of_256(index)))
            case _:
                raise ValueError("no code for a colour")
    return tuple(found)


def _colour(layer: int, *channels: int) -> str:
    return ("bg:#" if layer == _BACK else "#") + bytes(channels).hex()


def _of_256(index: int) -> tuple[int, int, int]:
    if index >= _GREYS:
        level = 8 + 10 * (index - _GREYS)
        return level, level, level
    red, rest = divmod(index - _FIRST, 36)
    return _CUBE[red], _CUBE[rest // 6], _CUBE[rest % 6]


def look_up_quickly(app: Application[Any]) -> None:
    """Have a page that is not open yet find out quickly how a style of two colours looks."""
    from prompt_toolkit.styles import DEFAULT_ATTRS, Attrs, BaseStyle

    usual = app._merged_style
    plain = usual.get_attrs_for_style_str("")

    class Quick(BaseStyle):
        def get_attrs_for_style_str(self, style_str: str, default: Attrs = DEFAULT_ATTRS) -> Attrs:
            match = _COLOURS.fullmatch(style_str)
            if match is None or default is not DEFAULT_ATTRS:
                return usual.get_attrs_for_style_str(style_str, default)
            front, back = match.groups()
            return plain._replace(color=front or plain.color, bgcolor=back or plain.bgcolor)

        @property
        def style_rules(self) -> list[tuple[str, str]]:
            return usual.style_rules

        def invalidation_hash(self) -> Hashable:
            return usual.invalidation_hash()

    app._merged_style = app.renderer.style = Quick()
