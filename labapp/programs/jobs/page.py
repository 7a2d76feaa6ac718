"""Jobs: what was sent from this machine and what became of it, refreshed by itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.console import figures, lists, prompts
from labapp.console.accessible import mode, pages
from labapp.console.browse import browse
from labapp.console.key import Key
from labapp.console.page import show
from labapp.jobs import session
from labapp.jobs.ledger_file import DamagedLedgerError
from labapp.programs.jobs.commands import PURGE, purged_lines
from labapp.programs.jobs.table import JOBS, NEWEST
from labapp.programs.menus.actions import open_one, show_one, trace_key
from labapp.programs.menus.refresher import Refresher

if TYPE_CHECKING:
    from labapp.console.tables import Fitted
    from labapp.jobs.entry import Entry
    from labapp.jobs.ledger import Ledger
    from labapp.jobs.session import Purged
    from labapp.programs.jobs.client_session import ClientMenuSession

HELP = """Every list and picture that you sent from this machine, the newest first. Answers \
appear here by themselves."""

OPEN = Key(
    "Enter", "open", help="shows the whole answer, when it came, and where its result was saved"
)

SEARCH_HELP = "looks for one by what was sent, its id, its client or its status, among all of them"

#: What is done until the first jobs are there.
READING = "reading the jobs"

#: Seconds between two looks into the ledger, a file of this machine.
EVERY = 0.5


def run(menu: ClientMenuSession) -> None:
    """Show the jobs until the user goes back."""
    newest = _Newest(menu.session().ledger)
    with Refresher(newest, EVERY, menu.frame.changed) as jobs:
        page = partial(jobs.on_page, READING, JOBS.on_page)
        if mode.is_on():
            jobs.came.wait(pages.ARRIVE)
        if not jobs.value:
            show("Jobs", lambda _c, _r: page(), frame=menu.frame, watch=lambda: jobs.changes,
                 until=None if mode.is_on() else lambda: bool(jobs.value), help=HELP)  # fmt: skip
        if jobs.value:
            _browse(menu, newest)


def _browse(menu: ClientMenuSession, newest: _Newest) -> None:
    """Let the user move in the jobs and open them, until they go back."""
    place, searched = 0, lists.Place()
    trace = trace_key(menu, "of_entry")
    search = partial(_search, menu, newest.ledger, searched)
    keys = [OPEN, Key("o", "search", search, SEARCH_HELP), trace]
    while pressed := browse("Jobs", newest.table, frame=menu.frame, keys=keys, start=place,
                            help=HELP, note=newest.note):  # fmt: skip
        key, place = pressed
        if key is OPEN:
            opened = newest.shown[place]
            show_one("Job", opened, JOBS.details_of, menu.frame, HELP, [trace])
            place = newest.place_of(opened)
        elif key.on_row:
            opened = newest.shown[place]
            key.act(opened)
            place = newest.place_of(opened)
        else:
            key.act()


def _search(menu: ClientMenuSession, ledger: Ledger, place: lists.Place) -> None:
    options = [
        lists.Option(
            one.title,
            one,
            f"{one.status}, {figures.moment(one.sent_at)}",
            words=f"{one.job} {one.client} {one.kind} {one.status}",
        )
        for one in ledger.newest()  # all of them, to be searched
    ]
    keys = [trace_key(menu, "of_entry")]
    open_one("Jobs", options, JOBS.details_of, menu.frame, HELP, place=place, keys=keys)


class _Newest:
    """Fetches the newest jobs, but only where the ledger has changed since, and their table."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._version: tuple[int, int] | None = None
        self._jobs: list[Entry] = []
        #: The jobs that the table was made of, and the table.
        self.shown: list[Entry] = []
        self._table: Fitted | None = None
        #: How many jobs there are in all.
        self._total = 0

    def __call__(self) -> list[Entry]:
        version = self.ledger.version()
        if version != self._version:
            self._version, self._jobs = version, self.ledger.newest(NEWEST)
            self._total = self.ledger.count()
        return self._jobs

    def table(self) -> Fitted:
        """Return the table of the jobs that were fetched, the same until there are others."""
        if self._table is None or self.shown is not self._jobs:
            self.shown = self._jobs
            self._table = JOBS.to_browse(self.shown)
        return self._table

    def place_of(self, job: Entry) -> int:
        """Return the row of a job that was opened, which others may have come before."""
        self.table()
        return next((place for place, one in enumerate(self.shown) if one.job == job.job), 0)

    @property
    def note(self) -> str:
        """What is said below the table where there are more jobs than it has."""
        cut = len(self._jobs) < self._total
        return f"the newest of {figures.count(self._total)}; o searches all" if cut else ""


def purge_replies(menu: ClientMenuSession) -> None:
    """Ask whether to purge, and do it."""

    def act() -> Purged:
        try:
            return menu.open_session().purge()
        except DamagedLedgerError:
            return session.purge(menu.open_cloud())

    if prompts.confirm(PURGE, title="Purge my replies", frame=menu.frame):
        *notes, done = purged_lines(menu.wait("purging", act))
        for note in notes:
            menu.announce(note, "warning")
        menu.announce(done, "done")
