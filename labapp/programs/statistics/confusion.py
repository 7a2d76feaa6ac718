"""What is told of which classes annotators confuse: a listing of pairs, and a table of classes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from labapp.console import figures, layout, theme
from labapp.console.accessible import mode
from labapp.errors import MissingResourceError, UsageError
from labapp.labels import confusion
from labapp.labels.confusion import Against, Confusion
from labapp.labels.tokens import annotator_token
from labapp.programs.shell.table import Field, Table
from labapp.programs.statistics.table import NAME, in_percent, shown_name, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import RenderableType
    from rich.text import Text

    from labapp.dataset.statistics import DatasetSnapshot
    from labapp.labels.classes import LabelClass
    from labapp.programs.shell.context import Context

#: What an annotator is compared with who is nobody.
_NOBODY = {Against.REST: "the rest", Against.GOLD: "gold"}

#: Confusions that a listing names of a pair.
_NAMED = 2

#: Cells of a class's name in a table of classes, at most and at least.
_LONGEST, _SHORTEST = 20, 6

HELP = """Same: on how many of the pictures that both have answered they say the same. The rest is \
an admin's verdict or else what most others say; where these are a tie, the picture is left out. \
Gold are pictures whose class an admin knows."""


def other_of(found: Confusion) -> str:
    """Return what an annotator is compared with, as people read it."""
    return _NOBODY.get(found.against) or shown_name(found.other)


def compared(look: DatasetSnapshot, name: str, other: str = "") -> list[Confusion]:
    """Compare an annotator with another, or with the rest and, where there is any, with gold.

    Raises:
        RefusedError: a name has no letter or digit.
        MissingResourceError: there is nobody of such a name.
    """
    own = token_of(look, name)
    if other:
        return [confusion.between(look.pictures, own, token_of(look, other))]
    found = [confusion.with_rest(look.pictures, own)]
    gold = look.gold.by(look.scheme)
    return [*found, confusion.with_gold(look.pictures, own, gold)] if gold else found


def token_of(look: DatasetSnapshot, name: str) -> str:
    """Return the token that a look's pictures have of somebody, however the name is typed.

    Raises:
        RefusedError: the name has no letter or digit.
        MissingResourceError: there is nobody of such a name.
    """
    person = look.counting.person
    wanted = person(annotator_token(name))
    for picture in look.pictures:
        for entry in picture.file.entries:
            if not entry.is_bare and person(entry.annotator) == wanted:
                return entry.annotator
    raise MissingResourceError(
        f"nobody called {name!r} has labelled", "'admin.py stats --annotators' lists all."
    )


def _cells(found: Confusion) -> list[dict[str, Any]]:
    return [
        {"label": own.code, "other_label": other.code, "pictures": count}
        for own, other, count in found.cells
    ]


def _confused(found: Confusion) -> str:
    """Return what is confused most, in words: `ramen / pho 3, pho / ramen 1`."""
    named = found.confused[:_NAMED]
    return ", ".join(f"{own.name} / {other.name} {count:,}" for own, other, count in named)


#: What is listed of pairs.
PAIRS: Table[Confusion] = Table(
    fields=(
        Field(
            "annotator",
            shown=lambda one: shown_name(one.annotator),
            piped=lambda one: shown_name(one.annotator),
            least=NAME // 2,
        ),
        Field("against", lambda one: one.against.value),
        Field(
            "other",
            shown=other_of,
            piped=other_of,
            least=NAME // 2,
            note="null but against an annotator",
        ),
        Field("pictures", look="number", drop=1),
        Field("same", look="number", drop=3),
        Field(
            "agreement",
            lambda one: None if one.agreement is None else round(one.agreement, 4),
            "same %",
            shown=lambda one: whole(None if one.agreement is None else 100 * one.agreement),
            look="number",
        ),
        Field("cells", _cells, note="list of label, other_label, pictures"),
        Field("confused", _confused, "most confused", least=16, drop=2),
    ),
    empty="No two annotators have answered the same picture.",
    columns=("annotator", "other", "pictures", "same", "agreement", "confused"),
    hidden=frozenset({"confused"}),
)

#: What stands behind a command's flags for one annotator: a line for each cell.
Cell = tuple[Confusion, "LabelClass", "LabelClass", int]

CELLS: Table[Cell] = Table(
    fields=(
        Field("annotator", lambda one: shown_name(one[0].annotator)),
        Field("other", lambda one: other_of(one[0])),
        Field("label", lambda one: one[1].name, "says"),
        Field("other_label", lambda one: one[2].name, "other says"),
        Field("pictures", lambda one: one[3], look="number"),
    ),
    empty="No picture to compare: both need an answer to the same.",
    columns=("annotator", "other", "label", "other_label", "pictures"),
    page=("label", "other_label", "pictures"),
)


