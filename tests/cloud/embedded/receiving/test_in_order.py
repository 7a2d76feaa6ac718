"""FIFO queues on the local cloud: each group in its order, nothing twice, whatever starts anew."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from ministack.services import sqs as ministack_sqs

from labapp.cloud.embedded import queues as embedded_queues
from labapp.cloud.embedded.receiving import CLIENT_GONE
from tests.cloud.embedded.served_kit import client, served

NAME = "requests.fifo"


def sent(sqs: Any, body: str, group: str = "g", **more: str) -> dict[str, Any]:
    answer: dict[str, Any] = sqs.send_message(
        QueueUrl=NAME, MessageBody=body, MessageGroupId=group, **more
    )
    return answer


def taken(sqs: Any, most: int = 10) -> dict[str, dict[str, Any]]:
    answer = sqs.receive_message(
        QueueUrl=NAME, MaxNumberOfMessages=most, MessageSystemAttributeNames=["All"]
    )
    return {message["Body"]: message for message in answer.get("Messages", [])}


def deleted(sqs: Any, message: dict[str, Any]) -> None:
    sqs.delete_message(QueueUrl=NAME, ReceiptHandle=message["ReceiptHandle"])


def test_order_numbers_and_what_was_sent_already_survive_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    with served(tmp_path) as gateway:
        sqs = client(gateway, "sqs")
        sqs.create_queue(QueueName=NAME, Attributes=fifo)
        for body, group in (("a1", "a"), ("b1", "b"), ("a2", "a"), ("a3", "a")):
            sent(sqs, body, group)
        first = taken(sqs, 1)["a1"]
        assert first["Attributes"]["MessageGroupId"] == "a"
        journal = (tmp_path / "state" / embedded_queues.JOURNAL_FILE).read_bytes()
    (tmp_path / "state" / embedded_queues.JOURNAL_FILE).write_bytes(journal)  # as a kill leaves it
    with served(tmp_path) as gateway:
        sqs = client(gateway, "sqs")
        assert list(taken(sqs)) == ["b1"], "the group of what is in flight waits"
        deleted(sqs, first)
    with served(tmp_path) as gateway:  # whose journal was written anew
        sqs = client(gateway, "sqs")
        again = sent(sqs, "a1", "a")
        assert again["MessageId"] == first["MessageId"], "within five minutes it is the same"
        assert again["SequenceNumber"] == first["Attributes"]["SequenceNumber"]
        later = sent(sqs, "a4", "a")
        found = taken(sqs)
        assert list(found) == ["a2", "a3", "a4"]
        numbers = [message["Attributes"]["SequenceNumber"] for message in found.values()]
        assert numbers == sorted(numbers)
        assert numbers[-1] == later["SequenceNumber"] > first["Attributes"]["SequenceNumber"]

        true_time = ministack_sqs.time.time
        monkeypatch.setattr(ministack_sqs.time, "time", lambda: true_time() + 301)
        assert sent(sqs, "a1", "a")["MessageId"] != first["MessageId"]


@pytest.mark.parametrize("action", ["DeleteMessage", "DeleteMessageBatch"])
def test_a_poll_that_waits_for_a_group_ends_as_soon_as_its_turn_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    monkeypatch.setattr("labapp.cloud.embedded.receiving.LOOK_AGAIN_SECONDS", 60)
    handlers = ministack_sqs._HANDLERS

    async def turn() -> list[str]:
        CLIENT_GONE.set(asyncio.Event().wait)
        (first,) = (await handlers["ReceiveMessage"]({"QueueUrl": NAME}, ""))["Messages"]
        wait = {"QueueUrl": NAME, "WaitTimeSeconds": 20}
        poll = asyncio.ensure_future(handlers["ReceiveMessage"](wait, ""))
        await asyncio.sleep(0.05)
        entry = {"Id": "1", "ReceiptHandle": first["ReceiptHandle"]}
        handlers[action]({"QueueUrl": NAME, **entry, "Entries": [entry]}, "")
        async with asyncio.timeout(10):
            return [message["Body"] for message in (await poll)["Messages"]]

    with served(tmp_path) as gateway:
        sqs = client(gateway, "sqs")
        sqs.create_queue(QueueName=NAME, Attributes={"FifoQueue": "true"})
        for body in "12":
            sent(sqs, body, MessageDeduplicationId=body)
        assert asyncio.run(turn()) == ["2"]
