"""The messages of one SQS queue, found without a walk through all of them.

A list makes each receive, delete and count take as long as the queue is. Here a message is found by
its receipt handle, what is hidden stands in a heap by the moment at which it becomes visible, and
what is visible in one heap for each message group; counts are kept as messages come and go. Nothing
takes longer than the logarithm of the queue's length, but for a walk that is asked for.

Who is served first: of a standard queue the group with the fewest messages in flight, the longest
waiting among equals (SQS's fair queues; all messages without a group are one), of a FIFO queue the
longest waiting of the groups that have none in flight. With one group both are the order of
sending.

Heaps may hold what is true no more: it is passed over when it comes to the top, and thrown out when
it is more than half.
"""

from __future__ import annotations

import copy
import heapq
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

Message = dict[str, Any]

#: Items of a heap below which it is left as it is, whatever it holds.
LEAST = 64


def _complete(message: Message) -> None:
    """Do nothing: a message has all its fields."""


class Entry:
    """A message in its place.

    Attributes:
        place: counts what came before it.
        message: its fields, as SQS's actions know them.
        lane: what its group has.
        until: the moment at which it becomes visible; None once it is.
    """

    __slots__ = ("lane", "message", "place", "until")

    def __init__(self, place: int, message: Message, lane: Lane) -> None:
        self.place, self.message, self.lane = place, message, lane
        self.until: float | None = None


class Lane:
    """The messages of one group.

    Attributes:
        group: its name; empty for the messages without one.
        size: how many there are.
        waiting: the places of those that are visible, a heap.
        visible: how many of the places are true.
        in_flight: how many were received and are hidden.
        rank: by what it is served: in flight, and the first place; None if nothing waits.
    """

    __slots__ = ("group", "in_flight", "rank", "size", "visible", "waiting")

    def __init__(self, group: str) -> None:
        self.group = group
        self.size = self.visible = self.in_flight = 0
        self.waiting: list[int] = []
        self.rank: tuple[int, int] | None = None


