"""The admin's statistics: how far, how good, who, and what needs a look."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import figures, tables
from labapp.console.key import REFRESH, Key
from labapp.console.page import show
from labapp.dataset.statistics import Statistics
from labapp.programs.dataset.screens import sample_keys
from labapp.programs.dataset.words import no_pictures
from labapp.programs.deciding.needs import BROKEN, needs
from labapp.programs.statistics import model
from labapp.programs.statistics.annotators_screen import show_annotators
from labapp.programs.statistics.known import Known
from labapp.programs.statistics.per_class import CLASSES, show_classes
from labapp.programs.statistics.pictures_screen import Shown, show_all, show_table
from labapp.programs.statistics.table import (
    OWN_COLUMNS,
    apart,
    balance,
    bar,
    in_percent,
    unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from labapp.dataset.statistics import DatasetSnapshot
    from labapp.labels.classes import Scheme
    from labapp.labels.summary import Progress, Summary
    from labapp.programs.menus.session import MenuSession

#: Rows of annotators and of disputed pictures on the overview; their own pages show all.
FEW = 3

#: Rows of a page from which on classes that are many have a table on the overview.
TALL = 32

#: Columns from which on bars have their full length; in fewer they would be folded in the middle.
ROOMY = 60

HELP = """Decided: enough answers (the setting target_answers) and a majority. Disputed: a tie.

alpha is Krippendorff's: 1 is full agreement, 0 is what chance gives; raw is the share of pairs \
of answers that are the same."""

BROKEN_HELP = """Every picture that somebody says is broken. Exports have none of them. Opened, \
each says why; b dismisses that, and a class settles it. 'admin.py images remove' takes one out."""

MODEL_HELP = "also shows what a model of the annotators says, or no longer"


def run(menu: MenuSession) -> None:
    """Show the overview until the admin goes back."""
    shown = Shown()
    with contextlib.closing(Statistics(menu.bucket())) as statistics:
        known = Known(menu, statistics)
        while True:
            body, keys = _overview(known), overview_keys(known, shown)
            key = show("Statistics", body, frame=menu.frame, keys=keys, help=help_text(known))
            if key is None:
                return
            has_pictures = known.summary.progress.pictures
            key.act()
            if not has_pictures:
                known.look_again()


def help_text(known: Known) -> str:
    """Return what `?` shows of the overview."""
    return f"{HELP}\n\n{model.HELP}" if known.model else HELP


def overview_keys(known: Known, shown: Shown) -> list[Key]:
    """Return what can be done from the overview."""
    refresh = replace(REFRESH, help="reads the labels again", act=lambda: known.look_again())
    if not known.summary.progress.pictures:
        return [*sample_keys(known.menu), replace(refresh, act=lambda: None)]

    def disputed() -> None:
        show_table(known, "Most disputed", lambda: known.disputed)

    def broken() -> None:
        show_table(
            known,
            "Flagged as broken",
            lambda: [one for one in known.summary.tallies if one.broken and not one.is_settled],
            help=BROKEN_HELP,
        )

    flagged = Key(BROKEN, "broken", broken, "shows the pictures that annotators say are broken")
    return [
        Key("p", "pictures", partial(show_all, known, shown), "shows every picture", enter=True),
        Key("d", "most disputed", disputed, "shows those whose answers differ most"),
        Key(
            "a",
            "annotators",
            partial(show_annotators, known),
            "lists the annotators, and says why some are flagged",
        ),
        Key(
            "c", "classes", partial(show_classes, known), "tells how far people agree on each class"
        ),
        *([flagged] if known.summary.progress.broken else []),
        Key("m", "model", known.switch_model, MODEL_HELP),
        refresh,
    ]


def _facts(look: DatasetSnapshot, summary: Summary, target: int, cells: int) -> dict[str, str]:
    """Return the overview's names and values, with bars of some cells; none without pictures."""
    progress, activity, quality = summary.progress, summary.activity, summary.quality
    count = figures.count
    if not progress.pictures:
        return {}
    pairs = {
        "progress": f"{bar(progress.share, cells)} {100 * progress.share:.0f} %   "
        f"{count(progress.useful)} of {count(progress.wanted)} answers, {target} a picture",
        "pictures": f"{count(progress.decided)} decided, "
        f"{count(progress.in_progress)} in progress, {count(progress.disputed)} disputed, "
        f"{count(progress.untouched)} untouched{apart(progress)}",
        "since yesterday": f"{count(activity.answers)} answers by "
        f"{figures.plural(activity.annotators, 'annotator')}, {count(activity.decided)} decided, "
        f"{activity.answers_per_hour:.0f} an hour",
        "class balance": _balance(progress, look.scheme, cells),
        "agreement": "too few answers to tell"
        if quality.too_few
        else f"alpha {_figure(quality.alpha)}, raw {in_percent(quality.raw)}, "
        f"{count(quality.pairs)} pairs",
    }
    if progress.unreadable_files:
        pairs["unreadable"] = unreadable(progress)
    if look.orphans:
        pairs["no picture"] = (
            f"{figures.plural(look.without_picture, 'label file')} without its picture"
        )
    if look.left_out_line:
        pairs["left out"] = look.left_out_line
    return pairs


def _overview(known: Known) -> Callable[[int, int], RenderableType]:
    from rich.console import Group
    from rich.text import Text

    look, summary, target = known.look, known.summary, known.target

    def body(columns: int, rows: int) -> RenderableType:
        pairs = _facts(look, summary, target, 20 if columns >= ROOMY else 8)
        if known.model:
            pairs |= {"model": model.on_page(known.model)}
        # A moment stays true on a page that is drawn once; an age would not.
        parts: list[RenderableType] = [
            tables.key_values({"as of": figures.clock(look.at), **pairs})
        ]
        if waiting := needs(summary):
            parts += [Text(""), Text("What needs you", style="title")]
            parts += [tables.mark("warn", line) for line in waiting]
        if len(look.scheme.classes) > OWN_COLUMNS and rows >= TALL:
            parts += [Text(""), CLASSES.on_page(known.classes)]
        if summary.annotators:
            cut = _cut(len(summary.annotators), "a")
            people = model.annotators_table(look, known.model)
            parts += [Text(""), people.on_page(summary.annotators[:FEW], cut)]
        if disputed := known.disputed:
            cut = _cut(len(disputed), "d")
            parts += [Text("")]
            table = model.pictures_table(look.scheme, known.model)
            parts += [table.on_page(disputed[:FEW], cut)]
        if not summary.tallies:
            none = no_pictures(look.layout) or "No pictures yet: u uploads the sample set."
            parts += [Text(""), tables.mark("warn", none)]
        return Group(*parts)

    return body


def _cut(total: int, key: str) -> str:
    """Return what is said above a table of the first few, where there are more."""
    return f"{FEW} of {figures.count(total)}; {key} shows all" if total > FEW else ""


def _balance(progress: Progress, scheme: Scheme, cells: int) -> str:
    share = progress.balance(scheme.first)
    if share is None:
        return "no majority yet"
    counts = ", ".join(each.counted(count) for count, each in balance(progress, scheme))
    return f"{bar(share, cells)} {counts}"


def _figure(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.2f}"
