"""client.py's commands for the jobs of this machine: jobs, wait, purge."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labapp.console.figures import plural
from labapp.errors import LabappError, UnreachableError, UsageError
from labapp.programs.jobs.table import JOBS, show_jobs
from labapp.programs.jobs.waiting import (
    LOOK,
    LeftError,
    doubt,
    failure,
    save_result,
    tell_of_doubts,
)
from labapp.programs.shell.arguments import waiting_arguments
from labapp.programs.shell.context import Context
from labapp.programs.shell.table import Document, Field, Table

if TYPE_CHECKING:
    from labapp.jobs.entry import Entry
    from labapp.jobs.session import ClientSession, Purged
    from labapp.programs.jobs.outages import Wait

#: What `purge` writes with --json.
PURGED = Document(("state", "given_up"), notes={"given_up": "list of jobs"})

#: What is asked before it.
PURGE = "Throw away the answers that wait for you, and give up pending jobs?"


def list_jobs(context: Context) -> None:
    """List the jobs that were sent from this machine."""
    show_jobs(context, JOBS, "job")


def purge(context: Context) -> None:
    """Give up pending jobs and throw away the answers that wait for this client."""
    from labapp.jobs import session

    if not context.dry and not context.confirm(PURGE):
        raise LabappError("nothing was purged", "Say y, or --yes, to purge.")
    purged = session.purge(context.cloud(), dry=context.dry)
    *notes, done = purged_lines(purged, dry=context.dry)
    for note in notes:
        context.say(note)
    if context.arguments.json:
        context.json({"state": context.outcome("purged"), "given_up": purged.given_up})
    else:
        context.line(done)


def purged_lines(purged: Purged, *, dry: bool = False) -> list[str]:
    """Return what is said of a purge: what is of note, and as the last line what was done."""
    found = []
    done = "would purge" if dry else "purged"
    if purged.aside:
        found.append(f"the ledger of jobs could not be used and is set aside: {purged.aside}")
    if purged.cleared:
        found.append(f"{done} {plural(purged.cleared, 'row')} of the ledger that cannot be a job's")
    return [*found, f"{done}; {plural(len(purged.given_up), 'pending job')} given up"]


@dataclass
class _Awaited:
    """One job that is waited for, and what became of it."""

    job: str
    entry: Entry | None = None
    saved: Path | None = None
    error: LabappError | None = None


def _of_entry(name: str) -> Callable[[_Awaited], Any]:
    (field,) = (field for field in JOBS.fields if field.name == name)
    return lambda one: field.value_of(one.entry) if one.entry else None


AWAITED: Table[_Awaited] = Table(
    fields=(
        Field("job"),
        *(Field(name, _of_entry(name)) for name in ("kind", "status", "result")),
        Field("saved", lambda one: str(one.saved) if one.saved else None),
        Field("error", lambda one: str(one.error) if one.error else None),
        Field("seconds", _of_entry("seconds")),
    ),
    empty="",
    columns=("job", "status"),
)


def wait(context: Context) -> int:
    """Wait until the jobs named are answered; save the results of pictures."""
    awaited = [_Awaited(job) for job in dict.fromkeys(context.arguments.job)]
    try:
        _wait_for(context, awaited)
    except KeyboardInterrupt:
        for one in awaited:
            one.error = one.error or LeftError("interrupted", _goes_on(one.job))
    except LabappError as error:
        for one in awaited:
            one.error = one.error or error
    _show(context, awaited)
    return max((one.error.exit_code for one in awaited if one.error), default=0)


def _wait_for(context: Context, awaited: Sequence[_Awaited]) -> None:
    from labapp.jobs.session import ClientSession
    from labapp.programs.jobs.outages import Wait

    wait = Wait(context.settings.timeout)
    with ClientSession(wait.until_reached(context.cloud), context.patience) as session:
        for one in awaited:
            one.entry = _entry(session, one.job)
        wait.renew()  # opening takes its own time
        clients = {one.entry.client for one in awaited if one.entry}
        unseen = {entry.job for client in clients for entry in session.ledger.unshown(client)}
        new = [one for one in awaited if one.job in unseen or not _is_answered(one)]
        try:
            _look_until_over(session, awaited, wait)
        finally:
            tell_of_doubts(context, session)
        why = cache(partial(doubt, session.cloud))  # of many it is asked once
        for one in awaited:
            _finish(session, one, wait, why, save=one in new)
        session.ledger.mark_shown(
            one.job
            for one in awaited
            if _is_answered(one) and not (one.error and one.entry and one.entry.is_picture_done)
        )


def _is_answered(one: _Awaited) -> bool:
    return one.entry is not None and one.entry.answered_at is not None


def _goes_on(job: str) -> str:
    return f"The job goes on: 'client.py wait {job}' waits for its answer."


def _entry(session: ClientSession, job: str) -> Entry:
    from labapp.jobs.entry import DROPPED

    entry = session.ledger.get(job)
    if entry is None:
        raise UsageError(
            f"{job!r} is no job that was sent from here", "'client.py jobs' lists those that were."
        )
    if entry.status == DROPPED:
        raise UsageError(f"the job {job} was given up with 'client.py purge'", "Send it again.")
    return entry


def _look_until_over(session: ClientSession, awaited: Sequence[_Awaited], wait: Wait) -> None:
    """Take in answers, on whichever slot of this machine they come, until all are there."""

    def look() -> bool | None:
        for one in awaited:
            one.entry = session.ledger.get(one.job) or one.entry
        pending = [one.entry for one in awaited if one.entry and not _is_answered(one)]
        if not pending:
            return True
        if wait.is_over:
            return False
        wait.collect(session, LOOK)
        if any(entry.client != session.client for entry in pending) and not wait.trouble:
            with contextlib.suppress(UnreachableError):
                for _ in session.elsewhere():
                    pass
        return None

    from labapp.console import waiting

    many = "the answer" if len(awaited) == 1 else f"{len(awaited)} answers"
    waiting.wait_for(f"waiting for {many}", look)


def _finish(
    session: ClientSession, one: _Awaited, wait: Wait, why: Callable[[], str], *, save: bool
) -> None:
    """Save a picture's result, or note why there is none; `why` tells what no answer may mean."""
    entry = one.entry
    assert entry is not None
    try:
        if entry.answered_at is None:
            told = f"{_goes_on(one.job)} {why()}"
            raise wait.timed_out(f"no answer to job {one.job}", told)
        if entry.status != "done":
            raise failure(entry)
        if entry.is_picture_done and save:
            one.saved = wait.until_reached(partial(save_result, session, entry))
    except LabappError as error:
        one.error = error
        one.entry = session.ledger.get(one.job) or entry  # a result that is refused is noted there


def _show(context: Context, awaited: Sequence[_Awaited]) -> None:
    """Write a line for each job, less its id where there is one only."""
    if context.arguments.json:
        context.json([AWAITED.document(one) for one in awaited])
    for error in dict.fromkeys(str(one.error) for one in awaited if one.error):
        jobs = [one.job for one in awaited if str(one.error) == error and one.job not in error]
        named = f"{'job' if len(jobs) == 1 else 'jobs'} {', '.join(jobs)}: " if jobs else ""
        context.say(f"{named}{error}")
    for one in awaited:
        if one.error or one.entry is None or context.arguments.json:
            continue
        head = f"{one.job}\t" if len(awaited) > 1 else ""
        context.line(f"{head}{one.saved or one.entry.reply}")
        if one.entry.is_picture_done and not one.saved:
            context.say(f"it was saved before; 'client.py fetch {one.job}' saves it again")


def wait_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `wait` takes."""
    parser.add_argument("job", nargs="+", metavar="JOB", help="a job's id, as 'jobs' lists it")
    waiting_arguments(parser)
