"""Receiving from the local cloud's queues: at once when a message is there.

MiniStack looks into an empty queue every 100 ms for as long as a long poll lasts, so that an answer
takes 100 ms, whatever the worker does. Here it is asked with a wait of zero alone. A long poll
sleeps until something is sent to its queue, ends when its client goes away (MiniStack would hand a
message to the dead client, and hide it; what was handed out at that very moment is given back), and
returns at once when the cloud stops.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from labapp.cloud.embedded.replay import Queue, name_of

Request = dict[str, Any]
Answer = dict[str, Any]

#: Seconds between two looks into an empty queue, for what rings no bell: a visibility timeout that
#: ends, a delayed message, a notification from the bucket.
LOOK_AGAIN_SECONDS = 0.25

#: Returns when the client is gone whose request is being answered; the gateway says how.
CLIENT_GONE: ContextVar[Callable[[], Any]] = ContextVar("CLIENT_GONE")

#: What makes a message visible at once, so that sleeping polls must look again.
_RINGING = (
    *("SendMessage", "SendMessageBatch"),
    *("ChangeMessageVisibility", "ChangeMessageVisibilityBatch"),
)

#: What makes the next message of its group visible, in a FIFO queue.
_RINGING_IN_ORDER = ("DeleteMessage", "DeleteMessageBatch")


class LongPolls:
    """The long polls of MiniStack's SQS module, already imported."""

    def __init__(self, sqs: Any) -> None:
        self._sqs = sqs
        self._bells: dict[str, asyncio.Event] = {}
        self._is_closed = False

    def install(self) -> None:
        """Have the module answer as told above from now on."""
        handlers = self._sqs._HANDLERS
        for action in _RINGING:
            handlers[action] = self._ringing(handlers[action])
        for action in _RINGING_IN_ORDER:
            handlers[action] = self._ringing(handlers[action], in_order=True)
        handlers["ReceiveMessage"] = self._receiving(handlers["ReceiveMessage"])

    def close(self) -> None:
        """End every long poll now, and let no new one begin."""
        self._is_closed = True
        for name in list(self._bells):
            self._ring(name)

    def _ring(self, name: str) -> None:
        if bell := self._bells.pop(name, None):
            bell.set()

    def _queue(self, request: Request, url: str) -> Queue:
        queue: Queue = self._sqs._get_q(request.get("QueueUrl", url))
        return queue

    def _ringing(self, handler: Callable[[Request, str], Answer], *, in_order: bool = False) -> Any:
        def ringing(request: Request, url: str) -> Answer:
            answer = handler(request, url)
            queue = self._queue(request, url)
            if queue["is_fifo"] or not in_order:
                self._ring(name_of(queue))
            return answer

        return ringing

    def _receiving(self, look: Callable[[Request, str], Any]) -> Any:
        async def receiving(request: Request, url: str) -> Answer:
            began, queue = time.monotonic(), self._queue(request, url)
            name, wait = name_of(queue), _seconds(request, queue)
            gone = asyncio.ensure_future(CLIENT_GONE.get()())
            try:
                while True:
                    # Fetched before the look: what is sent in between must not be missed.
                    bell = self._bells.setdefault(name, asyncio.Event())
                    answer: Answer = await look({**request, "WaitTimeSeconds": 0}, url)
                    if answer:
                        await asyncio.sleep(0)  # a client that has gone by now is heard of
                        return self._given_back(answer, request, url) if gone.done() else answer
                    left = began + wait - time.monotonic()
                    if left <= 0 or self._is_closed:
                        return answer
                    if await _rung_or_gone(bell, gone, min(left, LOOK_AGAIN_SECONDS)):
                        return answer
            finally:
                gone.cancel()

        return receiving

    def _given_back(self, answer: Answer, request: Request, url: str) -> Answer:
        """Have messages that nobody took be visible at once; return an answer without any."""
        entries = [
            {"Id": str(place), "ReceiptHandle": each["ReceiptHandle"], "VisibilityTimeout": 0}
            for place, each in enumerate(answer["Messages"])
        ]
        give_back = self._sqs._HANDLERS["ChangeMessageVisibilityBatch"]
        give_back({**request, "Entries": entries}, url)
        return {}


def _seconds(request: Request, queue: Queue) -> float:
    """Return how long a poll may last: the request's own word, else the queue's."""
    wait = request.get("WaitTimeSeconds")
    if wait is None:
        wait = queue["attributes"].get("ReceiveMessageWaitTimeSeconds", 0)
    try:
        return float(wait)
    except (TypeError, ValueError):
        return 0.0


async def _rung_or_gone(bell: asyncio.Event, gone: asyncio.Future[Any], seconds: float) -> bool:
    """Sleep until the bell rings, the client is gone or the time is over; tell if it is gone."""
    rung = asyncio.ensure_future(bell.wait())
    either: set[asyncio.Future[Any]] = {rung, gone}
    await asyncio.wait(either, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    rung.cancel()
    return gone.done()
