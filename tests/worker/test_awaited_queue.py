"""A queue that a lab's client makes is waited for, while the worker's other queues go on."""

from __future__ import annotations

import logging

import pytest

from labapp.worker import awaited_queue
from tests.support.waiting import until
from tests.worker.engine.test_runs import Running, running

__all__ = ["running"]


def test_a_queue_that_a_labs_client_makes_is_waited_for_and_said_so_once(
    running: Running, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(awaited_queue, "delay", lambda *_, **__: 0.01)
    caplog.set_level(logging.INFO, "labapp")
    running.handler.awaited = frozenset({"requestQueue"})
    running.go.set()
    running.queue.missing = True
    running.start()
    (poller,) = running.worker._pollers
    until(lambda: poller.is_awaiting and running.cloud.calls.count(("find", "requestQueue")) > 3)
    assert running.worker._is_idle(), "there is nothing to do"
    assert list(running.worker.stats.snapshot().polls) == ["requestQueue"], "it is alive"
    running.queue.missing = False
    running.put("a")
    until(lambda: running.queue.deleted == ["a"])
    running.queue.missing = True  # its client deletes it, and makes it anew
    until(lambda: poller.is_awaiting)
    running.queue.missing = False
    running.put("b")
    until(lambda: running.queue.deleted == ["a", "b"])
    told = [one.message for one in caplog.records if getattr(one, "event", "") == "waiting"]
    waits = "waiting for the queue requestQueue, which a lab's client makes"
    assert told == [waits, "the queue requestQueue is there"] * 2
    assert running.worker.stats.trouble == ""
