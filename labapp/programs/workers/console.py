"""The worker's live console: what waits, what is done, how fast; log lines scroll above it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Literal

from labapp import interruptible
from labapp.cloud.embedded import launcher
from labapp.cloud.session import local_home
from labapp.console import figures, header, live, tables, theme
from labapp.console.header import Header
from labapp.jobs import kinds, queue_counts
from labapp.programs.menus.refresher import Refresher
from labapp.programs.menus.session import cloud_name
from labapp.programs.queues.page import queue_age
from labapp.programs.shell.parsing import again
from labapp.settings import user_name
from labapp.worker.roster import count_workers

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from labapp.cloud.session import Cloud
    from labapp.programs.shell.context import Context
    from labapp.worker.processes import Runnable
    from labapp.worker.stats import Snapshot

HELP = """Jobs come from {queues}. The bars are jobs in each of the last seconds.
q stops: jobs in hand are finished first. A second q hands them back.
p pauses: nothing more is received until p again. Pausing: jobs are still in hand. \
Paused: all are done.
Waiting: nobody has it yet. In flight: a worker has it. Dead letters: could not be done; \
python admin.py{again} queues dead says why."""

#: Seconds between two counts of the queues; on AWS each costs a few requests.
LOCAL_COUNT, AWS_COUNT = 2.0, 30.0

#: Jobs shown; fewer where the terminal is low.
RECENT = 5

#: Columns below which log lines are without time and level.
NARROW = 60

#: Bars of the sparkline: one for each of the last seconds.
SPARKS = 40


def run(context: Context, cloud: Cloud, worker: Runnable) -> None:
    """Run the worker, and show it until it has ended."""
    from rich.highlighter import NullHighlighter
    from rich.logging import RichHandler

    from labapp.worker import logs
    from labapp.worker.processes import Processes

    console = theme.stdout()
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
    logs.warn(context.left_out)
    ended = threading.Event()
    failure: list[BaseException] = []

    def work() -> None:
        try:
            worker.run()
        except BaseException as error:  # noqa: BLE001 - raised again in the main thread
            failure.append(error)
        ended.set()

    threading.Thread(target=work, name="worker").start()
    helping = _Help()
    every = LOCAL_COUNT if cloud.is_local else AWS_COUNT
    try:
        with (
            Refresher(partial(queue_counts.lab_rows, cloud), every) as queues,
            Refresher(partial(count_workers, cloud), every) as workers,
        ):
            live.run_live(
                partial(_draw, context, cloud, worker, queues, workers, helping),
                partial(_key, worker, helping),
                stop=ended,
                tick_seconds=0.5,
                watch=lambda: (_shown(cloud, worker), queues.changes, workers.changes),
                console=console,
                on_stop=worker.halt if isinstance(worker, Processes) else lambda _: None,
            )
    finally:
        if not ended.is_set():  # nobody can see or stop it any more
            worker.stop()
        interruptible.wait(ended)
    if failure:
        raise failure[0]


def _shown(cloud: Cloud, worker: Runnable) -> tuple[Snapshot, bool]:
    """Return what is drawn of the worker, and whether its local cloud is stopped."""
    snapshot = replace(worker.stats.snapshot(), polls={})  # when it polled last is not shown
    return snapshot, bool(snapshot.trouble) and _is_stopped(cloud)


def _is_stopped(cloud: Cloud) -> bool:
    return cloud.is_local and launcher.find(local_home()) is None


@dataclass
class _Help:
    """The help: which screenful is shown, None while it is closed; and whether more follow."""

    page: int | None = None
    more: bool = False

    def press(self, key: str) -> None:
        """Show the first screenful, or by the space bar the next one; any other key closes it."""
        if self.page is None:
            self.page = 0
        else:
            self.page = self.page + 1 if self.more and key == " " else None

    def draw(self, text: str, width: int, rows: int) -> Text:
        """Return the screenful, of so many rows with the line of keys."""
        import textwrap

        from rich.text import Text

        room = min(width, theme.MAX_WIDTH) - 2
        lines = [
            line
            for paragraph in text.splitlines()
            for line in textwrap.wrap(paragraph, room, break_on_hyphens=False)
        ]
        rows = max(rows - 1, 1)
        start = (self.page or 0) * rows
        self.more = start + rows < len(lines)
        shown = "".join(f" {line}\n" for line in lines[start : start + rows])
        what = "Space goes on  any other key closes" if self.more else "any key closes"
        return Text.assemble(shown, (f" {what}", "muted"))


def _key(worker: Runnable, helping: _Help, key: str) -> bool:
    if helping.page is not None or key == "?":  # Ctrl-C stops all the same
        helping.press(key)
        if key != "c-c":
            return False
    actions: dict[str, Callable[[], object]] = {
        "q": worker.stop,
        "c-c": worker.stop,
        "p": worker.toggle_pause,
    }
    actions.get(key, lambda: None)()
    return False


def _draw(
    context: Context,
    cloud: Cloud,
    worker: Runnable,
    queues: Refresher[list[queue_counts.QueueRow]],
    workers: Refresher[int],
    helping: _Help,
) -> RenderableType:
    """Draw the console: what has no room in a low window is left out from below, never the keys."""
    from rich.console import Group
    from rich.constrain import Constrain
    from rich.padding import Padding
    from rich.text import Text

    snapshot = worker.stats.snapshot()
    console = theme.stdout()
    width, height = console.size
    place = cloud.place
    alive = max(1, workers.value or 0)  # this one is, whenever the others were counted
    top = Header(
        "worker", cloud_name(context.settings), place.region, cloud.known_bucket,
        user_name(context.settings), alive,
    )  # fmt: skip
    parts: list[RenderableType] = [header.render(top, width, height)]
    if helping.page is not None:
        parts = parts if height >= theme.COMPACT_ROWS else []
        above = len(console.render_lines(Group(*parts), pad=False)) if parts else 0
        return Group(*parts, helping.draw(_help(context), width, height - above))
    parts.append(_state(snapshot, min(width, theme.MAX_WIDTH)))
    if snapshot.trouble:
        trouble = snapshot.trouble
        if _is_stopped(cloud):
            trouble = "the local cloud is stopped; python admin.py cloud start starts it again"
        parts.append(Padding(tables.told("bad", trouble), (0, 0, 0, 1)))
    parts.append(_keys(snapshot))
    gap = [Text("")] if height >= theme.COMPACT_ROWS else []
    # Where the cloud is away both say so, and once is enough.
    known = [] if snapshot.trouble and queues.error else [_queues(queues)]
    for one in (*known, _recent(snapshot, again(context.loaded))):
        table = Constrain(Padding(one, (0, 0, 0, 1)), theme.MAX_WIDTH)
        fuller = [*parts[:-1], *gap, table, *gap, parts[-1]]
        if len(console.render_lines(Group(*fuller), pad=False)) <= height:
            parts = [*parts[:-1], *gap, table, parts[-1]]
    return Group(*parts[:-1], *gap, parts[-1])


def _help(context: Context) -> str:
    *others, last = (k.request_queue_name(context.settings) for k in kinds.all_kinds())
    return HELP.format(queues=f"{', '.join(others)} and {last}", again=again(context.loaded))


def _state(snapshot: Snapshot, width: int) -> RenderableType:
    """Say how the worker is, what it has done and how fast, on two lines or three."""
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
    between = f" {glyphs.separator} "
    pausing = snapshot.state == "paused" and snapshot.in_flight
    line = tables.mark(kind, "pausing" if pausing else snapshot.state)
    told = between.join([*figures_, *now])
    if line.cell_len + 4 + len(told) <= width:
        line.append(f"   {told}")
    else:
        line.append(f"   {between.join(now)}\n {between.join(figures_)}")
    sparks = live.sparkline(snapshot.per_second[:-1], min(SPARKS, width - 2))
    return Text.assemble(" ", line, "\n ", (sparks, "accent"))


def _queues(queues: Refresher[list[queue_counts.QueueRow]]) -> RenderableType:
    if queues.error:
        return tables.told("warn", queues.error)
    columns = [
        tables.line("queue", least=13),
        tables.number("waiting"),
        tables.Column("oldest", "right", keep=True, drop=2),
        tables.number("in flight", drop=3),
        tables.number("dead letters", short="dead"),
    ]
    cells = [
        (row.name, row.visible, queue_age(row.oldest), row.in_flight, row.dead)
        for row in queues.value or []
    ]
    return tables.table(columns, cells, empty="counting the messages")


def _recent(snapshot: Snapshot, flags: str) -> RenderableType:
    columns = [
        tables.Column("last jobs", keep=True, drop=3),
        tables.line("from", drop=2),
        tables.Column("status", keep=True),
        tables.Column("took", "right", keep=True, drop=1),
        tables.line("answer", least=16),
    ]
    cells = [
        (
            job.job[-8:],
            job.client,
            job.status,
            figures.duration(job.seconds),
            kinds.kind_of(job.kind).answer_of(job.status, job.text),
        )
        for job in snapshot.recent[:RECENT]
    ]
    empty = f"No job yet. Send one: python client.py{flags} numbers 1,2"
    return tables.table(columns, cells, empty=empty)


def _keys(snapshot: Snapshot) -> RenderableType:
    from rich.text import Text

    if snapshot.state == "stopped":
        return Text("")
    if snapshot.state == "stopping":
        again = "finishing what is in hand; q again hands it back at once"
        return Text(f" {again}", style="muted")
    pause = "go on" if snapshot.state == "paused" else "pause"
    hints = [("q", "stop"), ("p", pause), ("?", "help")]
    return Text.assemble(
        *(part for key, what in hints for part in ((f" {key}", "accent"), (f" {what} ", "muted")))
    )
