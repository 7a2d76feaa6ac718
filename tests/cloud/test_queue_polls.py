"""A service that gives less than Amazon's is asked for less, and never without a pause."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from labapp.cloud import queue_polls
from labapp.cloud.abilities import Abilities, Ability
from labapp.cloud.queue_polls import receive
from tests.support.aws_answers import refusal


class Service:
    """SQS that takes only so much of a poll."""

    def __init__(self, most: int = 10, longest: int = 20, known: bool = True) -> None:
        self.most, self.longest, self.known = most, longest, known
        self.asked: list[tuple[int, int]] = []
        self.code = "InvalidParameterValue"

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        limit, wait = asked["MaxNumberOfMessages"], asked["WaitTimeSeconds"]
        self.asked.append((limit, wait))
        if limit > self.most:
            raise refusal(self.code, message=f"Value {limit} for parameter MaxNumberOfMessages")
        if wait > self.longest:
            raise refusal("InvalidParameterValue", message="parameter WaitTimeSeconds is invalid")
        if not self.known and asked["AttributeNames"] != ["All"]:
            raise refusal("InvalidAttributeName", message="Unknown Attribute")
        return {"Messages": [{}]}


@pytest.mark.parametrize("code", ["InvalidParameterValue", "ReadCountOutOfRange"])
def test_fewer_messages_are_asked_for_from_then_on(code: str) -> None:
    service, known = Service(most=1), Abilities()
    service.code = code
    for _ in range(2):
        receive(service, "url", 10, 20, {}, known)
    assert service.asked == [(10, 20), (5, 20), (2, 20), (1, 20), (1, 20)]


def test_shorter_polls_are_made_from_then_on() -> None:
    service, known = Service(longest=10), Abilities()
    for wait in (20, 20, 5):
        receive(service, "url", 10, wait, {}, known)
    assert service.asked == [(10, 20), (10, 10), (10, 10), (10, 5)]
    assert known.lacks(Ability.LONG_POLLS)


def test_where_no_poll_may_wait_each_that_finds_nothing_is_followed_by_a_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited: list[float] = []

    class Event:
        def wait(self, seconds: float) -> None:
            waited.append(seconds)

    monkeypatch.setattr(threading, "Event", Event)
    service, known = Service(longest=0), Abilities()
    receive(service, "url", 10, 20, {}, known)
    assert waited == []
    monkeypatch.setattr(service, "receive_message", lambda **_: {})
    receive(service, "url", 10, 20, {}, known)
    receive(service, "url", 10, 0, {}, known)
    assert waited == [queue_polls.PAUSE]


def test_a_service_that_does_not_know_what_a_message_may_tell_is_asked_for_all() -> None:
    service, known = Service(known=False), Abilities()
    for _ in range(2):
        receive(service, "url", 10, 20, {}, known)
    assert len(service.asked) == 3


def test_any_other_refusal_is_told() -> None:
    service, known = Service(most=0), Abilities()
    with pytest.raises(Exception, match="MaxNumberOfMessages"):
        receive(service, "url", 1, 0, {}, known)
    assert len(service.asked) == 1
