"""Dead letters: each with its reason; one or all are sent back, or deleted for good."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import Back, figures, lists, prompts, tables
from labapp.console.menu import MenuItem, choose
from labapp.console.page import show
from labapp.errors import printable
from labapp.jobs import dead_letters
from labapp.programs.menus.actions import open_one
from labapp.programs.queues.table import DEAD_LETTERS, MOST, cut_note, short_body

if TYPE_CHECKING:
    from rich.console import RenderableType

    from labapp.jobs.dead_letters import DeadLetter
    from labapp.programs.menus.session import MenuSession

HELP = """A message lands here when its job could not be done, or nobody could be answered for \
it.

Send back: it is put in its queue again, to be done once more. Delete: it is gone for good.
By reason: all that are dead for the same reason are sent back, or deleted, at once."""

#: What can be done with all that are dead for one reason.
OUTCOMES = [
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
        found = menu.wait(
            "looking at the dead letters", partial(dead_letters.look_at_all, menu.cloud(), "", MOST)
        )
        keys = KEYS if found else KEYS[-1:]
        key = show("Dead letters", _table(found), frame=menu.frame, keys=keys, help=HELP)
        if key is None:
            return
        try:
            _act(menu, key, found)
        except Back:
            continue


def _table(found: list[DeadLetter]) -> RenderableType:
    return DEAD_LETTERS.on_page(found, cut_note(found))


def _whole(one: DeadLetter) -> RenderableType:
    return tables.key_values(
        {
            "queue": one.queue,
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


def _act(menu: MenuSession, key: str, found: list[DeadLetter]) -> None:
    if key == "a":
        if prompts.confirm(f"Send {figures.plural(len(found), 'message')} back?", frame=menu.frame):
            _settle(menu, found, back=True)
        return
    options = [lists.Option(short_body(one), one, printable(one.reason)) for one in found]
    if key == "b":
        _by_reason(menu, found)
    elif key == "o":
        open_one("Dead letters", options, _whole, menu.frame, HELP)
    elif key in ("s", "x"):
        title = "Send which one back?" if key == "s" else "Delete which one?"
        one = lists.search_list(title, options, frame=menu.frame, help=HELP)
        if key == "s":
            _settle(menu, [one], back=True)
        elif prompts.confirm(
            f"Delete '{short_body(one)}' for good?", title="Dead letters", frame=menu.frame
        ):
            _settle(menu, [one], back=False)


def _by_reason(menu: MenuSession, found: list[DeadLetter]) -> None:
    """Send back, or delete, all that are dead for one reason."""
    counts = Counter(one.reason for one in found)
    options = [
        lists.Option(printable(reason), reason, figures.plural(count, "message"))
        for reason, count in counts.most_common()
    ]
    frame = menu.frame
    reason = lists.search_list("Dead for which reason?", options, frame=frame, help=HELP)
    chosen = choose("What is done with them?", OUTCOMES, frame=frame, help=HELP)
    if chosen is None:
        return
    meant = [one for one in found if one.reason == reason]
    held, back = figures.plural(len(meant), "message"), chosen.value == "back"
    question = f"Send {held} back?" if back else f"Delete {held} for good?"
    if prompts.confirm(question, title="Dead letters", frame=frame):
        _settle(menu, meant, back=back)


def _settle(menu: MenuSession, meant: list[DeadLetter], *, back: bool) -> None:
    """Send dead letters back, or delete them: those that were counted, and no others."""
    done = menu.wait(
        "sending back" if back else "deleting",
        partial(dead_letters.settle, menu.cloud(), meant, back=back),
    )
    held = figures.plural(done, "message")
    menu.announce(f"{held} sent back" if back else f"{held} deleted", "done")
