"""The messages of a long queue: who is next, what is counted, and that length is free."""

from __future__ import annotations

import copy
import heapq
import itertools
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.cloud.embedded.message_store import LEAST, MessageStore

NOW = 1000.0
Fields = dict[str, Any]


def message(group: str | None, *, visible: bool = True, receives: int = 0) -> Fields:
    return {
        "group_id": group,
        "visible_at": NOW - 1 if visible else NOW + 30,
        "receive_count": receives,
        "receipt_handle": None,
        "first_receive_at": None,
    }


def handles() -> Callable[[], str]:
    numbers = itertools.count()
    return lambda: f"h{next(numbers)}"


def taken(messages: list[Fields], most: int, *, in_order: bool = False) -> list[Fields]:
    return MessageStore(messages).receive(most, NOW, NOW + 30, handles(), in_order=in_order)


def groups(found: list[Fields]) -> list[str | None]:
    return [one["group_id"] for one in found]


def test_the_one_job_behind_a_flood_is_handed_out_with_the_first() -> None:
    messages = [message("flood") for _ in range(500)] + [message("single")]

    assert groups(taken(messages, 10)).count("single") == 1


def test_who_has_much_in_flight_waits_for_who_has_little() -> None:
    flying = [message("flood", visible=False, receives=1) for _ in range(32)]
    messages = [*flying, *(message("flood") for _ in range(50)), *(message("b") for _ in range(3))]

    assert groups(taken(messages, 4)) == ["b", "b", "b", "flood"]


def test_each_that_is_handed_out_counts_as_one_in_flight() -> None:
    flying = [message("b", visible=False, receives=1) for _ in range(2)]
    messages = [*flying, *(message("b") for _ in range(2)), *(message("a") for _ in range(4))]

    assert groups(taken(messages, 6)) == ["a", "a", "b", "a", "b", "a"]


def test_one_sender_alone_is_served_in_the_order_of_sending() -> None:
    messages = [message("a") for _ in range(30)]

    assert all(map(lambda one, other: one is other, taken(messages, 10), messages[:10]))


def test_plain_clients_together_are_one_sender() -> None:
    messages = [message(None) for _ in range(50)] + [message("b") for _ in range(50)]

    assert sorted(map(str, groups(taken(messages, 10)))) == ["None"] * 5 + ["b"] * 5


def test_a_delayed_message_is_neither_handed_out_nor_counted_as_in_flight() -> None:
    messages = [message("a", visible=False), message("a"), message("b")]

    assert groups(taken(messages, 10)) == ["a", "b"]


def test_a_group_without_a_name_and_none_are_the_same() -> None:
    flying = [message("", visible=False, receives=1) for _ in range(3)]

    assert groups(taken([*flying, message(None), message("b")], 1)) == ["b"]


