"""Sending jobs and showing their answers: what client.py's commands and screens share."""

from __future__ import annotations

import json
import random
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labapp import numbers
from labapp.errors import UsageError
from labapp.programs.cli import Context
from labapp.settings import Settings

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud
    from labapp.jobs.client import ClientSession
    from labapp.jobs.ledger import Entry
    from labapp.worker.presence import LocalWorker

#: Random integers are drawn from 0 to this.
GREATEST_RANDOM = 100

#: Bytes of a list's file that are read; a list of the most integers allowed is far smaller.
MOST_FILE = 5_000_000

#: Seconds of one look into the reply queue while waiting, so that Ctrl-C and Esc are heard soon.
LOOK = 2


def rules(settings: Settings) -> numbers.Rules:
    """Return the rules that the settings give for lists."""
    return numbers.Rules(settings.max_integers, settings.allow_negative)


def read_list_file(path: str) -> str:
    """Return the text of a list's file.

    Raises:
        UsageError: it cannot be read as text.
    """
    try:
        with Path(path).open("rb") as file:
            return file.read(MOST_FILE).decode("utf-8-sig")
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror or error}", "Name a text file of integers."
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not a text file", "Name a text file of integers.") from error


def random_list(length: int, rules: numbers.Rules) -> list[int]:
    """Return `length` random integers from 0 to 100.

    Raises:
        UsageError: no list has that length.
        RefusedError: the rules take no list that long.
    """
    if length < 1:
        raise UsageError(f"a list of {length} integers cannot be made", "Ask for 1 or more.")
    values = [random.randint(0, GREATEST_RANDOM) for _ in range(min(length, 1_000_000))]
    numbers.check(values, rules)
    return values


def start_worker(cloud: Cloud) -> LocalWorker | None:
    """On the local cloud, start a worker in the background unless one is alive; return it."""
    from labapp.worker import presence

    if not cloud.is_local or presence.alive(cloud.home):
        return None
    return presence.start_background(cloud.home)


def ensure_worker(context: Context, cloud: Cloud) -> None:
    """See to it that somebody answers on the local cloud, and say if a worker was started."""
    if started := start_worker(cloud):
        context.say(
            f"no worker was running, so one was started in the background (pid {started.pid});"
            " 'admin.py workers' shows it, 'admin.py cloud stop' ends it"
        )


def send_numbers(session: ClientSession, values: list[int]) -> str:
    """Send one list; return the id of its job."""
    body = ",".join(map(str, values))
    queue = session.cloud.settings.request_queue
    return session.submit("numbers", queue, [body])[0]


def wait_for(context: Context, session: ClientSession, job: str) -> Entry | None:
    """Wait for the answer to one job; None when the time is up."""
    until = time.monotonic() + context.settings.timeout
    while True:
        entry = session.ledger.get(job)
        if entry and entry.answered_at is not None:
            return entry
        left = until - time.monotonic()
        if left <= 0:
            return None
        session.collect(wait=max(0, min(LOOK, round(left))))


def answer_json(entry: Entry) -> str:
    """Return an answer as one JSON document; its numbers are exactly those of the worker."""
    result = entry.result if _is_json(entry.result) else "null"
    parts = [f'"job": {json.dumps(entry.job)}', f'"status": {json.dumps(entry.status)}']
    if entry.status == "done":
        parts.append(f'"result": {result}')
    else:
        parts.append(f'"error": {json.dumps(entry.reply)}')
    parts.append(f'"seconds": {entry.seconds or 0:.3f}')
    return "{" + ", ".join(parts) + "}"


def entry_fields(entry: Entry) -> dict[str, Any]:
    """Return a job as `client.py jobs --json` has it."""
    return {
        "job": entry.job,
        "kind": entry.kind,
        "request": entry.body,
        "status": entry.status,
        "sent": _utc(entry.sent_at),
        "answered": _utc(entry.answered_at),
        "reply": entry.reply,
        "result": json.loads(entry.result) if _is_json(entry.result) else None,
        "seconds": None if entry.seconds is None else round(entry.seconds, 3),
    }


def entry_row(entry: Entry) -> tuple[str, ...]:
    """Return a job as a row of a table."""
    sent = f"{datetime.fromtimestamp(entry.sent_at):%Y-%m-%d %H:%M:%S}"
    return entry.job, sent, entry.kind, entry.status, entry.body, entry.reply


def _utc(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}Z"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
