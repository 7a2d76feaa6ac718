"""Jobs of this machine and their answers: what client.py's commands and screens share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from labapp.errors import LabappError, TimedOutError, UnreachableError
from labapp.programs.shell.context import Context
from labapp.stamps import utc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labapp.jobs.entry import Entry
    from labapp.jobs.session import ClientSession


class LeftError(LabappError):
    """The user pressed Esc, or Ctrl-C, before this was done."""

    exit_code: ClassVar[int] = 130


#: Seconds of one look into the reply queue while waiting, so that Ctrl-C and Esc are heard soon.
LOOK = 2


@dataclass(frozen=True)
class Listed:
    """Jobs of this machine, for a listing.

    Attributes:
        entries: the newest of them.
        total: how many there are.
        away: why the cloud could not be asked for what came meanwhile, to be raised once they are
            shown; None where it was.
    """

    entries: list[Entry]
    total: int
    away: UnreachableError | None


def list_jobs(context: Context, kind: str = "") -> Listed:
    """Return this machine's jobs, of one kind or of all, after taking in what came meanwhile.

    Where all kinds are listed, those with an answer count as shown.

    Raises:
        LabappError: the cloud refuses, or the ledger cannot be used; that the cloud does not answer
            is part of the result, as what this machine knows is told all the same.
    """
    from labapp.cloud import provision
    from labapp.jobs.session import ClientSession

    away = None
    with ClientSession(context.cloud(require=False)) as session:
        try:
            provision.require(session.cloud)
            session.collect_all()
        except UnreachableError as error:
            away = error
        tell_of_doubts(context, session)
        ledger = session.ledger
        entries, total = ledger.newest(context.limit, kind), ledger.count(kind)
        if not kind:
            # A picture that is back is shown once it is saved beside its source.
            ledger.mark_shown(e.job for e in entries if e.answered_at and not e.is_picture_done)
    return Listed(entries, total, away)


def wait_for(context: Context, session: ClientSession, job: str) -> Entry:
    """Wait for the answer to one job, on a terminal behind a spinner that Esc leaves.

    Raises:
        TimedOutError: the time is up, or the wait was left; the job goes on.
    """
    from labapp.console import waiting
    from labapp.programs.jobs.outages import Wait

    wait = Wait(context.settings.timeout)
    goes_on = f"It goes on: 'client.py jobs' tells of it, 'client.py wait {job}' waits for it."

    def look() -> Entry | None:
        if (entry := answered(session, job)) is not None:
            return entry
        if wait.is_over:
            raise wait.timed_out(f"no answer to job {job}", f"{goes_on} Is a worker running?")
        wait.collect(session, LOOK)
        return None

    try:
        entry = waiting.wait_for("waiting for the answer", look, interval=0)
    finally:
        tell_of_doubts(context, session)
    if entry is None:
        raise TimedOutError(f"job {job} was left", goes_on)
    return entry


def tell_of_doubts(context: Context, session: ClientSession) -> None:
    """Say of answers that prove nothing that they came; each once."""
    if doubted := session.doubted():
        context.say(of_doubts(doubted))


def of_doubts(jobs: Sequence[str]) -> str:
    """Return what is said of answers to jobs that prove nothing."""
    what = f"an answer to the job {jobs[0]}" if len(jobs) == 1 else f"answers to {len(jobs)} jobs"
    proof = "does not prove that it is" if len(jobs) == 1 else "do not prove that they are"
    return (
        f"{what} came that {proof} from the worker that did it, put aside unread: by an older"
        " labapp's worker, or by somebody else. The good answer may still come; where it does not,"
        " update the worker and send again"
    )


def answered(session: ClientSession, job: str) -> Entry | None:
    """Return a job of the ledger once it is answered."""
    entry = session.ledger.get(job)
    return entry if entry and entry.answered_at is not None else None


def entry_fields(entry: Entry) -> dict[str, Any]:
    """Return a job as `client.py jobs --json` has it."""
    return {
        "job": entry.job,
        "kind": entry.kind,
        "request": entry.body,
        "status": entry.status,
        "sent": utc(entry.sent_at),
        "answered": None if entry.answered_at is None else utc(entry.answered_at),
        "reply": entry.reply,
        "result": entry.values or None,
        "seconds": None if entry.seconds is None else round(entry.seconds, 3),
    }


def entry_row(entry: Entry) -> tuple[str, ...]:
    """Return a job as a row in a pipe; its time is UTC there."""
    return entry.job, utc(entry.sent_at), entry.kind, entry.status, entry.body, entry.reply
