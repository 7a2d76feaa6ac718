"""A whole worker on a cloud in memory: how its threads start, start again, and end."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.queues import Counts
from labapp.errors import CloudError, ForbiddenError
from labapp.jobs.wire import DONE, Reply, Request
from labapp.settings import Settings
from labapp.worker import engine as engine_module
from labapp.worker import health, local_workers
from labapp.worker import processor as processor_module
from labapp.worker import replies as replies_module
from labapp.worker.engine import REPORTING, Worker
from tests.support.waiting import PATIENCE, until
from tests.worker.worker_fakes import FakeBucket, FakeCloud, FakeHandler, message


class Reported(FakeBucket):
    """A bucket that takes reports too."""

    def put(self, key: str, body: bytes, content_type: str) -> None:
        self.cloud.note("report", key)
        self.cloud.objects[key] = body.decode()


class Running:
    """A worker in a thread of its own, whose jobs are held until let go."""

    def __init__(self, home: Path, **settings: Any) -> None:
        self.cloud: Any = FakeCloud(Settings(**settings), is_local=True)
        self.cloud.home = home
        self.cloud.make("requestQueue", "requestQueue-dlq", "responseQueue", "responseQueue-tester")
        self.queue = self.cloud.queues["requestQueue"]
        self.handler = FakeHandler(quick=False, concurrency=2)
        self.handler.act = self._held
        self.begun: list[str] = []
        self.go, self.polls_go = threading.Event(), threading.Event()
        self.polls_go.set()
        self.cloud.trouble = self._trouble
        #: Raised by the next calls of a kind.
        self.troubles: dict[str, list[Exception]] = {}
        self.ended = threading.Event()
        self.worker: Worker

    def start(self, **more: Any) -> None:
        self.worker = Worker(self.cloud, [self.handler], **more)
        threading.Thread(target=self._run, daemon=True).start()

    def put(self, *jobs: str) -> None:
        self.queue.waiting += [message(job) for job in jobs]

    def _run(self) -> None:
        self.worker.run()
        self.ended.set()

    def _held(self, request: Request) -> Reply:
        self.begun.append(request.job)
        self.go.wait(PATIENCE)
        return Reply("fine", request.job, DONE)

    def _trouble(self, call: str, _: str) -> None:
        if planned := self.troubles.get(call):
            raise planned.pop(0)
        if call == "receive" and not self.queue.waiting:
            threading.Event().wait(0.01)  # as an empty long poll does
            self.polls_go.wait(PATIENCE)

    @property
    def reports(self) -> list[str]:
        return [text for key, text in self.cloud.objects.items() if key.startswith("workers/")]

    def end(self) -> None:
        self.go.set()
        self.polls_go.set()
        self.worker.stop()
        assert self.ended.wait(PATIENCE)


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    found = Running(tmp_path, grace_seconds=30, report_seconds=5)
    for module in (processor_module, replies_module):
        monkeypatch.setattr(module, "Queue", found.cloud.queue)
    monkeypatch.setattr(engine_module, "Bucket", Reported)
    monkeypatch.setattr(engine_module, "delay", lambda attempt: 0.01)
    yield found
    found.end()


def _never(*_: object) -> None:
    raise AssertionError("this was not to be called")


@pytest.mark.parametrize("background", [True, False])
def test_a_worker_is_seen_while_it_works_and_gone_once_it_has_ended(
    running: Running, monkeypatch: pytest.MonkeyPatch, background: bool
) -> None:
    monkeypatch.setattr(engine_module, "wait_for_cloud", _never)  # its cloud is there
    running.go.set()
    before = set(threading.enumerate())
    running.start(background=background)
    running.put("a")
    until(lambda: running.queue.deleted == ["a"])
    names = {"poller-0", "lease-0", "reporter", "numbers-job-1"}
    until(lambda: names <= {thread.name for thread in set(threading.enumerate()) - before})
    threads = set(threading.enumerate()) - before
    home = running.cloud.home
    until(lambda: local_workers.alive(home))
    assert [one.background for one in local_workers.alive(home)] == [background]
    until(lambda: health.read_all(home)[0].wait)
    assert list(health.read_all(home)[0].polls) == ["requestQueue"]
    until(lambda: running.reports)

    running.end()

    until(lambda: not any(thread.is_alive() for thread in threads))
    assert local_workers.alive(home) == []
    assert running.worker.stats.state == "stopped"
    (report,) = running.reports
    assert '"state": "stopped"' in report, "its last words were waited for"
    assert f'"worker": "{running.worker._reporter.worker}"' in report
    assert running.queue.hidden == []


def test_a_job_that_is_done_within_the_grace_period_is_finished(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.start()
    (poller,) = running.worker._pollers
    drain, drained = poller.drain, [0]

    def watched(at: float) -> bool:
        drained[0] += 1
        return drain(at)

    monkeypatch.setattr(poller, "drain", watched)
    running.put("a")
    until(lambda: running.begun)
    running.worker.stop()
    until(lambda: drained[0] >= 3 or running.ended.is_set())
    running.go.set()
    assert running.ended.wait(PATIENCE)

    assert (running.queue.deleted, running.queue.hidden) == (["a"], [])
    assert running.worker.stats.snapshot().counts == {"done": 1}


@pytest.mark.parametrize("stops", [1, 2])
def test_what_is_not_done_in_time_or_not_awaited_is_handed_back(
    running: Running, stops: int
) -> None:
    if stops == 1:
        running.cloud.settings = Settings(grace_seconds=0, report_seconds=5)
    running.start()
    running.put("a", "b")
    until(lambda: len(running.begun) == 2)
    for _ in range(stops):
        running.worker.stop()
    assert running.ended.wait(PATIENCE)

    assert running.queue.deleted == []
    assert sorted(receipt for receipt, _ in running.queue.hidden) == ["a", "b"]
    # All hands are full: no poll is open that could take them along.
    assert {seconds for _, seconds in running.queue.hidden} == {0}


@pytest.mark.parametrize("grace", [0, 300])
def test_a_worker_that_no_signal_reaches_is_stopped_by_a_file_and_hands_its_jobs_back(
    running: Running, monkeypatch: pytest.MonkeyPatch, grace: int
) -> None:
    monkeypatch.setattr(os, "kill", lambda *_: None)
    running.cloud.settings = Settings(grace_seconds=grace, report_seconds=5)
    home = running.cloud.home
    running.start(background=True)
    running.put("a", "b")
    until(lambda: len(running.begun) == 2)
    assert [one.grace for one in local_workers.alive(home)] == [grace]
    if grace:  # who asks twice does not wait for it
        monkeypatch.setattr(local_workers, "STOP_SECONDS", 0)
        monkeypatch.setattr(local_workers, "LAST_SECONDS", -grace)
        monkeypatch.setattr(local_workers, "KILL_SECONDS", 0)
        assert local_workers.stop_background(home) == []
        monkeypatch.setattr(local_workers, "STOP_SECONDS", PATIENCE)
    assert local_workers.stop_background(home) == [os.getpid()]
    assert running.ended.wait(PATIENCE)

    assert sorted(receipt for receipt, _ in running.queue.hidden) == ["a", "b"]
    assert {seconds for _, seconds in running.queue.hidden} <= {0, 4}
    assert list((home / "workers").iterdir()) == []


def test_what_an_open_poll_could_receive_again_is_handed_back_for_after_the_end(
    running: Running,
) -> None:
    running.polls_go.clear()
    running.put("a")
    running.start()
    until(lambda: running.begun)
    until(lambda: len(running.queue.polls) == 2)  # the second is open
    running.worker.stop()
    running.worker.stop()
    assert running.ended.wait(PATIENCE)

    assert running.queue.hidden == [("a", 4)]


def test_a_thread_that_fails_is_started_again(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    running.go.set()
    running.troubles["receive"] = [ValueError("broken"), ValueError("broken again")]
    running.start()
    running.put("a")

    until(lambda: running.queue.deleted == ["a"])
    home = running.cloud.home
    assert [one.background for one in local_workers.alive(home)] == [False], (
        "nobody said that it is"
    )

    assert caplog.text.count("poller-0 failed; it starts again") == 2
    running.end()
    assert running.queue.deleted == ["a"]


def test_an_error_of_the_cloud_that_ends_a_thread_is_told_in_a_line(
    running: Running,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    running.go.set()
    running.start()
    (processor,) = running.worker._processors
    extend, left = processor.lease.extend_due, [2]

    def failing() -> None:
        if left[0]:
            left[0] -= 1
            raise CloudError("the clock is wrong")
        extend()

    monkeypatch.setattr(processor.lease, "extend_due", failing)
    until(lambda: not left[0])
    until(lambda: caplog.text.count("lease-0 starts again: the clock is wrong") == 2)
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


def test_a_worker_that_is_to_end_once_idle_ends(running: Running) -> None:
    counts: list[Any] = [Counts(0, 1, 0), CloudError("away"), Counts(0, 0, 0)]

    def count() -> Counts:
        found = counts.pop(0)
        if isinstance(found, Exception):
            raise found
        assert isinstance(found, Counts)
        return found

    queue: Any = running.queue
    queue.counts = count
    running.go.set()
    running.put("a")
    running.start(until_idle=True)

    assert running.ended.wait(PATIENCE)

    assert counts == []
    assert running.queue.deleted == ["a"]
    assert {wait for _, wait in running.queue.polls} == {1}


def test_a_poll_is_never_longer_than_the_grace_period(running: Running) -> None:
    running.cloud.settings = Settings(grace_seconds=7, wait_seconds=20)
    running.start()
    until(lambda: running.queue.polls)
    assert running.queue.polls[0] == (2, 7)


def test_a_report_that_is_refused_is_told_until_it_is_written(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.cloud.settings = Settings(report_seconds=0)
    running.start()
    refused: list[tuple[str, str]] = []
    worker: Any = running.worker
    refusals = worker._refusals
    note = refusals.note_refused

    def noted(processor: str, what: str, error: CloudError) -> object:
        refused.append((processor, what))
        return note(processor, what, error)

    monkeypatch.setattr(refusals, "note_refused", noted)
    running.troubles["report"] = [CloudError("away"), *[ForbiddenError("not allowed")] * 3]
    until(lambda: not running.troubles["report"])
    until(lambda: not refusals.is_refused(""))

    assert refused == [("", REPORTING)] * 3
    assert running.worker.stats.snapshot().trouble == ""


def test_a_last_report_that_cannot_be_written_does_not_keep_a_worker(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    running.start()
    until(lambda: running.reports)
    running.troubles["report"] = [CloudError("away")]
    running.end()
    assert "no last report: away" in caplog.text


def test_a_worker_waits_for_its_last_report_to_be_written(running: Running) -> None:
    running.start()
    until(lambda: running.reports)
    was_there: list[bool] = []

    def write(call: str, _: str) -> None:
        if call == "report" and running.worker.stats.state == "stopped":
            was_there.append(not running.ended.wait(0.2))

    running.cloud.trouble = write
    running.end()
    assert was_there == [True]


def test_a_last_report_that_is_not_answered_does_not_hold_up_the_end(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "LAST_WORDS", 0.1)
    running.start()
    until(lambda: running.reports)
    let_go = threading.Event()

    def hang(call: str, _: str) -> None:
        if call == "report":
            let_go.wait(PATIENCE)

    running.cloud.trouble = hang
    running.end()
    assert not let_go.is_set()
    let_go.set()


@pytest.mark.parametrize("stopped", [True, False])
def test_a_worker_whose_cloud_is_away_waits_for_it_before_anything_begins(
    running: Running, monkeypatch: pytest.MonkeyPatch, stopped: bool
) -> None:
    waited: list[object] = []

    def wait(cloud: object, stats: object, stopping: Callable[[], bool], _: object) -> None:
        waited.append(cloud)
        assert running.queue.polls == []
        if stopped:
            running.worker.stop()

    monkeypatch.setattr(engine_module, "wait_for_cloud", wait)
    running.go.set()
    running.put("a")
    running.start(away=True)
    if stopped:
        assert running.ended.wait(PATIENCE)
        assert running.queue.polls == []
        assert running.worker.stats.state == "stopped"
    else:
        until(lambda: running.queue.deleted == ["a"])
    assert waited == [running.cloud]
    assert local_workers.alive(running.cloud.home) == [] or not stopped


def test_after_each_pause_of_a_worker_the_next_job_is_done(running: Running) -> None:
    running.go.set()
    running.start()
    for number in range(3):
        assert running.worker.toggle_pause()
        assert running.worker.stats.state == "paused"
        assert not running.worker.toggle_pause()
        running.put(f"next-{number}")
        until(lambda: running.queue.deleted[-1:] == [f"next-{number}"])  # noqa: B023
    assert running.worker.stats.snapshot().counts == {"done": 3}
