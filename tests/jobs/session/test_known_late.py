"""A client's reply queue that SQS knows up to a minute after it was made: no answer is lost."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.patience import PATIENT
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import TooSoonError
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import ClientSession
from labapp.worker import replies
from labapp.worker.handlers import NumbersHandler
from labapp.worker.outages import OutageGuard
from labapp.worker.processor import Processor
from labapp.worker.stats import WorkerStats
from tests.support.late_aws import LateAws


@pytest.fixture
def hidden(cloud: Cloud, late: LateAws, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Have what is hidden in a queue be shown at once, after so many seconds of the clock."""
    del cloud
    steps: list[int] = []
    hide = Queue.hide

    def pass_time(queue: Queue, receipts: list[str], seconds: int) -> list[int]:
        steps.append(seconds)
        late.clock.sleep(seconds)
        return hide(queue, receipts, 0)

    moments = SimpleNamespace(
        time=lambda: time.time() + late.clock.passed, monotonic=lambda: late.clock.now
    )
    monkeypatch.setattr(Queue, "hide", pass_time)
    monkeypatch.setattr("labapp.utc.time", moments)
    monkeypatch.setattr(replies, "time", moments)
    return steps


@pytest.fixture
def late(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> LateAws:
    del cloud  # made before all is late
    return LateAws(monkeypatch, 45)


def work(cloud: Cloud) -> None:
    """Do what waits for a worker, as often as it comes again."""
    guard = OutageGuard(cloud, threading.Event(), WorkerStats())
    processor = Processor(NumbersHandler(cloud.settings), Bucket(cloud), guard)
    while messages := processor.queue.receive():
        processor.lease.add(messages)
        processor.settle([processor.outcome(message) for message in messages])


def test_a_worker_that_cannot_see_the_queue_yet_answers_once_it_can(
    cloud: Cloud, late: LateAws, hidden: list[int]
) -> None:
    with ClientSession(cloud) as session:
        (job,) = session.submit(NUMBERS, ["1,2"])
        assert session.collect() == [], "and nothing is raised"
        assert late.is_hidden(f"responseQueue-{session.client}")
        work(cloud)
        assert sum(hidden) >= 45
        assert len(hidden) < cloud.settings.max_receives
        (entry,) = session.collect()
        assert (entry.job, entry.status) == (job, "done")
        assert not session.new_loss()
    assert Queue(cloud, "requestQueue-dlq").counts().all == 0
    assert Queue(cloud, "requestQueue").counts().all == 0


def test_a_client_looks_again_each_second_until_its_queue_is_known(
    cloud: Cloud, late: LateAws
) -> None:
    with ClientSession(cloud) as session:
        session.submit(NUMBERS, ["1,2"])
        late.calls.clear()
        for looks in range(1, 11):
            assert session.collect(wait=2) == []
            assert late.clock.passed == looks, "it neither spins nor sleeps through an answer"
        assert late.count("ReceiveMessage") == 10
        assert late.count("GetQueueUrl") == 0, "its address is the one that SQS gave"


def test_a_reply_queue_that_was_deleted_a_moment_ago_is_made_once_its_name_is_free(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = LateAws(monkeypatch, 0)
    with ClientSession(cloud) as session:
        session.submit(NUMBERS, ["1,2"])
        late.clock.sleep(100)
        cloud.sqs.delete_queue(QueueUrl=Queue(cloud, f"responseQueue-{session.client}").url)
        with pytest.raises(TooSoonError, match="SQS allows it at"):
            session.collect()  # who waits asks again anyway, and hears why
        before = late.clock.passed
        session.submit(NUMBERS, ["3"])
        assert 60 <= late.clock.passed - before <= PATIENT.seconds
        assert Queue(cloud, f"responseQueue-{session.client}").exists()


def test_a_request_queue_that_one_server_does_not_know_yet_takes_the_job_all_the_same(
    cloud: Cloud, late: LateAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labapp.jobs.lab.require", lambda *_, **__: None)
    with ClientSession(cloud) as session:
        session.submit(NUMBERS, ["1"])
        late.hide("requestQueue")
        session.submit(NUMBERS, ["2"])
        assert late.clock.passed >= 45
    assert Queue(cloud, "requestQueue").counts().visible == 2
