"""Long polls through the gateway, over a stand-in for MiniStack: who wakes whom, who is left."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest

from labapp.cloud.embedded import receiving
from labapp.cloud.embedded.gateway import Gateway
from tests.cloud.embedded.gateway_kit import QUEUE, Call, Queues, shared

#: As it is, before any test sets it.
LOOK_AGAIN_SECONDS = receiving.LOOK_AGAIN_SECONDS

DELIVERED = {"Messages": [{"Body": "1,2"}]}


@pytest.fixture(autouse=True)
def never_look_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let only the bell, a disconnect or the end wake a poll."""
    monkeypatch.setattr(receiving, "LOOK_AGAIN_SECONDS", 1000.0)


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no time pass: a poll that may last any time at all lasts for ever."""
    monkeypatch.setattr(receiving, "time", SimpleNamespace(monotonic=lambda: 7.0))


def receive_call(inner: Queues, **request: Any) -> Call:
    body = json.dumps({"QueueUrl": QUEUE, **request}).encode()
    return Call(Gateway(inner, shared()), action="ReceiveMessage", body=body)


def send_call(inner: Queues, text: str, action: str = "SendMessage") -> Call:
    body = json.dumps({"QueueUrl": QUEUE, "MessageBody": text}).encode()
    return Call(Gateway(inner, shared()), action=action, body=body)


async def sleeping_poll(inner: Queues, **request: Any) -> tuple[Call, asyncio.Task[Call]]:
    """Begin a poll that finds nothing; return it, and the task of it, once it has looked."""
    poll = receive_call(inner, **request)
    polling = asyncio.create_task(poll.done())
    await inner.looked.wait()
    return poll, polling


async def settled() -> int:
    """Return how many tasks there are beside this one, once those that end have ended."""
    for _ in range(5):
        await asyncio.sleep(0)
    return len(asyncio.all_tasks()) - 1


@pytest.mark.parametrize(
    ("request_wait", "default"),
    [({"WaitTimeSeconds": 20}, "0"), ({}, "20"), ({"WaitTimeSeconds": None}, "20")],
)
def test_a_message_wakes_the_poll_that_sleeps(request_wait: dict[str, int], default: str) -> None:
    async def scenario() -> None:
        inner = Queues()
        inner.attributes["ReceiveMessageWaitTimeSeconds"] = default
        poll, polling = await sleeping_poll(inner, **request_wait)
        await send_call(inner, "1,2").done()
        await polling
        assert poll.answer == DELIVERED
        assert poll.headers == {b"content-type": b"application/x-amz-json-1.0"}

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "action",
    [
        *("SendMessage", "SendMessageBatch"),
        *("ChangeMessageVisibility", "ChangeMessageVisibilityBatch"),
    ],
)
def test_whatever_makes_a_message_visible_wakes_the_polls(action: str) -> None:
    async def scenario() -> None:
        inner = Queues()
        poll, polling = await sleeping_poll(inner, WaitTimeSeconds=20)
        inner.messages.append("1,2")
        await send_call(inner, "1,2", action).done()
        await polling
        assert poll.answer == DELIVERED
        assert await settled() == 0

    asyncio.run(scenario())


def test_what_rings_no_bell_is_found_at_the_next_look(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 0 < LOOK_AGAIN_SECONDS <= 0.5
    monkeypatch.setattr(receiving, "LOOK_AGAIN_SECONDS", 0.001)

    async def scenario() -> None:
        inner = Queues()
        poll, polling = await sleeping_poll(inner, WaitTimeSeconds=20)
        inner.messages.append("1,2")  # its delay is over
        await polling
        assert poll.answer == DELIVERED
        assert await settled() == 0, "nobody listens to a client that was answered"

    asyncio.run(scenario())


@pytest.mark.usefixtures("still")
def test_a_poll_of_one_second_sleeps_until_the_cloud_stops() -> None:
    async def scenario() -> None:
        inner = Queues()
        poll, polling = await sleeping_poll(inner, WaitTimeSeconds=1)
        assert await settled() > 0
        assert not polling.done()
        inner.polls.close()
        await polling
        assert poll.answer == {}
        assert (await receive_call(inner, WaitTimeSeconds=1).done()).answer == {}, "nor a new one"

    asyncio.run(scenario())


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize(
    ("request_wait", "attributes"),
    [
        ({}, {}),
        ({}, {"ReceiveMessageWaitTimeSeconds": "0"}),
        ({"WaitTimeSeconds": 0}, {"ReceiveMessageWaitTimeSeconds": "20"}),
        ({"WaitTimeSeconds": "x"}, {"ReceiveMessageWaitTimeSeconds": "20"}),
        ({"WaitTimeSeconds": [20]}, {"ReceiveMessageWaitTimeSeconds": "20"}),
    ],
)
def test_a_short_poll_and_one_for_which_no_wait_is_known_take_no_time(
    request_wait: dict[str, Any], attributes: dict[str, str]
) -> None:
    async def scenario() -> None:
        inner = Queues()
        inner.attributes |= attributes
        assert (await receive_call(inner, **request_wait).done()).answer == {}

    asyncio.run(scenario())


def test_a_poll_whose_client_is_gone_takes_nothing_and_leaves_nothing() -> None:
    async def scenario() -> None:
        inner = Queues()
        poll, polling = await sleeping_poll(inner, WaitTimeSeconds=20)
        poll.left.set()
        await polling
        assert await settled() == 0
        await send_call(inner, "1,2").done()
        assert poll.answer == {}
        assert inner.messages == ["1,2"]

    asyncio.run(scenario())


class Leaving(Queues):
    """A stand-in that hands its one message to a call whose client goes away with it."""

    def __init__(self) -> None:
        self.leaving: Call | None = None
        self.given_back: list[Any] = []
        super().__init__()

    def show(self, request: dict[str, Any], url: str) -> dict[str, Any]:
        self.given_back.append(request["Entries"])
        self.messages.append("1,2")
        return super().show(request, url)

    async def look(self, request: dict[str, Any], url: str) -> dict[str, Any]:
        leaving, self.leaving = self.leaving, None
        if leaving is None:
            return await super().look(request, url)
        leaving.left.set()
        return {"Messages": [{"Body": "1,2", "ReceiptHandle": "handle"}]}


def test_what_was_handed_out_as_its_client_went_away_is_given_back_and_wakes_another() -> None:
    async def scenario() -> None:
        inner = Leaving()
        first, polling = await sleeping_poll(inner, WaitTimeSeconds=20)
        await settled()
        inner.leaving = second = receive_call(inner, WaitTimeSeconds=20)
        await second.done()
        await polling
        assert second.answer == {}
        assert inner.given_back == [
            [{"Id": "0", "ReceiptHandle": "handle", "VisibilityTimeout": 0}]
        ]
        assert first.answer == DELIVERED
        assert len(inner.given_back) == 1, "who is there keeps what it is given"

    asyncio.run(scenario())


def test_a_refusal_is_passed_on_at_once_and_nobody_listens_any_more() -> None:
    class Refusing(Queues):
        """Has the queue no more when it is looked into."""

        async def look(self, request: dict[str, Any], _: str) -> dict[str, Any]:
            raise LookupError("no such queue")

    async def scenario() -> None:
        with pytest.raises(LookupError, match="no such queue"):
            await receive_call(Refusing(), WaitTimeSeconds=20).done()
        assert await settled() == 0

    asyncio.run(scenario())
