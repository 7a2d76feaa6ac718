"""The doctor's page: a line for each finding; Enter shows what one means and what helps."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.console.browse import browse
from labapp.console.key import REFRESH, Key
from labapp.console.page import show
from labapp.programs.doctor import table
from labapp.programs.doctor.commands import findings

if TYPE_CHECKING:
    from labapp.cloud.doctor.finding import Finding
    from labapp.programs.menus.session import MenuSession

HELP = """Each line is one thing that was tried: it holds, is worth a note, is broken, or cannot \
be told.

What is broken stands first. A probe that was written for it is removed again."""

#: What is done to the finding at the pointer.
OPEN = Key(
    "Enter", "open", help="shows what was found in full, what it means and what to do about it"
)

#: The order in which a page tells of states.
_ORDER = ("broken", "cannot tell", "note", "holds")


def run(menu: MenuSession) -> None:
    """Examine, and show what was found, until the user goes back."""
    while True:
        found = menu.wait("examining", partial(_sorted, menu), "Doctor")
        if not _browse(menu, found):
            return


def _sorted(menu: MenuSession) -> list[Finding]:
    return sorted(findings(menu.context), key=lambda one: _ORDER.index(one.state))


def _browse(menu: MenuSession, found: list[Finding]) -> bool:
    """Let the user look at findings; return whether to examine again."""
    rows, place = table.FINDINGS.to_browse(found), 0
    keys = [OPEN, REFRESH]
    title = f"Doctor: {table.summary(found)}"
    while pressed := browse(title, rows, frame=menu.frame, keys=keys, start=place, help=HELP):
        key, place = pressed
        if key == REFRESH:
            return True
        page = table.FINDINGS.details_of(found[place])
        show(f"Doctor: {found[place].check}", page, frame=menu.frame, help=HELP)
    return False
