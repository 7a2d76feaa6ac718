"""How a job came to a worker: which one, on which host, how often, after how long in the queue.

The one home of these facts: log lines, metrics, and whoever follows a job, have them from here.
"""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass, field
from functools import cache

from labapp.cloud.queues import Message


@cache
def _host() -> str:
    return socket.gethostname()


@dataclass(frozen=True)
class WorkerName:
    """What tells one worker process from all others: its host, and an id that people can read."""

    host: str = field(default_factory=_host)
    worker: str = field(default_factory=lambda: f"{_host()}-{os.getpid()}-{secrets.token_hex(2)}")


@dataclass(frozen=True)
class Delivery:
    """One delivery of a message to a worker.

    Attributes:
        worker: the worker's id, as its report has it.
        host: the machine that it is on.
        queue: the queue's name.
        receives: how often the message was received, this time included.
        wait: seconds that it waited in the queue until it was received for the first time. Both
            moments are SQS's own, so no clock of ours can be wrong about it.
    """

    worker: str
    host: str
    queue: str
    receives: int
    wait: float


def delivery_of(message: Message, queue: str, name: WorkerName) -> Delivery:
    """Return how a message that was received from a queue came to a worker."""
    wait = round(max(0.0, message.first_received_at - message.sent_at), 3)
    return Delivery(name.worker, name.host, queue, message.receives, wait)
