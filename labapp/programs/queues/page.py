"""The admin's pages: queues and workers, which refresh by themselves, and the log of jobs."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from labapp.console import Back, figures, prompts, tables
from labapp.console.lists import Option, search_list
from labapp.console.page import show
from labapp.programs.menus.actions import attempt, open_one
from labapp.programs.menus.refresher import Refresher
from labapp.programs.menus.session import MenuSession
from labapp.programs.queues import dead_letters_page, overview
from labapp.programs.queues.table import QUEUES
from labapp.programs.shell.parsing import again

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from labapp.jobs.logbook import Log

#: Seconds between two looks of a live page; each look at the queues on AWS costs a few requests.
EVERY = 2.0

#: Logs on the Logs page, and logs that are read to be searched.
NEWEST, SEARCHED = 100, 1_000

QUEUES_HELP = """Waiting: nobody has taken it yet. Oldest: how long the first of those has waited; \
on AWS only CloudWatch knows.
In flight: a worker has it. Dead letters: could not be done.

Each client that sent a job has a queue {replies}-<client> for its answers. d shows the \
dead letters with their reasons; p deletes all messages of one queue. It refreshes by itself."""

LOGS_HELP = """What was asked and what came of it, the newest first, on this machine's clock.

o lets you look for a job and read all of it, among the newest 1,000; 'admin.py logs -n N' \
writes out any number. r reads the log again."""

WORKERS_HELP = """Each worker reports by itself. Gone: it has missed three reports.
Unwell: it reports, but does not poll its queues.

Start one with 'python server.py{again}', or on the local cloud from the user's menu with w. \
It refreshes by itself."""


QUEUES_KEYS = [("d", "dead letters"), ("p", "purge a queue"), ("r", "refresh")]

LOGS_KEYS = [("o", "open one"), ("r", "refresh")]

WORKERS_KEYS = [("r", "refresh")]

#: The workers, and what is said of reports that are left out.
_Workers: TypeAlias = tuple[list[overview.WorkerRow], list[str]]


def show_queues(menu: MenuSession) -> None:
    """Show the queues, live; `p` purges one."""
    cloud = menu.cloud()
    look = partial(overview.queue_rows, cloud)
    with Refresher(look, EVERY, menu.frame.changed, lambda rows: QUEUES.cells(rows)) as rows:
        while key := show("Queues", lambda _c, _r: _queues(rows), frame=menu.frame,
                          watch=lambda: rows.changes, keys=QUEUES_KEYS,
                          help=_queues_help(menu)):  # fmt: skip
            if key == "p":
                attempt("Purge a queue", partial(_purge, menu), menu.frame)
            elif key == "d":
                attempt("Dead letters", partial(dead_letters_page.run, menu), menu.frame)
            rows.again()


def _queues_help(menu: MenuSession) -> str:
    return QUEUES_HELP.format(replies=menu.context.settings.response_queue)


def show_workers(menu: MenuSession) -> None:
    """Show the workers, live."""
    cloud = menu.cloud()

    def look() -> _Workers:
        left_out: list[str] = []
        return overview.worker_rows(cloud, left_out.append), left_out

    def shows(found: _Workers) -> object:
        return _worker_cells(found[0]), found[1]

    with Refresher(look, EVERY, menu.frame.changed, shows) as rows:
        flags = again(menu.context.loaded)
        while show("Workers", lambda _c, _r: _workers(rows, flags), frame=menu.frame,
                   help=WORKERS_HELP.format(again=flags),
                   watch=lambda: rows.changes, keys=WORKERS_KEYS):  # fmt: skip
            rows.again()


def show_logs(menu: MenuSession) -> None:
    """Show the newest logs."""
    from labapp.cloud.bucket import Bucket
    from labapp.jobs import logbook

    bucket = Bucket(menu.cloud())

    left_out: list[str] = []

    def newest(most: int) -> list[Log]:
        """Read one more than `most`: its being there tells that there are more."""
        left_out.clear()
        look = partial(logbook.newest, bucket, most + 1, left_out.append)
        return menu.wait("reading the logs", lambda: list(look()), "Logs")

    while True:
        logs = newest(NEWEST)
        page = tables.noted(_logs(logs), *left_out)
        key = show("Logs", page, frame=menu.frame, keys=LOGS_KEYS[0 if logs else 1 :],
                   help=LOGS_HELP)  # fmt: skip
        if key is None:
            return
        if key == "o":
            with contextlib.suppress(Back):
                _open_log(menu, newest(SEARCHED) if len(logs) > NEWEST else logs)


