"""On the local cloud, as on Amazon, one sender's flood does not keep the others waiting."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from labapp.cloud.embedded.receiving import choose, fairly

NOW = 1000.0


def message(group: str | None, *, visible: bool = True, receives: int = 0) -> dict[str, Any]:
    at = NOW - 1 if visible else NOW + 30
    return {"group_id": group, "visible_at": at, "receive_count": receives}


def groups(chosen: Any) -> list[str | None]:
    return [one["group_id"] for one in chosen]


def test_the_one_job_behind_a_flood_is_handed_out_with_the_first() -> None:
    messages = [message("flood") for _ in range(5000)] + [message("single")]

    assert groups(choose(messages, 10, NOW)).count("single") == 1


def test_who_has_much_in_flight_waits_for_who_has_little() -> None:
    flying = [message("flood", visible=False, receives=1) for _ in range(32)]
    messages = [*flying, *(message("flood") for _ in range(50)), *(message("b") for _ in range(3))]

    assert groups(choose(messages, 4, NOW)) == ["b", "b", "b", "flood"]


def test_each_that_is_handed_out_counts_as_one_in_flight() -> None:
    flying = [message("b", visible=False, receives=1) for _ in range(2)]
    messages = [*flying, *(message("b") for _ in range(2)), *(message("a") for _ in range(4))]

    assert groups(choose(messages, 6, NOW)) == ["a", "a", "b", "a", "b", "a"]


def test_one_sender_alone_is_served_in_the_order_of_sending() -> None:
    messages = [message("a") for _ in range(30)]

    assert choose(messages, 10, NOW) == messages[:10]


def test_plain_clients_together_are_one_sender() -> None:
    messages = [message(None) for _ in range(50)] + [message("b") for _ in range(50)]

    assert sorted(map(str, groups(choose(messages, 10, NOW)))) == ["None"] * 5 + ["b"] * 5


def test_a_delayed_message_is_neither_handed_out_nor_counted_as_in_flight() -> None:
    messages = [message("a", visible=False), message("a"), message("b")]

    assert groups(choose(messages, 10, NOW)) == ["a", "b"]


def test_what_becomes_visible_at_this_very_moment_is_handed_out() -> None:
    messages = [{**message("a"), "visible_at": NOW}]

    assert choose(messages, 10, NOW) == messages


def test_a_group_without_a_name_and_none_are_the_same() -> None:
    flying = [message("", visible=False, receives=1) for _ in range(3)]

    assert groups(choose([*flying, message(None), message("b")], 1, NOW)) == ["b"]


def test_what_ministack_keeps_of_a_standard_queue_is_chosen_from_and_the_rest_passed_on() -> None:
    queue: dict[str, Any] = {
        "is_fifo": False,
        "name": "q",
        "messages": [message("a"), message("a")],
    }
    seen: list[Any] = []

    def collect(given: Any, most: int, seconds: int) -> list[Any]:
        seen.append((given, most, seconds))
        return []

    assert fairly(collect)(queue, 1, 30) == []
    assert seen == [({**queue, "messages": queue["messages"][:1]}, 1, 30)]


def test_a_fifo_queue_is_left_to_ministack() -> None:
    queue = {"is_fifo": True, "messages": [message("a")]}

    assert fairly(lambda given, most, seconds: [given])(queue, 1, 30) == [queue]


@given(
    st.lists(
        st.tuples(st.sampled_from([None, "a", "b", "c"]), st.booleans(), st.integers(0, 2)),
        max_size=40,
    ),
    st.integers(1, 10),
)
def test_what_is_handed_out_is_visible_distinct_and_as_much_as_there_is(
    drawn: list[tuple[str | None, bool, int]], most: int
) -> None:
    messages = [message(g, visible=v, receives=r) for g, v, r in drawn]

    chosen = choose(messages, most, NOW)

    visible = [one for one in messages if one["visible_at"] <= NOW]
    assert len(chosen) == min(most, len(visible))
    assert len({id(one) for one in chosen}) == len(chosen)
    assert all(any(one is other for other in visible) for one in chosen)
