"""What the cloud refuses is trouble that is told; the queue waits for its end and loses nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from labapp.errors import CloudError, ForbiddenError, MissingResourceError
from labapp.worker import health
from labapp.worker import refusals as refusals_module
from labapp.worker.poller import Poller
from labapp.worker.processes import Child
from labapp.worker.stats import WorkerStats
from tests.support.waiting import until
from tests.worker.conftest import Bench
from tests.worker.worker_fakes import FakeQueue, message

REPLIES = "responseQueue-tester"


class Working:
    """A processor at work, of whose calls some are refused."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.queue: FakeQueue = bench.cloud.queues["requestQueue"]
        self.refused: dict[str, CloudError] = {}
        self.asked: list[str] = []
        bench.cloud.trouble = self._trouble
        self.paused = threading.Event()
        self.poller = Poller(bench.processor, self.paused, wait=20)
        self._thread = threading.Thread(target=self.poller.run, daemon=True)

    def start(self, *jobs: str, client: str = "tester") -> None:
        self.queue.waiting += [message(job, client) for job in jobs]
        if not self._thread.is_alive():
            self._thread.start()

    def end(self) -> None:
        self.bench.stop.set()
        if self._thread.is_alive():
            self._thread.join(60)
            assert not self._thread.is_alive()

    def refuse(self, call: str, error: CloudError | None = None) -> None:
        self.refused[call] = error or ForbiddenError(f"cannot {call}: AccessDenied", "Ask for it.")

    @property
    def trouble(self) -> str:
        return self.bench.stats.snapshot().trouble

    def replies(self, client: str = "tester") -> list[str]:
        queue = self.bench.cloud.queues[f"responseQueue-{client}"]
        return sorted(m.attributes["job"] for m in queue.sent)

    def _trouble(self, call: str, thing: str) -> None:
        self.asked.append(call)
        for what in (call, f"{call} {thing}"):
            if what in self.refused:
                raise self.refused[what]
        if call == "receive" and not self.queue.waiting:
            self.bench.stop.wait(0.01)  # as an empty long poll does


@pytest.fixture
def working(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Working]:
    monkeypatch.setattr(refusals_module, "delay", lambda attempt: 0.03)
    monkeypatch.setattr(refusals_module, "STEP", 0.01)
    work = Working(bench)
    yield work
    work.end()


@pytest.mark.parametrize("call", ["receive", "put", "send", "delete"])
def test_a_refusal_that_lasts_is_trouble_and_all_goes_on_once_it_is_mended(
    working: Working, call: str
) -> None:
    working.refuse(call)
    working.start("a", "b", "c")
    until(lambda: working.asked.count(call) >= 4)

    assert working.trouble == f"cannot {call}: AccessDenied. Ask for it."
    snapshot = working.bench.stats.snapshot()
    pulse = health.pulse_of(snapshot, ["requestQueue"], working.bench.stats.started, 20)
    well, told = health.verdict([pulse])
    assert not well
    assert "AccessDenied" in told
    assert working.queue.deleted == []

    working.start("d")
    working.refused.clear()
    until(lambda: len(working.queue.deleted) == 4)
    until(lambda: working.bench.stats.snapshot().counts == {"done": 4})
    assert working.trouble == ""
    assert working.replies() == ["a", "b", "c", "d"]
    assert working.bench.cloud.queues["requestQueue-dlq"].sent == []
    assert working.queue.hidden == []


def test_what_cannot_be_deleted_is_answered_and_counted_once_and_stays_ours(
    working: Working,
) -> None:
    working.start()
    until(lambda: "receive" in working.asked)
    working.refuse("delete")
    working.start("a", "b")
    until(lambda: working.asked.count("delete") >= 3)
    polls = len(working.queue.polls)
    working.start("c")
    until(lambda: working.asked.count("delete") >= 8)

    assert len(working.queue.polls) <= polls + 1  # one was open; then it waits
    assert working.bench.stats.snapshot().counts.get("done", 0) >= 2
    assert working.bench.processor.lease.receipts()
    working.bench.processor.lease.extend_due()
    assert {receipt for receipt, _ in working.queue.hidden} >= {"a"}
    assert len(working.replies()) == len(set(working.replies()))


