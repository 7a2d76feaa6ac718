"""The worker's parts on a cloud in memory."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import Message
from labapp.settings import Settings
from labapp.worker import older_clients as older_clients_module
from labapp.worker import processor as processor_module
from labapp.worker import replies as replies_module
from labapp.worker.outages import OutageGuard
from labapp.worker.processor import Processor
from labapp.worker.stats import WorkerStats
from tests.worker.worker_fakes import FakeBucket, FakeCloud, FakeHandler

#: The reply queue of the client `tester`, and the last attempt at a job.
REPLIES, LAST_RECEIVE = "responseQueue-tester", Settings().max_receives


@dataclass
class Bench:
    """A processor with all that it stands on."""

    cloud: FakeCloud
    stats: WorkerStats
    stop: threading.Event
    outages: OutageGuard
    handler: FakeHandler
    processor: Processor

    def do(self, *messages: Message) -> None:
        """Take messages through the whole order of work, as one batch."""
        self.processor.lease.add(messages)
        self.processor.settle([self.processor.outcome(one) for one in messages])


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Give a processor whose four queues are there."""
    cloud, stats, stop = FakeCloud(), WorkerStats(), threading.Event()
    cloud.make("requestQueue", "requestQueue-dlq", "responseQueue", REPLIES)
    for module in (processor_module, replies_module, older_clients_module):
        monkeypatch.setattr(module, "Queue", cloud.queue)
    stand_in: Any = cloud
    bucket: Any = FakeBucket(cloud)
    outages, handler = OutageGuard(stand_in, stop, stats), FakeHandler()
    processor = Processor(handler, bucket, outages)
    return Bench(cloud, stats, stop, outages, handler, processor)


@pytest.fixture
def bucket(bare_bucket: Bucket) -> Bucket:
    """Give a bucket without the queues that handlers know nothing of."""
    return bare_bucket
