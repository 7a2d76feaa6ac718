"""A page of Markdown, drawn by rich in the roles of the theme.

Where a window is too narrow for a table's columns, each of its rows is a paragraph. Import this
where a page is shown: rich's Markdown takes 60 ms to load.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from markdown_it import MarkdownIt
from rich.console import Group
from rich.markdown import CodeBlock, Heading, ListItem, Markdown, TableElement
from rich.padding import Padding
from rich.segment import Segment
from rich.text import Text
from rich.theme import Theme

from labapp.console import tables, theme

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

#: Cells below which a column of texts is none to be read.
_READABLE = 14

#: Cells before what stands apart: lines to be typed, a row's cells below its first.
_INDENT = 2

#: rich's names for the parts of a page -> the theme's roles.
_PARTS = {
    "markdown.h1": "title",
    "markdown.h2": "title",
    "markdown.code": "accent",
    "markdown.item.bullet": "muted",
}


class _Heading(Heading):
    """A heading, on the left as everything is."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self.text


class _CodeBlock(CodeBlock):
    """Lines to be typed, as they stand but for an indent."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in str(self.text).rstrip().splitlines():
            yield from _typed(line, options.max_width - _INDENT)


def _typed(line: str, room: int) -> Iterator[RenderableType]:
    """Yield a line to be typed; a remark behind it that has no room goes below."""
    code, sign, remark = line.partition(" #")
    parts = [Text(code.rstrip(), "accent", overflow="fold"), Text(f"#{remark}", "muted")]
    if len(line) > room and sign:
        yield from (Padding(part, (0, 0, 0, _INDENT * by)) for by, part in enumerate(parts, 1))
    else:
        yield Padding(Text.assemble((code, "accent"), (sign + remark, "muted")), (0, 0, 0, _INDENT))


class _ListItem(ListItem):
    """An item, behind a sign that every terminal has."""

    def render_bullet(self, console: Console, options: ConsoleOptions) -> RenderResult:
        sign = theme.current().glyphs.info
        for segment in super().render_bullet(console, options):
            assert isinstance(segment, Segment)
            yield Segment(f" {sign} ", segment.style) if segment.text == " • " else segment


class _Table(TableElement):
    """A table in the house's style; where it has no room, a paragraph for each row."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        assert self.header
        assert self.header.row
        heads = [cell.content for cell in self.header.row.cells]
        rows = [[cell.content for cell in row.cells] for row in self.body.rows] if self.body else []
        least = [_least(column) for column in zip(heads, *rows, strict=True)]
        if sum(least) + tables.GAP * (len(least) - 1) <= options.max_width:
            columns = zip(heads, least, strict=True)
            yield tables.table([tables.Column(head.plain, least=n) for head, n in columns], rows)
        else:
            yield Group(*(_paragraph(heads, row) for row in rows))


def _least(column: Sequence[Text]) -> int:
    """Return the cells that a column needs to be read: no word of it is broken."""
    longest = max(len(word) for cell in column for word in cell.plain.split() or [""])
    return min(max(cell.cell_len for cell in column), max(longest, _READABLE))


def _paragraph(heads: Sequence[Text], row: Sequence[Text]) -> RenderableType:
    """Return a row's first cell, and below it the others, behind their headings if several."""
    first = row[0].copy()
    first.stylize("strong")
    below = [
        Text.assemble((f"{head.plain}: ", "muted"), cell) if len(row) > 2 else cell
        for head, cell in zip(heads[1:], row[1:], strict=True)
        if cell.plain
    ]
    return Group(first, *(Padding(text, (0, 0, 0, _INDENT)) for text in below))


class Page(Markdown):
    """A page of Markdown as wide as it is given room, up to what is easily read."""

    elements: ClassVar = {
        **Markdown.elements,
        "heading_open": _Heading,
        "fence": _CodeBlock,
        "list_item_open": _ListItem,
        "table_open": _Table,
    }

    def __init__(self, markup: str) -> None:
        super().__init__(markup)
        reader = MarkdownIt().enable("table").disable(["html_inline", "html_block"])
        self.parsed = reader.parse(markup)  # <this> is text here, and would be left out as HTML

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the page."""
        roles = Theme({part: theme.current().role(role) for part, role in _PARTS.items()})
        width = min(options.max_width, theme.MAX_WIDTH)
        with console.use_theme(roles):
            yield from super().__rich_console__(console, options.update(width=width))
