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
from labapp.programs.logs.commands import NO_LOGS
from labapp.programs.logs.table import LOGS
from labapp.programs.menus.actions import open_one, show_one, trace_key
from labapp.settings import LOG_NONE

if TYPE_CHECKING:
    from collections.abc import Callable

    from labapp.jobs.logbook import Log
    from labapp.programs.menus.session import MenuSession

#: Logs on the page, and logs that are read to be searched.
NEWEST, SEARCHED = 100, 1_000

HELP = """What was asked and what came of it, the newest first, on this machine's clock."""

CUT = f"o searches the newest {SEARCHED:,}"

OPEN = Key("Enter", "open", help="opens the job at the pointer")

SEARCH_HELP = f"""lets you look for a job by what was asked, its id, who asked, or its status, \
among the newest {SEARCHED:,}; 'admin.py logs --client NAME' looks through more"""


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
        is_none = bucket.cloud.settings.log == LOG_NONE
        notes = [*left_out, CUT if len(logs) > NEWEST else "", NO_LOGS if is_none else ""]
        if not _browse(menu, logs[:NEWEST], notes, partial(search, logs)):
            return


def page_keys(menu: MenuSession, search: Callable[[], None]) -> list[Key]:
    """Return the keys of the page; all but the last one need a log."""
    refresh = replace(REFRESH, help="reads the log again")
    return [OPEN, Key("o", "search", search, SEARCH_HELP), trace_key(menu, "of_log"), refresh]


def _browse(
    menu: MenuSession, logs: list[Log], notes: list[str], search: Callable[[], None]
) -> bool:
    """Let the admin move in the logs and open them; return whether they are to be read again."""
    *others, refresh = page_keys(menu, search)
    traced = [key for key in others if key.on_row]
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
            show_one("Log", logs[place], LOGS.details_of, menu.frame, HELP, traced)
        elif key.on_row:
            key.act(logs[place])
        else:
            key.act()
    return False


def _search(menu: MenuSession, logs: list[Log], place: Place) -> None:
    options = [
        Option(
            log.title,
            log,
            f"{log.status}, {figures.local(log.time)}, {log.client}",
            words=f"{log.job} {log.client} {log.kind} {log.status} {log.worker}",
        )
        for log in logs[:SEARCHED]
    ]
    among = f"the newest {figures.count(SEARCHED)}" if len(logs) > SEARCHED else ""
    keys = [trace_key(menu, "of_log")]
    open_one("Logs", options, LOGS.details_of, menu.frame, HELP, among, place, keys)
