"""The log of jobs: what was asked, and what came of it."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import Back, figures
from labapp.console.browse import browse
from labapp.console.key import REFRESH, Key
from labapp.console.lists import Option, Place
from labapp.console.page import show
from labapp.programs.logs.table import LOGS
from labapp.programs.menus.actions import open_one

if TYPE_CHECKING:
    from collections.abc import Callable

    from labapp.jobs.logbook import Log
    from labapp.programs.menus.session import MenuSession

#: Logs on the page, and logs that are read to be searched.
NEWEST, SEARCHED = 100, 1_000

HELP = """What was asked and what came of it, the newest first, on this machine's clock."""

CUT = f"o searches the newest {SEARCHED:,}"

OPEN = Key("Enter", "open", help="opens the job at the pointer")

SEARCH_HELP = f"""lets you look for a job by what was asked, among the newest {SEARCHED:,}; \
'admin.py logs -n N' writes out any number"""


def run(menu: MenuSession) -> None:
    """Show the newest logs until the admin goes back."""
    from labapp.jobs import log_listing

    bucket = menu.bucket()
    left_out: list[str] = []
    searched = Place()

    def newest(most: int) -> list[Log]:
        """Read one more than `most`: its being there tells that there are more."""
        left_out.clear()
        look = partial(log_listing.newest, bucket, most + 1, left_out.append)
        return menu.wait("reading the logs", lambda: list(look()), "Logs")

    def search(logs: list[Log]) -> None:
        with contextlib.suppress(Back):
            found = newest(SEARCHED) if len(logs) > NEWEST else logs
            _search(menu, found, searched)

    while True:
        logs = newest(NEWEST)
        notes = [*left_out, CUT if len(logs) > NEWEST else ""]
        if not _browse(menu, logs[:NEWEST], notes, partial(search, logs)):
            return


def page_keys(search: Callable[[], None]) -> list[Key]:
    """Return the keys of the page; all but the last one need a log."""
    refresh = replace(REFRESH, help="reads the log again")
    return [OPEN, Key("o", "search", search, SEARCH_HELP), refresh]


def _browse(
    menu: MenuSession, logs: list[Log], notes: list[str], search: Callable[[], None]
) -> bool:
    """Let the admin move in the logs and open them; return whether they are to be read again."""
    *others, refresh = page_keys(search)
    if not logs:
        page = LOGS.on_page(logs, *notes)
        return show("Logs", page, frame=menu.frame, keys=[refresh], help=HELP) is not None
    rows, place = LOGS.without_empty(logs).to_browse(logs), 0
    note = "; ".join(filter(None, notes))
    while pressed := browse("Logs", rows, frame=menu.frame, keys=[*others, refresh], start=place,
                            help=HELP, note=note):  # fmt: skip
        key, place = pressed
        if key is refresh:
            return True
        if key is OPEN:
            show("Log", LOGS.details_of(logs[place]), frame=menu.frame, help=HELP)
        else:
            key.act()
    return False


def _search(menu: MenuSession, logs: list[Log], place: Place) -> None:
    options = [
        Option(log.title, log, f"{log.status}, {figures.local(log.time)}, {log.client}")
        for log in logs[:SEARCHED]
    ]
    among = f"the newest {figures.count(SEARCHED)}" if len(logs) > SEARCHED else ""
    open_one("Logs", options, LOGS.details_of, menu.frame, HELP, among, place)
