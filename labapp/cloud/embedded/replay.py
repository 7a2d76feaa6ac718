"""What the records of the local cloud's journal say, and the queues that they make.

One record is one change with its outcome (the message with its id, the handle given out, the moment
at which it is visible again), so that reading them needs no rules of SQS. A record of a queue that
is not there says nothing: the queue was deleted meanwhile, or the record that made it was damaged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from labapp.cloud.embedded.state import NEWER

Queue = dict[str, Any]
Message = dict[str, Any]

#: Account, region and address, by which MiniStack knows a queue.
Place = tuple[str, str, str]

#: The form of the records; nothing is read of a higher one.
FORMAT = 1

#: What a receive changes of a message.
TAKEN = ("receipt_handle", "visible_at", "receive_count", "first_receive_at")

#: What each message has, in the order in which a record has it; half the time of a dict with names.
_ALWAYS = ("id", "body", "md5_body", "md5_attrs", "message_attributes", "sys", "sent_at")

#: What a message has besides, as it is in most; a record names what is otherwise.
_MOSTLY: Message = {
    **dict.fromkeys(("receipt_handle", "first_receive_at", "group_id", "dedup_id", "seq")),
    "dedup_cache_key": None,
    "receive_count": 0,
}
_NAMED = (*_MOSTLY, "visible_at")

#: Seconds for which a FIFO queue takes no message twice (Amazon SQS, "Exactly-once processing").
_DEDUPLICATION_SECONDS = 300


class Replay:
    """Queues, as records make them."""

    def __init__(self) -> None:
        self._shapes: dict[str, tuple[Queue, Place]] = {}
        self._messages: dict[str, dict[str, Message]] = {}
        self._handles: dict[tuple[str, str], Message] = {}
        self._is_newer = False
        self._kinds: dict[str, Callable[..., None]] = {
            "send": self._send,
            "take": self._take,
            "show": self._show,
            "delete": self._delete,
            "move": self._move,
            "purge": self._purge,
            "gone": self._gone,
        }

    def queues(self) -> Iterator[tuple[Queue, Place]]:
        """Yield each queue as MiniStack has it, and its place."""
        for name, (shape, place) in self._shapes.items():
            yield {**shape, "messages": list(self._messages[name].values())}, place

    def apply(self, record: list[Any]) -> None:
        """Do again what a record says.

        Raises:
            ValueError: it is none of ours.
            TypeError, LookupError, AttributeError: it is not as ours are.
        """
        kind, *rest = record
        if kind == "labapp":
            self._is_newer = rest[0] > FORMAT
        if self._is_newer:
            raise ValueError(f"the journal of the queues {NEWER}")
        if kind == "queue":
            account, region, url, shape = rest
            self._shapes[name_of(shape)] = (shape, (account, region, url))
            self._messages.setdefault(name_of(shape), {})
        elif kind in self._kinds:
            if rest[0] in self._shapes:
                self._kinds[kind](*rest)
        elif kind != "labapp":
            raise ValueError(f"{kind!r} is no record of the queues")

    def _send(self, name: str, messages: list[list[Any]]) -> None:
        queue, kept = self._shapes[name][0], self._messages[name]
        for record_of in messages:
            message = _unpacked(record_of)
            kept[message["id"]] = message
            if message["receipt_handle"]:
                self._handles[name, message["receipt_handle"]] = message
            if queue["is_fifo"] and message.get("seq"):
                _count(queue, message)

    def _take(self, name: str, taken: list[list[Any]]) -> None:
        for number, *values in taken:
            message = self._messages[name].get(number)
            if message is not None:
                self._handles.pop((name, message["receipt_handle"]), None)
                message.update(zip(TAKEN, values, strict=True))
                self._handles[name, message["receipt_handle"]] = message

    def _show(self, name: str, shown: list[tuple[str, float]]) -> None:
        for handle, moment in shown:
            if (name, handle) in self._handles:
                self._handles[name, handle]["visible_at"] = moment

    def _delete(self, name: str, handles: list[str]) -> None:
        for handle in handles:
            message = self._handles.pop((name, handle), None)
            if message is not None:
                self._messages[name].pop(message["id"], None)

    def _move(self, name: str, target: str, ids: list[str], now: float) -> None:
        for number in ids:
            message = self._messages[name].pop(number, None)
            if message is not None:
                self._handles.pop((name, message["receipt_handle"]), None)
                message.update(receipt_handle=None, visible_at=now)
                self._messages.setdefault(target, {})[number] = message

    def _purge(self, name: str) -> None:
        self._messages[name].clear()

    def _gone(self, name: str) -> None:
        del self._shapes[name], self._messages[name]


def name_of(queue: Queue) -> str:
    """Return what names a queue for good: its ARN."""
    return str(queue["attributes"]["QueueArn"])


def record_of(message: Message) -> list[Any]:
    """Return a message as a record has it."""
    rest = {name: message[name] for name in _NAMED if message.get(name)}
    if rest["visible_at"] == message["sent_at"]:
        del rest["visible_at"]
    return [*(message[name] for name in _ALWAYS), rest]


def _unpacked(values: list[Any]) -> Message:
    """Return the message that was `record_of`."""
    *always, rest = values
    message = dict(zip(_ALWAYS, always, strict=True))
    return {**message, **_MOSTLY, "visible_at": message["sent_at"], **rest}


def _count(queue: Queue, message: Message) -> None:
    """Have a FIFO queue know its last number, and what it must not take twice."""
    queue["fifo_seq"] = max(queue["fifo_seq"], int(message["seq"]))
    queue["dedup_cache"].pop(message["dedup_cache_key"], None)  # what is known stands by its age
    queue["dedup_cache"][message["dedup_cache_key"]] = {
        "expire": message["sent_at"] + _DEDUPLICATION_SECONDS,
        "id": message["id"],
        "md5": message["md5_body"],
        "md5a": message["md5_attrs"],
        "seq": message["seq"],
    }
