"""`logs` by job, client, status and time; as they are read, and as they come."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from ulid import ULID

from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.errors import UnreachableError
from labapp.jobs import log_listing, log_spans, logbook, session
from labapp.jobs.log_following import Follower
from labapp.jobs.wire import DONE, FAILED, Reply, Request
from labapp.programs.logs import following
from tests.programs.conftest import Shown
from tests.support.commands import admin, documents

Capture = pytest.CaptureFixture[str]


def log(cloud: Cloud, client: str, status: Any = DONE, days: float = 0, **more: Any) -> str:
    """Log a job of some days ago; return its id."""
    job = str(ULID.from_datetime(datetime.now(UTC) - timedelta(days=days)))
    request = Request("1,2", job, client, sent_at=0)
    logbook.store(Bucket(cloud), "numbers", request, Reply("sum is 3", job, status), **more)
    return job


@pytest.fixture
def jobs(cloud: Cloud) -> dict[str, str]:
    return {
        "old": log(cloud, "ada", days=9),
        "failed": log(cloud, "ada", FAILED, days=2),
        "aside": log(cloud, "bob", days=1, untold="its queue is gone"),
        "plain": log(cloud, ""),
    }


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("", ["plain", "aside", "failed", "old"]),
        ("--client ada", ["failed", "old"]),
        ("--client plain", ["plain"]),
        ("--status failed", ["failed"]),
        ("--status failed --status put-aside", ["aside", "failed"]),
        ("--client ada --status done", ["old"]),
        ("--client bob --status failed", []),
    ],
)
def test_filters_combine(
    jobs: dict[str, str], words: str, names: list[str], capsys: Capture
) -> None:
    found = [one["job"] for one in documents(capsys, "logs", *words.split())]
    assert found == [jobs[name] for name in names]


def test_a_time_and_the_beginning_of_an_id_choose_by_key(
    jobs: dict[str, str], capsys: Capture
) -> None:
    day = f"{datetime.now(UTC) - timedelta(days=5):%Y-%m-%d}"
    recent = [one["job"] for one in documents(capsys, "logs", "--since", day)]
    assert recent == [jobs["plain"], jobs["aside"], jobs["failed"]]
    old = jobs["old"]
    for words in (["--job", old], ["--job", old[:10]], ["--job", old[-8:]]):
        assert [one["job"] for one in documents(capsys, "logs", *words)] == [jobs["old"]]
    assert documents(capsys, "logs", "--job", jobs["old"], "--since", day) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--since", "yesterday"], "is no date"),
        (["--job", "\x1b[2J"], "is no job's id"),
        (["--client", "Ada!"], "is no client"),
        (["-n", "0"], "-n is 0"),
    ],
)
@pytest.mark.usefixtures("cloud")
def test_what_cannot_be_asked_for_is_told(words: list[str], told: str, capsys: Capture) -> None:
    assert admin("logs", *words) == 2
    err = capsys.readouterr().err
    assert told in err
    assert "\x1b" not in err


def test_a_job_of_this_machine_is_found_by_when_it_was_sent(
    cloud: Cloud, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = str(ULID.from_datetime(datetime.now(UTC) + timedelta(days=1)))  # by a clock that is wrong
    ledger = session.open_ledger(cloud)
    ledger.add([(job, "1,2")], "ada", "numbers")
    (sent_at,) = (one.sent_at for one in ledger.newest(1))
    ledger.close()
    request = Request("1,2", job, "ada", sent_at=sent_at)
    logbook.store(Bucket(cloud), "numbers", request, Reply("sum is 3", job, DONE))
    monkeypatch.setattr(log_spans, "MOST_SOUGHT", 0)
    assert [one["job"] for one in documents(capsys, "logs", "--job", job)] == [job]


def test_where_none_fits_that_is_said(jobs: dict[str, str], capsys: Capture) -> None:
    del jobs
    assert admin("logs", "--client", "nobody") == 0
    err = capsys.readouterr().err
    assert "No log fits" in err
    assert "queues dead" not in err
    assert admin("logs", "--status", "put-aside", "--since", "2100-01-01") == 0
    assert "'queues dead' lists it" in capsys.readouterr().err


def test_the_first_rows_are_written_before_the_last_are_read(
    cloud: Cloud, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        log(cloud, "ada")
    written: list[str] = []
    newest = log_listing.newest

    def watched(*asked: Any) -> Iterator[logbook.Log]:
        for one in newest(*asked):
            written.append(capsys.readouterr().out)
            yield one

    monkeypatch.setattr(log_listing, "newest", watched)
    assert admin("logs") == 0
    assert [text.count("\n") for text in written] == [0, 1, 1]


def test_a_long_listing_is_one_table_on_a_terminal(cloud: Cloud, shown: Shown) -> None:
    for number in range(30):
        more = {"untold": "its queue is gone"} if number == 2 else {}
        log(cloud, "ada", days=number / 100, **more)
    lines = shown("admin.py logs -n 30", columns=120)
    assert len(lines) == 32
    starts = {line.index("1,2") for line in lines[2:]}
    assert len(starts) == 1


def test_new_logs_are_written_as_they_come_until_a_signal(
    cloud: Cloud, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, later, looks = log(cloud, "ada"), list[str](), list[int]()
    signalled: list[Any] = []

    class Quick(Follower):
        pause = 0.0

        def next(self) -> Iterator[logbook.Log]:
            """Fail at first; then find a new log, and then be ended."""
            looks.append(len(later))
            if len(looks) == 1:
                raise UnreachableError("cannot reach S3", "Look at the network.")
            if len(later) == 2:
                signalled[0](2)
            else:
                later.append(log(cloud, "bob"))
            self._due = [0.0] * len(self._due)
            yield from super().next()

    def on_signals(act: Any, *_: int) -> list[int]:
        signalled.append(act)
        return [2]

    monkeypatch.setattr(following, "Follower", Quick)
    exits = SimpleNamespace(on_signals=on_signals)
    monkeypatch.setattr("labapp.programs.logs.following.exits", exits)
    monkeypatch.setattr(following, "FIRST", 0.01)
    assert admin("logs", "--follow", "--json") == 130
    out, err = capsys.readouterr()
    assert [json.loads(line)["job"] for line in out.splitlines()] == [first, *later]
    assert err.count("cannot reach S3") == 1


def test_an_end_of_the_pipe_ends_it(
    cloud: Cloud, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = log(cloud, "ada")
    monkeypatch.setattr("labapp.programs.shell.output.is_left", iter([False, True]).__next__)
    monkeypatch.setattr(Follower, "pause", 0.0)
    assert admin("logs", "--follow") == 0
    assert job in capsys.readouterr().out
