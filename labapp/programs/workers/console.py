"""The worker's live console: what waits, what is done, how fast; log lines scroll above it."""

from __future__ import annotations

import errno
import signal
import threading
from dataclasses import dataclass, field, replace
from functools import partial
from io import StringIO
from typing import TYPE_CHECKING, Literal

from labapp import utc, waits
from labapp.cloud.embedded import launcher
from labapp.cloud.session import local_home
from labapp.console import figures, screen, tables, theme
from labapp.console.below import Below
from labapp.console.header import Header
from labapp.console.key import QUIT, Key
from labapp.console.layout import compact, paragraphs
from labapp.console.page import Page, end_when, look_every
from labapp.console.stage import Stage
from labapp.jobs import lab_queues, queue_counts
from labapp.programs.menus.cloud_name import cloud_name
from labapp.programs.menus.refresher import Refresher
from labapp.programs.menus.session import AWS_LOOK, LOCAL_LOOK
from labapp.programs.queues.table import QUEUES
from labapp.programs.shell.parsing import again
from labapp.programs.workers.table import HANDS, LAST_JOBS
from labapp.settings import user_name
from labapp.worker.job_logs import CHOSEN
from labapp.worker.reports import count_workers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from prompt_toolkit.application import Application
    from rich.console import RenderableType

    from labapp.cloud.session import Cloud
    from labapp.programs.shell.context import Context
    from labapp.worker.control import Runnable
    from labapp.worker.in_hand import JobInHand
    from labapp.worker.stats import Snapshot

HELP = """Jobs come from {queues}. The bars are jobs in each of the last seconds. \
Waited: how long those of the last minute waited in their queue; half of them less.
Waiting: nobody has it yet. In flight: a worker has it. Dead letters: could not be done; \
python admin.py{again} queues dead says why."""

STOP_HELP = "stops: jobs in hand are finished first. A second q hands them back"

PAUSE_HELP = """pauses: nothing more is received until p again. Pausing: jobs are still in hand. \
Paused: all are done"""

STOPPING = "finishing what is in hand; q again hands it back at once"

#: Seconds between two looks at whether what is shown has changed, and between two drawings.
LOOK, PACE = 0.5, 0.1

#: The queues as they are counted here.
COUNTS = replace(
    QUEUES,
    page=("name", "visible", "oldest", "in_flight", "dead"),
    empty_page="counting the messages",
)

#: Jobs shown; fewer where the terminal is low.
RECENT = 5

#: Seconds after which a job in hand is shown, and how many are.
HELD, MOST_HELD = 1.0, 3

#: Columns below which log lines are without time and level.
NARROW = 60

#: Bars of the sparkline: one for each of the last seconds.
SPARKS = 40


def run(
    context: Context, cloud: Cloud, worker: Runnable, show_as: Callable[..., Shown] | None = None
) -> None:
    """Run the worker, and show it until it has ended; `show_as` makes what is shown instead.

    Raises:
        OSError: the terminal is gone.
    """
    ended = threading.Event()
    failure: list[BaseException] = []

    def work() -> None:
        try:
            worker.run()
        except BaseException as error:  # noqa: BLE001 - raised again in the main thread
            failure.append(error)
        ended.set()
        frame.changed()

    thread = threading.Thread(target=work, name="worker")
    every = LOCAL_LOOK if cloud.is_local else AWS_LOOK
    try:
        with Below(lambda: shown.header()) as frame:
            _log_above(frame, context.left_out)
            thread.start()
            # Last: a count that has to wait for what is loaded above is taken for a slow one, and
            # the next one comes so much later.
            with (
                Refresher(partial(queue_counts.lab_rows, cloud), every) as queues,
                Refresher(partial(count_workers, cloud), every) as workers,
            ):
                shown = (show_as or Shown)(context, cloud, worker, queues, workers)
                shown.changed = frame.changed
                screen.run(_stage(shown, frame, ended), frame)
        shown.left()
    except KeyboardInterrupt:  # by no key or signal, which ask the worker: nobody can answer there
        raise OSError(errno.EIO, "the terminal is gone") from None
    finally:
        if thread.is_alive():  # nobody can see or stop it any more
            worker.stop()
            waits.wait(ended)
    if failure:
        raise failure[0]


