from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from labapp.errors import LabappError
from labapp.jobs.entry import DROPPED, PENDING, SAVED, UNSENT
from labapp.jobs.ledger import Ledger
from labapp.jobs.wire import DONE, FAILED, REFUSED, Reply
from tests.support.settling import settle

NOW = 1.8e9


def reply(job: str, body: str = "sum is 3") -> Reply:
    return Reply(body, job, DONE, '{"sum": 3}')


def test_a_job_is_pending_until_its_first_answer(ledger: Ledger) -> None:
    ledger.add([("a", "1,2")], "ada", "numbers")
    pending = ledger.get("a")
    assert pending is not None
    assert (pending.status, pending.answered_at, pending.seconds) == (PENDING, None, None)
    settled = settle(ledger, reply("a"), "ada")
    assert settled is not None
    assert (settled.status, settled.reply, settled.result) == ("done", "sum is 3", '{"sum": 3}')
    assert settled == ledger.get("a")
    assert replace(settled, sent_at=10.0, answered_at=12.5).seconds == 2.5


def test_a_second_answer_changes_nothing(ledger: Ledger) -> None:
    ledger.add([("a", "1,2")], "ada", "numbers")
    first = settle(ledger, reply("a"), "ada")
    assert settle(ledger, Reply("something else", "a", REFUSED), "ada") is None
    assert ledger.get("a") == first


def test_a_job_that_failed_takes_the_answer_of_one_who_had_it_done_after_all(
    ledger: Ledger,
) -> None:
    ledger.add([("a", "1,2")], "ada", "numbers")
    settle(ledger, Reply("out of memory", "a", FAILED), "ada")
    ledger.mark_shown(["a"])
    assert settle(ledger, Reply("again", "a", FAILED), "ada") is None
    assert settle(ledger, reply("a"), "ada")
    assert [entry.status for entry in ledger.unshown("ada")] == ["done"]


def test_an_answer_on_another_clients_queue_is_never_taken(ledger: Ledger) -> None:
    ledger.add([("a", "1,2")], "ada", "numbers")
    assert settle(ledger, reply("a"), "bob") is None
    assert ledger.count_pending("ada") == 1


def test_an_answer_that_nobody_asked_for_is_never_taken(ledger: Ledger) -> None:
    assert settle(ledger, reply("never-sent"), "ada") is None
    assert ledger.get("never-sent") is None


def test_a_job_that_seemed_unsent_takes_its_late_answer(ledger: Ledger) -> None:
    ledger.add([("a", "1"), ("b", "2")], "ada", "numbers")
    ledger.mark_unsent(["a"])
    assert ledger.count_pending("ada") == 1
    unsent = ledger.get("a")
    assert unsent is not None
    assert unsent.status == UNSENT
    assert settle(ledger, reply("a"), "ada")
    assert [entry.job for entry in ledger.unshown("ada")] == ["a"]


def test_an_answered_job_does_not_become_unsent(ledger: Ledger) -> None:
    ledger.add([("a", "1")], "ada", "numbers")
    settle(ledger, reply("a"), "ada")
    ledger.mark_unsent(["a"])
    answered = ledger.get("a")
    assert answered is not None
    assert answered.status == "done"


def test_given_up_jobs_take_no_answer_and_others_stay(ledger: Ledger) -> None:
    ledger.add([("a", "1"), ("b", "2"), ("c", "3")], "ada", "numbers")
    ledger.add([("d", "4")], "bob", "numbers")
    settle(ledger, reply("a"), "ada")
    ledger.mark_unsent(["b"])
    assert ledger.drop("ada", dry=True) == ["b", "c"]
    assert ledger.drop("ada") == ["b", "c"]
    assert settle(ledger, reply("b"), "ada") is None
    assert settle(ledger, reply("c"), "ada") is None
    dropped = ledger.get("c")
    assert dropped is not None
    assert dropped.status == DROPPED
    assert ledger.count_pending("bob") == 1
    assert [entry.job for entry in ledger.unshown("ada")] == ["a"]


def test_what_was_shown_is_not_unshown_again(ledger: Ledger) -> None:
    ledger.add([("a", "1"), ("b", "2")], "ada", "numbers")
    settle(ledger, reply("b"), "ada")
    settle(ledger, reply("a"), "ada")
    ledger.mark_shown(["a"])
    assert [entry.job for entry in ledger.unshown("ada")] == ["b"]
    assert ledger.unshown("bob") == []


def test_who_waits_or_has_not_seen_an_answer_is_told(ledger: Ledger) -> None:
    for job, client in [("a", "pending"), ("b", "unseen"), ("c", "seen"), ("d", "unsent")]:
        ledger.add([(job, "1")], client, "numbers")
    settle(ledger, reply("b"), "unseen")
    settle(ledger, reply("c"), "seen")
    ledger.mark_shown(["c"])
    ledger.mark_unsent(["d"])
    assert ledger.waiting_clients() == {"pending", "unseen"}


