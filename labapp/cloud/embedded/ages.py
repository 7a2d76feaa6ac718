"""Since when messages wait in the local cloud's queues: said without a look at their bodies.

MiniStack lists every message of every queue, bodies and all; with many, and then it matters, that
takes longer than anybody waits. Here each queue is gone through once, in its own process: some 10
milliseconds for 100,000 messages.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any


def ages(sqs: Any) -> dict[str, float]:
    """Return how many seconds the oldest visible message of each queue has waited.

    Args:
        sqs: MiniStack's SQS module, already imported.

    Returns:
        Ages by the queue's name; a queue in which nothing waits is left out.
    """
    queues: Mapping[tuple[str, ...], Mapping[str, Any]] = sqs._queues.to_dict()
    now = time.time()
    found: dict[str, float] = {}
    for scoped, queue in queues.items():
        sent = [one["sent_at"] for one in queue["messages"] if one["visible_at"] <= now]
        if sent:
            found[scoped[-1].rpartition("/")[2]] = max(0.0, now - min(sent))
    return found
