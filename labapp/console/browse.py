"""A table to move in: headings that stay, a pointer, Enter for the row, and keys for all of it.

Only the rows that the window shows are drawn, and columns are measured once, by some of the rows
where these are many, so that a table of a hundred thousand opens and moves as one of ten.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from labapp.console import Back, theme
from labapp.console.accessible import mode, pages
from labapp.console.figures import cell_width, count, cut, cut_middle, one_line
from labapp.console.key import BACKWARDS, Key, bind
from labapp.console.layout import compact, whole_width
from labapp.console.listing import Listing
from labapp.console.screen import run
from labapp.console.stage import Frame, Stage
from labapp.console.tables import GAP, Column, Fitted

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.layout import AnyContainer
    from rich.text import Text

#: Columns before and behind a row: the pointer, and the arrows.
_AROUND = 5


def browse(
    title: str,
    table: Fitted | Callable[[], Fitted],
    *,
    frame: Frame,
    keys: Sequence[Key],
    start: int = 0,
    help: str = "",
    note: str = "",
) -> tuple[Key, int] | None:
    """Let the user move in a table until a key ends it.

    Args:
        title: stands above it.
        table: from `tables.fitted`, with at least one row; keep it for the next time. A function
            where rows come and go: asked at every drawing, it gives the same one until they do.
            What the pointer is on is known again by its cells.
        frame: header, notices and screen.
        keys: those that end it, `Enter` among them.
        start: the row that the pointer starts on.
        help: what `?` shows, above what the keys do.
        note: what is said of the table below it, such as that it is cut.

    Returns:
        The key that was pressed, and the row that the pointer was on; None for Esc.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    if mode.is_on():
        source = table if callable(table) else lambda: table
        return pages.browse(title, source, keys, start, frame, help, note)
    browser = _Browser(table, start, note)
    bindings = browser.listing.bindings()
    backwards = {} if any(one.letter == BACKWARDS for one in keys) else {BACKWARDS: -1}
    bind(bindings, {"space": 1, **backwards}, browser.listing.turn)
    stage = Stage(
        body=browser.body(),
        keys=lambda: keys,
        bindings=bindings,
        title=lambda: title,
        help=lambda: help,
        more=browser.more,
        moves=lambda: [Key(theme.current().glyphs.arrows, "move")],
        status=browser.status,
    )
    try:
        pressed: Key = run(stage, frame)
    except Back:
        return None
    return pressed, browser.listing.index


class _Browser:
    def __init__(self, table: Fitted | Callable[[], Fitted], start: int, note: str) -> None:
        self._source = table if callable(table) else lambda: table
        self._table = self._source()
        self.note = note
        self.listing = Listing(lambda: len(self.table.rows), self.row)
        self.listing.index = start

    @property
    def table(self) -> Fitted:
        """The table as it is now, with the pointer on the row that it was on."""
        table, last = self._source(), self._table
        if table is not last:
            self._table = table
            pointed = last.rows[: self.listing.index + 1][-1:]
            found = [number for number, row in enumerate(table.rows) if row in pointed]
            if found:
                self.listing.index = found[0]
        return table

    def body(self) -> AnyContainer:
        from prompt_toolkit.layout import FormattedTextControl, HSplit, Window

        heading = FormattedTextControl(self.heading, show_cursor=False)
        return HSplit(
            [Window(heading, height=lambda: 1 if compact() else 2), self.listing.window()]
        )

    def more(self) -> list[str]:
        """Return the row at the pointer in full, where the window cuts it."""
        table = self.table
        whole = not table.rows or table.shows_all(whole_width() - _AROUND)
        return [] if whole else [table.told(self.listing.index)]

    def heading(self) -> StyleAndTextTuples:
        """Return the columns' titles, and a line below them where there is room."""
        kept, widths = self.fit()
        heads = [self.table.heads[place] for place in kept]
        cells = [
            _placed(head.title, cells, head) for head, cells in zip(heads, widths, strict=True)
        ]
        rule = theme.current().glyphs.rule * (sum(widths) + GAP * (len(widths) - 1))
        return [("class:muted", f"   {(' ' * GAP).join(cells)}\n   {rule}")]

    def row(self, number: int, pointed: bool) -> StyleAndTextTuples:
        """Return one row's cells."""
        fragments: StyleAndTextTuples = []
        before, looked_at = self.fit(), self.table.row(number)
        kept, widths = self.fit()
        if before != (kept, widths):  # the rows above are drawn anew, as wide
            _draw_again()
        for place, cells in zip(kept, widths, strict=True):
            if fragments:
                fragments.append(("", " " * GAP))
            head = self.table.heads[place]
            style = "class:pointed" if pointed else ""
            fragments += _cell(looked_at[place], cells, head, style)
        return fragments

    def fit(self) -> tuple[list[int], list[int]]:
        """Return the columns that there is room for, and their widths."""
        return self.table.fit(whole_width() - _AROUND)

    def status(self) -> StyleAndTextTuples:
        place, rows = self.listing.index + 1, len(self.table.rows)
        note = f"; {one_line(self.note)}" if self.note else ""
        told = f"{count(place)} of {count(rows)}{note}"
        return [("class:muted", f"   {cut(told, whole_width() - _AROUND)}")]


def _draw_again() -> None:
    from prompt_toolkit.application import get_app

    get_app().invalidate()


def _cell(text: Text, cells: int, head: Column, style: str) -> StyleAndTextTuples:
    """Return a cell's text, with the style of its sign where it opens with one."""
    plain = _placed(text.plain.replace("\n", " "), cells, head)
    sign = next((span for span in text.spans if span.start == 0), None)
    if sign is None or head.align == "right":
        return [(style, plain)]
    return [(f"class:{sign.style}", plain[: sign.end]), (style, plain[sign.end :])]


def _placed(text: str, cells: int, head: Column) -> str:
    """Return a text cut and filled up to a column's width."""
    shown = cut_middle(text, cells) if head.line else cut(text, cells)
    blank = " " * (cells - cell_width(shown))
    return blank + shown if head.align == "right" else shown + blank
