"""One style for every table, on screens and in pipes.

Cells are plain text, never markup: much of what they show comes from other people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from labapp.console import theme
from labapp.console.figures import count, printable
from labapp.errors import LabappError

if TYPE_CHECKING:
    from rich.box import Box
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text


@dataclass(frozen=True)
class Column:
    """One column.

    Args:
        title: its heading.
        align: 'right' for numbers.
        style: a role of the theme, for instance 'muted'.
        keep: never folded or cut, for ids and numbers.
    """

    title: str
    align: Literal["left", "right"] = "left"
    style: str = ""
    keep: bool = False


def number(title: str, style: str = "") -> Column:
    """Return a column of numbers: right-aligned, never folded."""
    return Column(title, "right", style, keep=True)


def table(
    columns: Sequence[Column | str],
    rows: Iterable[Sequence[str | float | Text | None]],
    *,
    title: str = "",
    empty: str = "",
) -> RenderableType:
    """Return a table of the house's style.

    Args:
        columns: headings, or `Column` for more than a plain left-aligned text.
        rows: cells in the order of the columns. Numbers get thousands separators, None is shown as
            a dash, and rich Text keeps its style.
        title: stands above it; pages have their own title and leave it out.
        empty: what to say instead of a table without rows; should tell how to fill it.
    """
    from rich.table import Table
    from rich.text import Text

    heads = [Column(column) if isinstance(column, str) else column for column in columns]
    grid = Table(
        title=title or None,
        title_justify="left",
        title_style="title",
        box=_box(),
        header_style="muted",
        border_style="muted",
        pad_edge=False,
        padding=(0, 1),
        show_edge=False,
    )
    overflow: Literal["fold", "ellipsis"] = "ellipsis" if theme.current().unicode else "fold"
    for head in heads:
        grid.add_column(
            head.title,
            justify=head.align,
            style=head.style or None,
            no_wrap=head.keep,
            overflow="fold" if head.keep else overflow,
        )
    for row in rows:
        grid.add_row(*(_text(cell) for cell in row))
    if not grid.row_count and empty:
        return Text(empty)
    return grid


def key_values(pairs: Mapping[str, str | float | Text | None]) -> Table:
    """Names and values, one pair a line, without headings; cells as in `table`."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 3))
    grid.add_column(style="muted", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in pairs.items():
        grid.add_row(_text(name), _text(value))
    return grid


def mark(kind: Literal["good", "warn", "bad"], text: str) -> Text:
    """Return a state as a glyph and words, so that colour is never the only sign of it."""
    from rich.text import Text

    glyphs = theme.current().glyphs
    sign = {"good": glyphs.done, "warn": glyphs.warning, "bad": glyphs.failed}[kind]
    return Text.assemble((sign, kind), f" {printable(text)}")


def problem(error: LabappError) -> Text:
    """Return an error as a glyph, what happened, and below it what to do next."""
    from rich.text import Text

    text = mark("bad", error.message)
    return text.append_text(Text(f"\n  {printable(error.remedy)}")) if error.remedy else text


def _text(cell: str | float | Text | None) -> Text:
    from rich.text import Text

    if isinstance(cell, Text):
        return cell
    if cell is None:
        return Text(theme.current().glyphs.rule, "muted")
    return Text(printable(cell) if isinstance(cell, str) else count(cell))


def _box() -> Box:
    """Return a line under the headings, and nothing else."""
    from rich.box import Box

    rule = theme.current().glyphs.rule
    line = f" {rule * 2} \n"
    return Box("    \n" * 2 + line + "    \n" * 5, ascii=not theme.current().unicode)
