"""What fails twice, or while the worker stops: no message is lost, nobody is told a wrong end."""

from __future__ import annotations

from typing import Any

import pytest

from labapp.errors import CloudError, ForbiddenError, StorageError, UnreachableError
from labapp.jobs.wire import Reply, Request
from labapp.worker import replies as replies_module
from labapp.worker.processor import Processor
from labapp.worker.replies import BATCH_ATTEMPTS, Replies
from tests.worker.conftest import Bench
from tests.worker.worker_fakes import FakeBucket, FakeQueue, instead, message

POISON = {"labapp": "1", "client": "../x", "job": "a"}


def _fail(bench: Bench, *calls: str, error: CloudError) -> None:
    def trouble(call: str, _: str) -> None:
        if call in calls:
            raise error

    bench.cloud.trouble = trouble


def _without_dead_letters(bench: Bench) -> None:
    del bench.cloud.queues["requestQueue-dlq"]
    bench.processor = Processor(bench.handler, bench.processor._bucket, bench.outages)


@pytest.fixture
def queue(bench: Bench) -> FakeQueue:
    return bench.cloud.queues["requestQueue"]


@pytest.mark.parametrize("error", [UnreachableError("away"), StorageError("the disk is full")])
@pytest.mark.parametrize("receives", [1, 5])
def test_a_stop_while_a_job_is_stored_in_an_outage_tells_nobody_that_it_failed(
    bench: Bench, queue: FakeQueue, receives: int, error: CloudError
) -> None:
    _fail(bench, "put", error=error)
    bench.stop.set()

    bench.do(message("a", receives=receives))

    assert bench.cloud.queues["responseQueue-tester"].sent == []
    assert bench.cloud.queues["requestQueue-dlq"].sent == []
    assert (queue.deleted, queue.hidden) == ([], [("a", 0)])
    assert bench.processor.lease.receipts() == []
    assert bench.stats.snapshot().counts == {}, "it was neither done nor tried again"


@pytest.mark.parametrize("receives", [1, 5])
def test_a_stop_while_the_work_itself_waits_for_the_cloud_tells_nobody_that_it_failed(
    bench: Bench, queue: FakeQueue, receives: int
) -> None:
    def away() -> Reply:
        raise UnreachableError("away")

    def fetch(_: Request) -> Reply:
        reply: Reply = bench.handler.call(away)
        return reply

    bench.handler.act = fetch
    bench.stop.set()

    bench.do(message("a", receives=receives))

    assert bench.cloud.queues["responseQueue-tester"].sent == []
    assert (queue.deleted, queue.hidden) == ([], [("a", 0)])


def test_a_job_that_was_cut_off_by_a_stop_is_done_by_the_next_worker(
    bench: Bench, queue: FakeQueue
) -> None:
    _fail(bench, "put", error=UnreachableError("away"))
    bench.stop.set()
    bench.do(message("a", receives=4))

    bench.stop.clear()
    bench.cloud.trouble = lambda *_: None
    bench.do(message("a", receives=5))

    assert [m.body for m in bench.cloud.queues["responseQueue-tester"].sent] == ["fine"]
    assert queue.deleted == ["a"]


def test_where_neither_dead_letters_nor_log_can_keep_a_message_it_is_not_deleted_until_one_can(
    bench: Bench, queue: FakeQueue
) -> None:
    _without_dead_letters(bench)
    _fail(bench, "put", error=CloudError("cannot write"))
    for receives in (1, 2, 3):
        bench.do(message("a", attributes=POISON, receives=receives))
    assert queue.deleted == []
    assert [receipt for receipt, _ in queue.hidden] == ["a"] * 3
    assert all(seconds > 0 for _, seconds in queue.hidden), "it would spin"
    assert bench.stats.snapshot().counts == {}

    bench.cloud.trouble = lambda *_: None
    bench.do(message("a", attributes=POISON, receives=4))

    assert queue.deleted == ["a"]
    assert len(bench.cloud.objects) == 1
    assert bench.stats.snapshot().counts == {"put aside": 1}


def test_a_failed_job_that_can_be_kept_nowhere_is_not_deleted(
    bench: Bench, queue: FakeQueue
) -> None:
    def broken(_: Request) -> Reply:
        raise ValueError("broken")

    _without_dead_letters(bench)
    _fail(bench, "put", error=CloudError("cannot write"))
    bench.handler.act = broken

    bench.do(message("a", receives=5), message("b", attributes=POISON))

    assert queue.deleted == []
    assert sorted(receipt for receipt, _ in queue.hidden) == ["a", "b"]


def test_of_a_batch_whose_asides_did_not_all_get_away_the_rest_is_deleted(
    bench: Bench, queue: FakeQueue
) -> None:
    letters = bench.cloud.queues["requestQueue-dlq"]
    letters.failures["send"] = [[1]] + [[0]] * (BATCH_ATTEMPTS - 1)

    bench.do(
        message("a", attributes=POISON),
        message("b"),
        message("c", attributes=POISON),
        message("d"),
    )

    assert queue.deleted == ["a", "b", "d"]
    assert [receipt for receipt, _ in queue.hidden] == ["c"]
    assert len(letters.sent) == 1
    assert bench.processor.lease.receipts() == []

    bench.do(message("c", attributes=POISON, receives=2))
    assert queue.deleted == ["a", "b", "d", "c"]
    assert len(letters.sent) == 2


