"""A job stands at each step until it is told to go on; a stop hands it back, or only deletes it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from labapp.errors import ForbiddenError, UnreachableError
from labapp.jobs.steps import (
    ANSWERED,
    DELETED,
    DONE,
    LEASE_STOPPED,
    RECEIVED,
    STEPS,
    STORED,
    VALIDATED,
    Step,
)
from labapp.settings import Settings
from labapp.worker import health
from labapp.worker.handlers import NumbersHandler
from labapp.worker.outages import OutageGuard
from labapp.worker.poller import Poller
from labapp.worker.processor import Processor
from labapp.worker.standing import Stand, Standing
from tests.support.waiting import PATIENCE, until
from tests.worker.conftest import REPLIES, Bench
from tests.worker.worker_fakes import message


class Job:
    """A job that stands, in a thread of its own."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.standing = Standing(Settings())
        bench.outages = OutageGuard(bench.outages._cloud, bench.stop, bench.stats, self.standing)
        bench.processor = Processor(
            NumbersHandler(Settings()), bench.processor._bucket, bench.outages
        )
        self.standing.attend(bench.stop, [bench.processor])
        self.thread = threading.Thread(target=lambda: None)

    def begin(self, body: str = "1,2", receives: int = 1) -> None:
        assert self.standing.takes("requestQueue")
        one = message("a", body=body, receives=receives)
        self.thread = threading.Thread(target=self._work, args=(one,))
        self.thread.start()

    def _work(self, one: object) -> None:
        self.bench.do(one)  # type: ignore[arg-type]
        self.standing.gives_back()

    def stands(self) -> Stand:
        def found() -> Stand | None:
            stand = self.standing.stand
            return stand if stand and stand.stands else None

        return until(found, "a job that stands")  # type: ignore[return-value]

    def go_to(self, step: Step) -> None:
        while self.stands().step != step:
            self.standing.go()

    def ends(self) -> None:
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


@pytest.fixture
def job(bench: Bench) -> Iterator[Job]:
    job = Job(bench)
    yield job
    bench.stop.set()
    job.ends()


def test_it_stands_at_each_step_and_is_told_of_more_and_more(job: Job) -> None:
    job.begin(receives=2)
    stood = []
    for _ in STEPS:
        stood.append(job.stands())
        job.standing.go()
    job.ends()

    assert tuple(stand.step for stand in stood) == STEPS
    assert [bool(stand.request) for stand in stood] == [False] + [True] * 6
    assert [bool(stand.answers_on) for stand in stood] == [False] * 3 + [True] * 4
    assert stood[-1].answers_on == (REPLIES,)
    assert stood[0].message.receives == 2
    assert job.standing.stand is None


def test_one_job_runs_on_and_the_next_stands_again(job: Job) -> None:
    job.begin()
    job.stands()
    job.standing.run_on()
    job.ends()
    job.begin()
    assert job.stands().step == RECEIVED


def test_none_stands_until_somebody_asks_for_it_again(job: Job) -> None:
    job.standing.go_on()
    job.begin()
    job.ends()
    job.standing.go_on()
    job.begin()
    assert job.stands().step == RECEIVED


@pytest.mark.parametrize("step", [RECEIVED, VALIDATED, DONE, STORED])
def test_a_stop_before_the_answer_hands_it_back(job: Job, step: Step) -> None:
    job.begin()
    job.go_to(step)
    job.bench.stop.set()
    job.ends()

    queue = job.bench.cloud.queues["requestQueue"]
    assert queue.hidden == [("a", 0)]
    assert not queue.deleted
    assert not job.bench.cloud.queues[REPLIES].sent


@pytest.mark.parametrize("step", [ANSWERED, LEASE_STOPPED, DELETED])
def test_a_stop_after_the_answer_only_deletes(job: Job, step: Step) -> None:
    job.begin()
    job.go_to(step)
    job.bench.stop.set()
    job.ends()

    queue = job.bench.cloud.queues["requestQueue"]
    assert queue.deleted == ["a"]
    assert not queue.hidden
    assert len(job.bench.cloud.queues[REPLIES].sent) == 1