def show(context: Context, look: DatasetSnapshot) -> None:
    """Write all pairs, or what one annotator confuses, as the command's flags say.

    Raises:
        RefusedError: a name has no letter or digit.
        MissingResourceError: there is nobody of such a name.
        UsageError: there is another, but nobody to be compared with it.
    """
    name, other = context.arguments.annotator, context.arguments.other
    if other and not name:
        raise UsageError("--other needs --annotator", "Say both: --annotator A --other B.")
    if not name:
        context.show(PAIRS, confusion.pairs(look.pictures))
        return
    found = compared(look, name, other or "")
    if context.arguments.json:
        context.show(PAIRS, found)
    elif context.on_terminal:
        theme.stdout().print(drawn(found)(layout.whole_width(), 0))
    else:
        context.show(CELLS, [(one, *cell) for one in found for cell in one.cells])


#: What `stats --confusion` writes with --json.
DOCUMENT = replace(PAIRS.listing, flag="--confusion")


def in_words(found: Confusion) -> str:
    """Return in a sentence how far an annotator is with another."""
    name, other = shown_name(found.annotator), other_of(found)
    if not found.pictures:
        return f"{name} and {other}: no picture to compare"
    same = f"{found.same:,} of {figures.plural(found.pictures, 'picture')} the same"
    told = f"{name} and {other}: {same} ({in_percent(found.agreement)})"
    if not found.confused:
        return told
    own, says, count = found.confused[0]
    return f"{told}; most often {own.name} where {other} says {says.name}: {count:,}"


def drawn(found: Sequence[Confusion]) -> Callable[[int, int], RenderableType]:
    """Return what a page has of them: for each a sentence, and its classes as the window has room.

    A row for each class that the annotator says, a column for each that the other says.
    """

    def body(columns: int, _rows: int = 0) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        parts: list[RenderableType] = []
        for one in found:
            parts += [*([Text("")] if parts else []), Text(in_words(one))]
            if one.pictures:
                parts += [Text(""), _table(one, columns)]
        return Group(*parts)

    return body


def _table(found: Confusion, columns: int) -> RenderableType:
    """Return all cells as rows and columns of classes, or one below the other."""
    classes = found.scheme.classes
    digits = max(len(f"{count:,}") for *_, count in found.cells)
    longest = max(figures.cell_width(_label(each)) for each in classes)
    by_name, by_key = ([each.name for each in classes], [each.key for each in classes])
    for heads, least in ((by_name, _LONGEST), (by_key, _SHORTEST)):
        for gap in () if mode.is_on() else (2, 1):  # the sign of the worst stands in it
            widths = [max(digits, figures.cell_width(head)) + gap for head in heads]
            if (room := columns - sum(widths)) >= min(longest, least):
                return _grid(found, heads, widths, min(longest, room))
    return CELLS.on_page([(found, *cell) for cell in found.cells])


def _label(each: LabelClass) -> str:
    return f"{each.key} {each.name}"


def _grid(
    found: Confusion, heads: Sequence[str], widths: Sequence[int], room: int
) -> RenderableType:
    from rich.console import Group
    from rich.table import Table as Grid
    from rich.text import Text

    grid = Grid.grid()
    grid.add_column(width=room, no_wrap=True)
    for width in widths:
        grid.add_column(width=width, no_wrap=True, justify="right")
    grid.add_row("", *(Text(head, "muted") for head in heads))
    worst = found.confused[0][2] if found.confused else 0
    for own in found.scheme.classes:
        cells = map(partial(_cell, found, own, worst), found.scheme.classes)
        grid.add_row(Text(figures.cut(_label(own), room), "muted"), *cells)
    axes = f"rows: {shown_name(found.annotator)} says; columns: {other_of(found)} says"
    return Group(Text(axes, "muted"), grid)


def _cell(found: Confusion, own: LabelClass, worst: int, other: LabelClass) -> Text:
    """Return a cell: what both say in the colour of what is well, the worst with its sign."""
    from rich.text import Text

    count = found.count(own, other)
    if not count:
        return Text(theme.current().glyphs.separator, "muted")
    if own == other:
        return Text(f"{count:,}", "good")
    if count == worst:
        return Text(f"{theme.current().sign('warn')}{count:,}", "warn")
    return Text(f"{count:,}")