def test_a_worker_that_starts_where_it_may_not_delete_receives_nothing(working: Working) -> None:
    """Else each start would do and answer the same jobs anew, until they were dead letters."""
    working.refuse("delete")
    working.start("a")
    until(lambda: working.asked.count("delete") >= 3)
    assert "receive" not in working.asked
    assert working.trouble == "cannot delete: AccessDenied. Ask for it."

    working.refused.clear()
    until(lambda: working.queue.deleted == ["a"])
    assert working.trouble == ""
    assert working.replies() == ["a"]


def test_finished_work_that_could_not_be_deleted_is_only_deleted_when_it_comes_again(
    bench: Bench,
) -> None:
    queue = bench.cloud.queues["requestQueue"]
    odd = {"labapp": "1", "client": "../x", "job": "p"}
    queue.failures["delete"] = [[0], [0], [0], [], [0], [0], [0]]
    for one in (
        message("a"),
        message("a", receipt="a-again", receives=2),
        message("p", attributes=odd),
        message("p", attributes=odd, receipt="p-again", receives=2),
    ):
        bench.processor.lease.add([one])
        bench.processor.settle([bench.processor.outcome(one)])

    assert queue.deleted == ["a-again", "p-again"]
    assert len(bench.cloud.queues[REPLIES].sent) == 1
    assert len(bench.cloud.queues["requestQueue-dlq"].sent) == 1
    assert bench.stats.snapshot().counts == {"done": 1, "put aside": 1}


def test_a_message_that_comes_again_though_it_was_deleted_is_answered_and_not_counted_again(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="labapp"):
        for receives in (1, 2):
            bench.processor.settle([bench.processor.outcome(message("a", receives=receives))])

    assert len(bench.cloud.queues[REPLIES].sent) == 2  # the client shows it once
    assert bench.stats.snapshot().counts == {"done": 1}
    told = [one for one in caplog.records if getattr(one, "event", "") == "job"]
    assert [getattr(one, "again", False) for one in told] == [False, True]
    child = Child.__new__(Child)
    child._stats, child.number = WorkerStats(), 1
    child._take({"event": "job", "job": "a", "again": True}, 20)
    assert child._stats.snapshot().counts == {}


def test_a_refused_lease_stops_receiving_until_extending_is_seen_to_pass(working: Working) -> None:
    processor = working.bench.processor
    working.refuse("hide")
    processor.lease.add([message("old")], received=0)
    processor.lease.extend_due()
    processor.lease.release(["old"])
    assert "cannot hide" in working.trouble

    working.start(*map(str, range(30)))
    until(lambda: len(working.queue.deleted) >= 3)
    assert set(working.queue.polls) == {(1, 0)}, "what is there shows it, and nothing else"

    working.refused.clear()
    until(lambda: len(working.queue.deleted) == 30)
    assert working.trouble == ""
    assert 10 in {limit for limit, _ in working.queue.polls}


def test_one_client_whose_queue_refuses_does_not_stop_the_others(working: Working) -> None:
    working.bench.cloud.make("responseQueue-odd")
    working.refuse("send responseQueue-odd")
    working.start("x", "y", client="odd")
    until(lambda: working.trouble)
    working.start("a", "b")

    until(lambda: working.replies() == ["a", "b"])
    until(lambda: {r for r, _ in working.queue.hidden} == {"x", "y"})  # tried again later
    until(lambda: working.trouble == "")
    assert all(seconds > 0 for _, seconds in working.queue.hidden)
    assert working.replies("odd") == []


