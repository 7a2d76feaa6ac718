"""Queues of the local cloud whose length costs nothing.

MiniStack goes through all of a queue's messages in each receive, delete, change of visibility and
count: with 100,000 waiting, a receive takes fifty times as long as with 100. Here the same is asked
of a `MessageStore`. What it does, and this, is offered to MiniStack as a patch, which lies beside
the page on the local cloud; once the version that is pinned has it, this file and `message_store`
can go (tests/cloud/embedded/queues/test_the_patch.py tells).
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterable
from typing import Any

from labapp.cloud.embedded.message_store import Entry, Message, MessageStore
from labapp.cloud.embedded.replay import TAKEN, Queue

Request = dict[str, Any]
Answer = dict[str, Any]


class KeptMessages(MessageStore):
    """The messages of a queue whose changes are written down, or undone."""

    def newest(self, count: int) -> list[Message]:
        """Return the last messages, oldest first."""
        kept = (entry.message for entry in reversed(self._entries.values()))
        last = itertools.islice(itertools.chain(reversed(self._new), kept), count)
        return [*last][::-1]

    def drop_newest(self, count: int) -> None:
        """Drop the last messages."""
        for _ in range(count):
            if self._new:
                self._new.pop()
            else:
                self._drop(next(reversed(self._entries.values())))

    def receive(self, *given: Any, **more: Any) -> list[Message]:
        """Hand out messages, as a store does, and know how to put them back."""
        self._before: list[Message] = []
        return super().receive(*given, **more)

    def put_back(self, taken: Iterable[Message]) -> None:
        """Undo that these messages were handed out, as the last thing that was done."""
        for message, before in zip(taken, self._before, strict=True):
            entry = self._by_handle.pop(message["receipt_handle"])
            self._leave(entry)
            message.update(before)
            if before["receipt_handle"]:
                self._by_handle[before["receipt_handle"]] = entry
            self._show(entry)

    def oldest(self, now: float) -> float | None:
        """Return when the longest waiting of the visible messages was sent."""
        self._settle(now)
        lanes = self._lanes.values()
        places: Iterable[int] = (lane.rank[1] for lane in lanes if lane.rank is not None)
        if not self._is_by_age:
            places = filter(self._waits, self._entries)
        return min((self._entries[place].message["sent_at"] for place in places), default=None)

    def clear(self) -> None:
        """Drop all messages."""
        super().clear()
        #: Whether they stand as they were sent; dead letters stand as they were put aside.
        self._is_by_age, self._last_sent = True, 0.0

    def _add(self, message: Message, now: float) -> None:
        super()._add(message, now)
        self._is_by_age = self._is_by_age and message["sent_at"] >= self._last_sent
        self._last_sent = message["sent_at"]

    def _take(self, entry: Entry, *given: Any) -> Message:
        self._before.append({name: entry.message[name] for name in TAKEN})
        return super()._take(entry, *given)


def messages_of(sqs: Any, queue: Queue) -> KeptMessages:
    """Return the messages of a queue; a list, as MiniStack makes it, is taken over."""
    found = queue["messages"]
    if not isinstance(found, KeptMessages):
        found = queue["messages"] = KeptMessages(found, sqs._ensure_msg_fields)
    return found


class LongQueues:
    """What is put in the place of MiniStack's own, in its SQS module, already imported."""

    #: The functions of the module, and the handlers, that go through all messages there.
    FUNCTIONS = ("_collect_msgs", "_dlq_sweep", "_refresh_counts", "_prune_dedup")

    def __init__(self, sqs: Any) -> None:
        self._sqs = sqs

    def install(self) -> None:
        """Have the module ask its queues as told above from now on."""
        sqs = self._sqs
        sqs._collect_msgs, sqs._dlq_sweep = self.collect, self.sweep
        sqs._refresh_counts, sqs._prune_dedup = self.count, forget
        sqs._HANDLERS.update(
            DeleteMessage=self.delete,
            DeleteMessageBatch=self.delete_batch,
            ChangeMessageVisibility=self.show,
            ChangeMessageVisibilityBatch=self.show_batch,
        )

    def collect(self, queue: Queue, most: int, seconds: int) -> list[Message]:
        """Receive."""
        now = time.time()
        until, new = now + seconds, self._sqs.new_uuid
        messages = messages_of(self._sqs, queue)
        return messages.receive(most, now, until, new, in_order=queue["is_fifo"])

    def exhausted(self, queue: Queue) -> tuple[list[Message], Queue | None]:
        """Return what has been received as often as may be, and the queue that it goes to."""
        try:
            policy = json.loads(queue["attributes"].get("RedrivePolicy") or "{}")
            most, arn = int(policy["maxReceiveCount"]), policy["deadLetterTargetArn"]
        except (ValueError, TypeError, KeyError):
            return [], None
        target: Queue | None = self._sqs._queue_by_arn(arn)
        if target is None or most < 1:
            return [], None
        return messages_of(self._sqs, queue).exhausted(most, time.time()), target

    def sweep(self, queue: Queue) -> None:
        """Move what was received too often to the dead letters."""
        found, target = self.exhausted(queue)
        if target is not None:
            self.move(queue, target, found, time.time())

    def move(self, queue: Queue, target: Queue, messages: list[Message], now: float) -> None:
        """Move messages to the dead letters, from where they are visible."""
        store, dead = messages_of(self._sqs, queue), messages_of(self._sqs, target)
        for message in messages:
            store.remove(message)
            dead.append({**message, "receipt_handle": None, "visible_at": now})

    def count(self, queue: Queue) -> None:
        """Put down how many messages there are, as GetQueueAttributes tells."""
        counts = messages_of(self._sqs, queue).counts(time.time())
        for name, count in zip(("", "NotVisible", "Delayed"), counts, strict=True):
            queue["attributes"][f"ApproximateNumberOfMessages{name}"] = str(count)

    def delete(self, request: Request, url: str) -> Answer:
        """Delete a message."""
        handle = request.get("ReceiptHandle", "")
        if not handle:
            raise self._sqs._Err(
                "MissingParameter", "The request must contain the parameter ReceiptHandle."
            )
        return self._done(self._messages(request, url).delete(handle))

    def show(self, request: Request, url: str) -> Answer:
        """Change when a message is visible."""
        until = time.time() + int(request.get("VisibilityTimeout", 30))
        handle = request.get("ReceiptHandle", "")
        return self._done(self._messages(request, url).hide(handle, until))

    def delete_batch(self, request: Request, url: str) -> Answer:
        """Delete messages."""
        messages = self._messages(request, url)
        entries = request.get("Entries", [])
        return _each(entries, [messages.delete(one.get("ReceiptHandle", "")) for one in entries])

    def show_batch(self, request: Request, url: str) -> Answer:
        """Change when messages are visible."""
        messages = self._messages(request, url)
        entries, now = request.get("Entries", []), time.time()
        hidden = (
            (one.get("ReceiptHandle", ""), now + int(one.get("VisibilityTimeout", 30)))
            for one in entries
        )
        return _each(entries, [messages.hide(*each) for each in hidden])

    def _messages(self, request: Request, url: str) -> KeptMessages:
        return messages_of(self._sqs, self._sqs._get_q(request.get("QueueUrl", url)))

    def _done(self, is_done: bool) -> Answer:
        if not is_done:
            raise self._sqs._Err(*_INVALID)
        return {}


_INVALID = ("ReceiptHandleIsInvalid", "The input receipt handle is invalid.")


def _each(entries: list[Request], done: list[bool]) -> Answer:
    """Return the answer to a batch."""
    code, text = _INVALID
    failed = {"Code": code, "Message": text, "SenderFault": True}
    named = [(entry.get("Id", ""), is_done) for entry, is_done in zip(entries, done, strict=True)]
    return {
        "Successful": [{"Id": name} for name, is_done in named if is_done],
        "Failed": [{"Id": name, **failed} for name, is_done in named if not is_done],
    }


def forget(queue: Queue) -> None:
    """Forget what a FIFO queue may take again: five minutes after it was sent, oldest first."""
    known, now = queue["dedup_cache"], time.time()
    while known:
        first = next(iter(known))
        if known[first]["expire"] > now:
            return
        del known[first]