def _log_above(frame: Below, left_out: str) -> None:
    """Have log lines stand above the console."""
    from rich.highlighter import NullHighlighter
    from rich.logging import RichHandler

    from labapp.worker import logs

    console = theme.current().console(frame.sheet(), tty=True)
    handler = RichHandler(
        console=console,
        show_path=False,
        show_time=console.width >= NARROW,
        show_level=console.width >= NARROW,
        highlighter=NullHighlighter(),
        log_time_format="%H:%M:%S",
        omit_repeated_times=False,
    )
    logs.to_handler(handler, logs.TextFormatter("%(message)s"))
    logs.warn(left_out)


def _stage(shown: Shown, frame: Below, ended: threading.Event) -> Stage:
    """Return the console's page, which ends with the worker."""
    from labapp.worker.processes import Processes

    worker = shown.worker
    page = Page(shown.draw, shown.keys, shown.watch, frame)
    stage = page.stage("", shown.help())

    def started(app: Application[None]) -> None:
        end_when(lambda: shown.is_over or (ended.is_set() and shown.look() > 0), app)
        look_every(LOOK, shown.look, app)

    stage.started, stage.pace, stage.erase, stage.escape = started, PACE, False, False
    stage.leave, stage.instead, stage.more = lambda: None, shown.instead, shown.more
    stage.interrupt = partial(signal.raise_signal, signal.SIGINT)  # as where no page is open
    stage.halted = worker.halt if isinstance(worker, Processes) else bool
    return stage


@dataclass
class Shown:
    """What the console shows of the worker: as it was at the last look, until the next one."""

    context: Context
    cloud: Cloud
    worker: Runnable
    queues: Refresher[list[queue_counts.QueueRow]]
    workers: Refresher[int]
    #: How often what is shown was another.
    looks: int = 0
    seen: tuple[object, ...] = ()
    snapshot: Snapshot = field(init=False)
    #: Called when what is shown has changed, by any thread; and whether the page is to end.
    changed: Callable[[], None] = field(init=False, default=lambda: None)
    is_over: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        self.look()

    def look(self) -> int:
        """Look again; return another number than the last time where something has changed."""
        snapshot = replace(self.worker.stats.snapshot(), polls={})  # of polls nothing is shown
        self.is_stopped = bool(snapshot.trouble) and _is_stopped(self.cloud)
        held = int(utc.seconds()) if _held(snapshot) else 0  # how long, in whole seconds
        seen = (snapshot, self.is_stopped, self.queues.changes, self.workers.changes, held)
        if seen != self.seen:
            self.seen, self.snapshot, self.looks = seen, snapshot, self.looks + 1
        return self.looks

    def watch(self) -> object:
        """Return what is another once what is shown has changed."""
        return self.looks

    def help(self) -> str:
        """Return what the help says above the keys."""
        return _help(self.context)

    def more(self) -> Sequence[str]:
        """Return what has no room now, which the help shows."""
        return ()

    def left(self) -> None:
        """Do what is to be done once the page has ended and the terminal is as it was."""

    def header(self) -> Header:
        """Return what the console acts on."""
        lab, cloud = self.context.settings, self.cloud
        alive = max(1, self.workers.value or 0)  # this one is, whenever the others were counted
        region, bucket = cloud.place.region, cloud.known_bucket
        name = cloud_name(lab, cloud.place.endpoints)
        return Header("worker", name, region, bucket, user_name(lab), alive)

    def keys(self) -> list[Key]:
        """Return the keys as things stand."""
        pause = "go on" if self.snapshot.state == "paused" else "pause"
        return [
            replace(QUIT, words="stop", act=self.stop, help=STOP_HELP, stays=True),
            Key("p", pause, self.toggle_pause, PAUSE_HELP, stays=True),
        ]

    def stop(self) -> None:
        """Stop the worker, or what it still does."""
        self.worker.stop()
        self.look()

    def toggle_pause(self) -> None:
        """Pause the worker, or have it go on."""
        self.worker.toggle_pause()
        self.look()

    def recent(self) -> RenderableType:
        """Return the last jobs, as a table."""
        if held := self.snapshot.in_flight:
            none = f"No job has ended yet; {figures.count(held)} in hand."
            return LAST_JOBS.on_page(self.snapshot.recent[:RECENT], empty=none)
        flags = again(self.context.loaded)
        empty = LAST_JOBS.empty.replace("client.py", f"client.py{flags}")
        return LAST_JOBS.on_page(self.snapshot.recent[:RECENT], empty=empty)

    def instead(self) -> str:
        """Return what stands in the place of the keys."""
        return {"stopping": STOPPING, "stopped": " "}.get(self.snapshot.state, "")

    def draw(self, columns: int, rows: int) -> RenderableType:
        """Draw it: what has no room in a low window is left out from below."""
        from rich.console import Group
        from rich.text import Text

        snapshot, sheet = self.snapshot, theme.current().console(StringIO(), width=columns)
        rows -= paragraphs(self.instead(), 1).count("\n")
        chosen = CHOSEN[self.context.settings.log]
        parts: list[RenderableType] = [_state(snapshot, columns, chosen)]
        if snapshot.trouble:
            trouble = snapshot.trouble
            if self.is_stopped:
                trouble = "the local cloud is stopped; python admin.py cloud start starts it again"
            parts.append(tables.told("bad", trouble))
        # Where the cloud is away both say so, and once is enough.
        known = [] if snapshot.trouble and self.queues.error else [_queues(self.queues)]
        held = [HANDS.on_page(jobs)] if (jobs := _held(snapshot)) else []
        for table in (*known, *held, self.recent()):
            fuller = [*parts, *([] if compact() else [Text("")]), table]
            if len(sheet.render_lines(Group(*fuller), pad=False)) <= rows:
                parts = fuller
        return Group(*parts)


