"""moto, made to hand each message to one receiver; run as a program, its server.

moto looks through a queue without a lock: two polls in the same moment get the same message. SQS
may do that too, but tests that mean it do it themselves, and the others count.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

from moto.sqs.models import Message, SQSBackend

_receive = SQSBackend.receive_message
_one_at_a_time = threading.Lock()


def _receive_alone(
    backend: SQSBackend, queue_name: str, count: int, wait: float, *rest: Any, **named: Any
) -> list[Message]:
    until = time.monotonic() + wait
    while True:
        with _one_at_a_time:
            found = _receive(backend, queue_name, count, 0, *rest, **named)
        if found or time.monotonic() >= until:
            return found
        backend.get_queue(queue_name).wait_for_messages(1)


def install() -> None:
    """Have moto, in this process, look through a queue for one receiver at a time."""
    setattr(SQSBackend, "receive_message", _receive_alone)  # noqa: B010 - mypy wants its signature


if __name__ == "__main__":
    from moto.server import main

    install()
    main(sys.argv[1:])
