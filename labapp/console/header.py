"""The header of every screen: which cloud, region, bucket and user it acts on.

It stands on top of every page, so it is small: a panel of three rows where there is room, two
bare rows where there is not. It is plain data first, so that a menu opens without rich, which takes
as long to import as all the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from labapp.console import theme
from labapp.console.figures import cell_width, cut, one_line, plural

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples

#: A piece of text with its role in the theme as a class; none for plain text.
Piece = tuple[str, str]

#: Columns below which the words 'region', 'bucket' and 'user' are left out.
_NARROW = 60

#: Cells of the longest sign that says that something is cut.
_SIGN = 3


@dataclass(frozen=True)
class Header:
    """What a screen acts on.

    Args:
        program: whose screen it is: `client`, `admin` or `worker`.
        cloud: `local`, with `(shared)` where everybody on the machine may use it, or `aws`.
        region: of AWS, for instance `eu-central-1`.
        bucket: the bucket's name.
        user: who acts.
        workers: how many workers are alive; None while that is not known.
        mark: what goes on behind the screen that everybody should know; empty: nothing.
    """

    program: str
    cloud: str
    region: str
    bucket: str
    user: str
    workers: int | None = None
    mark: str = ""


def lines(header: Header, columns: int, rows: int) -> list[list[Piece]]:
    """Return the header's lines as pieces of text, each with its role, at most `MAX_WIDTH` wide.

    Args:
        header: what to show.
        columns: of the terminal.
        rows: of the terminal; below `COMPACT_ROWS` there is no panel.
    """
    glyphs = theme.current().glyphs
    width = min(columns, theme.MAX_WIDTH)
    name = [("class:muted", "labapp "), ("class:title", header.program)]
    if rows < theme.COMPACT_ROWS or columns < _NARROW:
        facts = [*_mark(header.mark), *_facts(header, labelled=columns >= _NARROW)]
        found = _wrapped([name, *facts, _workers(header.workers)], width - 1)
        return [[("", " "), *line] for line in found[:2]]
    title = [*name]
    for told in (_workers(header.workers), *_mark(header.mark)):
        title += [("class:muted", f" {glyphs.separator} "), *told]
    left, right, low_left, low_right = glyphs.corners
    rule, side = glyphs.rule, glyphs.side
    rest = rule * (width - 5 - _cells(title))
    panel = [[("class:muted", f"{left}{rule} "), *title, ("class:muted", f" {rest}{right}")]]
    for line in _wrapped(_facts(header, labelled=True), width - 4):
        blank = " " * (width - 4 - _cells(line))
        panel.append([("class:muted", f"{side} "), *line, ("class:muted", f"{blank} {side}")])
    return [*panel, [("class:muted", f"{low_left}{rule * (width - 2)}{low_right}")]]


@lru_cache(maxsize=32)
def fragments(header: Header, columns: int, rows: int, look: theme.Theme) -> StyleAndTextTuples:
    """Return `lines` for prompt_toolkit; `look` is the process's theme, for the cache to tell."""
    found: StyleAndTextTuples = []
    for line in lines(header, columns, rows):
        found += [("", "\n")] if found else []
        found += line
    return found


def _facts(header: Header, *, labelled: bool) -> list[list[Piece]]:
    def fact(label: str, value: str, role: str = "") -> list[Piece]:
        told = (role, one_line(value))
        return [("class:muted", f"{label} "), told] if labelled else [told]

    return [
        # What costs money, or others may use, is coloured; the words themselves say it too.
        fact("cloud", header.cloud, "class:title" if header.cloud == "local" else "class:warn"),
        fact("region", header.region),
        fact("bucket", header.bucket),
        fact("user", header.user),
    ]


def _mark(text: str) -> list[list[Piece]]:
    return [[("class:warn", one_line(text))]] if text else []


def _workers(alive: int | None) -> list[Piece]:
    glyphs = theme.current().glyphs
    if alive is None:
        return [("class:muted", f"{glyphs.off} worker?")]
    if alive == 0:
        return [("class:warn", glyphs.off), ("class:strong", " no worker")]
    return [("class:good", glyphs.on), ("", f" {plural(alive, 'worker')}")]


def _wrapped(facts: list[list[Piece]], width: int) -> list[list[Piece]]:
    """Facts side by side, on as many lines as they need; one too long for a line is cut."""
    separator = f" {theme.current().glyphs.separator} "
    found: list[list[Piece]] = []
    for fact in facts:
        if found and _cells(found[-1]) + len(separator) + _cells(fact) <= width:
            found[-1] += [("class:muted", separator), *fact]
        else:
            found.append([*fact])
    return [_cut(line, width) for line in found]


def _cut(line: list[Piece], room: int) -> list[Piece]:
    kept: list[Piece] = []
    for role, text in line:
        whole = _cells([(role, text)])
        if whole > room:
            return [*kept, (role, cut(text, room))] if room > _SIGN else kept
        kept.append((role, text))
        room -= whole
    return kept


def _cells(line: list[Piece]) -> int:
    return sum(cell_width(text) for _, text in line)
