"""What a lane is: a service that nobody here wrote, or that is made to fail, and how it went."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Outcome:
    """How a lane went.

    Attributes:
        held: how many steps held.
        done: how many were taken.
        failed: why each of the others did not, by its title.
        lacking: what the service has not, and was not tried: why, by the step's title.
    """

    held: int
    done: int
    failed: Mapping[str, str] = field(default_factory=dict)
    lacking: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Lane:
    """One lane.

    Attributes:
        name: as it is asked for.
        title: the service with its version.
        cannot: what of Amazon's it cannot show.
        run: takes it, with a folder where environments are kept from run to run, and an empty one.
    """

    name: str
    title: str
    cannot: str
    run: Callable[[Path, Path], Outcome]


#: A step that some services lack, by its title.
DROP = "a drop"

#: The head of the table that lanes print.
HEAD = "| service | run | held | failed | cannot show |\n| --- | --- | --- | --- | --- |"


def row(lane: Lane, outcome: Outcome, day: str) -> str:
    """Return a lane's row of the table, in Markdown."""
    failed = "; ".join(f"{title}: {why}" for title, why in outcome.failed.items()) or "nothing"
    lacking = [f"{title} ({why})" for title, why in outcome.lacking.items()]
    cells = [
        lane.title,
        day,
        f"{outcome.held} of {outcome.done}",
        failed,
        "; ".join([lane.cannot, *lacking]),
    ]
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
