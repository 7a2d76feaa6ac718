"""A watch of queues whose clock is the work done: a second is over once nothing new was found."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from labapp.cloud.queues import Message, Queue
from labapp.errors import MissingResourceError
from labapp.jobs import watch, watched_queue
from labapp.jobs.watch import Watch


def hasten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a second of a watch be over with an empty poll of each of its queues, at once."""
    polls = Counter[str]()
    receive, most_receives, begin = Queue.receive, Queue.most_receives, Watch.__enter__

    def begun(one: Watch) -> Watch:
        polls.clear()
        polls.update({queue.name: 0 for queue in one.queues})
        return begin(one)

    def received(queue: Queue, *args: Any, **options: Any) -> list[Message]:
        found = receive(queue, *args, **options)
        polls[queue.name] += not found
        return found

    def looked(queue: Queue) -> int | None:
        try:
            return most_receives(queue)
        except MissingResourceError:
            polls[queue.name] += 1
            raise

    monkeypatch.setattr(Queue, "receive", received)
    monkeypatch.setattr(Queue, "most_receives", looked)
    monkeypatch.setattr(Watch, "__enter__", begun)
    monkeypatch.setattr(watched_queue, "POLL", 0)
    monkeypatch.setattr(watched_queue, "PAUSE", 0.1)
    monkeypatch.setattr(watch, "_STEP", 0.02)
    clock = SimpleNamespace(monotonic=lambda: min(polls.values()))
    monkeypatch.setattr(watch, "time", clock)
