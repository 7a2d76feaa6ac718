"""The log of jobs: what was asked, and what came of it."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import Back, figures
from labapp.console.key import REFRESH, Key
from labapp.console.lists import Option
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

CUT = f"the newest {NEWEST}; o searches the newest {SEARCHED:,}"

OPEN_HELP = f"""lets you look for a job and read all of it, among the newest {SEARCHED:,}; \
'admin.py logs -n N' writes out any number"""


def run(menu: MenuSession) -> None:
    """Show the newest logs until the admin goes back."""
    from labapp.jobs import logbook

    bucket = menu.bucket()

    left_out: list[str] = []

    def newest(most: int) -> list[Log]:
        """Read one more than `most`: its being there tells that there are more."""
        left_out.clear()
        look = partial(logbook.newest, bucket, most + 1, left_out.append)
        return menu.wait("reading the logs", lambda: list(look()), "Logs")

    def open_log() -> None:
        with contextlib.suppress(Back):
            _open_log(menu, newest(SEARCHED) if len(logs) > NEWEST else logs)

    keys = page_keys(open_log)
    while True:
        logs = newest(NEWEST)
        page = LOGS.on_page(logs[:NEWEST], *left_out, CUT if len(logs) > NEWEST else "")
        key = show("Logs", page, frame=menu.frame, keys=keys if logs else keys[1:], help=HELP)
        if key is None:
            return
        key.act()


def page_keys(open_log: Callable[[], None]) -> list[Key]:
    """Return the keys of the page; the first one needs a log."""
    refresh = replace(REFRESH, help="reads the log again")
    return [Key("o", "open one", open_log, OPEN_HELP), refresh]


def _open_log(menu: MenuSession, logs: list[Log]) -> None:
    options = [
        Option(log.title, log, f"{log.status}, {figures.local(log.time)}, {log.client}")
        for log in logs[:SEARCHED]
    ]
    among = f"the newest {figures.count(SEARCHED)}" if len(logs) > SEARCHED else ""
    open_one("Logs", options, LOGS.details_of, menu.frame, HELP, among)
