"""Jobs: what was sent from this machine and what became of it, refreshed by itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.console import figures, lists, prompts
from labapp.console.key import Key
from labapp.console.page import show
from labapp.jobs import session
from labapp.jobs.ledger_file import DamagedLedgerError
from labapp.programs.jobs.commands import PURGE, purged_lines
from labapp.programs.jobs.table import JOBS, NEWEST
from labapp.programs.menus.actions import open_one
from labapp.programs.menus.refresher import Refresher

if TYPE_CHECKING:
    from rich.console import RenderableType

    from labapp.jobs.entry import Entry
    from labapp.jobs.ledger import Ledger
    from labapp.jobs.session import Purged
    from labapp.programs.jobs.client_session import ClientMenuSession

HELP = """Every list and picture that you sent from this machine, the newest first. Answers \
appear here by themselves."""

OPEN_HELP = (
    "lets you look for one job and read all of it: the whole answer, when it came, how long it took"
)

#: What is done until the first jobs are there.
READING = "reading the jobs"

#: Seconds between two looks into the ledger, a file of this machine.
EVERY = 0.5


def run(menu: ClientMenuSession) -> None:
    """Show the jobs until the user goes back."""
    ledger = menu.session().ledger
    newest = _Newest(ledger)
    with Refresher(newest, EVERY, menu.frame.changed) as jobs:
        opened = partial(_open_one, menu, ledger, lists.Place())
        keys = [Key("o", "open one", opened, OPEN_HELP, enter=True)]
        page = partial(jobs.on_page, READING, newest.draw)
        while key := show("Jobs", lambda _c, _r: page(), frame=menu.frame,
                          watch=lambda: jobs.changes, keys=lambda: keys if jobs.value else (),
                          help=HELP):  # fmt: skip
            key.act()


def _open_one(menu: ClientMenuSession, ledger: Ledger, place: lists.Place) -> None:
    options = [
        lists.Option(one.title, one, f"{one.status}, {figures.moment(one.sent_at)}")
        for one in ledger.newest()  # all of them, to be searched
    ]
    open_one("Jobs", options, JOBS.details_of, menu.frame, HELP, place=place)


class _Newest:
    """Fetches the newest jobs, but only where the ledger has changed since."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._version: tuple[int, int] | None = None
        self._jobs: list[Entry] = []
        #: How many jobs there are in all.
        self._total = 0

    def __call__(self) -> list[Entry]:
        version = self._ledger.version()
        if version != self._version:
            self._version, self._jobs = version, self._ledger.newest(NEWEST)
            self._total = self._ledger.count()
        return self._jobs

    def draw(self, jobs: list[Entry]) -> RenderableType:
        """Return the page of the jobs that were fetched."""
        cut = f"the newest {len(jobs)} of {figures.count(self._total)}; o searches all"
        return JOBS.on_page(jobs, cut if 0 < len(jobs) < self._total else "")


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
