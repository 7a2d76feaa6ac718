"""The queues, counted again and again; one is purged, and dead letters are looked at."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.console import figures, prompts
from labapp.console.key import REFRESH, Key
from labapp.console.lists import Option, search_list
from labapp.console.page import show
from labapp.jobs import queue_counts
from labapp.programs.menus.actions import attempt
from labapp.programs.menus.refresher import EVERY, Refresher
from labapp.programs.menus.session import MenuSession
from labapp.programs.queues import dead_letters_page
from labapp.programs.queues.table import QUEUES, purge_question

if TYPE_CHECKING:
    pass

HELP = """Waiting: nobody has taken it yet. Oldest: how long the first of those has waited; \
on AWS only CloudWatch knows.
In flight: a worker has it. Dead letters: could not be done.

Each client that sent a job has a queue {replies}-<client> for its answers. It refreshes by \
itself."""

#: What is done until the page has its counts.
COUNTING = "counting the messages"


def page_keys(menu: MenuSession) -> list[Key]:
    """Return the keys of the page of queues."""
    dead, purge = partial(dead_letters_page.run, menu), partial(_purge, menu)
    return [
        Key("d", "dead letters", partial(attempt, "Dead letters", dead, menu.frame),
            "shows the dead letters with their reasons"),
        Key("p", "purge a queue", partial(attempt, "Purge a queue", purge, menu.frame),
            "deletes all messages of one queue"),
        REFRESH,
    ]  # fmt: skip


def run(menu: MenuSession) -> None:
    """Show the queues, live, until the admin goes back."""
    cloud = menu.cloud()
    keys = page_keys(menu)
    look = partial(queue_counts.queue_rows, cloud)
    with Refresher(look, EVERY, menu.frame.changed, QUEUES.cells) as rows:
        page = partial(rows.on_page, COUNTING, QUEUES.on_page)
        while key := show("Queues", lambda _c, _r: page(), frame=menu.frame,
                          watch=lambda: rows.changes, keys=keys,
                          help=_help(menu)):  # fmt: skip
            key.act()
            rows.again()


def _help(menu: MenuSession) -> str:
    return HELP.format(replies=menu.context.settings.response_queue)


def _purge(menu: MenuSession) -> None:
    """Delete all messages of one queue, by counts of now: those on the page may be of long ago."""
    from labapp.cloud.queues import Queue

    cloud = menu.cloud()
    found = menu.wait(COUNTING, partial(queue_counts.queue_rows, cloud))
    options = [Option(row.name, row, f"{figures.count(row.visible)} waiting") for row in found]
    row = search_list("Which queue is purged?", options, frame=menu.frame, help=_help(menu))
    if not row.held:
        menu.announce(f"{row.name} is empty: there is nothing to purge", "info")
        return
    if prompts.confirm(purge_question(row.name, row.held), title="Purge a queue", frame=menu.frame):
        menu.wait("purging", Queue(cloud, row.name).purge)
        menu.announce(f"purged {row.name}", "done")
