"""The statistics' pictures: a table to sort, narrow and move in, and each with its answers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import Back, browse, figures, lists, tables
from labapp.console.key import Key
from labapp.console.page import show
from labapp.dataset.prefetching import Prefetcher
from labapp.errors import LabappError
from labapp.labels.classes import DEFAULT_SCHEME, Scheme
from labapp.labels.sorting import filter_tallies, filters, sort_tallies, sorts
from labapp.labels.tally import Tally, tally
from labapp.programs.deciding.screen import decided_on_page, picture_keys, status_in_words
from labapp.programs.gold.page import gold_in_words, gold_keys
from labapp.programs.menus import picture_page
from labapp.programs.menus.actions import attempt, show_error
from labapp.programs.statistics.model import pictures_table
from labapp.programs.statistics.table import NO_LABELS, OWN_COLUMNS, answers, votes, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import RenderableType

    from labapp.programs.menus.picture_page import Seen
    from labapp.programs.statistics.known import Known


def help_text(scheme: Scheme) -> str:
    """Return what `?` shows of the table."""
    shares = " or ".join(each.name for each in scheme.classes)
    said = (
        f"the share of answers that say {shares}"
        if len(scheme.classes) <= OWN_COLUMNS
        else "the answers"
    )
    return f"""One row for each picture, with {said}, how many \
answers there are, and the share of them that is with the majority.

Disputed: no class has more answers than every other."""


DISPUTED_HELP = """Every picture whose answers differ, the most disputed first. Only a tie counts \
as disputed; the others have a majority, which some do not share."""

PICTURE_HELP = """The picture, and below it what each has said of it, and when, and what was \
decided: a verdict of yours settles it, whatever they say, and can be taken back."""

OPEN = Key("Enter", "open", help="opens the picture at the pointer, with its answers")

SEARCH = Key("o", "search", help="looks for one by its name")


@dataclass
class Shown:
    """How the table of pictures is sorted and narrowed."""

    sort: str = "disputed"
    filter: str = "all"
    reverse: bool = False
    scheme: Scheme = DEFAULT_SCHEME

    @property
    def keys(self) -> list[Key]:
        """What sorts and narrows it."""
        told = "the title says which"
        return [
            Key("s", "sort", self.next_sort, f"sorts by the next order; {told}"),
            Key("t", "turn round", self.turn_round, f"turns the order round; {told}"),
            Key("f", "filter", self.next_filter, f"narrows to the next group; {told}"),
        ]

    def take(self, scheme: Scheme) -> None:
        """Take the classes that there are."""
        self.scheme = scheme
        if self.sort not in sorts(scheme) or self.filter not in filters(scheme):
            self.sort, self.filter = "disputed", "all"

    def next_sort(self) -> None:
        """Sort by the next order."""
        self.sort = _next(self.sort, list(sorts(self.scheme)))

    def turn_round(self) -> None:
        """Turn the order round."""
        self.reverse = not self.reverse

    def next_filter(self) -> None:
        """Narrow to the next group."""
        self.filter = _next(self.filter, filters(self.scheme))


def _next(name: str, names: Sequence[str]) -> str:
    return names[(names.index(name) + 1) % len(names)] if name in names else names[0]


def show_all(known: Known, shown: Shown) -> None:
    """Show the table of pictures, sorted and narrowed as often as wanted."""

    def chosen() -> list[Tally]:
        scheme = known.look.scheme
        shown.take(scheme)
        passing = filter_tallies(
            known.summary.tallies, shown.filter, target=known.target, scheme=scheme
        )
        return sort_tallies(passing, shown.sort, reverse=shown.reverse, scheme=scheme)

    while True:
        scheme = known.look.scheme
        shown.take(scheme)
        turned = ", turned round" if shown.reverse else ""
        title = f"Pictures: {shown.filter}, {sorts(scheme)[shown.sort]}{turned}"
        key = show_table(known, title, chosen, shown.keys, help_text(scheme))
        if key is None:
            return
        key.act()


def show_table(
    known: Known,
    title: str,
    chosen: Callable[[], list[Tally]],
    keys: Sequence[Key] = (),
    help: str = DISPUTED_HELP,
) -> Key | None:
    """Show pictures and open those that are chosen; return the key of `keys`, None for Esc.

    `chosen` says which, and is asked again whenever there was another look.
    """
    frame, place, searched, look = known.menu.frame, 0, lists.Place(), None
    while True:
        if look is not known.look:
            look, tallies = known.look, chosen()
            place = max(0, min(place, len(tallies) - 1))
            table = pictures_table(look.scheme, known.model).to_browse(tallies)
        if not tallies:
            none = tables.mark("good", "No picture is like that.")
            return show(title, none, frame=frame, keys=keys, help=help)
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
            "Which picture?",
            options,
            frame=known.menu.frame,
            help=help_text(known.look.scheme),
            place=searched,
        )
    except Back:
        return start
    _show_picture(known, tallies[place])
    return place


def _show_picture(known: Known, tally: Tally) -> None:
    """Show a picture, below it what each has said of it, and let the admin decide of it."""
    key, menu = tally.key, known.menu
    with Prefetcher(known.statistics.bucket, [key], partial(picture_page.see, menu)) as ahead:
        seen = menu.wait("fetching the picture", partial(ahead.get, key), tally.name)
    while True:
        body = _picture_body(known, key, seen)
        keys = [*picture_keys(known, key), *gold_keys(known, key)]
        pressed = show(
            tally.name, body, frame=menu.frame, keys=keys, behind=True, help=PICTURE_HELP
        )
        if pressed is None:
            return
        attempt(tally.name, pressed.act, menu.frame)


def _picture_body(known: Known, key: str, seen: Seen) -> Callable[[int, int], RenderableType]:
    """Return what the page of a picture shows, as things stand."""
    picture = known.look.picture(key)
    counted, given = tally(picture, known.look.layout), picture.answers
    said = answers(known.look.scheme).on_page(given)
    told = (
        *(_in_words(counted), status_in_words(known, key), gold_in_words(known, key)),
        known.model and known.model.of(key),
    )
    words = ", ".join(filter(None, told))
    decided, rows = decided_on_page(known, key)

    def body(columns: int, height: int) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        room = max(height - len(given) - 5 - rows, height // 2)
        parts = [seen.draw(columns, room), Text(words), Text(""), said]
        return Group(*parts, *([Text(""), decided] if rows else []))

    return body


def _in_words(tally: Tally) -> str:
    if not tally.answers:
        return NO_LABELS
    if len(tally.scheme.classes) > OWN_COLUMNS:
        return f"{votes(tally)}; {tally.consensus}"
    given, first = figures.plural(tally.answers, "answer"), tally.scheme.first
    return f"{whole(tally.percent(first))} % {first.name}, {given}, {tally.consensus}"
