"""The worker's parts on a cloud in memory."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import pytest

from labapp.worker import processor as lane_module
from labapp.worker import replies as mail_module
from labapp.worker.outages import Patience
from labapp.worker.processor import Lane
from labapp.worker.stats import Board
from tests.worker.worker_fakes import FakeBucket, FakeCloud, FakeHandler


@dataclass
class Bench:
    """A lane with all that it stands on."""

    cloud: FakeCloud
    board: Board
    stop: threading.Event
    patience: Patience
    handler: FakeHandler
    lane: Lane


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Give a lane whose four queues are there."""
    cloud, board, stop = FakeCloud(), Board(), threading.Event()
    cloud.make("requestQueue", "requestQueue-dlq", "responseQueue", "responseQueue-tester")
    for module in (lane_module, mail_module):
        monkeypatch.setattr(module, "Queue", cloud.queue)
    stand_in: Any = cloud
    bucket: Any = FakeBucket(cloud)
    patience, handler = Patience(stand_in, stop, board), FakeHandler()
    lane = Lane(handler, bucket, patience, board, cloud.settings)
    return Bench(cloud, board, stop, patience, handler, lane)
