"""What is asked of a queue takes as much work with thousands of messages as with a hundred."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from ministack.services import sqs

from labapp.cloud.embedded.long_queues import KeptMessages, messages_of
from labapp.cloud.embedded.queues import Queues, ages
from tests.cloud.embedded.queues.test_queues import ARN, call, fresh

SHORT, LONG, GROUPS = 100, 1_500, 50

#: How much more work may be done in a long queue; what a heap does is its logarithm.
MOST = 1.25

FIFO = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}


@pytest.fixture(scope="module")
def queues(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Queues]:
    with fresh(tmp_path_factory.mktemp("state")) as found:
        call("CreateQueue", QueueName="dead")
        redrive = {"deadLetterTargetArn": f"{ARN}dead", "maxReceiveCount": 1000}
        for length in (SHORT, LONG):
            shape = {"RedrivePolicy": json.dumps(redrive)}
            call("CreateQueue", QueueName=f"plain-{length}", Attributes=shape)
            call("CreateQueue", QueueName=f"order-{length}.fifo", Attributes=FIFO)
            for start in range(0, length, 10):
                entries = [
                    {"Id": str(n), "MessageBody": str(n), "MessageGroupId": str(n % GROUPS)}
                    for n in range(start, start + 10)
                ]
                call("SendMessageBatch", queue=f"plain-{length}", Entries=entries)
                call("SendMessageBatch", queue=f"order-{length}.fifo", Entries=entries)
        yield found


def work(ask: Callable[[], object]) -> int:
    """Return how many lines of Python are gone through; a walk is at least one a message."""
    count = 0

    def trace(*_: object) -> Any:
        nonlocal count
        count += 1
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        ask()
    finally:
        sys.settrace(before)
    return count


def everything(queue: str) -> dict[str, int]:
    """Return by each thing that is asked of a queue how much work it is."""
    take = {"queue": queue, "MaxNumberOfMessages": 10, "VisibilityTimeout": 300}
    body = {"MessageBody": "more", "MessageGroupId": "0", "MessageDeduplicationId": queue}
    entries = call("ReceiveMessage", **take)["Messages"]  # what was sent is taken in by now
    named = [{"Id": one["MessageId"], "ReceiptHandle": one["ReceiptHandle"]} for one in entries]
    shown = [{**one, "VisibilityTimeout": 200} for one in named]
    (one,) = call("ReceiveMessage", queue=queue, VisibilityTimeout=300)["Messages"]
    asked: dict[str, Callable[[], object]] = {
        "receive": partial(call, "ReceiveMessage", **take),
        "send": partial(call, "SendMessage", queue=queue, **body),
        "count": partial(call, "GetQueueAttributes", queue=queue),
        "show": partial(call, "ChangeMessageVisibilityBatch", queue=queue, Entries=shown),
        "show one": partial(call, "ChangeMessageVisibility", queue=queue, **shown[0]),
        "delete": partial(call, "DeleteMessageBatch", queue=queue, Entries=named),
        "delete one": partial(
            call, "DeleteMessage", queue=queue, ReceiptHandle=one["ReceiptHandle"]
        ),
    }
    return {name: work(ask) for name, ask in asked.items()}


@pytest.mark.parametrize("name", ["plain-{}", "order-{}.fifo"])
def test_nothing_takes_more_work_in_a_long_queue(queues: Queues, name: str) -> None:
    short, long = (everything(name.format(length)) for length in (SHORT, LONG))
    assert {one for one in long if long[one] > MOST * short[one]} == set()


def test_ages_take_no_walk_but_through_letters_that_stand_in_another_order(queues: Queues) -> None:
    assert ages(sqs)
    assert work(lambda: ages(sqs)) < LONG


def test_what_a_fifo_queue_must_not_take_twice_is_forgotten_by_its_age(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh(tmp_path):
        call("CreateQueue", QueueName="a.fifo", Attributes=FIFO)
        true_time, later = sqs.time.time, [0.0]
        monkeypatch.setattr(sqs.time, "time", lambda: true_time() + later[0])
        numbers = []
        for later[0] in (0, 200, 299, 301, 501):
            sent = {"MessageBody": "x", "MessageGroupId": "g"}
            numbers.append(call("SendMessage", queue="a.fifo", **sent)["SequenceNumber"])
            call("SendMessage", queue="a.fifo", **{**sent, "MessageBody": str(later[0])})
        assert numbers[0] == numbers[1] == numbers[2] < numbers[3] == numbers[4]
        (queue,) = (queue for _, queue in sqs._queues.all_items())
        known = [one["expire"] for one in queue["dedup_cache"].values()]
        assert len(known) == 4
        assert known == sorted(known)


def test_the_messages_of_a_queue_that_ministack_made_are_taken_over_and_found_again() -> None:
    sent = {"id": "1", "body": "x", "visible_at": 1.0, "sent_at": 1.0}
    queue: dict[str, Any] = {"messages": [sent]}
    messages = messages_of(sqs, queue)
    assert isinstance(queue["messages"], KeptMessages)
    assert messages_of(sqs, queue) is messages
    assert messages.newest(5) == [sent]
    assert messages.counts(2.0) == (1, 0, 0)
    messages.append({**sent, "id": "2"})
    assert [one["id"] for one in messages.newest(2)] == ["1", "2"]
    messages.drop_newest(2)
    assert list(messages) == []


def test_what_was_handed_out_and_could_not_be_kept_is_as_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sqs.time, "time", lambda: 4.0)
    sent = [{"id": one, "visible_at": 1.0, "sent_at": 1.0, "group_id": one} for one in "abc"]
    messages = messages_of(sqs, {"messages": sent})
    (first,) = messages.receive(1, 2.0, 3.0, lambda: "old")
    before = [dict(one) for one in messages]
    taken = messages.receive(3, 4.0, 9.0, iter("xyz").__next__)
    assert [one["id"] for one in taken] == ["a", "b", "c"]
    messages.put_back(taken)
    assert list(messages) == before
    assert messages.counts(4.0) == (3, 0, 0)
    assert messages.hide("old", 5.0)
    assert not messages.hide("x", 5.0)
    assert [one["id"] for one in messages.receive(3, 4.0, 9.0, iter("xyz").__next__)] == ["b", "c"]
    assert messages.delete(first["receipt_handle"])
