"""Jobs: what was sent from this machine and what became of it, refreshed by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from labapp.console import figures, lists, tables
from labapp.console.page import show
from labapp.programs.menus.actions import moment, open_one
from labapp.programs.menus.refresher import Refresher

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from labapp.jobs.entry import Entry
    from labapp.jobs.ledger import Ledger
    from labapp.programs.jobs.client_session import ClientMenuSession

HELP = """Every list and picture that you sent from this machine, the newest first. Answers \
appear here by themselves.

o lets you look for one job and read all of it: the whole answer, when it came, how long it \
took."""

#: Jobs on the page.
NEWEST = 100

#: Seconds between two looks into the ledger, a file of this machine.
EVERY = 0.5

KINDS: dict[str, Literal["good", "warn", "bad"]] = {"done": "good", "pending": "warn"}


def run(menu: ClientMenuSession) -> None:
    """Show the jobs until the user goes back."""
    ledger = menu.session().ledger
    newest = _Newest(ledger)
    with Refresher(newest, EVERY, menu.frame.changed) as jobs:
        while show("Jobs", lambda _c, _r: _table(jobs, newest.total), frame=menu.frame, help=HELP,
                   watch=lambda: jobs.changes,
                   keys=lambda: [("o", "open one")] if jobs.value else ()):  # fmt: skip
            options = [
                lists.Option(one.title, one, f"{one.status}, {moment(one.sent_at)}")
                for one in ledger.newest()  # all of them, to be searched
            ]
            open_one("Jobs", options, _whole, menu.frame, HELP)


class _Newest:
    """Fetches the newest jobs, but only where the ledger has changed since."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._version: tuple[int, int] | None = None
        self._jobs: list[Entry] = []
        #: How many jobs there are in all.
        self.total = 0

    def __call__(self) -> list[Entry]:
        version = self._ledger.version()
        if version != self._version:
            self._version, self._jobs = version, self._ledger.newest(NEWEST)
            self.total = self._ledger.count()
        return self._jobs


def _table(jobs: Refresher[list[Entry]], total: int) -> RenderableType:
    if jobs.error:
        return tables.told("bad", jobs.error)
    columns = [
        tables.Column("sent", keep=True, drop=2),
        tables.Column("status", keep=True),
        tables.line("request", drop=1),
        tables.line("answer", least=16),
    ]
    rows = [
        (
            moment(one.sent_at),
            _status(one),
            one.title,
            one.answer or "not yet",
        )
        for one in jobs.value or ()
    ]
    empty = (
        "No jobs yet. Go to Numbers and send a list." if jobs.value == [] else "reading the jobs"
    )
    cut = f"the newest {len(rows)} of {figures.count(total)}; o searches all"
    return tables.noted(
        tables.table(columns, rows, empty=empty), cut if 0 < len(rows) < total else ""
    )


def _status(one: Entry) -> Text:
    return tables.mark(KINDS.get(one.status, "bad"), one.status)


def _whole(one: Entry) -> RenderableType:
    answered = "not yet" if one.answered_at is None else moment(one.answered_at)
    took = "" if one.seconds is None else figures.duration(one.seconds)
    return tables.key_values(
        {
            "job": one.job,
            "kind": one.kind,
            "request": one.body,
            "sent": moment(one.sent_at),
            "status": _status(one),
            "answered": answered,
            "took": took,
            "answer": one.reply,
        }
    )
