"""Who looks again and again rests in between, and not for long: seconds as they are in earnest."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labapp.errors import CredentialsError, ForbiddenError, LabappError, UnreachableError
from labapp.jobs import lab
from labapp.settings import Settings
from labapp.worker import control, health, local_workers, processes
from labapp.worker import engine as engine_module
from labapp.worker import outages as outages_module
from labapp.worker import poller as poller_module
from labapp.worker import refusals as refusals_module
from labapp.worker.engine import Worker
from labapp.worker.lease import Lease
from labapp.worker.outages import OutageGuard, wait_for_cloud
from labapp.worker.poller import Poller
from labapp.worker.refusals import Refusals
from labapp.worker.stats import WorkerStats
from tests.support.clock import Clock
from tests.support.waiting import PATIENCE
from tests.worker.conftest import Bench
from tests.worker.worker_fakes import FakeCloud, FakeHandler, instead, message


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Stop:
    """A stop that is asked for after so many looks at it."""

    def __init__(self, clock: Clock, looks: int) -> None:
        self.clock, self.looks = clock, looks

    def is_set(self) -> bool:
        return len(self.clock.rests) >= self.looks

    def wait(self, seconds: float) -> bool:
        self.clock.sleep(seconds)
        return self.is_set()


@pytest.mark.parametrize(("visibility", "step"), [(300, 1.0), (12, 1.0), (3, 0.25)])
def test_a_lease_looks_four_times_while_nothing_is_due_and_each_second_at_least(
    clock: Clock, visibility: int, step: float
) -> None:
    queue: Any = instead()
    stop: Any = Stop(clock, 3)
    Lease(queue, visibility).run(stop)
    assert clock.rests == [step] * 3


@pytest.mark.parametrize("why", ["paused", "refused"])
def test_a_poller_that_may_not_receive_looks_some_times_a_second_whether_it_may(
    bench: Bench, clock: Clock, why: str
) -> None:
    stop, paused = Stop(clock, 5), threading.Event()
    stand_in: Any = stop
    bench.outages.stop = stand_in
    poller = Poller(bench.processor, paused, wait=20)
    if why == "paused":
        paused.set()
    else:
        bench.processor.refusals.note_refused("requestQueue", "send", ForbiddenError("not allowed"))
    poller.run()
    assert bench.cloud.queues["requestQueue"].polls == []
    assert clock.rests == [0.2] * 5


def test_who_finds_no_hand_free_looks_again_soon_and_that_is_health_too(
    bench: Bench, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    poller = Poller(bench.processor, threading.Event(), wait=20)

    def wait_for(is_there: Callable[[], bool], seconds: float) -> bool:
        clock.sleep(seconds)
        return is_there()

    monkeypatch.setattr(poller._freed, "wait_for", wait_for)
    poller._claimed = bench.handler.concurrency
    assert poller._poll(20) == 0
    assert clock.rests == [0.2]
    assert list(bench.stats.snapshot().polls) == ["requestQueue"]
    assert poller._poll(0, 1) == 0, "one that is refused gives way, if there is any"
    assert bench.cloud.queues["requestQueue"].polls == []


@pytest.mark.parametrize(("seconds", "since"), [(20.0, 19.0), (0.25, 0.0)])
def test_a_message_is_hidden_since_its_poll_or_since_a_second_before_the_end_of_a_long_one(
    bench: Bench, clock: Clock, monkeypatch: pytest.MonkeyPatch, seconds: float, since: float
) -> None:
    monkeypatch.setattr(poller_module, "time", clock)
    poller = Poller(bench.processor, threading.Event(), wait=20)
    kept: list[float] = []
    monkeypatch.setattr(
        bench.processor.lease, "add", lambda messages, received: kept.append(received - 1000.0)
    )
    bench.cloud.trouble = lambda call, _: clock.sleep(seconds)
    poller._receive(10, 20)
    assert kept == [pytest.approx(since)]


def test_who_waits_for_a_refusals_end_looks_ten_times_a_second(clock: Clock) -> None:
    refusals = Refusals(WorkerStats(), clock.sleep, lambda: None)
    refusal = refusals.note_refused("requestQueue", "send", ForbiddenError("not allowed"))
    refusal.over = True
    call: Any = instead(let_go=False)
    refusals._wait(refusal, call)
    assert clock.rests == [0.1]


def test_a_refused_call_is_made_again_once_it_is_due_and_nobody_else_asks(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusals_module, "time", clock)
    renewed: list[float] = []
    refusals = Refusals(WorkerStats(), clock.sleep, lambda: renewed.append(clock.passed))
    refusal = refusals.note_refused("requestQueue", "send", ForbiddenError("not allowed"))
    call: Any = instead(let_go=False)
    refusal.due = 1000.45
    refusals._wait(refusal, call)
    assert (refusal.asking, len(clock.rests)) == (True, 5)
    assert renewed == [pytest.approx(0.5)]

    def pause(seconds: float) -> None:
        clock.sleep(seconds)
        refusal.asking = len(clock.rests) < 8  # another asks, and is told no

    refusals._pause = pause
    refusals._wait(refusal, call)
    assert (refusal.asking, len(clock.rests)) == (True, 8)
    refusals.note_passed("requestQueue", "send")
    refusals._wait(refusal, call)
    assert (len(clock.rests), len(renewed)) == (9, 2), "it is over, and nobody asks first"


def test_refused_credentials_are_tried_again_after_a_quarter_of_a_minute(clock: Clock) -> None:
    cloud: Any = FakeCloud()
    outages = OutageGuard(cloud, threading.Event(), WorkerStats())
    stop: Any = instead(wait=clock.sleep, is_set=lambda: False)
    outages.stop = stop
    errors = [CredentialsError("expired"), CredentialsError("expired")]

    def ask() -> str:
        if errors:
            raise errors.pop()
        return "done"

    assert outages.call(ask) == "done"
    assert clock.passed == pytest.approx(15)
    assert set(clock.rests) == {1.0}, "a new file is seen within a second"


def test_who_waits_for_his_turn_to_ask_an_absent_cloud_looks_whether_to_stop(
    clock: Clock,
) -> None:
    cloud: Any = FakeCloud()
    outages = OutageGuard(cloud, threading.Event(), WorkerStats())
    outages.is_down = True

    def acquire(timeout: float) -> bool:
        clock.sleep(timeout)
        return len(clock.rests) == 3

    lock: Any = instead(acquire=acquire, release=lambda: None)
    outages._asking = lock
    assert outages.call(lambda: "done") == "done"
    assert clock.rests == [0.2] * 3


def test_a_child_tells_twice_a_second_at_most_what_it_has_in_hand(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    worker: Any = instead(stats=WorkerStats())
    ended: Any = Stop(clock, 4)
    with caplog.at_level("INFO", logger="labapp"):
        control.tell_in_flight(worker, ended)
        assert caplog.records == [], "it had none before"
        worker.stats.in_hand.take([message("a")], "requestQueue", "numbers")
        control.tell_in_flight(worker, Stop(clock, 6))  # type: ignore[arg-type]
    assert [vars(record)["in_hand"] for record in caplog.records] == [1]
    assert clock.rests == [0.5] * 6


def test_a_worker_in_the_background_is_given_a_minute_to_come_up(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_workers, "time", clock)
    monkeypatch.setattr(local_workers, "alive", lambda home: [])
    log = tmp_path / "background.log"
    log.write_bytes(b"0\n1\n2\n3\n4\n5\n6\n\xff\n8\n")
    process: Any = instead(poll=lambda: None)
    with pytest.raises(LabappError) as caught:
        local_workers._wait_until_alive(tmp_path, process, log)
    assert 60 <= clock.passed < 61
    assert caught.value.message.endswith("did not come up:\n4\n5\n6\n\ufffd\n8")
    assert max(clock.rests) <= 0.1


def test_a_worker_looks_ten_times_a_second_for_a_cloud_that_is_away(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [UnreachableError("away"), None]

    def require(_: object) -> None:
        if error := answers.pop(0):
            raise error

    monkeypatch.setattr(lab, "require", require)
    monkeypatch.setattr(outages_module, "delay", lambda attempt: 0.95)
    monkeypatch.setattr(outages_module, "time", clock)
    cloud: Any = FakeCloud()
    wait_for_cloud(cloud, WorkerStats(), lambda: False, lambda: None)
    assert clock.rests == [0.1] * 10


def test_a_worker_looks_ten_times_a_second_whether_to_stop_while_a_call_hangs(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging = instead(start=lambda: None, is_alive=lambda: True, join=clock.sleep)

    def thread(*, daemon: bool, **_: object) -> Any:
        assert daemon, "it must not hold up the end of the program"
        return hanging

    threads = instead(Thread=thread)
    monkeypatch.setattr(outages_module, "threading", threads)
    looks: list[float] = []
    cloud: Any = FakeCloud()
    wait_for_cloud(
        cloud, WorkerStats(), lambda: len(looks) == 3, lambda: looks.append(clock.passed)
    )
    assert clock.rests == [0.1] * 3


class Engine:
    """A worker whose clock stands still, and whose report is taken by nobody."""

    def __init__(
        self, clock: Clock, monkeypatch: pytest.MonkeyPatch, *, is_local: bool, **settings: Any
    ) -> None:
        monkeypatch.setattr(engine_module, "time", clock)
        cloud: Any = FakeCloud(Settings(**settings), is_local=is_local)
        self.worker: Any = Worker(cloud, [FakeHandler()])
        self.worker._reporter = instead(write=lambda: None, worker="w")
        self.clock = clock

    def wind_down(self) -> float:
        """Tell how long a poll is waited for that does not end."""
        thread = instead(is_alive=lambda: True, join=self.clock.sleep)
        self.worker._wind_down([thread])
        return self.clock.passed


@pytest.mark.parametrize(
    ("is_local", "wait", "seconds"), [(True, 20, 0.3), (False, 20, 21.5), (False, 3, 4.5)]
)
def test_a_stopping_worker_waits_for_a_poll_as_long_as_its_cloud_needs(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, is_local: bool, wait: int, seconds: float
) -> None:
    engine = Engine(clock, monkeypatch, is_local=is_local, wait_seconds=wait, grace_seconds=60)
    assert engine.wind_down() == pytest.approx(seconds, abs=0.11)


def test_a_stopping_worker_waits_for_its_jobs_as_long_as_its_grace_and_no_longer(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Engine(clock, monkeypatch, is_local=True, grace_seconds=5).worker
    closed: list[float] = []

    def drain(until: float) -> bool:
        clock.sleep(until - clock.now)
        return False

    parts = {"is_polling": False, "processor": worker._processors[0]}
    poller = instead(drain=drain, close=lambda: closed.append(clock.passed), **parts)
    worker._pollers = [poller]
    worker._wind_down([])
    assert closed == [pytest.approx(5, abs=0.11)]
    assert clock.rests == pytest.approx([0.1] * len(clock.rests))


def test_a_stopping_worker_spends_three_seconds_in_all_on_last_words_that_are_not_heard(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Engine(clock, monkeypatch, is_local=True).worker
    begun: list[bool] = []

    def hanging(target: object, daemon: bool) -> Any:
        return instead(start=lambda: begun.append(daemon), join=clock.sleep)

    monkeypatch.setattr(engine_module, "threading", instead(Thread=hanging))
    worker._wind_down([])
    assert begun == [True, True], "the end of the process cuts them off"
    assert clock.passed == pytest.approx(3)


def test_a_stopping_worker_that_is_told_again_waits_for_no_poll(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(clock, monkeypatch, is_local=False)
    engine.worker.stop()
    engine.worker.stop()
    assert engine.wind_down() == 0


def test_a_worker_says_every_two_seconds_how_it_is(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, said = Engine(clock, monkeypatch, is_local=True), []
    monkeypatch.setattr(health, "write", lambda home, pulse: said.append(clock.passed))
    for now in (0.0, 0.1, 1.9, 2.0, 3.9, 4.1):
        clock.now = 1000.0 + now
        engine.worker._look_around()
    assert said == pytest.approx([0.0, 2.0, 4.1])


def test_a_thread_that_fails_again_and_again_is_started_ever_more_seldom(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Engine(clock, monkeypatch, is_local=True).worker
    monkeypatch.setattr(engine_module, "delay", float)
    worker._stop = instead(wait=clock.sleep)
    errors = [ValueError("broken"), UnreachableError("away"), ValueError("broken")]

    def work() -> None:
        if errors:
            raise errors.pop()

    thread = worker._thread(work, "poller-0")
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert (thread.name, thread.daemon) == ("poller-0", True)
    assert clock.rests == [1, 2, 3]
    assert errors == []


def test_a_worker_at_work_looks_ten_times_a_second_whether_to_end(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Engine(clock, monkeypatch, is_local=True)
    monkeypatch.setattr(health, "write", lambda home, pulse: None)
    worker = engine.worker
    monkeypatch.setattr(worker, "_thread", lambda target, name: None)
    monkeypatch.setattr(worker, "_wind_down", lambda threads: None)

    def sleep(seconds: float) -> None:
        Clock.sleep(clock, seconds)
        if len(clock.rests) == 4:
            worker.stop()

    monkeypatch.setattr(clock, "sleep", sleep)
    worker._work()
    assert clock.rests == [0.1] * 4
    assert worker._stop.is_set()


def test_a_parent_kills_its_children_half_a_minute_after_what_they_may_take(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in: Any = instead(settings=Settings(processes=1, grace_seconds=7, wait_seconds=5))
    parent: Any = processes.Processes(stand_in)
    monkeypatch.setattr(processes, "time", clock)
    codes: list[int | None] = [None]
    killed: list[float] = []

    def kill() -> None:
        killed.append(clock.passed)
        codes[0] = -9

    process = instead(poll=lambda: codes[0], kill=kill)
    parent._children = [instead(process=process, tell=lambda word: None)]
    parent._wind_down()
    assert killed == [pytest.approx(42, abs=0.11)]
    assert set(clock.rests) == {0.1}