class MessageStore:
    """The messages of a queue, oldest first.

    Args:
        messages: those that it begins with.
        complete: gives a message the fields that it lacks; called once for each.
    """

    def __init__(
        self,
        messages: Iterable[Message] = (),
        complete: Callable[[Message], None] = _complete,
    ) -> None:
        self._complete = complete
        self._lock = threading.RLock()  # a Lambda's event source reads from a thread of its own
        self._places = 0
        self.clear()
        self._new.extend(messages)

    def clear(self) -> None:
        """Drop all messages."""
        with self._lock:
            #: Those that came since anybody looked; whoever appends need not give all fields.
            self._new: deque[Message] = deque()
            self._entries: dict[int, Entry] = {}
            self._by_handle: dict[str, Entry] = {}
            self._lanes: dict[str, Lane] = {}
            #: Who is next: in flight, first place, group.
            self._turns: list[tuple[int, int, str]] = []
            #: When which place becomes visible.
            self._hidden: list[tuple[float, int]] = []
            #: What is visible again, by how often it was received.
            self._returned: dict[int, dict[int, Entry]] = {}
            self._in_flight = self._delayed = 0

    def __len__(self) -> int:
        return len(self._entries) + len(self._new)

    def __iter__(self) -> Iterator[Message]:
        with self._lock:
            found = [entry.message for entry in self._entries.values()]
            return iter([*found, *self._new])

    def __deepcopy__(self, memo: dict[int, Any]) -> list[Message]:
        # What is kept of a queue is a list, as it always was.
        return copy.deepcopy(list(self), memo)

    def append(self, message: Message) -> None:
        """Add a message behind all others."""
        self._new.append(message)

    def remove(self, message: Message) -> None:
        """Drop a message.

        Raises:
            ValueError: it is not here.
        """
        with self._lock:
            self._settle(time.time())
            entry = self._by_handle.get(message.get("receipt_handle") or "")
            if entry is None or entry.message is not message:
                every = self._entries.values()
                entry = next((one for one in every if one.message is message), None)
            if entry is None:
                raise ValueError("no such message")
            self._drop(entry)

    def receive(
        self,
        most: int,
        now: float,
        until: float,
        new_handle: Callable[[], str],
        *,
        in_order: bool = False,
    ) -> list[Message]:
        """Hand out messages that are visible, and hide them.

        Args:
            most: how many at most.
            now: seconds since 1970.
            until: when they become visible again.
            new_handle: makes a receipt handle.
            in_order: as a FIFO queue does.
        """
        taken: list[Message] = []
        begun: list[Lane] = []
        with self._lock:
            self._settle(now)
            while len(taken) < most:
                lane = self._next(begun) if in_order else self._first()
                if lane is None or lane.rank is None:
                    break
                if in_order and lane not in begun:
                    begun.append(lane)
                taken.append(self._take(self._entries[lane.rank[1]], now, until, new_handle()))
        return taken

    def delete(self, handle: str) -> bool:
        """Drop the message with a receipt handle; tell if there is one."""
        with self._lock:
            self._settle(time.time())
            entry = self._by_handle.get(handle)
            if entry is not None:
                self._drop(entry)
            return entry is not None

    def hide(self, handle: str, until: float) -> bool:
        """Have the message with a receipt handle be hidden until then; tell if there is one."""
        with self._lock:
            self._settle(time.time())
            entry = self._by_handle.get(handle)
            if entry is not None:
                self._leave(entry)
                self._hide(entry, until)
            return entry is not None

    def counts(self, now: float) -> tuple[int, int, int]:
        """Return how many are visible, in flight, and delayed."""
        with self._lock:
            self._settle(now)
            hidden = self._in_flight + self._delayed
            return len(self._entries) - hidden, self._in_flight, self._delayed

    def exhausted(self, receives: int, now: float) -> list[Message]:
        """Return those that are visible and were received as often as that, oldest first."""
        with self._lock:
            self._settle(now)
            groups = [group for times, group in self._returned.items() if times >= receives]
            found = {place: entry for group in groups for place, entry in group.items()}
            return [found[place].message for place in sorted(found)]

    # What must be called with the lock held.

    def _take(self, entry: Entry, now: float, until: float, handle: str) -> Message:
        """Hand out a message that is visible."""
        self._leave(entry)
        message = entry.message
        self._by_handle.pop(message["receipt_handle"] or "", None)
        self._by_handle[handle] = entry
        message["receipt_handle"] = handle
        message["receive_count"] += 1
        if message.get("first_receive_at") is None:
            message["first_receive_at"] = now
        self._hide(entry, until)
        return message

    def _settle(self, now: float) -> None:
        """Take in what is new, and show what is visible by now."""
        while self._new:
            self._add(self._new.popleft(), now)
        while self._hidden and self._hidden[0][0] <= now:
            until, place = heapq.heappop(self._hidden)
            if self._hides(until, place):
                entry = self._entries[place]
                self._leave(entry)
                self._show(entry)

    def _add(self, message: Message, now: float) -> None:
        self._complete(message)
        group = message.get("group_id") or ""
        lane = self._lanes.get(group)
        if lane is None:
            lane = self._lanes[group] = Lane(group)
        lane.size += 1
        entry = self._entries[self._places] = Entry(self._places, message, lane)
        self._places += 1
        if message["receipt_handle"]:
            self._by_handle[message["receipt_handle"]] = entry
        if message["visible_at"] <= now:
            self._show(entry)
        else:
            self._hide(entry, message["visible_at"])

    def _show(self, entry: Entry) -> None:
        lane, place = entry.lane, entry.place
        entry.until = None
        lane.visible += 1
        if entry.message["receive_count"]:
            self._returned.setdefault(entry.message["receive_count"], {})[place] = entry
        heapq.heappush(lane.waiting, place)
        self._rank(lane)

    def _hide(self, entry: Entry, until: float) -> None:
        entry.until = entry.message["visible_at"] = until
        if entry.message["receive_count"]:
            entry.lane.in_flight += 1
            self._in_flight += 1
        else:
            self._delayed += 1
        heapq.heappush(self._hidden, (until, entry.place))
        self._rank(entry.lane)
        self._trim()

    def _leave(self, entry: Entry) -> None:
        """Take a message out of what it is counted as; it is shown, hidden or dropped next."""
        times = entry.message["receive_count"]
        if entry.until is None:
            entry.lane.visible -= 1
            if times:
                again = self._returned[times]
                del again[entry.place]
                if not again:
                    del self._returned[times]
        elif times:
            entry.lane.in_flight -= 1
            self._in_flight -= 1
        else:
            self._delayed -= 1

    def _drop(self, entry: Entry) -> None:
        self._leave(entry)
        lane, handle = entry.lane, entry.message["receipt_handle"]
        del self._entries[entry.place]
        if handle:
            self._by_handle.pop(handle, None)
        lane.size -= 1
        if not lane.size:
            del self._lanes[lane.group]
        self._rank(lane)
        self._trim()

    def _waits(self, place: int) -> bool:
        entry = self._entries.get(place)
        return entry is not None and entry.until is None

    def _hides(self, until: float, place: int) -> bool:
        entry = self._entries.get(place)
        return entry is not None and entry.until == until

    def _rank(self, lane: Lane) -> None:
        """Say when a group is served, after anything has changed."""
        while lane.waiting and not self._waits(lane.waiting[0]):
            heapq.heappop(lane.waiting)
        if len(lane.waiting) > 2 * lane.visible + LEAST:
            lane.waiting = sorted({one for one in lane.waiting if self._waits(one)})
        rank = (lane.in_flight, lane.waiting[0]) if lane.waiting else None
        if rank != lane.rank:
            lane.rank = rank
            if rank is not None:
                heapq.heappush(self._turns, (*rank, lane.group))

    def _trim(self) -> None:
        """Throw out what is true no more, where it is more than half."""
        if len(self._hidden) > 2 * (self._in_flight + self._delayed) + LEAST:
            self._hidden = sorted({one for one in self._hidden if self._hides(*one)})
        if len(self._turns) > 2 * len(self._lanes) + LEAST:
            lanes = self._lanes.values()
            self._turns = sorted((*one.rank, one.group) for one in lanes if one.rank is not None)

    def _first(self) -> Lane | None:
        """Return the group that is served next."""
        while self._turns:
            flying, place, group = self._turns[0]
            lane = self._lanes.get(group)
            if lane is not None and lane.rank == (flying, place):
                return lane
            heapq.heappop(self._turns)
        return None

    def _next(self, begun: list[Lane]) -> Lane | None:
        """Return the group that is served next in a FIFO queue.

        Args:
            begun: groups that this very request had messages of; it may have more of them.
        """
        first = self._first()
        lanes = [*begun, first] if first is not None and not first.in_flight else begun
        ready = [(lane.rank[1], lane) for lane in lanes if lane.rank is not None]
        return min(ready)[1] if ready else None
