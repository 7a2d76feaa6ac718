"""Batches go in the way that the service takes them, are remembered so, and nothing goes twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.cloud.abilities import BATCH, BATCH_BYTES, LACKING, Abilities, Ability
from labapp.cloud.queue_batches import GROUP, BatchCall, Item
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.errors import CloudError
from tests.support.aws_answers import refusal

#: How services say that a standard queue takes no group.
GROUPLESS = [
    (
        "InvalidParameterValue",
        "The request include parameter that is not valid for this queue type",
    ),
    ("InvalidParameterValue", "MessageGroupId can only be specified when sending to a FIFO queue"),
    ("InvalidParameterValue", "InvalidParameterValue; see the SQS docs."),
    ("AWS.SimpleQueueService.UnsupportedOperation", "no groups here"),
    ("ValidationError", ""),
]

Rule = Callable[[Sequence[Mapping[str, Any]]], tuple[str, str] | None]


class Service:
    """SQS with rules: whole requests are refused by `refuse`, single entries by `fail`."""

    def __init__(self, refuse: Rule = lambda _: None, fail: Rule = lambda _: None) -> None:
        self.refuse, self.fail = refuse, fail
        self.batches = True
        self.calls: list[int] = []
        self.taken: list[Mapping[str, Any]] = []

    def _do(self, entries: Sequence[Mapping[str, Any]], *, whole: bool) -> dict[str, Any]:
        self.calls.append(len(entries))
        if why := self.refuse(entries):
            raise refusal(why[0], message=why[1], operation="SendMessageBatch")
        failed = []
        for entry in entries:
            if why := self.fail([entry]):
                if not whole:
                    raise refusal(why[0], message=why[1], operation="SendMessage")
                failed.append({"Id": entry["Id"], "Code": why[0], "Message": why[1]})
            else:
                self.taken.append(entry)
        return {"Failed": failed, "MessageId": "id"}

    def send_message_batch(self, QueueUrl: str, Entries: Any) -> dict[str, Any]:  # noqa: N803
        if not self.batches:
            raise refusal("InvalidAction", message="SendMessageBatch is not known")
        return self._do(Entries, whole=True)

    def send_message(self, QueueUrl: str, **entry: Any) -> dict[str, Any]:  # noqa: N803
        return self._do([entry], whole=False)

    def send(self, messages: Sequence[Outgoing], known: Abilities) -> list[int]:
        items = [
            Item(at, {"MessageBody": each.body} | ({GROUP: each.group} if each.group else {}),
                 each.size)
            for at, each in enumerate(messages)
        ]  # fmt: skip
        call = BatchCall(self, "url", "send_message_batch", items, known)
        return [place for place, _ in call.faults()]

    @property
    def bodies(self) -> list[str]:
        return [entry["MessageBody"] for entry in self.taken]


def messages(count: int, group: str = "ada") -> list[Outgoing]:
    return [Outgoing(f"{number}", group=group) for number in range(count)]


def grouped(answer: tuple[str, str]) -> Rule:
    return lambda entries: answer if any(GROUP in entry for entry in entries) else None


MESSAGES = st.lists(
    st.builds(lambda length: Outgoing("x" * length), st.integers(1, BATCH_BYTES + 10)), max_size=40
)


@settings(max_examples=30)
@given(MESSAGES)
def test_batches_hold_ten_messages_and_256_kib_at_most_and_lose_none(
    given_messages: list[Outgoing],
) -> None:
    sizes: list[int] = []

    def look(entries: Sequence[Mapping[str, Any]]) -> None:
        sizes.append(sum(len(entry["MessageBody"]) for entry in entries))
        assert len(entries) <= BATCH
        assert len(entries) == 1 or sizes[-1] <= BATCH_BYTES

    service = Service(refuse=look)
    assert service.send(given_messages, Abilities()) == []
    assert service.bodies == [each.body for each in given_messages]


def test_a_batch_is_as_full_as_it_may_be() -> None:
    service = Service()
    service.send(messages(23), Abilities())
    half = Outgoing("x" * (BATCH_BYTES // 2))
    service.send([half, half, Outgoing("x")], Abilities())
    assert service.calls == [10, 10, 3, 2, 1]


@pytest.mark.parametrize("answer", GROUPLESS, ids=lambda answer: answer[0])
@pytest.mark.parametrize("by_entry", [False, True])
def test_where_groups_are_refused_all_go_once_without_and_that_is_remembered(
    answer: tuple[str, str], by_entry: bool
) -> None:
    rule = grouped(answer)
    service = Service(fail=rule) if by_entry else Service(refuse=rule)
    known, told = Abilities(), list[str]()
    known.listen(told.append)
    assert service.send(messages(12), known) == []
    assert sorted(service.bodies, key=int) == [str(number) for number in range(12)]
    assert service.calls == [10, 10, 2]
    assert not any(GROUP in entry for entry in service.taken)
    assert told == [LACKING[Ability.GROUPS]]


def test_of_a_batch_taken_in_part_only_what_was_refused_goes_again() -> None:
    service = Service(fail=grouped(GROUPLESS[0]))
    mixed = [Outgoing("0"), Outgoing("1", group="ada"), Outgoing("2")]
    assert service.send(mixed, Abilities()) == []
    assert sorted(service.bodies) == ["0", "1", "2"]


def test_a_refusal_that_is_not_for_groups_is_not_taken_for_one() -> None:
    service = Service(refuse=lambda _: ("InvalidParameterValue", "the delay is odd"))
    known = Abilities()
    assert service.send(messages(2), known) == [0, 1]
    with pytest.raises(Exception, match="the delay is odd"):
        service.send(messages(1), known)
    assert known.holds(Ability.GROUPS) is None
    assert service.bodies == []


def test_one_message_that_is_refused_holds_up_no_other() -> None:
    def odd(entries: Sequence[Mapping[str, Any]]) -> tuple[str, str] | None:
        bad = any(entry["MessageBody"] == "3" for entry in entries)
        return ("InvalidParameterValue", "one has an odd body") if bad else None

    service = Service(refuse=odd)
    assert service.send(messages(10), Abilities()) == [3]
    assert service.bodies == [str(number) for number in range(10) if number != 3]


@pytest.mark.parametrize("code", ["", "AWS.SimpleQueueService."])
def test_a_service_that_takes_fewer_entries_gets_fewer_from_then_on(code: str) -> None:
    why = (f"{code}TooManyEntriesInBatchRequest", "Maximum number of entries per request are 5")
    service = Service(refuse=lambda entries: why if len(entries) > 5 else None)
    known = Abilities()
    assert service.send(messages(23), known) == []
    assert service.bodies == [str(number) for number in range(23)]
    assert service.calls == [10, 5, 5, 5, 5, 3]
    assert (known.batch_entries, known.lacks(Ability.FULL_BATCHES)) == (5, True)


@pytest.mark.parametrize(
    "why",
    [
        ("BatchRequestTooLong", "Batch requests cannot be longer than 65536 bytes"),
        ("InvalidParameterValue", "Message must be shorter than 65536 bytes"),
    ],
)
def test_a_service_that_takes_fewer_bytes_gets_fewer_and_what_is_too_large_alone_is_told(
    why: tuple[str, str],
) -> None:
    def too_long(entries: Sequence[Mapping[str, Any]]) -> tuple[str, str] | None:
        return why if sum(len(entry["MessageBody"]) for entry in entries) > 65_536 else None

    service, known = Service(refuse=too_long), Abilities()
    many = [Outgoing("x" * 20_000) for _ in range(9)]
    assert service.send(many, known) == []
    assert len(service.taken) == 9
    assert service.calls[-1] <= 3
    assert known.batch_bytes <= 90_000
    calls = len(service.calls)
    assert service.send([*many[:3], Outgoing("x" * 70_000), *many[:3]], known) == [3]
    assert len(service.taken) == 15
    assert len(service.calls) - calls < 10


def test_one_too_large_message_says_nothing_of_batches() -> None:
    def too_long(entries: Sequence[Mapping[str, Any]]) -> tuple[str, str] | None:
        bad = any(len(entry["MessageBody"]) > 1024 for entry in entries)
        return ("InvalidParameterValue", "Message must be shorter than 1024 bytes") if bad else None

    service, known = Service(refuse=too_long), Abilities()
    assert service.send([*messages(4), Outgoing("x" * 2000), *messages(4)], known) == [4]
    assert (known.batch_bytes, known.holds(Ability.FULL_BATCHES)) == (BATCH_BYTES, None)


def test_a_service_without_batch_calls_gets_messages_one_by_one() -> None:
    service, known = Service(refuse=grouped(GROUPLESS[0])), Abilities()
    service.batches = False
    assert service.send(messages(5), known) == []
    assert service.send(messages(2), known) == []
    assert service.bodies == ["0", "1", "2", "3", "4", "0", "1"]
    assert known.lacks(Ability.BATCHES)


def test_a_single_message_goes_without_its_group_where_that_is_refused(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Queue(cloud, "requestQueue")
    assert queue.url
    service = Service(refuse=grouped(GROUPLESS[1]))
    monkeypatch.setattr(Cloud, "sqs", service)
    for _ in range(2):
        assert queue.send(Outgoing("1", {"job": "a"}, group="ada")) == "id"
    assert service.calls == [1, 1, 1]
    assert cloud.abilities.lacks(Ability.GROUPS)


def test_a_message_that_is_too_large_is_told_with_its_size(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Queue(cloud, "requestQueue")
    assert queue.url
    why = ("InvalidParameterValue", "Reason: Message must be shorter than 65536 bytes.")
    monkeypatch.setattr(Cloud, "sqs", Service(refuse=lambda _: why))
    letter = Outgoing("x" * 70_000, group="ada")
    for send in (queue.send, lambda one: queue.send_batch([one])):
        with pytest.raises(CloudError, match=r"70,000 bytes.*than 65536 bytes.*MaximumMessageSize"):
            send(letter)
    assert cloud.abilities.holds(Ability.GROUPS) is None


def test_messages_are_deleted_and_hidden_one_by_one_too(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Queue(cloud, "requestQueue")
    queue.send_batch(messages(3))
    receipts = [each.receipt for each in queue.receive(wait=1)]
    cloud.abilities.note(Ability.BATCHES, holds=False)
    monkeypatch.setattr(cloud.sqs, "delete_message_batch", None)
    monkeypatch.setattr(cloud.sqs, "change_message_visibility_batch", None)
    assert queue.hide([receipts[0], "no receipt", receipts[1]], 0) == [1]
    assert queue.delete([receipts[2]]) == []
    assert queue.counts().all == 2
