"""What waits for an admin's decision, in a line for each kind of thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.console.figures import plural
from labapp.labels.annotators import Flag
from labapp.labels.look_alikes import spelled_out
from labapp.labels.tokens import annotator_name

if TYPE_CHECKING:
    from labapp.labels.annotators import AnnotatorReport
    from labapp.labels.summary import Summary

#: Keys of the statistics' page that show disputed pictures, broken ones, and annotators.
DISPUTED, BROKEN, ANNOTATORS = "d", "b", "a"


def needs(summary: Summary) -> list[str]:
    """Return what waits: disputes, broken pictures, flagged annotators, names that look alike."""
    progress, told = summary.progress, []
    if progress.disputed:
        are = "is" if progress.disputed == 1 else "are"
        told.append(f"{plural(progress.disputed, 'picture')} {are} disputed ({DISPUTED})")
    if progress.broken:
        are = "is" if progress.broken == 1 else "are"
        told.append(f"{plural(progress.broken, 'picture')} {are} flagged as broken ({BROKEN})")
    people = [one for one in summary.annotators if not one.is_left_out]
    if odd := sum(any(flag is not Flag.LOOKS_ALIKE for flag in one.flags) for one in people):
        are = "is" if odd == 1 else "are"
        told.append(f"{plural(odd, 'annotator')} {are} flagged ({ANNOTATORS})")
    return told + [f"{pair}: one person? ({ANNOTATORS})" for pair in _alike(people)]


def _alike(people: list[AnnotatorReport]) -> list[str]:
    """Return the pairs of names that look alike, each once."""
    pairs = {frozenset((one.annotator, other)) for one in people for other in one.looks_like}
    return sorted(
        " looks like ".join(spelled_out(annotator_name(name)) for name in sorted(pair))
        for pair in pairs
    )
