"""Purging the answers that wait for this client: with a command, and from the menu of numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labapp.console.figures import plural
from labapp.jobs.ledger_file import DamagedLedgerError
from labapp.jobs.session import purge

if TYPE_CHECKING:
    from labapp.jobs.session import Purged
    from labapp.programs.jobs.client_session import ClientMenuSession

QUESTION = "Throw away the answers that wait for you, and give up pending jobs?"


def lines(purged: Purged, *, dry: bool = False) -> list[str]:
    """Return what is said of a purge: what is of note, and as the last line what was done."""
    found = []
    done = "would purge" if dry else "purged"
    if purged.aside:
        found.append(f"the ledger of jobs could not be used and is set aside: {purged.aside}")
    if purged.cleared:
        found.append(f"{done} {plural(purged.cleared, 'row')} of the ledger that cannot be a job's")
    return [*found, f"{done}; {plural(len(purged.given_up), 'pending job')} given up"]


def run(menu: ClientMenuSession) -> None:
    """Ask whether to purge, and do it."""
    from labapp.console import prompts

    def act() -> Purged:
        try:
            session = menu.open_session()
        except DamagedLedgerError:
            return purge(menu.open_cloud())
        return session.purge()

    if prompts.confirm(QUESTION, title="Purge my replies", frame=menu.frame):
        *notes, done = lines(menu.wait("purging", act))
        for note in notes:
            menu.announce(note, "warning")
        menu.announce(done, "done")