def _open_log(menu: MenuSession, logs: list[Log]) -> None:
    options = [
        Option(log.title, log, f"{log.status}, {figures.local(log.time)}, {log.client}")
        for log in logs[:SEARCHED]
    ]
    among = f"the newest {figures.count(SEARCHED)}" if len(logs) > SEARCHED else ""
    open_one("Logs", options, _whole_log, menu.frame, LOGS_HELP, among)


def _logs(logs: list[Log]) -> RenderableType:
    columns = [
        tables.Column("time", keep=True, drop=1),
        tables.Column("kind", keep=True, drop=3),
        tables.Column("status", keep=True),
        tables.line("request", drop=2),
        tables.line("outcome", least=16),
    ]
    rows = [
        (
            figures.local(log.time),
            log.kind,
            log.status,
            log.title,
            log.answer,
        )
        for log in logs[:NEWEST]
    ]
    empty = "No jobs are logged yet. Send one with client.py, under Numbers."
    cut = f"the newest {NEWEST}; o searches the newest {figures.count(SEARCHED)}"
    return tables.noted(tables.table(columns, rows, empty=empty), cut if len(logs) > NEWEST else "")


def _whole_log(log: Log) -> RenderableType:
    fields = {"time": figures.local(log.time)} | {
        name: str(getattr(log, name))
        for name in ("job", "kind", "client", "status", "request", "outcome", "key")
    }
    return tables.key_values(fields)


def _queues(rows: Refresher[list[overview.QueueRow]]) -> RenderableType:
    if rows.error:
        return tables.told("bad", rows.error)
    if rows.value is None:
        return tables.told("warn", "counting the messages")
    return QUEUES.on_page(rows.value)


def queue_age(seconds: int | None) -> str | None:
    """Return for how long a queue's oldest message has waited; None where that is not known."""
    return None if seconds is None else figures.duration(seconds)


def _purge(menu: MenuSession) -> None:
    """Delete all messages of one queue, by counts of now: those on the page may be of long ago."""
    from labapp.cloud.queues import Queue

    cloud = menu.cloud()
    found = menu.wait("counting the messages", partial(overview.queue_rows, cloud))
    options = [Option(row.name, row, f"{figures.count(row.visible)} waiting") for row in found]
    row = search_list("Which queue is purged?", options, frame=menu.frame, help=_queues_help(menu))
    if not row.visible + row.in_flight:
        menu.announce(f"{row.name} is empty: there is nothing to purge", "info")
        return
    held = figures.plural(row.visible + row.in_flight, "message")
    question = f"Delete {held} of {row.name}?"
    if prompts.confirm(question, title="Purge a queue", frame=menu.frame):
        menu.wait("purging", Queue(cloud, row.name).purge)
        menu.announce(f"purged {row.name}", "done")


def _workers(rows: Refresher[_Workers], flags: str) -> RenderableType:
    if rows.error:
        return tables.told("bad", rows.error)
    if rows.value is None:
        return tables.told("warn", "reading the reports")
    columns = [
        tables.line("worker", least=14),
        tables.Column("state", keep=True),
        tables.number("done", drop=2),
        tables.number("refused", drop=5),
        tables.number("failed", drop=4),
        tables.number("in hand", drop=3),
        tables.Column("seen", keep=True, drop=1),
    ]
    empty = f"No worker has reported. Start one: python server.py{flags}"
    found, left_out = rows.value
    table = tables.table(columns, _worker_cells(found), empty=empty)
    return tables.noted(table, *left_out)


def _worker_cells(rows: list[overview.WorkerRow]) -> list[tuple[Text | str | int, ...]]:
    return [
        (
            r.worker,
            tables.mark({"running": "good", "gone": "bad"}.get(r.state, "warn"), r.state),  # type: ignore[arg-type]
            r.done,
            r.refused,
            r.failed,
            r.in_hand,
            figures.age(r.age),
        )
        for r in rows
    ]
