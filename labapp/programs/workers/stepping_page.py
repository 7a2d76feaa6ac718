"""The worker's console with --step: the job in hand, the step it stands at, and what a kill means.

Between jobs it is the console as ever.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from functools import partial
from io import StringIO
from typing import TYPE_CHECKING

from labapp.console import tables, theme
from labapp.console.key import QUIT, Key
from labapp.console.layout import compact, folded
from labapp.programs.workers import console, stepping_texts
from labapp.programs.workers.console import Shown
from labapp.worker.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from labapp.cloud.session import Cloud
    from labapp.programs.shell.context import Context
    from labapp.worker.control import Runnable
    from labapp.worker.standing import Stand

HELP = """A job stands before each of its steps until Enter. One message is in hand at a time. \
While it stands its lease is extended, but after that was stopped; 12 hours after it was received \
SQS gives the message to others all the same.
Killed: what it would mean if this worker were gone at this moment, without a word. k tries that."""

STOP_HELP = """stops: before its answer is sent a job that stands is handed back and visible at \
once; after that its message is deleted"""

#: What is asked before a kill, and said once more when it is done.
SURE = "Kill this worker here, as kill -9 does? y kills it, n does not."
KILLED = "Killed at {title}, {job}. {killed}", "Start the next worker: python server.py"

#: Columns that a line is given at least, however narrow its terminal.
MOST_NARROW = 20

#: What is told of a job at a step: the word before it, and its place by weight where room is short.
_WEIGHTS = {"next": 0, "killed": 1, "now": 2, "others": 3, "job": 4}


def run(context: Context, cloud: Cloud, worker: Runnable, standing: Standing) -> None:
    """Run the worker, and show it step by step until it has ended; errors as of `console`."""
    console.run(context, cloud, worker, partial(StepShown, standing=standing))


def kill_now(stand: Stand, visibility: int) -> list[str]:
    """Return what is said of a kill at a step, for the next worker's start."""
    killed = stepping_texts.told(stand, visibility).killed
    title = stepping_texts.title(stand)
    return [line.format(title=title, job=stand.job, killed=killed) for line in KILLED]


def write(context: Context, text: str) -> None:
    """Write a text of stepping; on a terminal on lines that are folded at its blanks."""
    if not context.on_terminal:
        context.line(text)
        return
    room = max(shutil.get_terminal_size().columns - 1, MOST_NARROW)
    indent = " " * (len(text) - len(text.lstrip()))
    for line in folded(text.strip(), room - len(indent)):
        context.line(f"{indent}{line}")


@dataclass
class StepShown(Shown):
    """What the console shows of a job that stands at a step."""

    standing: Standing = field(kw_only=True)
    #: Whether it is asked if the worker is to be killed, and whether it is to be.
    asking: bool = field(init=False, default=False)
    dies: bool = field(init=False, default=False)
    _left_out: list[str] = field(init=False, default_factory=list)

    def look(self) -> int:
        """Look again at the worker, and at the job that stands."""
        standing = self.standing
        standing.changed = lambda: self.changed()
        left = standing.seconds_left()
        stand = standing.stand
        if not (stand and stand.stands):
            self.asking = False
        seen = (stand, None if left is None else round(left), self.asking, standing.runs_on)
        if seen != getattr(self, "_seen_stand", None):
            self._seen_stand = seen
            self.looks += 1
        return super().look()

    def watch(self) -> object:
        """Look at each drawing: a step is reached sooner than the next look of itself."""
        return self.look()

    def help(self) -> str:
        """Return what the help says above the keys."""
        return HELP

    def more(self) -> Sequence[str]:
        """Return what of the job has no room."""
        return self._left_out

    def keys(self) -> list[Key]:
        """Return the keys as things stand."""
        stop = replace(QUIT, words="stop", act=self.stop, help=STOP_HELP, stays=True)
        stand, standing = self.standing.stand, self.standing
        if self.asking:
            return [
                Key("y", "kill it", self._kill, stays=True),
                Key("n", "do not", self._do_not_kill, stays=True),
            ]
        go_on = "step again" if standing.runs_on else "all jobs"
        helped = "goes on with all jobs without a stop, until g again"
        rest = [Key("g", go_on, standing.go_on, helped, stays=True), stop]
        if not (stand and stand.stands):
            return rest
        return [
            Key("Space", "next", standing.go, "takes the next step", stays=True, enter=True),
            Key("r", "this job", standing.run_on, "goes on with this job to its end", stays=True),
            Key("k", "kill -9", self._ask, "kills this worker here, after asking", stays=True),
            *rest,
        ]

    def _ask(self) -> None:
        self.asking = True

    def _do_not_kill(self) -> None:
        self.asking = False

    def _kill(self) -> None:
        """End the page, and then this process: the terminal is to be as it was."""
        self.dies = self.is_over = True

    def left(self) -> None:
        """Kill this process, if that was asked for."""
        stand = self.standing.stand
        if self.dies and stand:
            for line in kill_now(stand, self.standing.visibility()):
                write(self.context, line)
            self.standing.die()

    def draw(self, columns: int, rows: int) -> RenderableType:
        """Draw the job that is in hand; what has no room is left to the help."""
        stand = self.standing.stand
        if stand is None:
            return super().draw(columns, rows)
        from rich.console import Group
        from rich.text import Text

        head: list[RenderableType] = []
        if self.snapshot.trouble:
            head.append(tables.told("bad", self.snapshot.trouble))
        if self.asking:
            head.append(tables.told("warn", SURE))
        title = stepping_texts.title(stand)
        title += "" if stand.stands else ", going on"
        head.append(tables.mark("good" if stand.stands else "warn", title))
        if not compact():
            head.append(Text(""))
        said = self._said(stand)
        kept = self._kept(head, said, columns, rows)
        self._left_out = [f"{word}: {text}" for word, text in said if word not in kept]
        return Group(*head, _grid([(word, text) for word, text in said if word in kept]))

    def _said(self, stand: Stand) -> list[tuple[str, str]]:
        """Return all that is said of a job, in its order."""
        standing = self.standing
        visibility, left = standing.visibility(), standing.seconds_left()
        told = stepping_texts.told(stand, visibility)
        return [
            ("job", f"{stand.job.removeprefix('job ')}, {stepping_texts.whose(stand)}"),
            ("now", told.now),
            ("next", told.next),
            ("killed", told.killed),
            ("others", stepping_texts.lease(stand, left, visibility)),
        ]

    def _kept(
        self, head: list[RenderableType], said: list[tuple[str, str]], columns: int, rows: int
    ) -> set[str]:
        """Return the words of what there is room for, by weight."""
        from rich.console import Group

        sheet, kept = theme.current().console(StringIO(), width=columns), set[str]()
        for word in sorted(_WEIGHTS, key=_WEIGHTS.__getitem__):
            fuller = [(one, text) for one, text in said if one in kept or one == word]
            if len(sheet.render_lines(Group(*head, _grid(fuller)), pad=False)) <= rows:
                kept.add(word)
        return kept


def _grid(said: Sequence[tuple[str, str]]) -> RenderableType:
    """Return sentences beside the words that they belong to."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for word, text in said:
        grid.add_row(Text(word, "accent"), Text(text))
    return grid
