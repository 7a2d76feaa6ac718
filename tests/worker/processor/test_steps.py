"""Who wants to know of the steps of jobs is told of each, in their order, at the right moment."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from labapp.cloud.queues import Message
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
from labapp.jobs.wire import Reply, Request
from labapp.settings import Settings
from labapp.worker.handlers import NumbersHandler
from labapp.worker.outages import OutageGuard, StoppingError
from labapp.worker.processor import Processor
from labapp.worker.stepping import Steps
from tests.worker.conftest import REPLIES, Bench
from tests.worker.worker_fakes import message


@dataclass
class Told(Steps):
    """Writes down each step, and what the cloud was called for until then."""

    bench: Bench
    steps: list[Step] = field(default_factory=list)
    calls: dict[Step, list[str]] = field(default_factory=dict)
    stop_at: Step | None = None

    def reached(
        self,
        step: Step,
        message: Message | None,
        request: Request | None = None,
        reply: Reply | None = None,
        aside: str = "",
    ) -> None:
        if step not in self.calls:
            self.steps.append(step)
        self.calls.setdefault(step, [f"{call} {thing}" for call, thing in self.bench.cloud.calls])
        if step == self.stop_at:
            raise StoppingError("the worker is stopping")


@pytest.fixture
def told(bench: Bench) -> Told:
    told = Told(bench)
    stand_in = bench.outages._cloud
    bench.outages = OutageGuard(stand_in, bench.stop, bench.stats, told)
    handler = NumbersHandler(Settings())
    bench.processor = Processor(handler, bench.processor._bucket, bench.outages)
    return told


def test_a_list_takes_all_steps_and_each_is_told_when_it_is_true(bench: Bench, told: Told) -> None:
    bench.do(message("a"))

    assert tuple(told.steps) == STEPS
    assert not told.calls[RECEIVED]
    assert not told.calls[VALIDATED]
    assert not told.calls[DONE]
    assert [call.split("/")[0] for call in told.calls[STORED]] == ["put logs"]
    assert told.calls[ANSWERED] == [*told.calls[STORED], f"send {REPLIES}"]
    assert told.calls[LEASE_STOPPED] == told.calls[ANSWERED]
    assert told.calls[DELETED] == [*told.calls[ANSWERED], "delete requestQueue"]


def test_a_list_that_is_refused_was_never_valid(bench: Bench, told: Told) -> None:
    bench.do(message("a", body="none"))
    assert told.steps == [RECEIVED, DONE, STORED, ANSWERED, LEASE_STOPPED, DELETED]


@pytest.mark.parametrize("step", [RECEIVED, VALIDATED, DONE, STORED])
def test_a_stop_before_the_answer_hands_the_job_back(bench: Bench, told: Told, step: Step) -> None:
    told.stop_at = step
    bench.do(message("a"))

    queue = bench.cloud.queues["requestQueue"]
    assert queue.hidden
    assert queue.hidden[-1][1] == 0
    assert not queue.deleted
    assert not bench.cloud.queues[REPLIES].sent


def test_what_was_settled_before_is_only_deleted(bench: Bench, told: Told) -> None:
    queue = bench.cloud.queues["requestQueue"]
    queue.failures["delete"] = [[0]] * 3
    bench.do(message("a"))
    assert DELETED not in told.steps
    told.steps.clear()
    told.calls.clear()

    bench.do(message("a"))
    assert told.steps == [RECEIVED, LEASE_STOPPED, DELETED]
