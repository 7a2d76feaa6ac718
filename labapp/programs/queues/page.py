"""The queues, counted again and again, and purged; and their dead letters, sent back or deleted."""

from __future__ import annotations

import contextlib
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import Back, figures, prompts
from labapp.console.browse import browse
from labapp.console.key import REFRESH, Key
from labapp.console.lists import Option, search_list
from labapp.console.menu import MenuItem, choose
from labapp.console.page import show
from labapp.jobs import dead_letters, queue_counts
from labapp.programs.menus.actions import TRACE, attempt, trace_key
from labapp.programs.menus.refresher import EVERY, Refresher
from labapp.programs.menus.session import MenuSession
from labapp.programs.queues.table import (
    DEAD_LETTERS,
    MOST,
    QUEUES,
    cut_note,
    prune_question,
    purge_question,
    reply_queues,
    short_body,
)
from labapp.visible import printable

if TYPE_CHECKING:
    from labapp.jobs.dead_letters import DeadLetter

HELP = """Waiting: nobody has taken it yet. Oldest: how long the first of those has waited; \
on AWS CloudWatch says so, some minutes late, to whom it may.
In flight: a worker has it. Dead letters: could not be done.

Each client that sent a job has a queue {replies}-<client> for its answers; those of clients that \
are gone can be deleted. The page refreshes by itself."""

REPLIES_HELP = """SQS does not tell when a queue was last used. A client's queue counts as left \
behind if it is empty, was made more than 30 days ago, is none of this machine's own, and no job \
is under way. A client that comes back makes its queue anew.

'admin.py queues prune QUEUE' deletes one that is empty, however old it is."""

#: What is done until the page has its counts.
COUNTING = "counting the messages"

DEAD_HELP = """A message lands here when its job could not be done, or nobody could be answered \
for it.

Send back: it is put in its queue again, to be done once more. Delete: it is gone for good.
By reason: all that are dead for the same reason are sent back, or deleted, at once."""

#: What is done with the dead letter at the pointer.
OPEN = Key("Enter", "open", help="opens the one at the pointer")

#: What can be done with all that are dead for one reason.
OUTCOMES = [
    MenuItem("1", "Send them back", "back", note="to be done again"),
    MenuItem("2", "Delete them", "delete", note="for good"),
]


