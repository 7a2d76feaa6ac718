"""What the attacks share that wait for answers."""

from __future__ import annotations

import pytest

from labapp.cloud.queues import Queue


@pytest.fixture
def short_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nobody wait for another answer, as none comes."""
    receive = Queue.receive
    monkeypatch.setattr(Queue, "receive", lambda queue, *_, **__: receive(queue))
