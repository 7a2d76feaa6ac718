"""What is put in the place of MiniStack's own says what that says, word for word."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ministack.services import sqs

from tests.cloud.embedded.queues.test_queues import call, fresh, redrive

NOW = 1_800_000_000.0

#: Redrive policies that no queue takes today, and versions of before kept.
ODD = (
    *(json.dumps(redrive(1)), "{", "[]", redrive(0)),
    *('{"maxReceiveCount": "x"}', '{"maxReceiveCount": 1}'),
)


def said(action: str, queue: str, **request: Any) -> Any:
    """Return an answer, or the error's own words."""
    try:
        return call(action, queue=queue, **request)
    except sqs._Err as error:
        return error.code, error.message, error.status


def handles(answer: dict[str, Any]) -> list[dict[str, str]]:
    found = enumerate(answer["Messages"])
    return [{"Id": str(at), "ReceiptHandle": one["ReceiptHandle"]} for at, one in found]


def by_hand(queue: str, wait: Callable[[float], None]) -> Iterator[Any]:
    """Send, receive, hide and delete, in order and out of it; yield what was said."""
    yield said("DeleteMessage", queue)
    for action in ("DeleteMessage", "ChangeMessageVisibility"):
        yield said(action, queue, ReceiptHandle="unknown")
    for number in "0123":
        sides = {"MessageGroupId": "g", "MessageDeduplicationId": number}
        fifo = sides if queue.endswith(".fifo") else {}
        yield said("SendMessage", queue, MessageBody=number, **fifo)
    take = {"MaxNumberOfMessages": 3, "AttributeNames": ["All"]}
    yield (taken := said("ReceiveMessage", queue, **take))
    first, second, _ = handles(taken)
    odd = [{"ReceiptHandle": "unknown"}, {"Id": "without"}]
    yield said("ChangeMessageVisibility", queue, **first)
    yield said("ChangeMessageVisibilityBatch", queue, Entries=[*odd, second])
    for seconds in (29, 1, 20):
        wait(seconds)
        yield said("GetQueueAttributes", queue)
        yield said("ReceiveMessage", queue, **take, VisibilityTimeout=0)
    yield (taken := said("ReceiveMessage", queue, **take))
    first, second, _ = handles(taken)
    yield said("DeleteMessageBatch", queue, Entries=[first, *odd, first])
    yield said("DeleteMessage", queue, **second)
    yield said("GetQueueAttributes", queue)


def to_the_dead(queue: str, wait: Callable[[float], None]) -> Iterator[Any]:
    """Receive by policies that mean nothing, by a good one, and once its queue is gone."""
    for number in "01":
        yield said("SendMessage", queue, MessageBody=number)
    for policy in (*ODD, redrive(7)):
        sqs._get_q(queue)["attributes"]["RedrivePolicy"] = policy
        for _ in "01":
            yield said("ReceiveMessage", queue, VisibilityTimeout=0)
    wait(1)
    yield said("GetQueueAttributes", "dead")
    yield said("DeleteQueue", "dead")
    yield said("SendMessage", queue, MessageBody="more")
    for _ in range(9):
        yield said("ReceiveMessage", queue, VisibilityTimeout=0)


@pytest.mark.parametrize(
    ("queue", "ask"), [("plain", by_hand), ("order.fifo", by_hand), ("plain", to_the_dead)]
)
def test_answers_are_those_of_ministack_itself(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    queue: str,
    ask: Callable[[str, Callable[[float], None]], Iterator[Any]],
) -> None:
    clock = [NOW]

    def answers() -> list[Any]:
        clock[0], numbers = NOW, itertools.count()
        monkeypatch.setattr(sqs, "new_uuid", lambda: f"id-{next(numbers)}")
        for name in ("dead", queue):
            call("CreateQueue", QueueName=name, Attributes={"VisibilityTimeout": "50"})
        return list(ask(queue, lambda seconds: clock.__setitem__(0, clock[0] + seconds)))

    monkeypatch.setattr(sqs.time, "time", lambda: clock[0])
    sqs.reset()
    expected = answers()
    with fresh(tmp_path):
        assert answers() == expected
