"""What is drawn of a lab, and the line above it: of when the picture is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from labapp.console import figures, theme
from labapp.console.layout import folded
from labapp.programs.live.model import LabSnapshot, Movement
from labapp.programs.live.parts import text

if TYPE_CHECKING:
    from rich.text import Text

    from labapp.programs.live.following import Followed


#: Lines of what is in the way, at most.
MOST_TOLD = 3

#: Below these columns the picture has its plain form.
LEAST_COLUMNS = 64


@dataclass(frozen=True)
class View:
    """What is drawn.

    Attributes:
        lab: the lab as it was last seen.
        moved: what has moved since the look before.
        followed: the job that is followed, if any.
        paused: whether nobody looks any more.
        late: seconds since the lab was last seen, where that is longer than it should be; else 0.
        phase: of the dots that move.
        scale: messages that a whole bar stands for.
    """

    lab: LabSnapshot
    moved: Movement = field(default_factory=Movement)
    followed: Followed | None = None
    paused: bool = False
    late: int = 0
    phase: int = 0
    scale: int = 10


def head(view: View, columns: int) -> list[Text]:
    """Return of when the picture is, and what is in the way of a newer one."""
    lab, glyphs = view.lab, theme.current().glyphs
    at = figures.moment(lab.at)
    if view.paused:
        state = text((f"{glyphs.warning} paused at {at}", "warn"))
    elif lab.trouble or view.late:
        late = f", {view.late} s ago" if view.late else ""
        why = ": no newer picture" if columns >= LEAST_COLUMNS else ""
        state = text((f"{glyphs.failed} as of {at}{late}{why}", "bad"))
    else:
        state = text((f"{glyphs.done} ", "good"), (f"as of {at}", "muted"))
    cost = figures.plural(lab.requests, "request")
    room = columns - state.cell_len - len(cost)
    first = text(state, " " * room, (cost, "muted")) if room > 2 else state
    told = [lab.trouble] if lab.trouble else list(lab.unseen)
    role = "bad" if lab.trouble else "warn"
    lines = [line for one in told for line in folded(figures.one_line(one), columns)]
    return [first, *(text((line, role)) for line in lines[:MOST_TOLD])]
