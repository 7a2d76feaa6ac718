"""The worker's live console: what waits, what is done, how fast; log lines scroll above it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Literal

from labapp.console import figures, header, live, tables, theme
from labapp.console.header import Header
from labapp.console.layout import cut
from labapp.programs import overview
from labapp.programs.screens.desk import Fresh
from labapp.settings import user_name

if TYPE_CHECKING:
    from rich.console import RenderableType

    from labapp.cloud.session import Cloud
    from labapp.programs.cli import Context
    from labapp.worker.board import Snapshot
    from labapp.worker.processes import Runnable

#: Seconds between two counts of the queues; on AWS each costs a few requests.
LOCAL_COUNT, AWS_COUNT = 2.0, 30.0

#: Jobs shown; fewer where the terminal is low.
RECENT = 5

#: Columns that the table of jobs needs beside the answers.
OTHER_COLUMNS = 58

#: Bars of the sparkline: one for each of the last seconds.
SPARKS = 40


def run(context: Context, cloud: Cloud, worker: Runnable) -> None:
    """Run the worker, and show it until it has ended."""
    from rich.highlighter import NullHighlighter
    from rich.logging import RichHandler

    from labapp.worker import logs

    console = theme.stdout()
    handler = RichHandler(
        console=console,
        show_path=False,
        highlighter=NullHighlighter(),
        log_time_format="%H:%M:%S",
        omit_repeated_times=False,
    )
    logs.to_handler(handler, logging.Formatter("%(message)s"))
    ended = threading.Event()
    failure: list[BaseException] = []

    def work() -> None:
        try:
            worker.run()
        except BaseException as error:  # noqa: BLE001 - raised again in the main thread
            failure.append(error)
        ended.set()

    threading.Thread(target=work, name="worker").start()
    every = LOCAL_COUNT if cloud.is_local else AWS_COUNT
    with Fresh(partial(overview.lab_rows, cloud), every) as queues:
        live.run_live(
            partial(_draw, context, cloud, worker, queues, console.size.height),
            partial(_key, worker),
            stop=ended,
            tick_seconds=0.5,
            console=console,
        )
        ended.wait()
    if failure:
        raise failure[0]


def _key(worker: Runnable, key: str) -> bool:
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
    queues: Fresh[list[overview.QueueRow]],
    rows: int,
) -> RenderableType:
    from rich.console import Group
    from rich.text import Text

    snapshot = worker.board.snapshot()
    console = theme.stdout()
    place, settings = cloud.place, context.settings
    top = Header("worker", place.cloud, place.region, cloud.bucket_name, user_name(settings), 1)
    parts: list[RenderableType] = [header.render(top, console.width, console.height)]
    parts.append(_state(snapshot))
    if snapshot.trouble:
        parts.append(tables.mark("bad", snapshot.trouble))
    if console.height >= theme.COMPACT_ROWS:
        parts += [Text(""), _queues(queues), Text(""), _recent(snapshot)]
    else:
        parts.append(_queues(queues))
    parts += [Text(""), _keys(snapshot)]
    return Group(*parts)


def _state(snapshot: Snapshot) -> RenderableType:
    from rich.text import Text

    glyphs = theme.current().glyphs
    kind: Literal["good", "warn"] = "good" if snapshot.state == "running" else "warn"
    counts = snapshot.counts
    figures_ = [
        f"{figures.count(counts.get('done', 0))} done",
        f"{figures.count(counts.get('refused', 0))} refused",
        f"{figures.count(counts.get('failed', 0))} failed",
        f"{figures.count(snapshot.in_hand)} in hand",
        f"{snapshot.rate:.1f}/s",
    ]
    line = tables.mark(kind, snapshot.state)
    line.append("   " + f" {glyphs.separator} ".join(figures_))
    sparks = live.sparkline(snapshot.per_second[:-1], SPARKS)
    return Text.assemble(" ", line, "\n ", (sparks, "accent"))


def _queues(queues: Fresh[list[overview.QueueRow]]) -> RenderableType:
    if queues.error:
        return tables.mark("warn", queues.error)
    columns = [
        tables.Column("queue"),
        *map(tables.number, ("waiting", "in flight", "dead letters")),
    ]
    cells = [(row.name, row.visible, row.in_flight, row.dead) for row in queues.value or []]
    return tables.table(columns, cells, empty="counting the messages …")


def _recent(snapshot: Snapshot) -> RenderableType:
    columns: list[tables.Column | str] = ["last jobs", "from", "status", "took", "answer"]
    room = max(theme.stdout().width - OTHER_COLUMNS, 10)
    cells = [
        (job.job[-8:], job.client, job.status, figures.duration(job.seconds), cut(job.text, room))
        for job in snapshot.recent[:RECENT]
    ]
    return tables.table(columns, cells, empty="No job yet. Send one: python client.py numbers 1,2")


def _keys(snapshot: Snapshot) -> RenderableType:
    from rich.text import Text

    if snapshot.state == "stopped":
        return Text("")
    if snapshot.state == "stopping":
        again = "finishing the jobs in hand and the present poll; q again hands them back at once"
        return Text(f" {again}", style="muted")
    pause = "go on" if snapshot.state == "paused" else "pause"
    return Text.assemble(
        (" q", "accent"), (" stop  ", "muted"), ("p", "accent"), (f" {pause}", "muted")
    )
