"""SQS's fair queues, for the local cloud.

On Amazon, messages of a standard queue that carry a MessageGroupId are handed out so that a sender
with much in flight does not keep the others waiting. MiniStack takes the group and ignores it:
first come, first served. Here what it chooses from is put in a fair order; receiving itself, with
all that it does to a message, stays MiniStack's own.
"""

from __future__ import annotations

import functools
import heapq
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Queue = Mapping[str, Any]
Record = Mapping[str, Any]
Collect = Callable[[Queue, int, int], list[Record]]


def install(sqs: Any) -> None:
    """Have MiniStack's SQS module, already imported, hand out fairly."""
    sqs._collect_msgs = fairly(sqs._collect_msgs)


def fairly(collect: Collect) -> Collect:
    """Return a `collect` that chooses among the messages of a standard queue in fair order."""

    @functools.wraps(collect)
    def fair(queue: Queue, most: int, seconds: int) -> list[Record]:
        if queue["is_fifo"]:
            return collect(queue, most, seconds)
        chosen = choose(queue["messages"], most, time.time())
        return collect({**queue, "messages": chosen}, most, seconds)

    return fair


def choose(messages: Sequence[Record], most: int, now: float) -> list[Record]:
    """Return the messages to hand out next.

    Args:
        messages: all of a queue, oldest first, as MiniStack keeps them.
        most: how many to hand out at most.
        now: seconds since 1970.

    Returns:
        Visible messages, each time one of the group with the fewest in flight, oldest first among
        equals. Those without a group are one group together.
    """
    in_flight: Counter[str] = Counter()
    waiting: dict[str, list[tuple[int, Record]]] = {}
    for place, message in enumerate(messages):
        group = message.get("group_id") or ""
        if message["visible_at"] > now:
            in_flight[group] += message["receive_count"] > 0
        elif len(first := waiting.setdefault(group, [])) < most:
            first.append((place, message))
    turns = [(in_flight[group], first[0][0], group) for group, first in waiting.items()]
    heapq.heapify(turns)
    chosen: list[Record] = []
    taken: Counter[str] = Counter()
    while turns and len(chosen) < most:
        flying, _, group = heapq.heappop(turns)
        chosen.append(waiting[group][taken[group]][1])
        taken[group] += 1
        if taken[group] < len(waiting[group]):
            heapq.heappush(turns, (flying + 1, waiting[group][taken[group]][0], group))
    return chosen