def test_a_job_that_nobody_can_answer_any_more_keeps_no_slot_waiting(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, days in (("old", 9), ("new", 7)):
        with monkeypatch.context() as patch:
            patch.setattr("labapp.utc.time.time", lambda d=days: NOW - d * 24 * 3600)
            ledger.add([(name, "1")], name, "numbers")
    monkeypatch.setattr("labapp.utc.time.time", lambda: NOW)
    assert ledger.waiting_clients() == {"new"}


def test_the_newest_come_first(ledger: Ledger) -> None:
    for job in ("a", "b", "c"):
        ledger.add([(job, "1")], "ada", "numbers")
    assert [entry.job for entry in ledger.newest(2)] == ["c", "b"]


def test_an_id_is_written_once(ledger: Ledger) -> None:
    ledger.add([("a", "1")], "ada", "numbers")
    with pytest.raises(LabappError, match="cannot be used"):
        ledger.add([("b", "2"), ("a", "1")], "ada", "numbers")
    assert ledger.get("b") is None, "all of it or none"


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\x00garbage"])
def test_a_file_that_is_no_ledger_is_told_with_its_path(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(LabappError, match=r"used: it is (no database|damaged)\.") as caught:
        Ledger(path)
    assert str(path) in str(caught.value)
    assert "move it away" in caught.value.remedy


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LabappError, match="cannot be used"):
        Ledger(tmp_path / "file" / "jobs.sqlite")


def test_a_ledger_makes_its_folder_and_lets_go_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "jobs.sqlite"
    ledger = Ledger(path)
    ledger.add([("a", "1")], "ada", "numbers")
    ledger.close()
    assert not path.with_name("jobs.sqlite-wal").exists(), "the last to close takes it in"
    with pytest.raises(LabappError, match="cannot be used"):
        ledger.get("a")


@pytest.mark.parametrize(
    ("kind", "status", "is_done"),
    [("pictures", "done", True), ("pictures", "failed", False), ("numbers", "done", False)],
)
def test_only_a_picture_that_is_done_has_a_result_to_fetch(
    ledger: Ledger, kind: str, status: str, is_done: bool
) -> None:
    ledger.add([("a", "1")], "ada", kind)
    entry = settle(ledger, Reply("x", "a", status), "ada")  # type: ignore[arg-type]
    assert entry is not None
    assert entry.is_picture_done is is_done


def test_an_answer_has_to_repeat_what_its_request_carried(ledger: Ledger) -> None:
    nonce = "n" * 32
    ledger.add([("a", "1"), ("b", "2")], "ada", "numbers", nonces={"a": nonce})
    for wrong in ("", "x" * 32, nonce[:-1], "\ud800"):
        found = ledger.settle_all([replace(reply("a"), nonce=wrong)], "ada")
        assert found == ([], ["a"])
        assert settle(ledger, replace(reply("a"), nonce=wrong), "bob") is None
    entry = settle(ledger, replace(reply("a"), nonce=nonce), "ada")
    assert entry is not None
    assert (entry.status, entry.nonce) == ("done", nonce)
    assert settle(ledger, replace(reply("a"), nonce="x" * 32), "ada") is None, "nobody waits for it"
    assert nonce not in repr(entry)
    assert settle(ledger, reply("b"), "ada"), "a job of before there were nonces"


def test_a_result_that_is_refused_waits_for_another_answer(ledger: Ledger) -> None:
    ledger.add([("a", "1"), ("b", "2")], "ada", "pictures")
    ledger.refuse_result("a", "it is no picture")
    pending = ledger.get("a")
    assert pending is not None
    assert pending.status == "pending"
    assert settle(ledger, reply("a"), "ada")
    ledger.refuse_result("a", "it is no picture")
    refused = ledger.get("a")
    assert refused is not None
    assert (refused.status, refused.reply, refused.values) == ("failed", "it is no picture", {})
    assert settle(ledger, reply("a"), "ada")


@pytest.mark.parametrize(
    ("result", "kept"),
    [
        ('{"sum": 3, "min": 1.50, "count": 2}', '{"min": 1.50, "sum": 3, "count": 2}'),
        ('{"sum": -3e5, "new": 1}', '{"sum": -3e5}'),
        *[(f'{{"sum": {odd}}}', "") for odd in ("true", "null", "[1]", '"x"', "1e999", "9" * 50)],
        *[(odd, "") for odd in ("", "{}", '{"new": 1}', "[3]")],
    ],
)
def test_of_a_lists_answer_the_known_values_are_kept(
    ledger: Ledger, result: str, kept: str
) -> None:
    ledger.add([("a", "1")], "ada", "numbers")
    entry = settle(ledger, replace(reply("a"), result=result), "ada")
    assert entry is not None
    assert (entry.status, entry.result) == ("done", kept)


def test_jobs_of_one_moment_are_told_in_the_order_in_which_they_were_written(
    ledger: Ledger,
) -> None:
    ledger.add([("z", "1"), ("a", "2")], "ada", "numbers")
    assert [entry.job for entry in ledger.newest()] == ["a", "z"]
    assert ledger.drop("ada", dry=True) == ["z", "a"]


@pytest.mark.parametrize(
    "takes", ["blur takes sigma.", "edges takes no parameters.", "sharpen takes radius, amount."]
)
def test_a_worker_that_is_too_old_for_exact_pictures_is_called_so(
    ledger: Ledger, takes: str
) -> None:
    ledger.add([("a", "inbox/a/x.png")], "ada", "pictures")
    refusal = f"step 2: {takes.split()[0]} has no parameter 'exact'. {takes}"
    settled = settle(ledger, Reply(refusal, "a", REFUSED), "ada")
    assert settled
    assert settled.status == REFUSED
    assert settled.reply.startswith("the worker is older than --exact. Update it")


def test_where_a_result_was_saved_is_noted_beside_what_was_noted_before(ledger: Ledger) -> None:
    ledger.add([("a", "in/1.jpg")], "ada", "pictures", note='{"path": "/home/1.jpg"}')
    ledger.note_saved("a", "/home/1-blur.jpg")
    ledger.note_saved("a", "/tmp/1-blur-2.jpg")
    ledger.note_saved("of another machine", "/tmp/2.jpg")
    entry = ledger.get("a")
    assert entry is not None
    assert entry.notes == {"path": "/home/1.jpg", SAVED: "/tmp/1-blur-2.jpg"}
