"""What the worker makes of messages before it gives them up."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from labapp.cloud.queues import Message
from labapp.jobs import letters
from tests.worker.conftest import Bench


@pytest.mark.parametrize(
    ("sent", "received", "receives", "age"),
    [(1000, 1000, 1, 0), (1000, 1064, 1, 64), (1000, 1004, 2, 10), (990, 1000, 0, 10)],
)
@pytest.mark.parametrize("wrong", [0, -500, 500])
def test_how_old_a_message_is_hangs_on_no_clock_of_ours(
    bench: Bench, sent: float, received: float, receives: int, age: float, wrong: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    ours = [1010.0 + wrong]
    monkeypatch.setattr("labapp.utc.time.time", lambda: ours[0])
    told = bench.processor._replies
    first: Any = SimpleNamespace(sent_at=0, first_received_at=1010, receives=1)
    assert told._age(first) == 1010, "by which the clock of SQS is known"
    message: Any = SimpleNamespace(sent_at=sent, first_received_at=received, receives=receives)
    assert told._age(message) == age


def test_a_dead_letter_tells_the_reason_in_up_to_500_characters() -> None:
    received = Message("i", "x", {}, frozenset(), "r", 3, 1000.9, 1000.9)
    for length, cut in ((500, False), (501, True)):
        told = letters.letter_of(received, "r" * length).attributes
        assert (told[letters.RECEIVES], told[letters.SENT]) == ("3", "1000")
        assert ("r" * length not in told[letters.REASON]) == cut


@pytest.mark.parametrize(
    ("name", "what", "single"),
    [
        ("responseQueue", "send to responseQueue", False),
        ("requestQueue-dlq", "send to requestQueue-dlq", False),
        ("responseQueue-tester", "send to the clients' own queues", True),
        ("responseQueue-other", "send to the clients' own queues", True),
    ],
)
def test_a_sending_that_is_refused_is_that_of_all_or_that_of_one_client(
    bench: Bench, name: str, what: str, single: bool
) -> None:
    deed = bench.processor._replies._deed(bench.cloud.queue(None, name), lambda: [])
    assert (deed.queue, deed.what, deed.single) == ("requestQueue", what, single)
    assert deed() == []


def test_a_dead_letter_goes_with_its_reason_as_long_as_there_is_room_for_it() -> None:
    received = Message("i", "", {}, frozenset(), "r", 3, 1000.9, 1000.9)
    room = 262_144 - letters.letter_of(received, "no").size
    for length, whole in ((room, True), (room + 1, False)):
        letter = letters.letter_of(replace(received, body="x" * length), "no")
        assert letter.body == "x" * length
        assert (letters.REASON in letter.attributes) == whole
