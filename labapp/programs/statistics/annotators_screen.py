"""The statistics' annotators: a table to move in, and each with all that is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.console import Back, browse
from labapp.console.key import Key
from labapp.console.page import show
from labapp.errors import LabappError
from labapp.labels.tokens import annotator_name
from labapp.programs.menus.actions import show_error
from labapp.programs.statistics.model import annotators_table

if TYPE_CHECKING:
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

TITLE = "Annotators"

OPEN = Key("Enter", "open", help="tells all of the annotator at the pointer")


def show_annotators(known: Known) -> None:
    """Show who labels, and open those that are chosen."""
    place = 0
    while people := known.summary.annotators:
        listing = annotators_table(known.look, known.model).without_empty(people)
        pressed = browse.browse(
            TITLE,
            listing.to_browse(people),
            frame=known.menu.frame,
            keys=[OPEN],
            start=min(place, len(people) - 1),
            help=HELP,
        )
        if pressed is None:
            return
        _, place = pressed
        try:
            show_annotator(known, people[place])
        except Back:
            continue
        except LabappError as error:
            show_error(TITLE, error, known.menu.frame)
    nobody = annotators_table(known.look, known.model).on_page([])
    show(TITLE, nobody, frame=known.menu.frame, help=HELP)


def show_annotator(known: Known, report: AnnotatorReport) -> None:
    """Show all that is said of an annotator."""
    body = annotators_table(known.look, known.model).details_of(report)
    show(annotator_name(report.annotator), body, frame=known.menu.frame, help=HELP)
