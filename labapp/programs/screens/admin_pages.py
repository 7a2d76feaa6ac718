"""The admin's live pages: queues, workers and the log of jobs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.console import Back, figures, prompts, tables
from labapp.console.lists import Option, search_list
from labapp.console.page import show
from labapp.programs import overview
from labapp.programs.screens import dead_letters_page
from labapp.programs.screens.desk import Desk, Fresh

if TYPE_CHECKING:
    from rich.console import RenderableType

#: Seconds between two looks of a live page; each look at the queues on AWS costs a few requests.
EVERY = 2.0

#: Logs on the Logs page.
NEWEST = 100


def show_queues(desk: Desk) -> None:
    """Show the queues, live; `p` purges one."""
    cloud = desk.cloud()
    with Fresh(partial(overview.queue_rows, cloud), EVERY) as rows:
        keys = [("d", "dead letters"), ("p", "purge a queue"), ("r", "refresh")]
        while key := show("Queues", lambda _c, _r: _queues(rows), frame=desk.frame, keys=keys):
            if key == "p":
                _purge(desk, rows)
            elif key == "d":
                dead_letters_page.run(desk)
            rows.again()


def show_workers(desk: Desk) -> None:
    """Show the workers, live."""
    cloud = desk.cloud()
    with Fresh(partial(overview.worker_rows, cloud), EVERY) as rows:
        while show("Workers", lambda _c, _r: _workers(rows), frame=desk.frame,
                   keys=[("r", "refresh")]):  # fmt: skip
            rows.again()


def show_logs(desk: Desk) -> None:
    """Show the newest logs."""
    from labapp.cloud.bucket import Bucket
    from labapp.jobs import logbook

    bucket = Bucket(desk.cloud())
    while True:
        logs = desk.wait("reading the logs", lambda: list(logbook.newest(bucket, NEWEST)), "Logs")
        rows = [(log.time[5:19].replace("T", " "), log.kind, log.status, log.request, log.outcome)
                for log in logs]  # fmt: skip
        empty = "No jobs are logged yet. Send one with client.py, under Numbers."
        body = tables.table(["time (UTC)", "kind", "status", "request", "outcome"], rows,
                            empty=empty)  # fmt: skip
        if show("Logs", body, frame=desk.frame, keys=[("r", "refresh")]) is None:
            return


def _queues(rows: Fresh[list[overview.QueueRow]]) -> RenderableType:
    if rows.error:
        return tables.mark("bad", rows.error)
    if rows.value is None:
        return tables.mark("warn", "counting the messages …")
    columns = [
        tables.Column("queue"),
        *map(tables.number, ("waiting", "in flight", "delayed", "dead letters")),
    ]
    cells = [(r.name, r.visible, r.in_flight, r.delayed, r.dead) for r in rows.value]
    return tables.table(columns, cells)


def _purge(desk: Desk, rows: Fresh[list[overview.QueueRow]]) -> None:
    from labapp.cloud.queues import Queue

    options = [Option(r.name, r, f"{figures.count(r.visible)} waiting") for r in rows.value or []]
    try:
        row = search_list("Which queue is purged?", options, frame=desk.frame)
        held = figures.plural(row.visible + row.in_flight, "message")
        question = f"Delete {held} of {row.name}?"
        if prompts.confirm(question, title="Purge a queue", frame=desk.frame):
            desk.wait("purging", Queue(desk.cloud(), row.name).purge)
            desk.announce(f"purged {row.name}", "done")
    except Back:
        return


def _workers(rows: Fresh[list[overview.WorkerRow]]) -> RenderableType:
    if rows.error:
        return tables.mark("bad", rows.error)
    if rows.value is None:
        return tables.mark("warn", "reading the reports …")
    columns = [
        tables.Column("worker"),
        tables.Column("state"),
        *map(tables.number, ("done", "refused", "failed", "in hand")),
        tables.Column("seen"),
    ]
    cells = [
        (
            r.worker,
            tables.mark({"running": "good", "gone": "bad"}.get(r.state, "warn"), r.state),  # type: ignore[arg-type]
            r.done,
            r.refused,
            r.failed,
            r.in_hand,
            figures.age(r.age),
        )
        for r in rows.value
    ]
    empty = "No worker has reported. Start one: python server.py"
    return tables.table(columns, cells, empty=empty)
