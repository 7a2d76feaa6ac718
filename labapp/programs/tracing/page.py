"""The page of one job's way, opened from the pages of jobs, logs and dead letters."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.console.key import REFRESH
from labapp.console.page import show
from labapp.jobs import tracing
from labapp.programs.tracing.gathering import Found, Gatherer
from labapp.programs.tracing.table import on_page

if TYPE_CHECKING:
    from labapp.jobs.dead_letters import DeadLetter
    from labapp.jobs.entry import Entry
    from labapp.jobs.logbook import Log
    from labapp.jobs.tracing import Trace
    from labapp.programs.menus.session import MenuSession

HELP = """One job's way, step by step, as far as it is known here: from what this machine sent, \
the job's log, the queues, the workers' reports, the result, the dead letters.

Received more than once: a worker died before it had deleted the message, or the job failed. \
Stored: the result, and the log that tells the rest. Answered and deleted: SQS tells nothing of \
one message, so that is seen by what the queues hold. What this role may not look at is said.

After: since the step before, where one clock tells, or two that agree.

'client.py trace JOB' and 'admin.py trace JOB' show the same."""


def of_job(menu: MenuSession, job: str) -> None:
    """Show the way of a job of which only the id is known.

    Raises:
        UsageError: there is none.
    """
    _show(menu, Found(job))


def of_entry(menu: MenuSession, entry: Entry) -> None:
    """Show the way of a job that was sent from this machine."""
    _show(menu, Found(entry.job, entry))


def of_log(menu: MenuSession, log: Log) -> None:
    """Show the way of a job that is logged."""
    from labapp.jobs import log_wanted

    _show(menu, Found(log_wanted.job_of(log.key) or log.job, log_key=log.key))


def of_letter(menu: MenuSession, letter: DeadLetter) -> None:
    """Show the way of a job that lies in the dead letters."""
    _show(menu, Found(letter.job or letter.id, letter=letter))


def _show(menu: MenuSession, found: Found) -> None:
    """Show a job's way until the user goes back; `r` gathers it anew."""
    while True:
        trace = menu.wait("following the job", partial(_trace, menu, found), "Trace")
        if not show("Trace", on_page(trace), frame=menu.frame, keys=[REFRESH], help=HELP):
            return


def _trace(menu: MenuSession, found: Found) -> Trace:
    gatherer = Gatherer(menu.open_cloud())
    if not (found.log_key or found.letter):  # it may be answered meanwhile
        found = gatherer.find(found.job)
    return tracing.trace(gatherer.facts(found))
