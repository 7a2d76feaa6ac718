"""Dead letters: each with its reason; one or all are sent back, or deleted for good."""

from __future__ import annotations

import contextlib
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import Back, figures, lists, prompts
from labapp.console.key import REFRESH, Key
from labapp.console.menu import MenuItem, choose
from labapp.console.page import show
from labapp.jobs import dead_letters
from labapp.programs.menus.actions import open_one
from labapp.programs.queues.table import DEAD_LETTERS, MOST, cut_note, short_body
from labapp.visible import printable

if TYPE_CHECKING:
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


def run(menu: MenuSession) -> None:
    """Show the dead letters until the admin goes back."""
    while True:
        look = partial(dead_letters.look_at_all, menu.cloud(), "", MOST)
        found = menu.wait("looking at the dead letters", look)
        page = DEAD_LETTERS.on_page(found, cut_note(found))
        keys = page_keys(menu, found)
        key = show("Dead letters", page, frame=menu.frame, keys=keys, help=HELP)
        if key is None:
            return
        with contextlib.suppress(Back):
            key.act()


def page_keys(menu: MenuSession, found: list[DeadLetter]) -> list[Key]:
    """Return the keys of the page."""
    keys = [
        Key("s", "send back", partial(_send_back, menu, found)),
        Key("a", "send all", partial(_send_all, menu, found)),
        Key("x", "delete", partial(_delete, menu, found)),
        Key("b", "by reason", partial(_by_reason, menu, found)),
        Key("o", "open", partial(_open, menu, found)),
    ]
    return [*(keys if found else []), REFRESH]


def _send_back(menu: MenuSession, found: list[DeadLetter]) -> None:
    _settle(menu, [_choose(menu, "Send which one back?", found)], back=True)


def _send_all(menu: MenuSession, found: list[DeadLetter]) -> None:
    if prompts.confirm(f"Send {figures.plural(len(found), 'message')} back?", frame=menu.frame):
        _settle(menu, found, back=True)


def _delete(menu: MenuSession, found: list[DeadLetter]) -> None:
    one = _choose(menu, "Delete which one?", found)
    question = f"Delete '{short_body(one)}' for good?"
    if prompts.confirm(question, title="Dead letters", frame=menu.frame):
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


def _open(menu: MenuSession, found: list[DeadLetter]) -> None:
    open_one("Dead letters", _options(found), DEAD_LETTERS.details_of, menu.frame, HELP)


def _choose(menu: MenuSession, question: str, found: list[DeadLetter]) -> DeadLetter:
    return lists.search_list(question, _options(found), frame=menu.frame, help=HELP)


def _options(found: list[DeadLetter]) -> list[lists.Option[DeadLetter]]:
    return [lists.Option(short_body(one), one, printable(one.reason)) for one in found]


def _settle(menu: MenuSession, meant: list[DeadLetter], *, back: bool) -> None:
    """Send dead letters back, or delete them: those that were counted, and no others."""
    count = menu.wait(
        "sending back" if back else "deleting",
        partial(dead_letters.settle, menu.cloud(), meant, back=back),
    )
    held = figures.plural(count, "message")
    menu.announce(f"{held} sent back" if back else f"{held} deleted", "done")
