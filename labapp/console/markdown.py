"""A page of Markdown, drawn by rich in the roles of the theme.

Where a window is too narrow for a table's columns, each of its rows is a paragraph. rich's Markdown
takes 60 ms to load, so that is left to the moment when a page is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labapp.console import tables, theme
from labapp.console.theme import Depth

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.markdown import CodeBlock, Heading, ListItem, TableElement
    from rich.text import Text

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


@dataclass(frozen=True)
class Page:
    """A page as wide as it is given room, up to what is easily read.

    Args:
        text: in Markdown; what looks like HTML is text.
    """

    text: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Draw the page."""
        from markdown_it import MarkdownIt
        from rich.markdown import Markdown
        from rich.theme import Theme

        kind = type("Page", (Markdown,), {"elements": {**Markdown.elements, **_elements()}})
        page = kind(self.text)
        reader = MarkdownIt().enable("table").disable(["html_inline", "html_block"])
        page.parsed = reader.parse(self.text)
        parts = dict(_PARTS)
        if theme.current().depth == Depth.NONE:  # what is to be typed stands out all the same
            parts["markdown.code"] = "strong"
        roles = Theme({part: theme.current().role(role) for part, role in parts.items()})
        width = min(options.max_width, theme.MAX_WIDTH)
        with console.use_theme(roles):
            yield from page.__rich_console__(console, options.update(width=width))


def _elements() -> dict[str, type[Any]]:
    """Return the parts that are drawn in another way than rich's, by the token that opens each."""
    from rich import markdown

    draw = "__rich_console__"
    return {
        "heading_open": type("Heading", (markdown.Heading,), {draw: _heading}),
        "fence": type("CodeBlock", (markdown.CodeBlock,), {draw: _code}),
        "table_open": type("Table", (markdown.TableElement,), {draw: _table}),
        "list_item_open": type("ListItem", (markdown.ListItem,), {"render_bullet": _item}),
    }


def _heading(heading: Heading, console: Console, options: ConsoleOptions) -> RenderResult:
    """Draw a heading on the left, as everything is."""
    yield heading.text


def _code(code: CodeBlock, console: Console, options: ConsoleOptions) -> RenderResult:
    """Draw lines to be typed, as they stand but for an indent."""
    for line in str(code.text).rstrip().splitlines():
        yield from _typed(line, options.max_width - _INDENT)


def _typed(line: str, room: int) -> Iterator[RenderableType]:
    """Yield a line to be typed; a remark behind it that has no room goes below."""
    from rich.padding import Padding
    from rich.text import Text

    code, sign, remark = line.partition(" #")
    parts = [Text(code.rstrip(), "accent", overflow="fold"), Text(f"#{remark}", "muted")]
    if len(line) > room and sign:
        yield from (Padding(part, (0, 0, 0, _INDENT * by)) for by, part in enumerate(parts, 1))
    else:
        yield Padding(Text.assemble((code, "accent"), (sign + remark, "muted")), (0, 0, 0, _INDENT))


def _item(item: ListItem, console: Console, options: ConsoleOptions) -> RenderResult:
    """Draw an item behind a sign that the terminal has."""
    from rich.markdown import ListItem
    from rich.segment import Segment

    sign = theme.current().glyphs.info
    for segment in ListItem.render_bullet(item, console, options):
        assert isinstance(segment, Segment)
        yield Segment(f" {sign} ", segment.style) if segment.text == " • " else segment


def _table(table: TableElement, console: Console, options: ConsoleOptions) -> RenderResult:
    """Draw a table in the house's style; where it has no room, a paragraph for each row."""
    assert table.header
    assert table.header.row
    heads = [cell.content for cell in table.header.row.cells]
    rows = [[cell.content for cell in row.cells] for row in table.body.rows] if table.body else []
    least = [_least(column) for column in zip(heads, *rows, strict=True)]
    if sum(least) + tables.GAP * (len(least) - 1) <= options.max_width:
        columns = zip(heads, least, strict=True)
        yield tables.table([tables.Column(head.plain, least=n) for head, n in columns], rows)
        return
    for row in rows:
        yield from _paragraph(heads, row)


def _least(column: Sequence[Text]) -> int:
    """Return the cells that a column needs to be read: no word of it is broken."""
    longest = max(len(word) for cell in column for word in cell.plain.split() or [""])
    return min(max(cell.cell_len for cell in column), max(longest, _READABLE))


def _paragraph(heads: Sequence[Text], row: Sequence[Text]) -> Iterator[RenderableType]:
    """Yield a row's first cell, and below it the others, behind their headings if several."""
    from rich.padding import Padding
    from rich.text import Text

    first = row[0].copy()
    first.stylize("strong")
    yield first
    for head, cell in zip(heads[1:], row[1:], strict=True):
        told = Text.assemble((f"{head.plain}: ", "muted"), cell) if len(row) > 2 else cell
        if cell.plain:
            yield Padding(told, (0, 0, 0, _INDENT))
