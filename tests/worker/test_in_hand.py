"""A worker knows which jobs it has in hand, how far each has come, and tells of the oldest."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labapp.jobs.steps import DELETED, DONE, RECEIVED, VALIDATED, Step
from labapp.jobs.wire import Reply
from labapp.worker import health, in_hand, local_workers
from labapp.worker.in_hand import MOST, JobInHand, JobsInHand, NotedSteps
from labapp.worker.local_workers import Registration
from labapp.worker.processes import Child
from labapp.worker.stats import WorkerStats
from labapp.worker.stepping import Steps
from tests.support.watched import check_guarded
from tests.worker.conftest import Bench
from tests.worker.worker_fakes import message

SENT = 1_700_000_000.0

JOB = JobInHand("a", "numbers", "tester", "requestQueue", 2, 1.25, "done", SENT)


@pytest.fixture
def jobs() -> JobsInHand:
    return JobsInHand()


def test_what_a_job_has_reached_is_seen_while_it_is_there(bench: Bench) -> None:
    mine = bench.stats.in_hand
    mine.take([message("a", receives=3)], "requestQueue", "numbers")
    seen = []
    bench.handler.act = lambda request: seen.append(mine.oldest()[0]) or Reply("4", "a", "done")  # type: ignore[func-returns-value]

    bench.do(message("a", receives=3))

    (job,) = seen
    assert (job.job, job.client, job.queue, job.kind) == ("a", "tester", "requestQueue", "numbers")
    assert (job.step, job.receives) == (RECEIVED, 3)
    assert mine.oldest()[0].step == DELETED
    mine.drop([message("a")])
    assert (mine.oldest(), len(mine)) == ([], 0)


def test_a_step_is_noted_before_who_stands_at_it_hears_of_it(jobs: JobsInHand) -> None:
    heard: list[object] = []

    class Standing(Steps):
        most = 1

        def reached(self, step: Step, *rest: object) -> None:
            heard.append((step, [job.step for job in jobs.oldest()], *rest))

        def takes(self, queue: str) -> bool:
            return queue == "free"

        def gives_back(self) -> None:
            heard.append("given back")

    jobs.take([message("a")], "requestQueue", "numbers")
    steps = NotedSteps(jobs, Standing())
    steps.reached(VALIDATED, message("a"))
    steps.reached(DONE, None, aside="why")
    steps.gives_back()

    assert heard == [
        (VALIDATED, [VALIDATED], message("a"), None, None, ""),
        (DONE, [VALIDATED], None, None, None, "why"),
        "given back",
    ]
    assert (steps.most, steps.takes("free"), steps.takes("taken")) == (1, True, False)


def test_how_long_a_job_waited_is_told_by_the_clock_of_sqs_at_its_first_receipt(
    jobs: JobsInHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labapp.utc.time.time", lambda: SENT + 60)
    jobs.take([message("a", first_received_at=SENT + 2.5)], "requestQueue", "numbers")
    jobs.take([message("b", first_received_at=SENT + 2.5, receives=2)], "requestQueue", "numbers")

    assert [(job.waited, job.since) for job in jobs.oldest()] == [(2.5, SENT + 60), (60, SENT + 60)]


def test_what_is_no_message_of_labapps_goes_by_the_id_that_sqs_gave_it(jobs: JobsInHand) -> None:
    foreign = message("a", attributes={"job": "b" * 5000, "client": "\x1b[2J"})
    jobs.take([foreign, message("c", client="")], "requestQueue", "numbers")

    assert [(job.job, job.client) for job in jobs.oldest()] == [
        ("id-a", "plain"),
        ("id-c", "plain"),
    ]


def test_no_more_are_told_of_than_anybody_looks_at(jobs: JobsInHand) -> None:
    jobs.take([message(str(number)) for number in range(1000)], "q" * 80, "numbers")

    told = [job.fields() for job in jobs.oldest()]

    assert (len(jobs), len(told)) == (1000, MOST)
    assert [job["job"] for job in told] == [str(number) for number in range(MOST)]
    assert len(json.dumps(told)) < local_workers.MOST_NOTE / 4


@pytest.mark.parametrize(
    "act",
    [
        lambda jobs: jobs.take([message("b")], "requestQueue", "numbers"),
        lambda jobs: jobs.drop([message("a")]),
        lambda jobs: jobs.oldest(),
    ],
)
def test_what_is_in_hand_is_changed_and_listed_by_one_at_a_time(jobs: JobsInHand, act: Any) -> None:
    check_guarded(jobs, "_lock", lambda: act(jobs))


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ([JOB.fields()], (JOB,)),
        ([{"job": "a"}], (JobInHand("a", "", "", "", 0, 0.0, "", 0.0),)),
        ([{**JOB.fields(), "receives": "x", "waited": float("nan"), "since": None, "new": 1}],
         (replace(JOB, receives=0, waited=0.0, since=0.0),)),
        ([{**JOB.fields(), "step": "s" * 900}], (replace(JOB, step="s" * 77 + "..."),)),
        ([JOB.fields()] * 1000, (JOB,) * MOST),
        ([{}, 7, None, []], ()),
        ({"job": "a"}, ()),
        (None, ()),
    ],
)  # fmt: skip
def test_anybodys_word_of_jobs_in_hand_is_read_as_far_as_it_is_one(said: Any, read: Any) -> None:
    assert in_hand.read(said) == read


def test_a_pulse_tells_of_the_jobs_in_hand_and_an_older_one_does_not(tmp_path: Path) -> None:
    here, stats = Registration(tmp_path, background=False), WorkerStats()
    stats.in_hand.take([message("a")], "requestQueue", "numbers")
    pulse = health.pulse_of(stats.snapshot(), ["requestQueue"], time.time(), 20)
    health.write(tmp_path, pulse)

    (read,) = health.read_all(tmp_path)
    assert (read.in_hand, [job.job for job in read.hands]) == (1, ["a"])

    health.write(tmp_path, replace(pulse, hands=()))
    assert health.read_all(tmp_path)[0].hands == ()
    here.leave()


def test_a_parent_gathers_what_its_children_have_in_hand_oldest_first() -> None:
    child: Any = Child.__new__(Child)
    child.number, child._stats = 1, WorkerStats()
    younger = replace(JOB, job="b", since=SENT + 5)
    child._take({"event": "hands", "in_hand": 12, "hands": [younger.fields()]}, 20)
    child.number = 2
    child._take({"event": "hands", "in_hand": 1, "hands": [JOB.fields()]}, 20)

    snapshot = child._stats.snapshot()
    assert (snapshot.in_flight, snapshot.hands) == (13, (JOB, younger))

    child._take({"event": "hands", "in_hand": 0}, 20)  # as one of an older version says it
    snapshot = child._stats.snapshot()
    assert (snapshot.in_flight, snapshot.hands) == (12, (younger,))