def test_a_client_whose_queue_refuses_cannot_take_all_hands(working: Working) -> None:
    working.bench.handler.concurrency = 3
    working.bench.cloud.make("responseQueue-odd")
    working.refuse("send responseQueue-odd")
    working.start(*map(str, range(6)), client="odd")
    until(lambda: len(working.queue.hidden) >= 2)  # some gave way
    working.start("a")

    until(lambda: working.replies() == ["a"])


def test_an_answer_refused_to_the_last_is_put_aside_with_the_reason(bench: Bench) -> None:
    bench.cloud.queues[REPLIES].failures["send"] = [[0]] * 3
    last = message("a", receives=bench.cloud.settings.max_receives)

    bench.processor.settle([bench.processor.outcome(last)])

    (letter,) = bench.cloud.queues["requestQueue-dlq"].sent
    assert "its answer cannot be sent" in letter.attributes["reason"]
    assert bench.cloud.queues["requestQueue"].deleted == ["a"]
    assert bench.stats.snapshot().counts == {"put aside": 1}


def test_a_stop_ends_the_wait_and_gives_back_what_is_not_settled(working: Working) -> None:
    working.refuse("send")
    working.start("a")
    until(lambda: working.trouble)

    working.end()

    until(lambda: working.queue.hidden == [("a", 0)])
    assert working.bench.processor.lease.receipts() == []
    until(lambda: working.poller.in_flight == 0)


def test_a_queue_that_is_gone_on_aws_is_trouble_until_it_is_there(working: Working) -> None:
    working.refuse("receive", MissingResourceError("requestQueue is not there", "Make it."))
    working.start("a")
    until(lambda: working.trouble == "requestQueue is not there. Make it.")
    working.refused.clear()

    until(lambda: working.queue.deleted == ["a"])
    assert working.trouble == ""


def test_the_parent_of_several_processes_shows_what_one_is_refused() -> None:
    child = Child.__new__(Child)
    child._stats, child.number = WorkerStats(), 1
    refused: dict[str, object] = {
        "event": "refused",
        "kind": "requestQueue: send",
        "message": "cannot send",
    }
    child._take(refused, 30)
    assert child._stats.snapshot().trouble == "cannot send"
    assert child._stats.snapshot().refused

    child._take({"event": "allowed", "kind": "requestQueue: send", "message": "again"}, 20)
    assert child._stats.snapshot().trouble == ""


def test_a_lane_that_is_refused_something_may_receive_one_now_and_then_and_else_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [1000.0]
    monkeypatch.setattr("labapp.worker.refusals.time.monotonic", lambda: now[0])
    monkeypatch.setattr("labapp.worker.refusals.delay", lambda attempt: 2.0**attempt)
    refusals = refusals_module.Refusals(WorkerStats(), lambda seconds: None, lambda: None)
    assert refusals.may_receive("requestQueue", 10) == 10
    refusal = refusals.note_refused("requestQueue", "send", ForbiddenError("no"), single=True)
    assert refusals.may_receive("imageInbox", 10) == 10
    found = []
    for _ in range(8):
        found.append(refusals.may_receive("requestQueue", 10))
        now[0] += 1
    assert found == [0, 0, 1, 0, 0, 0, 1, 0], "each time it is put off by more"
    now[0] += 1000
    refusal.single = False
    refusal.waiting.append(refusals_module._Waiting(now[0]))
    assert refusals.may_receive("requestQueue", 10) == 0, "none can stand in for the one that waits"


def test_each_refusal_puts_the_next_attempt_off_by_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labapp.worker.refusals.time.monotonic", lambda: 1000.0)
    monkeypatch.setattr("labapp.worker.refusals.delay", lambda attempt: 2.0**attempt)
    refusal = refusals_module._Refusal(single=False)
    for due in (1002.0, 1004.0, 1008.0):
        refusal.put_off()
        assert (refusal.due, refusal.poll_due) == (due, 0.0)
    for due in (1002.0, 1004.0):
        refusal.put_off_poll()
        assert (refusal.due, refusal.poll_due) == (1008.0, due)
