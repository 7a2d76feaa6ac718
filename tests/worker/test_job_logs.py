"""Jobs logged together: stored before any is answered; no fault of one is another one's."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest

from labapp.cloud.direct.s3 import LOST, STORED, UNSURE, Object, Put
from labapp.cloud.queues import Message
from labapp.errors import CloudError, StorageError, UnreachableError
from labapp.jobs import logbook, marks, steps
from labapp.jobs.proof import new_identity
from labapp.jobs.wire import DONE, REFUSED, Reply, Request
from labapp.settings import LOG_BATCH, LOG_NONE, Settings
from labapp.worker.concurrency import WORTH_A_THREAD
from labapp.worker.processor import Processor
from tests.support.waiting import PATIENCE
from tests.worker.conftest import REPLIES, Bench
from tests.worker.worker_fakes import FakeBucket, FakeCloud, message


def proved(client: str = "tester", **more: Any) -> Message:
    """Return a request whose sender is shown to have made its job's id."""
    own = new_identity(client)
    asked = {"labapp": "1", "job": own.job, "client": client, "nonce": own.nonce}
    return message(own.job, attributes=asked, sent_at=0.0, **more)


def choose(bench: Bench, log: str) -> Bench:
    bench.cloud.settings = Settings(log=log)
    bucket: Any = FakeBucket(bench.cloud)
    bench.processor = Processor(bench.handler, bucket, bench.outages)
    return bench


@pytest.fixture
def together(bench: Bench) -> Bench:
    """Give a processor that logs together what it settles together."""
    return choose(bench, LOG_BATCH)


def jobs_in(bench: Bench) -> list[list[str]]:
    return [
        [json.loads(line)["job"] for line in text.splitlines()]
        for key, text in bench.cloud.objects.items()
        if key.endswith(".jsonl")
    ]


def test_what_is_settled_together_is_one_object_that_is_stored_before_any_answer(
    together: Bench,
) -> None:
    messages = [proved() for _ in range(10)]

    together.do(*messages)

    calls = [call for call, _ in together.cloud.calls]
    assert calls == ["put", "send", "delete"]
    assert jobs_in(together) == [sorted(one.receipt for one in messages)]
    assert len(together.cloud.queues[REPLIES].sent) == 10


def test_each_step_is_told_when_it_is_reached(
    together: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, int]] = []

    def reached(step: str, *_: object) -> None:
        told.append((step, len(together.cloud.objects)))

    monkeypatch.setattr(together.processor.steps, "reached", reached)
    together.do(proved(), proved())

    assert [one for one in told if one[0] == steps.STORED] == [(steps.STORED, 1)] * 2
    assert told.index((steps.STORED, 1)) < told.index((steps.ANSWERED, 1))


def test_a_job_that_is_only_claimed_has_a_text_of_its_own(together: Bench) -> None:
    together.do(message("a"), proved(), proved())

    texts = [key for key in together.cloud.objects if key.endswith("_a.txt")]
    assert len(texts) == 1
    assert [len(jobs) for jobs in jobs_in(together)] == [2]
    assert len(together.cloud.queues[REPLIES].sent) == 3


def test_who_asks_under_a_claimed_job_is_refused_and_logged_with_the_others(
    together: Bench,
) -> None:
    together.do(message("a"))
    together.do(message("a", body="3,4", id="id-b"), proved())

    assert any("id-b" in jobs for jobs in jobs_in(together))
    assert together.cloud.queues[REPLIES].sent[1].attributes["status"] == REFUSED


def test_where_the_object_cannot_be_stored_nothing_is_answered_or_deleted(
    together: Bench,
) -> None:
    def refuse(call: str, _: str) -> None:
        if call == "put":
            raise CloudError("S3 takes none of it")

    together.cloud.trouble = refuse
    messages = [proved(), proved()]
    together.do(*messages)

    assert together.cloud.queues[REPLIES].sent == []
    queue = together.cloud.queues["requestQueue"]
    assert queue.deleted == []
    assert sorted(receipt for receipt, _ in queue.hidden) == sorted(m.receipt for m in messages)


def test_one_whose_log_cannot_be_stored_does_not_hold_up_the_others(together: Bench) -> None:
    bad, good = proved(), [proved() for _ in range(3)]

    def refuse(call: str, thing: str) -> None:
        if call == "put" and bad.receipt[-8:] in thing:
            raise CloudError("S3 does not take it")

    together.cloud.trouble = refuse
    together.do(*good, bad)

    queue = together.cloud.queues["requestQueue"]
    assert sorted(queue.deleted) == sorted(one.receipt for one in good)
    assert [receipt for receipt, _ in queue.hidden] == [bad.receipt]
    assert len(together.cloud.objects) == 3


def test_at_its_last_receive_it_is_told_that_it_failed(together: Bench) -> None:
    bad = proved(receives=5)

    def refuse(call: str, thing: str) -> None:
        if call == "put" and bad.receipt[-8:] in thing:
            raise CloudError("S3 does not take it")

    together.cloud.trouble = refuse
    together.do(bad)

    assert together.cloud.queues[REPLIES].sent[0].attributes["status"] == "failed"
    assert len(together.cloud.queues["requestQueue-dlq"].sent) == 1


