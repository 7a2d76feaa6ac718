"""One style for every table, on screens and in pipes.

Cells are plain text, never markup: much of what they show comes from other people.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias, overload

from labapp.console import theme
from labapp.console.figures import count, in_lines, one_line
from labapp.errors import LabappError

if TYPE_CHECKING:
    from rich.box import Box
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.table import Table
    from rich.text import Text

#: What a cell may be given as.
Cell: TypeAlias = "str | float | Text | None"

#: Cells between two columns.
GAP = 3

#: Rows by which columns are measured, and that are kept, where there are more.
MEASURED = 1_000


@dataclass(frozen=True)
class Column:
    """One column.

    Args:
        title: its heading.
        align: 'right' for numbers.
        keep: never folded or cut, for ids and numbers.
        line: cut to one line, never folded, where a list wants one row for each thing.
        drop: where the window is too narrow, columns go from the highest of these down; 0 stays.
        least: cells below which cutting or folding makes it useless, and others are dropped first.
        short: its heading where there is no room for all columns with their whole ones.
    """

    title: str
    align: Literal["left", "right"] = "left"
    keep: bool = False
    line: bool = False
    drop: int = 0
    least: int = 10
    short: str = ""


def table(
    columns: Sequence[Column | str],
    rows: Iterable[Sequence[Cell]],
    *,
    empty: str = "",
) -> RenderableType:
    """Return a table of the house's style.

    Args:
        columns: headings, or `Column` for more than a plain left-aligned text.
        rows: cells in the order of the columns. Numbers get thousands separators, None is shown as
            a dash, and rich Text keeps its style.
        empty: what to say instead of a table without rows; should tell how to fill it.
    """
    from rich.text import Text

    made = fitted(columns, rows)
    return made if made.rows or not empty else Text(in_lines(empty))


def fitted(columns: Sequence[Column | str], rows: Iterable[Sequence[Cell]]) -> Fitted:
    """Return a table that can be asked which columns and widths a window has room for."""
    heads = [Column(column) if isinstance(column, str) else column for column in columns]
    return Fitted(heads, [_texts(row) for row in rows])


class Rows(Sequence["Sequence[Text]"]):
    """Rows that are made when they are looked at: of very many few ever are.

    Args:
        count: how many there are.
        cells: gives the cells of one; always the same.
    """

    def __init__(self, count: int, cells: Callable[[int], Sequence[Cell]]) -> None:
        self._count = count
        self._made = lru_cache(MEASURED)(lambda number: _texts(cells(number)))

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> Sequence[Text]: ...

    @overload
    def __getitem__(self, place: slice) -> list[Sequence[Text]]: ...

    def __getitem__(self, place: int | slice) -> Sequence[Text] | list[Sequence[Text]]:
        if isinstance(place, slice):
            return [self._made(number) for number in range(self._count)[place]]
        return self._made(range(self._count)[place])


class Fitted:
    """A table that leaves out what the window has no room for, decided when it is drawn.

    Columns are as wide as their widest cell; of more than `MEASURED` rows as that of so many, and
    of those that are looked at.
    """

    def __init__(self, heads: Sequence[Column], rows: Sequence[Sequence[Text]]) -> None:
        self.heads = heads
        self.rows = rows
        self._naturals: dict[int, int] = {}
        self._fits: dict[int, tuple[list[int], list[int]]] = {}
        self._is_further = False

    def further(self, rows: Iterable[Sequence[Cell]], width: int) -> Fitted:
        """Return more rows, to be printed below these in a window of this width.

        They go on in the same columns, without headings, unless a cell that is never cut is wider.
        """
        kept, widths = self.fit(width)
        more = Fitted(self.heads, [_texts(row) for row in rows])
        pairs = zip(kept, widths, strict=True)
        if all(not self.heads[at].keep or more._natural(at) <= cells for at, cells in pairs):
            more._fits[width] = kept, widths
            more._is_further = True
        return more

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.table import Table

        grid = Table(
            box=_box(),
            header_style="muted",
            border_style="muted",
            pad_edge=False,
            padding=(0, 1),
            show_edge=False,
            show_header=not self._is_further,
        )
        cut: Literal["crop", "ellipsis"] = "ellipsis" if theme.current().unicode else "crop"
        kept, widths = self.fit(options.max_width)
        if len(kept) < len(self.heads) and any(head.short for head in self.heads):
            brief = [replace(head, title=head.short or head.title, short="") for head in self.heads]
            yield Fitted(brief, self.rows)
            return
        for place, cells in zip(kept, widths, strict=True):
            head = self.heads[place]
            grid.add_column(
                head.title,
                justify=head.align,
                no_wrap=head.keep or head.line,
                overflow="fold" if not head.line else cut,
                width=cells,
            )
        for row in self.rows:
            grid.add_row(*(row[place] for place in kept))
        yield grid

    def stretch(self, width: int) -> None:
        """Have columns that are cut to one line take what room a window has left, for `further`."""
        kept, widths = self.fit(width)
        lines = [place for place, at in enumerate(kept) if self.heads[at].line]
        room = max(0, width - GAP * (len(kept) - 1) - sum(widths))
        for number, place in enumerate(lines):
            share = room // (len(lines) - number)
            widths[place] += share
            room -= share

    def row(self, number: int) -> Sequence[Text]:
        """Return a row that is looked at, for whose cells columns grow from then on."""
        row = self.rows[number]
        for place, natural in self._naturals.items():
            if (cells := _cells([row], place)) > natural:
                self._naturals[place] = cells
                self._fits.clear()
        return row

    def fit(self, width: int) -> tuple[list[int], list[int]]:
        """Return the places of the columns that a window has room for, and their widths."""
        if width not in self._fits:
            kept = self._kept(width)
            self._fits[width] = kept, self._widths(kept, width)
        return self._fits[width]

    def cut_rows(self, width: int) -> list[str]:
        """Return each row in full, as text; none where the window shows all there is."""
        if self.shows_all(width):
            return []
        return [self.told(number) for number in range(len(self.rows))]

    def shows_all(self, width: int) -> bool:
        """Tell whether a window shows all there is."""
        kept, widths = self.fit(width)
        return len(kept) == len(self.heads) and all(
            self._natural(place) <= cells or not self.heads[place].line
            for place, cells in zip(kept, widths, strict=True)
        )

    def told(self, number: int) -> str:
        """Return a row as text: its first cell, and the others behind their headings."""
        cells = [" ".join(cell.plain.split()) for cell in self.rows[number]]
        pairs = zip(self.heads[1:], cells[1:], strict=True)
        return f"{cells[0]}: " + ", ".join(
            f"{head.title} {cell}".strip() for head, cell in pairs if cell
        )

    def _kept(self, width: int) -> list[int]:
        """Return the places of the columns that there is room for."""
        kept = list(range(len(self.heads)))
        while sum(map(self._least, kept)) + GAP * (len(kept) - 1) > width:
            last = max(kept, key=lambda place: self.heads[place].drop)
            if not self.heads[last].drop:
                break
            kept.remove(last)
        return kept

    def _widths(self, kept: Sequence[int], width: int) -> list[int]:
        """Return the columns' widths: at least what each needs, the rest where most is lacking."""
        widths = {place: self._least(place) for place in kept}
        room = width - GAP * (len(kept) - 1) - sum(widths.values())
        # Those that lack least first, so that what they leave goes to the longest.
        hungry = sorted(kept, key=lambda place: self._natural(place) - widths[place])
        for number, place in enumerate(hungry):
            share = max(room, 0) // (len(hungry) - number)
            more = min(share, self._natural(place) - widths[place])
            widths[place] += more
            room -= more
        while room < 0 and max(widths.values()) > 1:  # a narrow window: the widest give way
            widths[max(kept, key=lambda place: widths[place])] -= 1
            room += 1
        return [widths[place] for place in kept]

    def _natural(self, place: int) -> int:
        """Return the cells that a column would fill; measured once, rows may be many."""
        if place not in self._naturals:
            step = -(-len(self.rows) // MEASURED) or 1
            cells = _cells(self.rows[::step], place)
            self._naturals[place] = max(len(self.heads[place].title), cells)
        return self._naturals[place]

    def _least(self, place: int) -> int:
        """Return the cells without which a column is of no use."""
        head = self.heads[place]
        natural = self._natural(place)
        return natural if head.keep else min(natural, max(head.least, len(head.title)))


def _cells(rows: Iterable[Sequence[Text]], place: int) -> int:
    """Return the cells of the longest line that rows have in a column."""
    return max(
        (
            line.cell_len
            for row in rows
            for line in (row[place].split() if "\n" in row[place].plain else (row[place],))
        ),
        default=0,
    )


def key_values(pairs: Mapping[str, str | float | Text | None]) -> Table:
    """Names and values, one pair a line, without headings; cells as in `table`."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 3))
    grid.add_column(style="muted", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in pairs.items():
        grid.add_row(_text(name), _text(value))
    return grid


def noted(body: RenderableType, *notes: str) -> RenderableType:
    """Return a table below notes on it, such as that it is cut; empty ones are none."""
    lines = [one_line(note) for note in notes if note]
    if not lines:
        return body
    from rich.console import Group
    from rich.text import Text

    return Group(Text("\n".join(lines), style="muted"), body)


def mark(kind: Literal["good", "warn", "bad"], text: str) -> Text:
    """Return a state as a glyph and words, so that colour is never the only sign of it."""
    from rich.text import Text

    return Text.assemble((theme.current().sign(kind), kind), f" {one_line(text)}")


def marked(lines: Iterable[tuple[str, str]]) -> Table:
    """Return lines, each with the glyph of its kind before it, also where it is folded."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for kind, line in lines:
        grid.add_row(Text(theme.current().sign(kind), kind), Text(one_line(line)))
    return grid


def told(kind: Literal["good", "warn", "bad"], *lines: str) -> Table:
    """Return sentences as a glyph and words, which stay beside it where they are folded."""
    return marked([(kind, lines[0]), *(("", line) for line in lines[1:])])


def problem(error: LabappError) -> Table:
    """Return an error as a glyph, what happened, and below it what to do next."""
    said = error.message.split("\n") if error.has_lines else [error.message]
    return told("bad", *said, *filter(None, [error.remedy]))


def _texts(cells: Sequence[Cell]) -> Sequence[Text]:
    return [_text(cell) for cell in cells]


def _text(cell: str | float | Text | None) -> Text:
    from rich.text import Text

    if isinstance(cell, Text):
        return cell
    if cell is None:
        return Text(theme.current().glyphs.rule, "muted")
    return Text(one_line(cell) if isinstance(cell, str) else count(cell))


def _box() -> Box:
    """Return a line under the headings, and nothing else."""
    from rich.box import Box

    rule = theme.current().glyphs.rule
    line = f" {rule * 2} \n"
    return Box("    \n" * 2 + line + "    \n" * 5, ascii=not theme.current().unicode)
