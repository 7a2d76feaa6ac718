"""Which dead letters are meant, and when looking at them ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from labapp.cloud.queues import Message, Outgoing
from labapp.cloud.session import Cloud
from labapp.jobs import dead_letters
from labapp.jobs.dead_letters import DeadLetter


@pytest.mark.parametrize(
    ("reason", "told", "is_for"),
    [
        ("", "anything", True),
        ("memory", "Out of MEMORY", True),
        ("out*", "Out of memory", True),
        ("out", "Out of memory", True),
        ("memory*", "Out of memory", False),
        ("[op]ut of memor?", "Out of memory", True),
        ("disk", "Out of memory", False),
    ],
)
def test_a_reason_is_a_part_or_a_pattern_in_either_case(
    reason: str, told: str, is_for: bool
) -> None:
    one = DeadLetter("q", "i", "b", "j", "c", told, 1, 0.0, 0.0)
    assert dead_letters.is_for(one, reason) is is_for


class Returning:
    """A queue whose messages are never hidden for long: each look finds the same."""

    name = "requestQueue-dlq"
    sure = 0

    def __init__(self, count: int) -> None:
        self.looks = 0
        self.messages = [
            Message(str(i), "1", {}, frozenset(), f"r{i}", 1, float(i), 1.0) for i in range(count)
        ]

    def receive(self, **_: int) -> list[Message]:
        self.looks += 1
        assert self.looks < 10
        return self.messages

    def hide(self, receipts: list[str], seconds: int) -> list[int]:
        return []


def test_letters_that_come_back_meanwhile_are_seen_once_and_end_the_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dead_letters, "_moved_at", lambda _: 5)
    queue: Any = Returning(3)
    assert [one.id for one in dead_letters.look(queue)] == ["0", "1", "2"]
    assert queue.looks == 2
    assert [one.id for one in dead_letters.look(queue, 3)] == ["0", "1", "2"]
    assert queue.looks == 3, "no more were asked for"
    assert [one.id for one in dead_letters.look(queue, 2)] == ["0", "1"]


def test_looks_at_a_letter_that_sqs_moved_are_no_receives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dead_letters, "_moved_at", lambda _: 5)
    queue: Any = Returning(2)
    queue.messages = [
        replace(one, receives=count) for one, count in zip(queue.messages, (8, 3), strict=True)
    ]
    assert [one.receives for one in dead_letters.look(queue)] == [5, 3]


def test_the_queue_says_how_often_a_letter_was_received_at_most(cloud: Cloud) -> None:
    dead, source = dead_letters.queues_of(cloud, "requestQueue")
    dead.send(Outgoing("1"))
    for _ in range(7):  # looks of others
        dead.receive(visibility=0)
    (found,) = dead_letters.look(dead)
    assert found.receives == source.most_receives() == cloud.settings.max_receives == 5
