"""How much the local cloud writes of its queues, and when it writes their journal anew."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ministack.services import sqs

from labapp.cloud.embedded import queues as embedded_queues
from labapp.cloud.embedded.journal import Journal
from labapp.cloud.embedded.queues import JOURNAL_FILE, Queues
from tests.cloud.embedded.queues.test_queues import call, fresh, state, visible


@pytest.fixture
def queues(tmp_path: Path) -> Iterator[Queues]:
    with fresh(tmp_path) as found:
        call("CreateQueue", QueueName="a")
        call("CreateQueue", QueueName="b")
        yield found


@pytest.fixture
def anew(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Give the sizes at which the journal was written anew."""
    sizes: list[int] = []
    true_replace = Journal.replace

    def replace(journal: Journal, records: Any) -> None:
        sizes.append(journal.size)
        true_replace(journal, records)

    monkeypatch.setattr(Journal, "replace", replace)
    return sizes


def lines(folder: Path) -> int:
    return len((folder / JOURNAL_FILE).read_bytes().splitlines())


def test_a_short_journal_is_not_written_anew(
    queues: Queues, tmp_path: Path, anew: list[int]
) -> None:
    for number in range(30):
        call("SendMessage", queue="a", MessageBody=str(number))
    assert anew == []
    with fresh(tmp_path):
        call("SendMessage", queue="a", MessageBody="more")
    assert anew == []
    assert embedded_queues.LEAST_BYTES == 4_000_000


def test_a_journal_is_written_anew_once_it_has_grown_threefold(
    queues: Queues, monkeypatch: pytest.MonkeyPatch, anew: list[int]
) -> None:
    for number in range(30):
        call("SendMessage", queue="a", MessageBody=f"{number} {'x' * 100}")
    monkeypatch.setattr(embedded_queues, "LEAST_BYTES", 1)
    queues.save()
    least = queues._journal.size
    anew.clear()
    while not anew:
        call("SendMessage", queue="b", MessageBody="x" * 100)
    assert anew[0] >= 3 * least
    assert anew[0] < 3 * least + 1000


def test_after_a_failure_the_next_attempt_is_at_twice_the_size(
    queues: Queues, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[int] = []

    def refuse(journal: Journal, _: Any) -> None:
        tries.append(journal.size)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Journal, "replace", refuse)
    queues._limit = 1
    while len(tries) < 3:
        call("SendMessage", queue="a", MessageBody="x" * 100)
    assert 2 * tries[0] < tries[1] < 2 * tries[0] + 1000
    assert 2 * tries[1] < tries[2] < 2 * tries[1] + 1000
    queues.close()
    assert len(tries) == 4, "at its end it tries once more, and ends all the same"


@pytest.mark.parametrize("action", ["DeleteMessage", "PurgeQueue", "ChangeMessageVisibility"])
def test_deleting_too_makes_a_long_journal_short(
    queues: Queues, anew: list[int], action: str
) -> None:
    call("SendMessage", queue="a", MessageBody="1")
    (message,) = call("ReceiveMessage", queue="a", VisibilityTimeout=100)["Messages"]
    queues._limit = 1
    handle = {"ReceiptHandle": message["ReceiptHandle"], "VisibilityTimeout": 0}
    call(action, queue="a", **handle)
    assert len(anew) == 1


def test_what_changes_nothing_is_not_written(queues: Queues, tmp_path: Path) -> None:
    call("CreateQueue", QueueName="c.fifo", Attributes={"FifoQueue": "true"})
    sides = {"MessageGroupId": "g", "MessageDeduplicationId": "d", "MessageBody": "1"}
    call("SendMessage", queue="c.fifo", **sides)
    before = lines(tmp_path)
    call("SendMessage", queue="c.fifo", **sides)
    call("CreateQueue", QueueName="a")
    call("ReceiveMessage", queue="b")
    assert lines(tmp_path) == before
    call("TagQueue", queue="a", Tags={"lab": "x"})
    assert lines(tmp_path) == before + 1


def test_as_many_messages_as_there_are_are_written_anew(queues: Queues, tmp_path: Path) -> None:
    for start in range(0, 230, 10):
        entries = [{"Id": str(n), "MessageBody": str(start + n)} for n in range(10)]
        call("SendMessageBatch", queue="a", Entries=entries)
    queues.save()
    assert lines(tmp_path) == 1 + 2 + 3, "the form, two queues, and some messages in a record"
    expected = state()
    with fresh(tmp_path):
        assert state() == expected


def test_a_queue_is_known_by_the_name_that_notifications_use(queues: Queues) -> None:
    arn = "arn:aws:sqs:us-east-1:000000000000:a"
    found = queues.by_arn(arn)
    assert found is not None
    assert found["name"] == "a"
    assert queues.by_arn(f"{arn}bc") is None
    assert len(list(sqs._queues.all_items())) == 2


def test_a_message_that_is_hidden_for_no_time_that_was_named_is_hidden_as_long_after_a_start(
    queues: Queues, tmp_path: Path
) -> None:
    call("SendMessage", queue="a", MessageBody="1")
    (message,) = call("ReceiveMessage", queue="a", VisibilityTimeout=100)["Messages"]
    call("ChangeMessageVisibility", queue="a", ReceiptHandle=message["ReceiptHandle"])
    (then,) = visible("a")
    with fresh(tmp_path):
        assert visible("a") == [pytest.approx(then, abs=0.5)]
