"""The page of gold pictures: looked at, added, made gold of another class, removed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from labapp.console import Back, browse, figures, prompts, tables
from labapp.console.key import Key
from labapp.console.menu import MenuItem, choose
from labapp.console.page import show
from labapp.dataset import counting, gold_pictures, layouts
from labapp.dataset.prefetching import Prefetcher
from labapp.errors import LabappError
from labapp.programs.dataset import why_read_only
from labapp.programs.gold import TITLE
from labapp.programs.gold.commands import rows_of
from labapp.programs.gold.table import GOLD, GoldPicture
from labapp.programs.menus import history, picture_page
from labapp.programs.menus.actions import show_error

if TYPE_CHECKING:
    from rich.console import RenderableType

    from labapp.cloud.bucket import Bucket
    from labapp.dataset.statistics import DatasetSnapshot, Statistics
    from labapp.labels.classes import LabelClass, Scheme
    from labapp.labels.gold import Gold
    from labapp.programs.menus.session import MenuSession


class Known(Protocol):
    """What the statistics' pages draw from."""

    menu: MenuSession
    statistics: Statistics
    look: DatasetSnapshot

    def take_gold(self, gold: Gold) -> None:
        """Take what the gold pictures have become."""


HELP = """Pictures whose class you know. They come unmarked among the others, as often as the page \
of the classes says, and tell how far each annotator is right: the statistics have it. Their \
answers count like any others. A picture of the statistics becomes gold by g on its page, too."""

#: What gold of a retired code counts as.
NO_CLASS = "of a class that is no more"

OPEN = Key("Enter", "open", help="opens the picture at the pointer")
ADD = Key("a", "add", help="makes pictures gold, by their keys or a pattern of names")
CHANGE = Key("g", "class", help="makes the one at the pointer gold of another class, or of none",
             on_row=True)  # fmt: skip
REMOVE = Key("x", "remove", help="the one at the pointer is gold no more; its answers stay",
             on_row=True)  # fmt: skip


def run(menu: MenuSession) -> None:
    """Show the gold pictures until the admin goes back."""
    place, bucket = 0, menu.bucket()
    why = why_read_only(menu)
    scheme, rows = _read(menu, bucket)
    while True:
        place = max(0, min(place, len(rows) - 1))
        changes = [] if why else [ADD, CHANGE, REMOVE] if rows else [ADD]
        if rows:
            pressed = browse.browse(TITLE, GOLD.to_browse(rows), frame=menu.frame, start=place,
                                    keys=[OPEN, *changes], help=HELP)  # fmt: skip
            if pressed is None:
                return
            key, place = pressed
        else:
            none = tables.told("warn", f"There are none yet. {'' if why else 'a adds some.'}")
            found = show(TITLE, none, frame=menu.frame, keys=changes, help=HELP)
            if found is None:
                return
            key = found
        try:
            if key is OPEN:
                _open(menu, bucket, rows[place])
                continue
            if key is ADD:
                _add(menu, bucket, scheme)
            elif key is CHANGE:
                choose_class(menu, bucket, scheme, rows[place].key)
            else:
                _make(menu, bucket, rows[place].key, None)
        except Back:
            continue
        except LabappError as error:
            show_error(TITLE, error, menu.frame)
        scheme, rows = _read(menu, bucket)


def _read(menu: MenuSession, bucket: Bucket) -> tuple[Scheme, list[GoldPicture]]:
    def read() -> tuple[Scheme, list[GoldPicture]]:
        scheme = counting.scheme_of(bucket)
        return scheme, rows_of(gold_pictures.of(bucket), scheme, layouts.of(bucket))

    return menu.wait("reading which are gold", read, TITLE)


