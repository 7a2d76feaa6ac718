"""The page of the lab as it is now: it looks from a thread, draws from memory, follows a job."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from labapp import utc
from labapp.console import Back, prompts, theme
from labapp.console.accessible import mode
from labapp.console.key import Key
from labapp.console.lists import Option, search_list
from labapp.console.page import show
from labapp.console.picture import Drawing
from labapp.jobs.wire import is_job_id
from labapp.programs.live import parts
from labapp.programs.live.drawing import draw
from labapp.programs.live.following import Followed, Found, choices, finder, follow, sent_here
from labapp.programs.live.looking import EVERY, Lookout, kept_looking
from labapp.programs.live.model import LabSnapshot, Movement, movement
from labapp.programs.live.source import CloudSource
from labapp.programs.live.view import View
from labapp.programs.menus.actions import TRACE, attempt, trace
from labapp.programs.menus.refresher import Refresher
from labapp.programs.menus.session import MenuSession

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from labapp.cloud.session import Cloud
    from labapp.programs.shell.context import Context

HELP = """The lab at this moment, from left to right the way of a job. Clients send to queues. \
Queues: what waits (full bars), what is in flight (half bars, +), and how long the oldest has \
waited. Workers: a dot for each job that one has in hand. Answers: what clients have not read.

A worker that was killed is gone, and what it had in hand comes back: SQS shows each message again \
once its visibility timeout is over, and another worker receives it, for the second time.

Each look asks each queue once, every two seconds at most; p stops that. Where in its queue a job \
stands, nobody can tell."""

#: A slow cloud is left alone for so many times as long as it took.
PAUSE = 1.0

#: Seconds between two drawings while something moves, and how many steps it moves.
STEP, STEPS = 0.5, 3

#: Seconds that a look may take before the picture is called old.
SLOW = 6.0

#: Jobs sent from this machine that can be chosen, the newest.
MOST_SENT = 100

#: What stands for a job that is not listed.
OTHER = "another one: type its id"


def open_page(context: Context, job: str = "") -> None:
    """Show the lab outside the menu: `admin.py watch` on a terminal."""
    menu = MenuSession(context, "admin")
    with menu.frame:
        menu.start()
        with contextlib.closing(menu):
            attempt("Live", partial(run, menu, job), menu.frame)


def run(menu: MenuSession, job: str = "") -> None:
    """Show the lab, live, until the admin goes back."""
    live = Live(menu.cloud())
    live.follow(job)
    with Refresher(live.look, EVERY, menu.frame.changed, pause=PAUSE) as rows:

        def body(columns: int, height: int) -> RenderableType:
            return rows.on_page("looking at the lab", lambda _: live.draw(columns, height))

        while key := show(
            "Live", body, frame=menu.frame, help=HELP, keys=live.keys, every=STEP,
            watch=lambda: (rows.changes, *live.changing()) if rows.changes else 0,
        ):  # fmt: skip
            with contextlib.suppress(Back):
                key.act(menu)
            rows.again()


@dataclass
class Live:
    """What the page shows: looked for in a thread, drawn in another."""

    cloud: Cloud
    lab: LabSnapshot | None = None
    moved: Movement = field(default_factory=Movement)
    followed: Followed | None = None
    paused: bool = False
    scale: int = parts.SCALES[0]
    _taken: float = 0.0
    _began: float | None = None

    def __post_init__(self) -> None:
        self.lookout = Lookout(CloudSource(self.cloud))
        self._look, self._find = kept_looking(self.lookout), finder(self.cloud)

    def look(self) -> tuple[LabSnapshot, Followed | None]:
        """Look once, unless paused, and see where the job is that is followed."""
        if self.lab is not None and self.paused:
            return self.lab, self.followed
        self._began = time.monotonic()
        try:
            lab = self._look()
            if (followed := self.followed) and not lab.trouble:
                found, cost = self._find(followed, lab.logged)
                self.lookout.spend(cost)
                now = follow(followed, lab, found)
                if self.followed is followed:  # nobody has chosen another meanwhile
                    self.followed = now
        finally:
            self._began = None
        moved = movement(self.lab, lab)
        waiting = max((queue.waiting for queue in lab.queues), default=0)
        self.scale = max(self.scale, parts.scale_of(waiting))
        self.lab, self.moved, self._taken = lab, moved, time.monotonic()
        return lab, self.followed

    def changing(self) -> tuple[int, int, bool, str]:
        """Return what time and keys alone change of the picture."""
        job = self.followed.job if self.followed else ""
        return self._phase(), self._late(), self.paused, job

    def _phase(self) -> int:
        if not self.moved.any or self.paused:
            return 0
        return min(int((time.monotonic() - self._taken) / STEP), STEPS)

    def _late(self) -> int:
        """Return how old the picture is where it should be newer; else 0."""
        if self.lab is None or self.paused:
            return 0
        slow = self._began is not None and time.monotonic() - self._began > SLOW
        return max(0, round(utc.seconds() - self.lab.at)) if slow or self.lab.trouble else 0

    def draw(self, columns: int, rows: int) -> RenderableType:
        """Draw the lab as it was last seen."""
        from rich.console import Group

        assert self.lab is not None
        view = View(self.lab, self.moved, self.followed, self.paused, self._late(),
                    self._phase(), self.scale)  # fmt: skip
        lines: list[Text] = draw(view, columns, rows)
        if theme.current().spoken:
            return Group(*lines)
        shown = theme.current().ansi(Group(*lines), columns)
        return Drawing(tuple(shown.split("\n")), columns)

    def keys(self) -> list[Key]:
        """Return the keys as things stand."""
        pause = "go on" if self.paused else "pause"
        found = [
            Key(
                "f",
                "follow a job",
                self.choose,
                "follows one job on its way",
                enter=not mode.is_on(),
            ),  # there Enter alone tells what is new
            Key("p", pause, self.toggle_pause, "stops looking, and goes on", stays=True),
        ]
        if self.followed:
            told = "shows the whole way of the job that is followed, with what is missing"
            found.append(Key(TRACE, "trace", self.trace, told))
            found.append(Key("x", "follow none", self.follow, "follows no job", stays=True))
        return found

    def trace(self, menu: MenuSession) -> None:
        """Show the way of the job that is followed."""
        if self.followed:
            trace(menu, "of_job", self.followed.job)

    def toggle_pause(self) -> None:
        """Look no more, or go on."""
        self.paused = not self.paused

    def follow(self, job: str = "") -> None:
        """Follow a job from now on; none without one."""
        begun = Followed(job, where="looking for it") if job else None
        self.followed = follow(begun, self.lab, Found()) if begun and self.lab else begun

    def choose(self, menu: MenuSession) -> None:
        """Let the admin choose the job that is followed."""
        options = [Option(OTHER, ""), *self._options()]
        job = search_list("Follow which job?", options, frame=menu.frame, help=HELP)
        if not job:
            job = prompts.text(
                "Job:", title="Follow which job?", frame=menu.frame,
                check=lambda typed: "" if is_job_id(typed.strip()) else "this is no job's id",
            ).strip()  # fmt: skip
        self.follow(job)

    def _options(self) -> list[Option[str]]:
        """Return the jobs to choose from, each with what is known of it."""
        if self.lab is None:
            return []
        found = choices(self.lab, sent_here(self.cloud, MOST_SENT))
        return [Option(job, job, note) for job, note in found.items()]
