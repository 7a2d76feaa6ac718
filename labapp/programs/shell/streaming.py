"""Listings that are written as they are read, so that the first rows are there at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from labapp.console.tables import Fitted
    from labapp.programs.shell.context import Context
    from labapp.programs.shell.table import Table

T = TypeVar("T")

#: Rows that a terminal is shown together: columns are measured by the first of them.
TOGETHER = 25


class Stream(Generic[T]):
    """Writes things of a table, in as many parts as they come.

    On a terminal it is one table that goes on, in a pipe a row each, with `--json` a document on a
    line each (JSON Lines).
    """

    def __init__(self, context: Context, table: Table[T]) -> None:
        self._context = context
        self._table = table
        self._last: Fitted | None = None
        self._names: tuple[str, ...] = ()
        self._is_whole = False

    def write(self, things: Sequence[T], *, is_whole: bool = False) -> None:
        """Write some more; `is_whole`: it is all there is."""
        self._is_whole = is_whole
        if self._context.arguments.json:
            for thing in things:
                self._context.json_line(self._table.document(thing))
        elif not self._context.on_terminal:
            for thing in things:
                self._context.row(*self._table.row(thing))
        elif things:
            self._print(things)

    def _print(self, things: Sequence[T]) -> None:
        from labapp.console import tables, theme

        shown, console = self._table.without_empty(things), theme.stdout()
        # What is rare is in no column until the first has it; its heading is then shown.
        if self._last is not None and set(shown.columns) <= set(self._names):
            same = self._table.with_columns(self._names)
            self._last = self._last.further(same.cells(things), console.width)
        else:
            self._names = shown.columns
            self._last = tables.fitted(shown.heads(), shown.cells(things))
            if not self._is_whole:
                self._last.stretch(console.width)
        console.print(self._last)


def show_as_read(context: Context, table: Table[T], things: Iterable[T], *, empty: str = "") -> int:
    """Write a listing as it is read: JSON at its end, where it is one document; return how many.

    Args:
        context: the run of the command.
        table: what it is a listing of.
        things: the things, as they come.
        empty: what to say, on stderr, where there are none, if not what the table says.
    """
    if context.arguments.json:
        every = list(things)
        context.show(table, every, empty=empty)
        return len(every)
    stream, count = Stream(context, table), 0
    for part in _parts(things, TOGETHER if context.on_terminal else 1):
        count += len(part)
        stream.write(part, is_whole=count < TOGETHER)
    if not count:
        context.say(empty or table.empty)
    return count


def _parts(things: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(things)
    while part := list(islice(rest, size)):
        yield part
