"""The statistics' pictures: a table to sort, narrow and move in, and each with its answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import Back, browse, figures, lists, tables
from labapp.console.key import Key
from labapp.console.page import show
from labapp.console.theme import current
from labapp.dataset.images import Prefetcher
from labapp.dataset.statistics import DatasetSnapshot, Statistics
from labapp.errors import LabappError
from labapp.labels.classes import CLASSES, NEGATIVE, POSITIVE
from labapp.labels.label_file import Entry, annotator_name
from labapp.labels.sorting import FILTERS, SORTS, filter_tallies, sort_tallies
from labapp.labels.tally import Tally
from labapp.programs.menus import picture_page
from labapp.programs.menus.actions import show_error

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType
    from rich.text import Text

    from labapp.labels.summary import Summary
    from labapp.programs.menus.session import MenuSession

#: Cells of a picture's bar.
BAR = 10

#: Cells of a picture's name that are kept before any other column is.
NAME = 20

HELP = f"""One row for each picture, with the share of answers that say {POSITIVE.name} or \
{NEGATIVE.name}, how many \
answers there are, and the share of them that is with the majority.

Disputed: as many say {POSITIVE.name} as {NEGATIVE.name}."""

DISPUTED_HELP = """Every picture whose answers differ, the most disputed first. Only a tie counts \
as disputed; the others have a majority, which some do not share."""

PICTURE_HELP = """The picture, and below it what each has said of it, and when."""

OPEN = Key("Enter", "open", help="opens the picture at the pointer, with its answers")

SEARCH = Key("o", "search", help="looks for one by its name")


@dataclass
class Shown:
    """How the table of pictures is sorted and narrowed."""

    sort: str = "disputed"
    filter: str = "all"
    sorts: list[str] = field(default_factory=lambda: list(SORTS))

    @property
    def keys(self) -> list[Key]:
        """What sorts and narrows it."""
        told = "the title says which"
        return [
            Key("s", "sort", self.next_sort, f"sorts by the next order; {told}"),
            Key("f", "filter", self.next_filter, f"narrows to the next group; {told}"),
        ]

    def next_sort(self) -> None:
        """Sort by the next order."""
        self.sort = self.sorts[(self.sorts.index(self.sort) + 1) % len(self.sorts)]

    def next_filter(self) -> None:
        """Narrow to the next group."""
        self.filter = FILTERS[(FILTERS.index(self.filter) + 1) % len(FILTERS)]


@dataclass(frozen=True)
class Known:
    """What the pages of pictures draw from."""

    menu: MenuSession
    statistics: Statistics
    look: DatasetSnapshot
    summary: Summary


def show_all(known: Known, shown: Shown) -> None:
    """Show the table of pictures, sorted and narrowed as often as wanted."""
    target = known.menu.context.settings.target_answers
    while True:
        chosen = filter_tallies(known.summary.tallies, shown.filter, target=target)
        tallies = sort_tallies(chosen, shown.sort)
        title = f"Pictures: {shown.filter}, {SORTS[shown.sort]}"
        key = show_table(known, title, tallies, shown.keys, HELP)
        if key is None:
            return
        key.act()


def show_table(
    known: Known,
    title: str,
    tallies: list[Tally],
    keys: Sequence[Key] = (),
    help: str = DISPUTED_HELP,
) -> Key | None:
    """Show pictures and open those that are chosen; return the key of `keys`, None for Esc."""
    frame = known.menu.frame
    if not tallies:
        none = tables.mark("good", "No picture is like that.")
        return show(title, none, frame=frame, keys=keys, help=help)
    table, place = fitted(tallies), 0
    while True:
        pressed = browse.browse(title, table, frame=frame, keys=[OPEN, SEARCH, *keys], start=place,
                                help=help)  # fmt: skip
        if pressed is None:
            return None
        key, place = pressed
        try:
            if key is OPEN:
                _show_picture(known, tallies[place])
            elif key is SEARCH:
                place = _search(known, title, tallies, place, help)
            else:
                return key
        except Back:
            continue
        except LabappError as error:
            show_error(title, error, frame)


def _search(known: Known, title: str, tallies: list[Tally], start: int, help: str) -> int:
    """Let the admin look for a picture by name, and open it; return its place, or `start`."""
    options = [lists.Option(one.name, n, _in_words(one)) for n, one in enumerate(tallies)]
    try:
        place = lists.search_list(title, options, frame=known.menu.frame, help=help)
    except Back:
        return start
    _show_picture(known, tallies[place])
    return place


def _show_picture(known: Known, tally: Tally) -> None:
    """Show a picture, and below it what each has said of it."""
    answers, menu = known.look.picture(tally.key).answers, known.menu
    with Prefetcher(known.statistics.bucket, [tally.key], partial(picture_page.see, menu)) as ahead:
        seen = menu.wait("fetching the picture", partial(ahead.get, tally.key), tally.name)
    rows = [_answer_row(entry) for entry in answers]
    said = tables.table(["annotator", "answer", "when"], rows, empty="No labels yet.")

    def body(columns: int, height: int) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        room = max(height - len(rows) - 5, height // 2)
        return Group(seen.draw(columns, room), Text(_in_words(tally)), Text(""), said)

    show(tally.name, body, frame=menu.frame, help=PICTURE_HELP)


def _answer_row(entry: Entry) -> tuple[str, str, str]:
    who = annotator_name(entry.annotator) if entry.annotator else "(a lab's own program)"
    when = figures.clock(entry.at) if entry.at else ""
    return who, entry.answer.name if entry.answer else "", when


def table(tallies: list[Tally]) -> RenderableType:
    """Return a few pictures as a table for a page."""
    return fitted(tallies)


def fitted(tallies: list[Tally]) -> tables.Fitted:
    """Return pictures as a table to move in."""
    columns = [
        tables.line("picture", least=NAME),
        tables.number(POSITIVE.column, drop=1),
        tables.number(NEGATIVE.column, drop=4),
        tables.number("answers", drop=2),
        tables.number("agreement", drop=3),
        tables.Column("consensus", keep=True),
        tables.Column("", keep=True, drop=5),
    ]
    rows = [
        (
            one.name,
            *(_share(one.percent(each)) for each in CLASSES),
            one.answers,
            "n/a" if one.answers == 1 else percent(one.agreement),
            _consensus(one),
            bar(one.count(POSITIVE) / one.answers, BAR) if one.answers else "",
        )
        for one in tallies
    ]
    return tables.fitted(columns, rows)


def _consensus(tally: Tally) -> str | Text:
    if tally.is_disputed:
        return tables.mark("warn", tally.consensus)
    return tally.consensus or "no labels yet"


def _in_words(tally: Tally) -> str:
    if not tally.answers:
        return "no labels yet"
    answers = figures.plural(tally.answers, "answer")
    return f"{_share(tally.percent(POSITIVE))} % {POSITIVE.name}, {answers}, {tally.consensus}"


def bar(share: float, cells: int) -> str:
    """Return a share as a bar of some cells."""
    glyphs = current().glyphs
    full = round(share * cells)
    return glyphs.bar_full * full + glyphs.bar_empty * (cells - full)


def _share(percent: float | None) -> str:
    return "" if percent is None else f"{percent:.0f}"


def percent(share: float | None) -> str:
    """Return a share, 0 to 1, as a percentage; empty for None."""
    return "" if share is None else f"{100 * share:.0f} %"