def page_keys(menu: MenuSession) -> list[Key]:
    """Return the keys of the page of queues."""
    dead, purge = partial(show_dead_letters, menu), partial(_purge, menu)
    prune = partial(show_reply_queues, menu)
    return [
        Key("d", "dead letters", partial(attempt, "Dead letters", dead, menu.frame),
            "shows the dead letters with their reasons"),
        Key("p", "purge a queue", partial(attempt, "Purge a queue", purge, menu.frame),
            "deletes all messages of one queue"),
        Key("x", "prune", partial(attempt, "Reply queues", prune, menu.frame),
            "shows the clients' queues, and deletes those of clients that are gone"),
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
        menu.wait_patiently("purging", Queue(cloud, row.name).purge)
        menu.announce(f"purged {row.name}", "done")


def show_reply_queues(menu: MenuSession) -> None:
    """Show the clients' reply queues, and delete those of clients that are gone."""
    from labapp.jobs import reply_queues as replies

    cloud = menu.cloud()
    found = menu.wait("looking at the clients' queues", partial(replies.look, cloud))
    count = sum(one.is_gone for one in found)
    page = reply_queues(lambda done: f"to be {done}").on_page(found)
    keys = [Key("x", f"delete {count}", help="deletes those of clients that are gone")]
    if not show("Reply queues", page, frame=menu.frame, keys=keys if count else [],
                help=REPLIES_HELP):  # fmt: skip
        return
    if prompts.confirm(prune_question(count), title="Reply queues", frame=menu.frame):
        done = menu.wait("deleting", lambda: list(replies.prune(cloud, found, named=False)))
        held = figures.plural(sum(one.is_gone for one in done), "reply queue")
        menu.announce(f"{held} deleted", "done")


def show_dead_letters(menu: MenuSession) -> None:
    """Show the dead letters until the admin goes back; the pointer stays where it was."""
    place = 0
    while True:
        look = partial(dead_letters.look_at_all, menu.cloud(), "", MOST)
        found = menu.wait("looking at the dead letters", look)
        keys = dead_letter_keys(menu, found)
        if not found:
            page = DEAD_LETTERS.on_page(found)
            if show("Dead letters", page, frame=menu.frame, keys=keys, help=DEAD_HELP) is None:
                return
            continue
        pressed = _browse_dead_letters(menu, found, keys, place)
        if pressed is None:
            return
        key, place = pressed
        if key is not REFRESH:
            with contextlib.suppress(Back):
                key.act(found[place])


def _browse_dead_letters(
    menu: MenuSession, found: list[DeadLetter], keys: list[Key], place: int
) -> tuple[Key, int] | None:
    """Let the admin move in them and open them, until a key does more than that."""
    rows, note = DEAD_LETTERS.without_empty(found).to_browse(found), cut_note(found)
    while pressed := browse("Dead letters", rows, frame=menu.frame, keys=keys, start=place,
                            help=DEAD_HELP, note=note):  # fmt: skip
        key, place = pressed
        if key.letter == TRACE:  # nothing is changed by it, so they need not be looked at again
            key.act(found[place])
            continue
        if key is not OPEN:
            return pressed
        show("Dead letter", DEAD_LETTERS.details_of(found[place]), frame=menu.frame, help=DEAD_HELP)
    return None


def dead_letter_keys(menu: MenuSession, found: list[DeadLetter]) -> list[Key]:
    """Return the keys of the page of dead letters; each act is given the one at the pointer."""
    keys = [
        OPEN,
        trace_key(menu, "of_letter"),
        Key("s", "send back", partial(_send_back, menu), "sends the one at the pointer back",
            on_row=True),
        Key("a", "send all", lambda _: _send_all(menu, found), "sends all of them back"),
        Key("x", "delete", partial(_delete, menu), "deletes the one at the pointer",
            on_row=True),
        Key("b", "by reason", lambda _: _by_reason(menu, found),
            "sends back, or deletes, all that are dead for one reason"),
    ]  # fmt: skip
    return [*(keys if found else []), REFRESH]


def _send_back(menu: MenuSession, one: DeadLetter) -> None:
    _settle(menu, [one], back=True)


def _send_all(menu: MenuSession, found: list[DeadLetter]) -> None:
    if prompts.confirm(f"Send {figures.plural(len(found), 'message')} back?", frame=menu.frame):
        _settle(menu, found, back=True)


def _delete(menu: MenuSession, one: DeadLetter) -> None:
    question = f"Delete '{short_body(one)}' for good?"
    if prompts.confirm(question, title="Dead letters", frame=menu.frame):
        _settle(menu, [one], back=False)


def _by_reason(menu: MenuSession, found: list[DeadLetter]) -> None:
    """Send back, or delete, all that are dead for one reason."""
    counts = Counter(one.reason for one in found)
    options = [
        Option(printable(reason), reason, figures.plural(count, "message"))
        for reason, count in counts.most_common()
    ]
    frame = menu.frame
    reason = search_list("Dead for which reason?", options, frame=frame, help=DEAD_HELP)
    chosen = choose("What is done with them?", OUTCOMES, frame=frame, help=DEAD_HELP)
    if chosen is None:
        return
    meant = [one for one in found if one.reason == reason]
    held, back = figures.plural(len(meant), "message"), chosen.value == "back"
    question = f"Send {held} back?" if back else f"Delete {held} for good?"
    if prompts.confirm(question, title="Dead letters", frame=frame):
        _settle(menu, meant, back=back)


def _settle(menu: MenuSession, meant: list[DeadLetter], *, back: bool) -> None:
    """Send dead letters back, or delete them: those that were counted, and no others."""
    count = menu.wait(
        "sending back" if back else "deleting",
        partial(dead_letters.settle, menu.cloud(), meant, back=back),
    )
    held = figures.plural(count, "message")
    menu.announce(f"{held} sent back" if back else f"{held} deleted", "done")
