"""The statistics' pairs of annotators: which classes they confuse, a table to move in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.console import browse
from labapp.console.key import Key
from labapp.console.page import show
from labapp.labels import confusion
from labapp.labels.confusion import Confusion
from labapp.programs.statistics.confusion import HELP, PAIRS, drawn, other_of
from labapp.programs.statistics.table import shown_name

if TYPE_CHECKING:
    from labapp.programs.statistics.known import Known

TITLE = "Pairs of annotators"

OPEN = Key("Enter", "open", help="tells which classes the pair at the pointer confuses")


def show_pairs(known: Known) -> None:
    """Show all pairs, and open those that are chosen."""
    count = partial(confusion.pairs, known.look.pictures)
    pairs: list[Confusion] = known.menu.wait("comparing", count, TITLE)
    frame, place = known.menu.frame, 0
    if not pairs:
        show(TITLE, PAIRS.on_page([]), frame=frame, help=HELP)
        return
    table = PAIRS.to_browse(pairs)
    while True:
        pressed = browse.browse(TITLE, table, frame=frame, keys=[OPEN], start=place, help=HELP)
        if pressed is None:
            return
        _, place = pressed
        pair = pairs[place]
        title = f"{shown_name(pair.annotator)} and {other_of(pair)}"
        show(title, drawn([pair]), frame=frame, help=HELP)
