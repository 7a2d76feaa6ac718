"""The statistics' annotators: a table to move in, and each with all that is said of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.console import Back, browse
from labapp.console.key import Key
from labapp.console.page import show
from labapp.errors import LabappError
from labapp.labels.tokens import annotator_name
from labapp.programs.deciding.screen import annotator_keys, crowd_of, labs_keys
from labapp.programs.menus.actions import attempt, show_error
from labapp.programs.statistics import confusion
from labapp.programs.statistics.confusion_screen import show_pairs
from labapp.programs.statistics.model import annotators_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from labapp.labels.annotators import AnnotatorReport
    from labapp.programs.statistics.known import Known

HELP = """With the rest: of the pairs of one of these answers and somebody else's on \
the same picture, the share that is the same. Gold %: of the gold pictures that were answered, \
whose class an admin knows, the share that is right, and what it lies within at 95 %.

An annotator is flagged when nearly all answers are one key, or when the median time between two \
answers is below half a second. Answered again: answers were replaced by later ones that the same \
name gave in another session, so two people may share it. Looks like: the name reads as somebody \
else's, by the letters named behind it. A flag is a reason to look, not a \
verdict."""

PAGE_HELP = f"""{HELP}

Leave out: nothing of theirs counts, until they are taken back. Withdraw: what they have answered \
until now counts no more, until it is restored; what they answer later does. Merge: two names of \
one person become one, until they are split.

{confusion.HELP}"""

TITLE = "Annotators"

OPEN = Key("Enter", "open", help="tells all of the annotator at the pointer")


def page_keys(known: Known) -> list[Key]:
    """Return what can be done with all annotators."""
    pairs = partial(show_pairs, known)
    return [Key("c", "confusion", pairs, "tells which classes annotators confuse, two by two")]


def show_annotators(known: Known) -> None:
    """Show who labels, and open those that are chosen."""
    place = 0
    while people := known.summary.annotators:
        listing = annotators_table(known.look, known.model).without_empty(people)
        pressed = browse.browse(
            TITLE,
            listing.to_browse(people),
            frame=known.menu.frame,
            keys=[OPEN, *page_keys(known), *labs_keys(known)],
            start=min(place, len(people) - 1),
            help=HELP,
        )
        if pressed is None:
            return
        key, place = pressed
        try:
            if key is OPEN:
                show_annotator(known, people[place])
            else:
                key.act()
        except Back:
            continue
        except LabappError as error:
            show_error(TITLE, error, known.menu.frame)
    nobody = annotators_table(known.look, known.model).on_page([])
    if key_pressed := show(TITLE, nobody, frame=known.menu.frame, keys=labs_keys(known), help=HELP):
        key_pressed.act()


def show_annotator(known: Known, report: AnnotatorReport) -> None:
    """Show all that is said of an annotator and which classes they confuse, and act on them."""
    token, name = report.annotator, annotator_name(report.annotator)
    while True:
        crowd = crowd_of(known)
        keys = annotator_keys(known, crowd, crowd.called(token))
        body = _annotator_body(known, report)
        pressed = show(name, body, frame=known.menu.frame, keys=keys, help=PAGE_HELP)
        if pressed is None:
            return
        attempt(name, pressed.act, known.menu.frame)
        reports = [one for one in known.summary.annotators if one.annotator == token]
        if not reports:  # it is another's name now
            return
        report = reports[0]


def _annotator_body(known: Known, report: AnnotatorReport) -> Callable[[int, int], RenderableType]:
    """Return what the page of an annotator shows, as things stand."""
    details = annotators_table(known.look, known.model).details_of(report)
    compare = partial(confusion.compared, known.look, report.annotator)
    name = annotator_name(report.annotator)
    classes = confusion.drawn(known.menu.wait("comparing", compare, name))

    def body(columns: int, rows: int) -> RenderableType:
        from rich.console import Group
        from rich.text import Text

        return Group(details, Text(""), classes(columns, rows))

    return body
