"""Dead letters: each with its reason; one or all are sent back, or deleted for good."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import Back, figures, lists, prompts, tables
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

KEYS = [
    ("s", "send back"),
    ("a", "send all"),
    ("x", "delete"),
    ("b", "by reason"),
    ("o", "open"),
    ("r", "refresh"),
]


def run(menu: MenuSession) -> None:
    """Show the dead letters until the admin goes back."""
    while True:
        found = menu.wait("looking at the dead letters", partial(letters.all_letters, menu.cloud()))
        keys = KEYS if found else KEYS[-1:]
        key = show("Dead letters", _table(found), frame=menu.frame, keys=keys, help=HELP)
        if key is None:
            return
        try:
            _act(menu, key, found)
        except Back:
            continue


def _table(found: list[tuple[str, DeadLetter]]) -> RenderableType:
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


def _whole(found: tuple[str, DeadLetter]) -> RenderableType:
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


def _act(menu: MenuSession, key: str, found: list[tuple[str, DeadLetter]]) -> None:
    cloud = menu.cloud()
    if key == "a":
        if prompts.confirm(f"Send {figures.plural(len(found), 'message')} back?", frame=menu.frame):
            _settle(menu, found, back=True)
        return
    options = [
        lists.Option(_body(one), (queue, one), printable(one.reason)) for queue, one in found
    ]
    if key == "b":
        _by_reason(menu, found)
    elif key == "o":
        open_one("Dead letters", options, _whole, menu.frame, HELP)
    elif key in ("s", "x"):
        title = "Send which one back?" if key == "s" else "Delete which one?"
        queue, letter = lists.search_list(title, options, frame=menu.frame, help=HELP)
        if key == "s":
            menu.wait("sending back", lambda: list(letters.redrive(cloud, queue, [letter.id])))
            menu.announce("one message sent back", "done")
        elif prompts.confirm(
            f"Delete '{_body(letter)}' for good?", title="Dead letters", frame=menu.frame
        ):
            menu.wait("deleting", lambda: list(letters.discard(cloud, queue, [letter.id])))
            menu.announce("one message deleted", "done")


def _by_reason(menu: MenuSession, found: list[tuple[str, DeadLetter]]) -> None:
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


def _settle(menu: MenuSession, meant: list[tuple[str, DeadLetter]], *, back: bool) -> None:
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