def test_a_fault_in_making_one_log_is_that_jobs_alone(
    together: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = proved(), proved()
    true_facts = logbook.facts_of

    def facts(kind: str, request: Request, *more: Any, **named: Any) -> Any:
        if request.job == bad.receipt:
            raise ValueError("no such character")
        return true_facts(kind, request, *more, **named)

    monkeypatch.setattr(logbook, "facts_of", facts)
    together.do(bad, good)

    assert together.cloud.queues["requestQueue"].deleted == [good.receipt]


@pytest.mark.parametrize("error", [UnreachableError("away"), StorageError("the disk is full")])
def test_a_stop_in_an_outage_hands_all_back(together: Bench, error: CloudError) -> None:
    def away(call: str, _: str) -> None:
        if call == "put":
            raise error

    together.cloud.trouble = away
    together.stop.set()
    messages = [proved(), proved(receives=5)]
    together.do(*messages)

    queue = together.cloud.queues["requestQueue"]
    assert sorted(queue.hidden) == sorted((one.receipt, 0) for one in messages)
    assert together.cloud.queues[REPLIES].sent == []


def test_an_answer_that_reaches_nobody_is_told_in_a_log_of_its_own(together: Bench) -> None:
    gone = proved("gone", receives=5)
    together.do(gone, proved())

    assert len(jobs_in(together)) == 1
    (text,) = (text for key, text in together.cloud.objects.items() if key.endswith(".txt"))
    assert f"job: {gone.receipt}" in text
    assert f"status: {logbook.UNTOLD}" in text


def test_none_keeps_no_log_but_that_of_a_claimed_job(bench: Bench) -> None:
    choose(bench, LOG_NONE).do(proved(), proved("gone", receives=5), message("a"))

    assert [key.rpartition("_")[2] for key in bench.cloud.objects] == ["a.txt"]
    assert len(bench.cloud.queues[REPLIES].sent) == 2


def test_none_keeps_what_is_put_aside_where_there_are_no_dead_letters(bench: Bench) -> None:
    del bench.cloud.queues["requestQueue-dlq"]
    choose(bench, LOG_NONE).do(message("b", "Bad Client"))

    (text,) = bench.cloud.objects.values()
    assert "status: refused" in text


def test_a_plain_clients_jobs_share_an_object(together: Bench) -> None:
    together.do(message("b", client=""), message("c", client=""))
    (text,) = together.cloud.objects.values()
    assert [json.loads(line)["client"] for line in text.splitlines()] == ["plain", "plain"]


def test_a_test_event_leaves_nothing(together: Bench) -> None:
    together.handler.act = lambda request: Reply("", request.job, "done", to_nobody=True)
    together.do(message("b", client=""))
    assert together.cloud.objects == {}


class DirectWay:
    """Stores objects of a fake bucket all at once, but for those that `refused` names."""

    def __init__(self, cloud: FakeCloud) -> None:
        self._cloud = cloud
        self.refused = ""
        self.calls: list[int] = []

    def put_all(self, _bucket: object, objects: Sequence[Object]) -> list[Put]:
        self.calls.append(len(objects))
        return [self._put(one) for one in objects]

    def _put(self, one: Object) -> Put:
        if self.refused and self.refused in one.key:
            return Put(UNSURE)
        if one.headers.get("if-none-match") and one.key in self._cloud.objects:
            return Put(LOST)
        self._cloud.objects[one.key] = one.body.decode()
        mark = one.headers[f"x-amz-meta-{marks.MARK}"]
        self._cloud.metadata[one.key] = {marks.MARK: mark}
        return Put(STORED, '"etag"')


@pytest.fixture
def direct(bench: Bench) -> DirectWay:
    way = DirectWay(bench.cloud)
    stand_in: Any = way
    bench.cloud.direct_s3 = stand_in
    return way


def test_texts_of_what_is_settled_together_are_stored_all_at_once(
    bench: Bench, direct: DirectWay
) -> None:
    bench.do(proved(), message("a"), proved())

    assert direct.calls == [3]
    assert len(bench.cloud.objects) == 3
    assert [call for call, _ in bench.cloud.calls] == ["send", "delete"]


def test_a_text_that_was_not_stored_with_the_others_is_stored_by_itself(
    bench: Bench, direct: DirectWay
) -> None:
    direct.refused = "_b.txt"
    bench.do(message("a"), message("b"), message("c"))

    assert [call for call, _ in bench.cloud.calls] == ["put", "send", "delete"]
    assert len(bench.cloud.objects) == 3
    assert len(bench.cloud.queues[REPLIES].sent) == 3


def test_a_claim_that_came_too_late_is_seen_among_texts_that_are_stored_at_once(
    bench: Bench, direct: DirectWay
) -> None:
    bench.do(message("a"), message("b"))
    bench.processor = Processor(bench.handler, bench.processor._bucket, bench.outages)
    bench.do(message("a", body="3,4", id="id-late", receipt="late"), message("b"), message("c"))

    sent = bench.cloud.queues[REPLIES].sent
    assert [one.attributes["status"] for one in sent] == [DONE, DONE, REFUSED, DONE, DONE]
    assert direct.calls == [2, 3]
    assert any("id-late" in key for key in bench.cloud.objects)


def test_while_the_cloud_is_down_each_waits_for_it_by_itself(
    bench: Bench, direct: DirectWay
) -> None:
    bench.outages.is_down = True
    bench.do(message("a"), message("b"))
    assert direct.calls == []
    assert len(bench.cloud.objects) == 2


def test_texts_that_take_their_time_one_by_one_are_stored_side_by_side(bench: Bench) -> None:
    together = threading.Barrier(3)
    first = threading.Event()

    def trouble(call: str, _: str) -> None:
        if call == "put":
            if first.is_set():
                together.wait(PATIENCE)
            else:
                first.set()
                time.sleep(2 * WORTH_A_THREAD)

    bench.cloud.trouble = trouble
    bench.do(*[message(job) for job in "abcd"])
    assert len(bench.cloud.objects) == 4
