"""Dead letters: each with its reason; one or all are sent back, or deleted for good."""

from __future__ import annotations

import contextlib
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from labapp.console import Back, figures, lists, prompts, tables
from labapp.console.key import REFRESH, Key
from labapp.console.menu import MenuItem, choose
from labapp.console.page import show
from labapp.jobs.wire import printable
from labapp.programs.menus.actions import open_one
from labapp.programs.queues import letters

if TYPE_CHECKING:
    from rich.console import RenderableType

    from labapp.jobs.dead_letters import DeadLetter
    from labapp.programs.menus.session import MenuSession

HELP = """A message lands here when its job could not be done, or nobody could be answered for \
it.

Send back: it is put in its queue again, to be done once more. Delete: it is gone for good.
By reason: all that are dead for the same reason are sent back, or deleted, at once."""

#: Characters of a body that a line shows.
MOST_BODY = 60

#: What can be done with all letters of one reason.
FATES = [
    MenuItem("1", "Send them back", "back", note="to be done again"),
    MenuItem("2", "Delete them", "delete", note="for good"),
]

#: A dead letter, and the queue that it came from.
Found: TypeAlias = "tuple[str, DeadLetter]"


def run(menu: MenuSession) -> None:
    """Show the dead letters until the admin goes back."""
    while True:
        found = menu.wait("looking at the dead letters", partial(letters.all_letters, menu.cloud()))
        keys = letter_keys(menu, found)
        key = show("Dead letters", _table(found), frame=menu.frame, keys=keys, help=HELP)
        if key is None:
            return
        with contextlib.suppress(Back):
            key.act()


def letter_keys(menu: MenuSession, found: list[Found]) -> list[Key]:
    """Return the keys of the page of dead letters."""
    keys = [
        Key("s", "send back", partial(_send_back, menu, found)),
        Key("a", "send all", partial(_send_all, menu, found)),
        Key("x", "delete", partial(_delete, menu, found)),
        Key("b", "by reason", partial(_by_reason, menu, found)),
        Key("o", "open", partial(_open, menu, found)),
    ]
    return [*(keys if found else []), REFRESH]


def _table(found: list[Found]) -> RenderableType:
    columns = [
        tables.line("queue", drop=1),
        tables.number("receives", drop=3),
        tables.Column("last", keep=True, drop=2),
        tables.line("body"),
        tables.line("reason", least=16),
    ]
    rows = [
        (queue, one.receives, figures.moment(one.last), _body(one), printable(one.reason))
        for queue, one in found
    ]
    empty = "No dead letters: every job was done, refused or is still waiting."
    table = tables.table(columns, rows, empty=empty)
    return tables.noted(table, letters.cut_note() if letters.is_cut(found) else "")


def _whole(found: Found) -> RenderableType:
    queue, one = found
    return tables.key_values(
        {
            "queue": queue,
            "message": one.id,
            "job": one.job,
            "client": one.client,
            "body": printable(one.body),
            "reason": printable(one.reason),
            "receives": one.receives,
            "first": figures.moment(one.first),
            "last": figures.moment(one.last),
        }
    )


def _body(letter: DeadLetter) -> str:
    """Return a body for one line: a line break or a tab would break tables and choosers."""
    return printable(letter.body[:MOST_BODY])


def _options(found: list[Found]) -> list[lists.Option[Found]]:
    return [lists.Option(_body(one), (queue, one), printable(one.reason)) for queue, one in found]


def _send_back(menu: MenuSession, found: list[Found]) -> None:
    question, cloud = "Send which one back?", menu.cloud()
    queue, letter = lists.search_list(question, _options(found), frame=menu.frame, help=HELP)
    menu.wait("sending back", lambda: list(letters.redrive(cloud, queue, [letter.id])))
    menu.announce("one message sent back", "done")


def _send_all(menu: MenuSession, found: list[Found]) -> None:
    if prompts.confirm(f"Send {figures.plural(len(found), 'message')} back?", frame=menu.frame):
        _settle(menu, found, back=True)


def _delete(menu: MenuSession, found: list[Found]) -> None:
    frame, cloud = menu.frame, menu.cloud()
    queue, letter = lists.search_list("Delete which one?", _options(found), frame=frame, help=HELP)
    question = f"Delete '{_body(letter)}' for good?"
    if prompts.confirm(question, title="Dead letters", frame=frame):
        menu.wait("deleting", lambda: list(letters.discard(cloud, queue, [letter.id])))
        menu.announce("one message deleted", "done")


def _open(menu: MenuSession, found: list[Found]) -> None:
    open_one("Dead letters", _options(found), _whole, menu.frame, HELP)


def _by_reason(menu: MenuSession, found: list[Found]) -> None:
    """Send back, or delete, all letters that are dead for one reason."""
    counts = Counter(one.reason for _, one in found)
    options = [
        lists.Option(printable(reason), reason, figures.plural(count, "message"))
        for reason, count in counts.most_common()
    ]
    frame = menu.frame
    reason = lists.search_list("Dead for which reason?", options, frame=frame, help=HELP)
    chosen = choose("What is done with them?", FATES, frame=frame, help=HELP)
    if chosen is None:
        return
    meant = [(queue, one) for queue, one in found if one.reason == reason]
    held, back = figures.plural(len(meant), "message"), chosen.value == "back"
    question = f"Send {held} back?" if back else f"Delete {held} for good?"
    if prompts.confirm(question, title="Dead letters", frame=frame):
        _settle(menu, meant, back=back)


def _settle(menu: MenuSession, meant: list[Found], *, back: bool) -> None:
    """Send letters back, or delete them: those that were counted, and no others."""
    ids: dict[str, list[str]] = {}
    for queue, one in meant:
        ids.setdefault(queue, []).append(one.id)
    act, cloud = letters.redrive if back else letters.discard, menu.cloud()
    done = menu.wait(
        "sending back" if back else "deleting",
        lambda: sum(1 for queue, these in ids.items() for _ in act(cloud, queue, these)),
    )
    told = figures.plural(done, "message")
    menu.announce(f"{told} sent back" if back else f"{told} deleted", "done")
