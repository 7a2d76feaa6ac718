"""What the worker makes of messages before it gives them up."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from labapp.jobs import dead_letters as letters
from labapp.worker import mail


@pytest.mark.parametrize(
    ("sent", "received", "receives", "early"),
    [
        (1000.0, 1004.9, 1, True), (1000.0, 1005.0, 1, False), (1000.0, 1004.9, 2, False),
        (940.1, 944.0, 1, True), (940.0, 944.0, 1, False), (1000.0, 1000.0, 0, True),
    ],
)  # fmt: skip
def test_a_message_may_be_too_early_while_its_queue_may_be_new(
    sent: float, received: float, receives: int, early: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Within a minute of its sending, and received within five seconds for the first time.
    monkeypatch.setattr("labapp.worker.mail.time.time", lambda: 1000.0)
    message: Any = SimpleNamespace(sent_at=sent, first_received_at=received, receives=receives)
    assert mail._may_be_too_early(message) == early


def test_a_dead_letter_tells_the_reason_in_up_to_500_characters() -> None:
    message: Any = SimpleNamespace(body="x", attributes={}, receives=3, sent_at=1000.9)
    for length, cut in ((500, False), (501, True)):
        outcome: Any = SimpleNamespace(message=message, aside="r" * length)
        told = mail._dead_letter(outcome).attributes
        assert (told[letters.RECEIVES], told[letters.SENT]) == ("3", "1000")
        assert ("r" * length not in told[letters.REASON]) == cut
