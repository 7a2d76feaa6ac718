"""The statistics' pictures: a table to sort, narrow and move in, and each with its answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import Back, browse, figures, lists, tables
from labapp.console.key import Key
from labapp.console.page import show
from labapp.dataset.statistics import DatasetSnapshot, Statistics
from labapp.dataset.stored_pictures import Prefetcher
from labapp.errors import LabappError
from labapp.labels.classes import NEGATIVE, POSITIVE
from labapp.labels.sorting import FILTERS, SORTS, filter_tallies, sort_tallies
from labapp.labels.tally import Tally
from labapp.programs.menus import picture_page
from labapp.programs.menus.actions import show_error
from labapp.programs.statistics.table import ANSWERS, NO_LABELS, PICTURES, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from labapp.labels.summary import Summary
    from labapp.programs.menus.session import MenuSession

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
    reverse: bool = False
    sorts: list[str] = field(default_factory=lambda: list(SORTS))

    @property
    def keys(self) -> list[Key]:
        """What sorts and narrows it."""
        told = "the title says which"
        return [
            Key("s", "sort", self.next_sort, f"sorts by the next order; {told}"),
            Key("t", "turn round", self.turn_round, f"turns the order round; {told}"),
            Key("f", "filter", self.next_filter, f"narrows to the next group; {told}"),
        ]

    def next_sort(self) -> None:
        """Sort by the next order."""
        self.sort = self.sorts[(self.sorts.index(self.sort) + 1) % len(self.sorts)]

    def turn_round(self) -> None:
        """Turn the order round."""
        self.reverse = not self.reverse

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
        tallies = sort_tallies(chosen, shown.sort, reverse=shown.reverse)
        turned = ", turned round" if shown.reverse else ""
        title = f"Pictures: {shown.filter}, {SORTS[shown.sort]}{turned}"
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
    table, place, searched = PICTURES.to_browse(tallies), 0, lists.Place()
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
                place = _search(known, tallies, place, searched)
            else:
                return key
        except Back:
            continue
        except LabappError as error:
            show_error(title, error, frame)


def _search(known: Known, tallies: list[Tally], start: int, searched: lists.Place) -> int:
    """Let the admin look for a picture by name, and open it; return its place, or `start`."""
    options = [lists.Option(one.name, n, _in_words(one)) for n, one in enumerate(tallies)]
    try:
        place = lists.search_list(
            "Which picture?", options, frame=known.menu.frame, help=HELP, place=searched
        )
    except Back:
        return start
    _show_picture(known, tallies[place])
    return place


def _show_picture(known: Known, tally: Tally) -> None:
    """Show a picture, and below it what each has said of it."""
    answers, menu = known.look.picture(tally.key).answers, known.menu
    with Prefetcher(known.statistics.bucket, [tally.key], partial(picture_page.see, menu)) as ahead:
        seen = menu.wait("fetching the picture", partial(ahead.get, tally.key), tally.name)
    said = ANSWERS.on_page(answers)

    def body(columns: int, height: int) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        room = max(height - len(answers) - 5, height // 2)
        return Group(seen.draw(columns, room), Text(_in_words(tally)), Text(""), said)

    show(tally.name, body, frame=menu.frame, behind=True, help=PICTURE_HELP)


def _in_words(tally: Tally) -> str:
    if not tally.answers:
        return NO_LABELS
    answers = figures.plural(tally.answers, "answer")
    return f"{whole(tally.percent(POSITIVE))} % {POSITIVE.name}, {answers}, {tally.consensus}"
