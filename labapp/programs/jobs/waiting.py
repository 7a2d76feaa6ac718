"""Sending jobs and showing their answers: what client.py's commands and screens share."""

from __future__ import annotations

import json
import random
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from labapp import numbers
from labapp.errors import TimedOutError, UnreachableError, UsageError
from labapp.files import typed_paths
from labapp.files.text import decoded
from labapp.programs.shell.context import Context
from labapp.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from labapp.cloud.session import Cloud
    from labapp.jobs.entry import Entry
    from labapp.jobs.proof import Identity
    from labapp.jobs.session import ClientSession
    from labapp.worker.local_workers import LocalWorker

#: Random integers are drawn from 0 to this.
GREATEST_RANDOM = 100

#: Bytes of a list's file that are read; a list of the most integers allowed is far smaller.
MOST_FILE = 5_000_000

#: Seconds of one look into the reply queue while waiting, so that Ctrl-C and Esc are heard soon.
LOOK = 2

#: What is said where jobs wait for a worker and this machine, whose cloud it is, has none.
NO_WORKER = "no worker is running: 'python server.py' starts one, and the jobs go on"

#: What is said where jobs wait and their workers are elsewhere.
ANY_WORKER = "is a worker running? 'admin.py workers' shows them"

_LISTED = re.compile(r"(?<![^,])-?(?:0|[1-9][0-9]*)(?![^,])", re.ASCII)


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
    from labapp.jobs import lab
    from labapp.jobs.session import ClientSession

    away = None
    with ClientSession(context.cloud(require=False)) as session:
        try:
            lab.require(session.cloud)
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


def rules(settings: Settings) -> numbers.Rules:
    """Return the rules that the settings give for lists."""
    return numbers.Rules(settings.max_integers, settings.allow_negative)


def read_list_file(path: str) -> str:
    """Return the text of a list's file.

    Raises:
        UsageError: it cannot be read as text.
    """
    if not path.strip():
        raise UsageError("no file is named", "Name a text file of integers behind --file.")
    try:
        with typed_paths.typed(path).open("rb") as file:
            return _list_text(file, path)
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror or error}", "Name a text file of integers."
        ) from error


def read_list_input() -> str:
    """Return the text of a list that is piped in.

    Raises:
        UsageError: it is no text.
    """
    return _list_text(sys.stdin.buffer, "standard input")


def random_list(length: int, rules: numbers.Rules) -> list[int]:
    """Return `length` random integers from 0 to 100.

    Raises:
        UsageError: no list has that length.
        RefusedError: the rules take no list that long.
    """
    if length < 1:
        raise UsageError(f"a list of {length} integers cannot be made", "Ask for 1 or more.")
    if length > rules.max_integers:
        raise numbers.too_many(length, rules)
    return [random.randint(0, GREATEST_RANDOM) for _ in range(length)]


def start_worker(cloud: Cloud) -> LocalWorker | None:
    """On the local cloud, start a worker in the background unless one is alive; return it."""
    from labapp.worker import local_workers

    if not cloud.is_local or local_workers.alive(cloud.home):
        return None
    return local_workers.start_background(cloud.home, cloud.settings)


def nobody_works(cloud: Cloud) -> bool:
    """Return whether this is the local cloud and no worker of it is alive."""
    from labapp.worker import local_workers

    return cloud.is_local and not local_workers.alive(cloud.home)


def ensure_worker(context: Context, cloud: Cloud) -> None:
    """See to it that somebody answers on the local cloud, and say if a worker was started."""
    if started := start_worker(cloud):
        context.say(
            f"no worker was running, so one was started in the background (pid {started.pid});"
            " 'admin.py workers' shows it, 'admin.py cloud stop' ends it"
        )


def send_numbers(session: ClientSession, values: list[int], new: Identity | None = None) -> str:
    """Send one list; return the id of its job, which is `new` unless none is given."""
    from labapp.jobs.number_kind import NUMBERS

    (job,) = session.submit(NUMBERS, [",".join(map(str, values))], [new] if new else ())
    return job


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


def answer_json(entry: Entry, error: str = "") -> str:
    """Return an answer as one JSON document; its numbers are exactly those of the worker.

    `error` is why there is none yet, where the job is still to be answered.
    """
    done = entry.status == "done"
    parts = {
        "job": json.dumps(entry.job),
        "status": json.dumps(entry.status),
        "result": entry.result if done and entry.values else "null",
        "error": "null" if done else json.dumps(error or entry.reply),
        "seconds": "null" if entry.seconds is None else f"{entry.seconds:.3f}",
        "numbers": f"[{', '.join(_LISTED.findall(entry.body))}]",  # as `send_numbers` wrote them
    }
    return "{" + ", ".join(f'"{name}": {value}' for name, value in parts.items()) + "}"


def unsent_json(status: str, error: str, values: Sequence[int] = ()) -> str:
    """Return the document of a list that was not sent, and why."""
    found = dict.fromkeys(("job", "status", "result", "error", "seconds", "numbers"))
    return json.dumps(found | {"status": status, "error": error, "numbers": list(values) or None})


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


def utc(seconds: float) -> str:
    """Return seconds since 1970 as JSON and pipes have it: `2026-11-21T10:00:00Z`."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _list_text(file: BinaryIO, name: str) -> str:
    """Read a list's text, as any shell and editor writes it."""
    data = file.read(MOST_FILE + 1)
    if len(data) > MOST_FILE:
        raise UsageError(f"{name} has more than {MOST_FILE:,} bytes", "Send a shorter list.")
    try:
        return decoded(data)
    except UnicodeDecodeError as error:
        raise UsageError(f"{name} is not text", "Give a text of integers.") from error
