"""The workers: who is at work, and when each was last seen; it refreshes by itself."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from labapp.console.key import REFRESH
from labapp.console.page import show
from labapp.programs.menus.refresher import EVERY, Refresher
from labapp.programs.shell.parsing import again
from labapp.programs.workers.table import WORKERS
from labapp.worker import reports

if TYPE_CHECKING:
    from rich.console import RenderableType

    from labapp.programs.menus.session import MenuSession

HELP = """Each worker reports by itself. Gone: it has missed three reports.
Unwell: it reports, but does not poll its queues.

Start one with 'python server.py{again}', or on the local cloud from the user's menu with w. \
It refreshes by itself."""

#: The workers, and what is said of reports that are left out.
Found: TypeAlias = tuple[list[reports.WorkerRow], list[str]]


def run(menu: MenuSession) -> None:
    """Show the workers, live, until the admin goes back."""
    cloud, flags = menu.cloud(), again(menu.context.loaded)

    def look() -> Found:
        left_out: list[str] = []
        return reports.worker_rows(cloud, left_out.append), left_out

    def shows(found: Found) -> object:
        return WORKERS.cells(found[0]), found[1]

    with Refresher(look, EVERY, menu.frame.changed, shows) as rows:
        page = partial(rows.on_page, "reading the reports", partial(page_of, flags=flags))
        while show("Workers", lambda _c, _r: page(), frame=menu.frame,
                   help=HELP.format(again=flags),
                   watch=lambda: rows.changes, keys=[REFRESH]):  # fmt: skip
            rows.again()


def page_of(found: Found, flags: str) -> RenderableType:
    """Return the page of workers; `flags` are what a worker is to be started with."""
    rows, left_out = found
    return WORKERS.on_page(rows, *left_out, empty=f"{WORKERS.empty}{flags}")