def test_dead_letters_that_may_not_be_written_while_stopping_keep_the_message(
    bench: Bench, queue: FakeQueue
) -> None:
    def trouble(call: str, thing: str) -> None:
        if thing == "requestQueue-dlq":
            raise ForbiddenError("not allowed")

    bench.cloud.trouble = trouble
    bench.stop.set()

    bench.do(message("a", attributes=POISON), message("b"))

    assert queue.deleted == ["b"]
    assert queue.hidden == [("a", 0)]


def test_a_message_that_can_neither_be_deleted_nor_hidden_is_left_to_come_by_itself(
    bench: Bench, queue: FakeQueue
) -> None:
    bench.cloud.queues["responseQueue-tester"].failures["send"] = [[1]] + [[0]] * BATCH_ATTEMPTS
    _fail(bench, "delete", "hide", error=CloudError("no"))

    bench.do(message("a"), message("b"))

    assert (queue.deleted, queue.hidden) == ([], [])
    assert bench.processor.lease.receipts() == [], "nothing is kept ours that nobody works on"


def test_a_hand_back_that_fails_lets_the_messages_go_all_the_same(
    bench: Bench, queue: FakeQueue
) -> None:
    bench.processor.lease.add([message("a")])
    _fail(bench, "hide", error=UnreachableError("away"))

    bench.processor.hand_back_all(1)
    assert bench.processor.lease.receipts() == []

    bench.cloud.trouble = lambda *_: None
    bench.processor.lease.add([message("b")])
    bench.processor.hand_back_all(1)
    assert queue.hidden == [("b", 1)]


def test_messages_that_sqs_does_not_delete_are_tried_three_times_and_then_come_again(
    bench: Bench, queue: FakeQueue, caplog: pytest.LogCaptureFixture
) -> None:
    queue.failures["delete"] = [[0], [0], [0], [0]]

    with caplog.at_level("INFO", logger="labapp"):
        bench.do(message("a"), message("b"))
        assert queue.deleted == ["b"]
        assert len(queue.failures["delete"]) == 1
        assert "1 messages not deleted; they come again" in caplog.text
        caplog.clear()
        bench.do(message("a", receives=2))
    told = [getattr(record, "event", "") for record in caplog.records]
    assert "job" not in told, "it was told when it was done"
    assert queue.failures["delete"] == []
    assert len(bench.cloud.queues["responseQueue-tester"].sent) == 2, "it was answered before"


def test_a_reply_queue_that_is_missing_is_looked_for_once_a_second(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, looked = [1000.0], list[float]()
    monkeypatch.setattr(replies_module, "time", instead(monotonic=lambda: now[0], time=lambda: 2e9))
    send = FakeQueue.send_batch

    def counted(queue: FakeQueue, messages: Any) -> list[int]:
        if queue.missing:
            looked.append(now[0] - 1000)
        return send(queue, messages)

    monkeypatch.setattr(FakeQueue, "send_batch", counted)
    for number, seconds in enumerate((0, 0.5, 0.5, 0.5, 0.75)):
        now[0] += seconds
        bench.do(message(f"a-{number}", "gone", receives=2))

    assert looked == [0, 1, 2.25]
    assert len(bench.cloud.queues["requestQueue-dlq"].sent) == 5


def test_the_queues_of_many_clients_are_kept(bench: Bench) -> None:
    replies = bench.processor._replies
    found = [replies._reply_queue(f"responseQueue-{n}") for n in range(200)]
    assert all(replies._reply_queue(f"responseQueue-{n}") is one for n, one in enumerate(found))


def test_only_so_many_reply_queues_are_remembered(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replies_module, "MOST_QUEUES", 3)
    bucket: Any = FakeBucket(bench.cloud)
    replies = Replies(bench.handler, bucket, bench.outages, bench.processor._logs)
    monkeypatch.setattr(bench.processor, "_replies", replies)
    for number in range(8):
        bench.cloud.make(f"responseQueue-there-{number}")
        bench.do(message(f"a-{number}", f"there-{number}"))
        bench.do(message(f"b-{number}", f"gone-{number}", receives=2))
        assert replies._reply_queue.cache_info().currsize <= 3
        assert len(replies._missing) <= 3

    sent = [len(bench.cloud.queues[f"responseQueue-there-{n}"].sent) for n in range(8)]
    assert sent == [1] * 8


def test_a_fault_before_a_job_begins_has_its_message_come_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr("labapp.worker.processor.decode_request", fail)
    outcome = bench.processor.outcome(message("1"))
    assert outcome.again_in is not None
    assert not outcome.is_to_be_answered