def test_a_fifo_queue_gives_nothing_of_a_group_that_has_one_in_flight(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("labapp.cloud.embedded.message_store.time.time", lambda: NOW)
    messages = [message(one) for one in "abacab"]
    store, new = MessageStore(messages), handles()

    first = store.receive(2, NOW, NOW + 30, new, in_order=True)
    rest = store.receive(10, NOW, NOW + 30, new, in_order=True)
    assert (groups(first), groups(rest)) == (["a", "b"], ["c"])
    assert store.delete(first[0]["receipt_handle"])
    assert groups(store.receive(10, NOW, NOW + 30, new, in_order=True)) == ["a", "a"]


def test_a_walk_is_over_messages_oldest_first_and_what_is_kept_is_a_list() -> None:
    messages = [message(str(number)) for number in range(3)]
    store = MessageStore(messages[:2])
    store.append(messages[2])

    assert list(store) == messages
    assert len(store) == 3
    kept: Any = copy.deepcopy({"messages": store})
    assert kept == {"messages": messages}
    store.remove(messages[1])
    assert groups(list(store)) == ["0", "2"]
    with pytest.raises(ValueError, match="no such message"):
        store.remove(messages[1])
    store.clear()
    assert (len(store), store.counts(NOW), list(store)) == (0, (0, 0, 0), [])


def test_a_message_that_came_with_its_receipt_handle_is_found_by_it() -> None:
    for begin in (MessageStore.delete, lambda store, handle: store.hide(handle, NOW + 9)):
        store = MessageStore([{**message("a"), "receipt_handle": one} for one in "hi"])
        assert begin(store, "h")
        assert not begin(store, "j")
    held = list(store)
    store.remove(held[0])
    assert list(store) == held[1:]
    assert not store.delete("h")


# What the store says is what a walk through all messages says.


def chosen(messages: list[Fields], most: int, now: float) -> list[Fields]:
    """Return what a standard queue hands out next, as a walk finds it."""
    in_flight: Counter[str] = Counter()
    waiting: dict[str, list[tuple[int, Fields]]] = {}
    for place, one in enumerate(messages):
        group = one["group_id"] or ""
        if one["visible_at"] > now:
            in_flight[group] += one["receive_count"] > 0
        else:
            waiting.setdefault(group, []).append((place, one))
    turns = [(in_flight[group], first[0][0], group) for group, first in waiting.items()]
    heapq.heapify(turns)
    found: list[Fields] = []
    while turns and len(found) < most:
        flying, _, group = heapq.heappop(turns)
        found.append(waiting[group].pop(0)[1])
        if waiting[group]:
            heapq.heappush(turns, (flying + 1, waiting[group][0][0], group))
    return found


def chosen_in_order(messages: list[Fields], most: int, now: float) -> list[Fields]:
    """Return what a FIFO queue hands out next, as a walk finds it."""
    busy = {one["group_id"] for one in messages if one["visible_at"] > now and one["receive_count"]}
    ready = (one for one in messages if one["visible_at"] <= now and one["group_id"] not in busy)
    return list(itertools.islice(ready, most))


STEPS = st.one_of(
    st.tuples(st.just("send"), st.sampled_from([None, "a", "b"]), st.sampled_from([0, 0, 5])),
    st.tuples(st.just("receive"), st.integers(1, 4), st.sampled_from([0, 1, 3, 20])),
    st.tuples(st.just("delete"), st.integers(0, 30), st.just(0)),
    st.tuples(st.just("hide"), st.integers(0, 30), st.sampled_from([0, 2, 40])),
    st.tuples(st.just("wait"), st.integers(1, 4), st.just(0)),
    st.tuples(st.just("sweep"), st.integers(1, 3), st.just(0)),
)


@pytest.mark.parametrize("in_order", [False, True])
@pytest.mark.parametrize("least", [0, LEAST])
def test_whatever_is_done_a_walk_would_say_the_same(
    monkeypatch: pytest.MonkeyPatch, in_order: bool, least: int
) -> None:
    clock = [NOW]
    monkeypatch.setattr("labapp.cloud.embedded.message_store.LEAST", least)
    monkeypatch.setattr("labapp.cloud.embedded.message_store.time.time", lambda: clock[0])
    choose = chosen_in_order if in_order else chosen

    @settings(max_examples=40, deadline=None)
    @given(st.lists(STEPS, max_size=60))
    def whatever(steps: list[tuple[str, Any, int]]) -> None:
        clock[0] = NOW
        walk: list[Fields] = []
        store, new, known = MessageStore(), handles(), [""]
        for action, value, seconds in steps:
            until = clock[0] + seconds
            if action == "send":
                group = value or "g" if in_order else value
                walk.append({**message(group), "visible_at": until})
                store.append(walk[-1])
            elif action == "receive":
                expected = choose(walk, value, clock[0])
                found = store.receive(value, clock[0], until, new, in_order=in_order)
                assert list(map(id, found)) == list(map(id, expected))
                known += [one["receipt_handle"] for one in found]
            elif action == "wait":
                clock[0] += value
            elif action == "sweep":
                often = [
                    one
                    for one in walk
                    if one["receive_count"] >= value and one["visible_at"] <= clock[0]
                ]
                assert store.exhausted(value, clock[0]) == often
                for one in often:
                    store.remove(one)
                    walk = [other for other in walk if other is not one]
            else:
                handle = known[-1 - value % len(known)]
                held = [one for one in walk if handle and one["receipt_handle"] == handle]
                if action == "delete":
                    assert store.delete(handle) is bool(held)
                    walk = [one for one in walk if one not in held]
                else:
                    assert store.hide(handle, until) is bool(held)
                    assert all(one["visible_at"] == until for one in held)
            flying = [one["receive_count"] > 0 for one in walk if one["visible_at"] > clock[0]]
            counts = (len(walk) - len(flying), sum(flying), len(flying) - sum(flying))
            assert store.counts(clock[0]) == counts
            assert list(map(id, store)) == list(map(id, walk))
        heaps: list[list[Any]] = [store._hidden, store._turns]
        heaps += [lane.waiting for lane in store._lanes.values()]
        assert all(len(heap) <= 2 * len(walk) + least + 1 for heap in heaps), "nothing piles up"

    whatever()
