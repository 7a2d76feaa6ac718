"""Jobs of this machine and their answers: what client.py's commands and screens share."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from labapp.errors import JobFailedError, LabappError, RefusedError, TimedOutError
from labapp.programs.shell.context import Context

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from labapp.jobs.entry import Entry
    from labapp.jobs.session import ClientSession


class LeftError(LabappError):
    """The user pressed Esc, or Ctrl-C, before this was done."""

    exit_code: ClassVar[int] = 130


#: Seconds of one look into the reply queue while waiting, so that Ctrl-C and Esc are heard soon.
LOOK = 2


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
        if (entry := answered_entry(session, job)) is not None:
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
    if doubted := session.new_doubts():
        context.say(doubts_note(doubted))


def doubts_note(jobs: Sequence[str]) -> str:
    """Return what is said of answers to jobs that prove nothing."""
    what = f"an answer to the job {jobs[0]}" if len(jobs) == 1 else f"answers to {len(jobs)} jobs"
    proof = "does not prove that it is" if len(jobs) == 1 else "do not prove that they are"
    return (
        f"{what} came that {proof} from the worker that did it, put aside unread: by an older"
        " labapp's worker, or by somebody else. The good answer may still come; where it does not,"
        " update the worker and send again"
    )


def answered_entry(session: ClientSession, job: str) -> Entry | None:
    """Return a job of the ledger once it is answered."""
    entry = session.ledger.get(job)
    return entry if entry and entry.answered_at is not None else None


def failure(entry: Entry, text: str = "") -> LabappError:
    """Return the error that a job ended with.

    Args:
        entry: the job, answered and not done.
        text: what the error says; the status and the answer, unless given.
    """
    kind = RefusedError if entry.status == "refused" else JobFailedError
    return kind(text or f"{entry.status}: {entry.reply}")


def save_result(session: ClientSession, entry: Entry, folder: Path | None = None) -> Path:
    """Fetch the result of a picture job and save it; arguments and errors as of `saving.save`."""
    from labapp.cloud.bucket import Bucket
    from labapp.jobs import saving

    return saving.save(Bucket(session.cloud), entry, folder, session.ledger)
