"""What is told of an examination: each finding, and how it went in all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from labapp.cloud.doctor.finding import Finding, State, is_well
from labapp.console import figures
from labapp.programs.shell.table import Document, Field, Table

if TYPE_CHECKING:
    from rich.console import RenderableType

#: The sign of each state, which says the same as its colour.
_SIGNS: dict[State, Literal["good", "warn", "bad"]] = {
    "holds": "good",
    "note": "warn",
    "broken": "bad",
    "cannot tell": "warn",
}


def sign_of(finding: Finding) -> Literal["good", "warn", "bad"]:
    """Return how good what was found is, as pages sign it."""
    return _SIGNS[finding.state]


FINDINGS: Table[Finding] = Table(
    fields=(
        Field("check", sign=sign_of, look="word"),
        Field(
            "state",
            look="word",
            drop=1,
            note="holds, note, broken or cannot tell",
        ),
        Field("found", least=16),
        Field("meaning"),
        Field("remedy"),
    ),
    columns=("state", "check", "found"),
    piped=("state", "check", "found", "meaning", "remedy"),
    page=("check", "state", "found"),
    details=("check", "state", "found", "meaning", "remedy"),
)

#: What `doctor` writes with --json.
REPORT = Document(
    ("program", "version", "cloud", "well", "holds", "notes", "broken", "unknown", "findings"),
    notes={"well": "whether the exit code is 0", "holds": "how many, as the next three"},
    parts=(Document(FINDINGS.listing.names, "each finding", FINDINGS.listing.notes),),
)


def report(findings: Sequence[Finding]) -> dict[str, Any]:
    """Return an examination as JSON has it, less which program and cloud it was of."""
    counts = Counter(one.state for one in findings)
    return {
        "well": is_well(list(findings)),
        "holds": counts["holds"],
        "notes": counts["note"],
        "broken": counts["broken"],
        "unknown": counts["cannot tell"],
        "findings": [FINDINGS.document(one) for one in findings],
    }


def summary(findings: Sequence[Finding]) -> str:
    """Return in one line how it went: what does not hold, by name."""
    counts = Counter(one.state for one in findings)
    notes = f"; {figures.plural(counts['note'], 'note')}" if counts["note"] else ""
    if is_well(list(findings)):
        return f"all {len(findings)} hold{notes}"
    bad = counts["broken"] + counts["cannot tell"]
    named = list(dict.fromkeys(one.check for one in findings if one.state == "broken"))
    which = f", broken: {', '.join(named)}" if named else ""
    verb = "does" if bad == 1 else "do"
    return f"{bad} of {len(findings)} {verb} not hold{which}{notes}"


#: Cells that the name of a check has before what was found; and columns of a window below which
#: what was found stands below the name.
_NAME, _NARROW = 27, 60


def in_lines(finding: Finding) -> RenderableType:
    """Return a finding for people: its sign, its name, what was found, what that means, what helps.

    A name that is too long for its column, and each in a narrow window, has a line to itself.
    """
    from rich.table import Table as Grid
    from rich.text import Text

    from labapp.console import theme
    from labapp.console.figures import one_line

    current, sign = theme.current(), sign_of(finding)
    state = f"{finding.state}: " if finding.state != "holds" else ""
    told = [Text(one_line(state + finding.found))]
    told += [Text(one_line(finding.meaning), "muted")] if finding.meaning else []
    told += [Text(f"{current.glyphs.pointer} {one_line(finding.remedy)}")] if finding.remedy else []
    grid = Grid.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold", ratio=1)
    mark, name = Text(current.sign(sign), sign), Text(one_line(finding.check))
    if is_narrow := theme.stdout().width < _NARROW or name.cell_len > _NAME:
        grid.add_row(mark, name)
        mark, name = Text(""), Text("")
    inner = Grid.grid(padding=(0, 1))
    inner.add_column(no_wrap=True, width=0 if is_narrow else _NAME)
    inner.add_column(overflow="fold", ratio=1)
    for line in told:
        inner.add_row(name, line)
        name = Text("")
    grid.add_row(mark, inner)
    return grid
