"""The way of the job that is followed, as stations on a line and as what was seen of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.console import figures, theme
from labapp.programs.live.following import STATIONS
from labapp.programs.live.parts import text

if TYPE_CHECKING:
    from rich.text import Text

    from labapp.programs.live.following import Followed
    from labapp.programs.live.view import View


def way(view: View, columns: int, rows: int) -> list[Text]:
    """Return the job's way for so many rows: of what was seen the newest, if need be."""
    followed = view.followed
    assert followed is not None
    found = [
        text(
            ("job ", "muted"),
            (followed.job, "strong"),
            (f"  {figures.one_line(followed.client)}", "muted"),
        ),
        stations(followed, columns),
        text((figures.cut(followed.where, columns), "accent")),
    ]
    signs = theme.current()
    seen = [
        text(
            (f"{figures.moment(fact.at)} ", "muted"),
            (f"{signs.sign(fact.kind)} ", fact.kind),
            figures.cut(fact.text, max(8, columns - 14)),
        )
        for fact in followed.told
    ]
    left = rows - len(found)
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