def _held(snapshot: Snapshot) -> list[JobInHand]:
    """Return the jobs that are in hand long enough to be read about, those that are for longest."""
    before = utc.seconds() - HELD
    return [job for job in snapshot.hands if job.since <= before][:MOST_HELD]


def _is_stopped(cloud: Cloud) -> bool:
    return cloud.is_local and launcher.find(local_home()) is None


def _help(context: Context) -> str:
    *others, last = (queue.name for queue in lab_queues.requests(context.settings))
    return HELP.format(queues=f"{', '.join(others)} and {last}", again=again(context.loaded))


def _state(snapshot: Snapshot, width: int, logs: str = "") -> RenderableType:
    """Say how the worker is, what it has done and how fast, on two lines or three.

    `logs` says how jobs are logged, where that is not as usual.
    """
    from rich.text import Text

    glyphs = theme.current().glyphs
    well = snapshot.state == "running" and not snapshot.trouble
    kind: Literal["good", "warn"] = "good" if well else "warn"
    counts = snapshot.counts
    figures_ = [
        f"{figures.count(counts.get('done', 0))} done",
        f"{figures.count(counts.get('refused', 0))} refused",
        f"{figures.count(counts.get('failed', 0))} failed",
    ]
    now = [f"{figures.count(snapshot.in_flight)} in hand", f"{snapshot.rate:.1f}/s"]
    now += [logs] if logs else []
    between = f" {glyphs.separator} "
    pausing = snapshot.state == "paused" and snapshot.in_flight
    line = tables.mark(kind, "pausing" if pausing else snapshot.state)
    told = between.join([*figures_, *now])
    if line.cell_len + 3 + len(told) <= width:
        line.append(f"   {told}")
    else:
        line.append(f"   {between.join(now)}\n{between.join(figures_)}")
    sparks = figures.sparkline(snapshot.per_second[:-1], min(SPARKS, width))
    return Text.assemble(line, "\n", (sparks, "accent"), _waited(snapshot, width - len(sparks)))


def _waited(snapshot: Snapshot, room: int) -> str:
    """Return how long jobs waited, as it stands beside the bars; nothing where it has no room."""
    if snapshot.wait is None:
        return ""
    waited = f"   waited {figures.duration(snapshot.wait or 0)}"  # a whole 0 has no fraction
    return next((text for text in (f"{waited} (median)", waited) if len(text) <= room), "")


def _queues(queues: Refresher[list[queue_counts.QueueRow]]) -> RenderableType:
    return tables.told("warn", queues.error) if queues.error else COUNTS.on_page(queues.value or ())