def _open(menu: MenuSession, bucket: Bucket, one: GoldPicture) -> None:
    """Show a gold picture."""
    name = one.layout.picture_name(one.key)
    with Prefetcher(bucket, [one.key], partial(picture_page.see, menu)) as ahead:
        seen = menu.wait("fetching the picture", partial(ahead.get, one.key), name)
    words = f"gold: {one.label_class.name if one.label_class else NO_CLASS}"

    def body(columns: int, height: int) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        return Group(seen.draw(columns, height - 1), Text(words))

    show(name, body, frame=menu.frame, behind=True, help=picture_page.LOOK_HELP)


def _add(menu: MenuSession, bucket: Bucket, scheme: Scheme) -> None:
    """Ask for pictures and their class, and make them gold."""
    words = prompts.text("Pictures, such as cat-*.jpg:", title="Add gold pictures",
                         frame=menu.frame, history=history.REMOVALS).split()  # fmt: skip
    if not words:
        return
    keys = menu.wait("looking for them", partial(gold_pictures.pictures, bucket, words), TITLE)
    said = _asked(menu, scheme, f"{figures.plural(len(keys), 'picture')}: of which class?")
    if said is None:
        return
    before = menu.wait("writing it down", partial(gold_pictures.add, bucket, keys, said), TITLE)
    new = sum(code is None for code in before.values())
    told = f"{figures.plural(len(keys), 'gold picture')}: {said.name}, {new:,} of them new"
    menu.announce(told, "done")


def _asked(menu: MenuSession, scheme: Scheme, title: str) -> LabelClass | None:
    lines = [
        MenuItem(str(number), each.name, each, note=each.title)
        for number, each in enumerate(scheme.classes, start=1)
    ]
    item = choose(title, lines, frame=menu.frame, help=HELP)
    return item.value if item else None


def choose_class(menu: MenuSession, bucket: Bucket, scheme: Scheme, key: str) -> None:
    """Let the admin say what a picture is gold of, or that it is none.

    Raises:
        LabappError: it cannot be read or written.
    """
    code = menu.wait("reading which are gold", partial(counting.gold_of, bucket), TITLE).codes
    now = scheme.by_code.get(code[key]) if key in code else None
    lines: list[MenuItem[LabelClass | None]] = [
        MenuItem(str(number), each.name, each, note="as now" if each == now else "")
        for number, each in enumerate(scheme.classes, start=1)
    ]
    lines.append(MenuItem("n", "not gold", None, note="" if key in code else "as now"))
    start = next((line.key for line in lines if line.value == now), "n")
    name = layouts.of(bucket).picture_name(key)
    item = choose(f"Gold: what is {name}?", lines, frame=menu.frame, help=HELP, start=start)
    if item is not None and (item.value is not None or key in code):
        _make(menu, bucket, key, item.value)


def _make(menu: MenuSession, bucket: Bucket, key: str, said: LabelClass | None) -> None:
    """Make a picture gold, or none."""
    name = layouts.of(bucket).picture_name(key)
    if said is None:
        menu.wait("writing it down", partial(gold_pictures.remove, bucket, [key]), TITLE)
    else:
        menu.wait("writing it down", partial(gold_pictures.add, bucket, [key], said), TITLE)
    menu.announce(f"{name} is gold: {said.name}" if said else f"{name} is gold no more", "done")


def gold_keys(known: Known, key: str) -> list[Key]:
    """Return the key by which a page of the statistics makes its picture gold."""
    if known.look.layout.why_read_only:
        return []
    told = "says what you know that it is: annotators are measured by it"
    return [Key("g", "gold", partial(_choose, known, key), told)]


def _choose(known: Known, key: str) -> None:
    menu, bucket = known.menu, known.statistics.bucket
    choose_class(menu, bucket, known.look.scheme, key)
    known.take_gold(menu.wait("reading which are gold", partial(counting.gold_of, bucket), TITLE))


def gold_in_words(known: Known, key: str) -> str:
    """Return what a picture is gold of; empty where it is none."""
    code = known.look.gold.codes.get(key)
    if code is None:
        return ""
    found = known.look.scheme.by_code.get(code)
    return f"gold: {found.name if found else NO_CLASS}"
