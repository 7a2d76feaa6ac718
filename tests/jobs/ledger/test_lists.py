"""What a ledger lists: of whom, of which kind, in what order, and how many."""

from __future__ import annotations

import pytest

from labapp.jobs.ledger import Ledger
from labapp.jobs.wire import DONE, Reply
from tests.support.settling import settle


@pytest.fixture
def ledger(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """Give a ledger with jobs whose ids are in another order than their times."""
    rows = [(30, "a", "numbers"), (10, "c", "pictures"), (20, "b", "numbers"), (20, "d", "numbers")]
    for moment, job, kind in rows:
        monkeypatch.setattr("labapp.utc.time.time", lambda at=moment: float(at))
        ledger.add([(job, f"body of {job}")], "ada", kind)
    return ledger


def jobs(entries: list[object]) -> str:
    return "".join(getattr(entry, "job", "") for entry in entries)


def test_the_newest_are_by_time_and_then_by_id_and_as_many_as_were_asked_for(
    ledger: Ledger,
) -> None:
    assert jobs([*ledger.newest()]) == "adbc"
    assert jobs([*ledger.newest(0)]) == ""
    assert jobs([*ledger.newest(3)]) == "adb"
    assert jobs([*ledger.newest(99)]) == "adbc"
    assert jobs([*ledger.newest(kind="numbers")]) == "adb"
    assert jobs([*ledger.newest(1, "numbers")]) == "a"
    assert jobs([*ledger.newest(kind="drops")]) == ""


def test_jobs_are_counted_by_kind_and_pending_ones_by_client(ledger: Ledger) -> None:
    assert [ledger.count(kind) for kind in ("", "numbers", "pictures", "drops")] == [4, 3, 1, 0]
    settle(ledger, Reply("x", "a", DONE), "ada")
    assert (ledger.count_pending("ada"), ledger.count_pending("bob")) == (3, 0)
    assert ledger.count() == 4


def test_what_was_not_shown_is_told_in_the_order_of_sending(ledger: Ledger) -> None:
    for job in ("a", "b", "c"):
        settle(ledger, Reply("x", job, DONE), "ada")
    assert jobs([*ledger.unshown("ada")]) == "cba"
    assert jobs([*ledger.unshown("bob")]) == ""


def test_what_is_given_up_is_told_in_the_order_of_sending(ledger: Ledger) -> None:
    assert ledger.drop("bob") == []
    assert ledger.drop("ada") == ["c", "b", "d", "a"]


def test_one_job_is_found_by_its_id_with_all_that_was_written_of_it(ledger: Ledger) -> None:
    ledger.add([("e", "5")], "bob", "pictures", "a note")
    found = ledger.get("e")
    assert found is not None
    assert (found.client, found.kind, found.body, found.note) == ("bob", "pictures", "5", "a note")
    assert (found.sent_at, found.status, found.reply, found.result) == (20.0, "pending", "", "")
    assert ledger.get("none") is None


def test_what_was_written_outlives_the_end_of_any_program(ledger: Ledger) -> None:
    assert ledger._db.execute("PRAGMA synchronous").fetchone() == (1,)
    assert ledger._db.execute("PRAGMA busy_timeout").fetchone() == (30_000,)