def test_a_deletion_that_is_refused_keeps_the_message_and_stands_no_second_time(job: Job) -> None:
    allowed = threading.Event()

    def refuse(call: str, _thing: str) -> None:
        if call == "delete" and not allowed.is_set():
            raise ForbiddenError("you may not sqs:DeleteMessage")

    job.bench.cloud.trouble = refuse
    job.begin()
    job.go_to(LEASE_STOPPED)
    assert job.bench.processor.lease.receipts() == []
    job.standing.go()
    until(lambda: job.bench.stats.snapshot().refused, "the refusal")
    until(job.bench.processor.lease.receipts, "the lease to go on")
    assert not (job.standing.stand and job.standing.stand.stands)
    allowed.set()
    assert job.stands().step == DELETED


def test_others_do_not_see_it_while_its_lease_goes_on(job: Job) -> None:
    job.begin()
    job.go_to(ANSWERED)
    left = job.standing.seconds_left()
    assert left is not None
    assert 0 < left <= job.standing.visibility()
    job.standing.go()
    job.go_to(LEASE_STOPPED)
    after = job.standing.seconds_left()
    assert after is not None
    assert 0 < after <= left
    job.standing.go()
    job.go_to(DELETED)
    assert job.standing.seconds_left() is None


def test_what_its_lease_lost_is_told(job: Job) -> None:
    job.begin()
    job.stands()
    queue, lease = job.bench.cloud.queues["requestQueue"], job.bench.processor.lease
    queue.failures["hide"] = [[0]]
    with lease._lock:
        lease._due = dict.fromkeys(lease._due, 0.0)
    lease.extend_due()
    assert job.standing.seconds_left() is None


def test_the_hand_goes_from_queue_to_queue(bench: Bench) -> None:
    standing = Standing(Settings())
    assert standing.takes("numbers")
    assert not standing.takes("pictures")
    waits = threading.Thread(target=lambda: until(lambda: standing.takes("pictures"), "the hand"))
    waits.start()
    until(lambda: "pictures" in standing._waiting, "somebody who waits")
    standing.gives_back()
    waits.join(PATIENCE)
    assert not standing.takes("numbers")


def test_a_worker_that_stands_for_an_hour_is_well(job: Job) -> None:
    poller = Poller(job.bench.processor, threading.Event(), 1)
    job.begin()
    job.go_to(STORED)
    assert poller._poll(1) == 0  # there is no hand free
    assert not job.bench.cloud.queues["requestQueue"].polls

    snapshot = job.bench.stats.snapshot()
    polled = snapshot.polls["requestQueue"]
    pulse = replace(health.pulse_of(snapshot, ["requestQueue"], polled - 3600, 1), pid=7)
    assert health.verdict([pulse], polled + 1) == (
        True,
        "worker 7 is running and stands at the step 'stored' of job a",
    )


def test_an_outage_behind_a_step_is_waited_out_and_the_next_one_stands(job: Job) -> None:
    job.begin()
    job.go_to(DONE)
    away = threading.Event()
    away.set()

    def trouble(_call: str, _thing: str) -> None:
        if away.is_set():
            raise UnreachableError("the cloud does not answer")

    job.bench.cloud.trouble = trouble
    lease = job.bench.processor.lease
    with lease._lock:
        lease._due = dict.fromkeys(lease._due, 0.0)
    lease.extend_due()
    left = job.standing.seconds_left()
    assert left is not None
    assert left < job.standing.visibility()
    job.standing.go()
    until(lambda: job.bench.stats.snapshot().trouble, "the outage to be told")
    away.clear()
    assert job.stands().step == STORED


def test_a_stop_in_an_outage_behind_a_step_hands_the_job_back(job: Job) -> None:
    job.begin()
    job.go_to(DONE)

    def trouble(call: str, _thing: str) -> None:
        if call == "put":
            raise UnreachableError("the cloud does not answer")

    job.bench.cloud.trouble = trouble
    job.standing.go()
    until(lambda: job.bench.stats.snapshot().trouble, "the outage to be told")
    job.bench.stop.set()
    job.ends()
    assert job.bench.cloud.queues["requestQueue"].hidden[-1] == ("a", 0)
