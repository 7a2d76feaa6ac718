"""A listing, said once: its JSON document, its rows in a pipe, its columns for people.

A command and a page of the menus draw from one `Table`. On a terminal ids are never cut or folded,
since they are copied into the next command; where the window is narrow, columns that matter less
are left out. A pipe gets every cell whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from labapp.visible import printable

if TYPE_CHECKING:
    from rich.console import RenderableType

    from labapp.console.tables import Cell, Column, Fitted

T = TypeVar("T")


@dataclass(frozen=True)
class Document:
    """A document of JSON, or a part of one.

    Attributes:
        names: the names of its fields, in order.
        lead: the words before them, such as `list of`; all there is to say where it has no fields.
        notes: what the manual says of some of them, in brackets.
        parts: what stands behind them, each with words of its own before its fields.
        flag: of the command, with which it writes this one; empty: the one that it writes without.
    """

    names: tuple[str, ...] = ()
    lead: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Document, ...] = ()
    flag: str = ""

    @property
    def text(self) -> str:
        """What the manual says of it."""
        fields = [f"`{name}`{self._note(name)}" for name in self.names]
        own = f"{self.lead} {', '.join(fields)}".strip()
        return "; ".join([own, *(part.text for part in self.parts)])

    def _note(self, name: str) -> str:
        return f" ({self.notes[name]})" if name in self.notes else ""


def list_of(*names: str, **notes: str) -> Document:
    """Return the document of a list, by the names of the fields of what is in it, and notes."""
    return Document(names, "list of", notes)


@dataclass(frozen=True)
class Field(Generic[T]):
    """One field of the things that are listed.

    Attributes:
        name: what it is called in JSON, and by its table.
        value: what JSON and a pipe have of a thing, an empty text being null in JSON; the attribute
            that is called as it is, if None.
        title: its heading for people.
        shown: what people see of it, such as a time on this machine's clock; the value, if None.
        sign: for a state, how good it is: a page shows a sign before it, unless it is None.
        piped: what a pipe has of it; the value, if None.
        look: an `id` is never cut on a terminal; a `line` is one, cut where it must be; a `number`
            is never cut, with its end on the right; a `word` is never cut; a `text` is folded, as
            is a `remark` on a terminal, while a page has `?` for what it cuts.
        drop: in a narrow window, columns go from the highest of these down; 0 stays.
        least: cells below which cutting makes it useless, and others are dropped first.
        short: its heading where there is no room for all columns with their whole ones.
        note: what the manual says of it in the table of JSON documents.
        rare: whether people are shown its column only where a thing of the listing has it.
    """

    name: str
    value: Callable[[T], Any] | None = None
    title: str = ""
    shown: Callable[[T], Cell] | None = None
    sign: Callable[[T], Literal["good", "warn", "bad"] | None] | None = None
    piped: Callable[[T], str | float | None] | None = None
    look: Literal["id", "line", "number", "word", "text", "remark"] = "line"
    drop: int = 0
    least: int = 10
    short: str = ""
    note: str = ""
    rare: bool = False

    def value_of(self, thing: T) -> Any:
        """Return what JSON has of a thing."""
        return self.value(thing) if self.value else getattr(thing, self.name)

    def column(self, *, page: bool) -> Column:
        """Return its column, on a terminal or on a page."""
        from labapp.console.tables import Column

        look = "line" if page and self.look in ("id", "remark") else self.look
        return Column(
            self.title or self.name,
            "right" if look == "number" else "left",
            keep=look in ("id", "number", "word"),
            line=look == "line",
            drop=self.drop,
            least=self.least,
            short=self.short,
        )

    def cell(self, thing: T, *, page: bool) -> Cell:
        """Return what people see of a thing, on a terminal or on a page."""
        found: Cell = self.shown(thing) if self.shown else self.value_of(thing)
        if page and self.sign and (kind := self.sign(thing)):
            from labapp.console.tables import mark

            return mark(kind, str(found))
        return found

    def whole_cell(self, thing: T) -> Cell:
        """Return what people see of a thing alone: what a listing has as one line is whole."""
        if self.look != "line":
            return self.cell(thing, page=True)
        found: Cell = self.value_of(thing)
        return printable(found) if isinstance(found, str) else found


@dataclass(frozen=True)
class Table(Generic[T]):
    """A listing of things.

    Attributes:
        fields: all there are, in the order of JSON; see `hidden` for those that JSON has not.
        empty: what is said where there are none: how to have one, at the prompt.
        columns: the names of those that people see on a terminal, in this order; none where
            scripts alone get it.
        piped: the names of those that a pipe gets, in this order; as on a terminal, if empty.
        page: the names of those that a page has; as on a terminal, if empty.
        details: the names of those that are read of one thing alone, which is opened on a page.
        empty_page: what a page says where there are none; as at the prompt, if empty.
        hidden: the names of fields that are for people alone, and not in JSON.
    """

    fields: tuple[Field[T], ...]
    empty: str = ""
    columns: tuple[str, ...] = ()
    piped: tuple[str, ...] = ()
    page: tuple[str, ...] = ()
    details: tuple[str, ...] = ()
    empty_page: str = ""
    hidden: frozenset[str] = frozenset()

    @property
    def listing(self) -> Document:
        """The document of its listing, as the manual has it."""
        told = [field for field in self.fields if field.name not in self.hidden]
        notes = {field.name: field.note for field in told if field.note}
        return list_of(*(field.name for field in told), **notes)

    def document(self, thing: T) -> dict[str, Any]:
        """Return a thing as JSON has it."""
        return {
            field.name: field.value_of(thing)
            for field in self.fields
            if field.name not in self.hidden
        }

    def row(self, thing: T) -> list[str | float | None]:
        """Return a thing as a pipe has it; what is rare stands behind all else, or not at all."""
        chosen = self._fields_named(self.piped or self.columns)
        chosen = [field for field in chosen if not field.rare or field.value_of(thing)]
        return [field.piped(thing) if field.piped else field.value_of(thing) for field in chosen]

    def without_empty(self, things: Sequence[T]) -> Table[T]:
        """Return the table of a listing less the columns that are rare and empty there."""
        empty = {
            field.name
            for field in self.fields
            if field.rare and not any(field.value_of(thing) for thing in things)
        }
        columns, page = (
            tuple(name for name in names if name not in empty)
            for names in (self.columns, self.page)
        )
        return replace(self, columns=columns, page=page, piped=self.piped or self.columns)

    def with_columns(self, names: Sequence[str]) -> Table[T]:
        """Return the same with these columns on a terminal."""
        return replace(self, columns=tuple(names), piped=self.piped or self.columns)

    def heads(self, *, page: bool = False) -> list[Column]:
        """Return the columns, of a terminal or of a page."""
        return [field.column(page=page) for field in self._fields_for_people(page=page)]

    def cells(self, things: Iterable[T], *, page: bool = False) -> list[list[Cell]]:
        """Return the rows, of a terminal or of a page."""
        chosen = self._fields_for_people(page=page)
        return [[field.cell(thing, page=page) for field in chosen] for thing in things]

    def on_page(self, things: Iterable[T], *notes: str, empty: str = "") -> RenderableType:
        """Return the listing for a page.

        Args:
            things: the things.
            notes: what stands above it, such as that it is cut; empty ones are none.
            empty: what to say where there are none, if not what the table says.
        """
        from labapp.console import tables

        said, things = empty or self.empty_page or self.empty, list(things)
        table = self.without_empty(things)
        rows = table.cells(things, page=True)
        return tables.noted(tables.table(table.heads(page=True), rows, empty=said), *notes)

    def details_of(self, thing: T) -> RenderableType:
        """Return one thing for a page of its own, without what it has not."""
        from labapp.console import tables

        chosen = [
            one for one in self._fields_named(self.details) if one.value_of(thing) not in (None, "")
        ]
        return tables.key_values(
            {field.title or field.name: field.whole_cell(thing) for field in chosen}
        )

    def to_browse(self, things: Iterable[T]) -> Fitted:
        """Return the listing for a page on which a pointer moves from row to row."""
        from labapp.console import tables

        things, heads = list(things), self.heads(page=True)
        if len(things) <= tables.MEASURED:
            return tables.fitted(heads, self.cells(things, page=True))
        rows = tables.Rows(len(things), lambda number: self.cells([things[number]], page=True)[0])
        return tables.Fitted(heads, rows)

    def _fields_for_people(self, *, page: bool) -> list[Field[T]]:
        return self._fields_named(self.page if page and self.page else self.columns)

    def _fields_named(self, names: Iterable[str]) -> list[Field[T]]:
        by_name = {field.name: field for field in self.fields}
        return [by_name[name] for name in names]
