"""The way of the job that is followed, as stations on a line and as what was seen of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.console import figures, theme
from labapp.programs.live.following import STATIONS
from labapp.programs.live.parts import folded_to, ordinal, text

if TYPE_CHECKING:
    from rich.text import Text

    from labapp.programs.live.following import Followed
    from labapp.programs.live.view import View


#: Lines of where the job is, at most.
MOST_LINES = 2


def way(view: View, columns: int, rows: int, facts: int) -> list[Text]:
    """Return the job's way for so many rows, with the newest of what was seen, `facts` at most."""
    followed = view.followed
    assert followed is not None
    signs, held = theme.current(), followed.held
    again = (
        f"  {signs.glyphs.warning} {ordinal(held.receives)}" if held and held.receives > 1 else ""
    )
    where = figures.one_line(followed.where)
    found = [
        text(
            ("job ", "muted"),
            (followed.job, "strong"),
            (f"  {figures.one_line(followed.client)}", "muted"),
            (again, "warn"),
        ),
        stations(followed, columns),
        *(text((line, "accent")) for line in folded_to(where, columns, MOST_LINES)),
    ]
    seen = [
        text(
            (f"{figures.moment(fact.at)} ", "muted"),
            (f"{signs.sign(fact.kind)} ", fact.kind),
            figures.cut(fact.text, max(8, columns - 14)),
        )
        for fact in followed.told
    ]
    left = min(rows - len(found), facts)
    return [*found, *(seen[-left:] if left > 0 else [])][:rows]


def stations(followed: Followed, columns: int) -> Text:
    """Return the stations as a line: those passed, the one where the job is, and those to come."""
    glyphs = theme.current().glyphs
    here = STATIONS.index(followed.station)
    names = sum(map(len, STATIONS)) + 2 * len(STATIONS)
    gap = max(1, min(6, (columns - names) // (len(STATIONS) - 1)))
    line = text("")
    for number, name in enumerate(STATIONS):
        if number:
            role = "accent" if number <= here else "muted"
            line.append_text(text((glyphs.bar_full * gap, role)))
        sign = glyphs.on if number <= here else glyphs.off
        role = "strong" if number == here else "accent" if number < here else "muted"
        line.append_text(text((f"{sign}{name}", role)))
    return line
