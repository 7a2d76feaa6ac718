"""The gateway as an ASGI application: what is odd on the wire, and what nothing may be left of."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest

from labapp.cloud.embedded import gateway as embedded_gateway
from labapp.cloud.embedded.gateway import Gateway, Message, Receive, Scope, Send
from labapp.cloud.embedded.state import HEALTH_PATH, NONCE_HEADER, PID_HEADER, TROUBLE_HEADER
from tests.cloud.embedded.gateway_kit import (
    QUEUE,
    Call,
    Queues,
    receive_call,
    shared,
    sleeping_poll,
)
from tests.cloud.embedded.gateway_kit import never_look_again as never_look_again

#: As it is, before any test sets it.
LOOK_AGAIN_SECONDS = embedded_gateway.LOOK_AGAIN_SECONDS


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no time pass: a poll that may last any time at all lasts for ever."""
    monkeypatch.setattr(embedded_gateway, "time", SimpleNamespace(monotonic=lambda: 7.0))


async def settled() -> int:
    """Return how many tasks there are beside this one, once those that end have ended."""
    for _ in range(5):
        await asyncio.sleep(0)
    return len(asyncio.all_tasks()) - 1


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
        gateway = Gateway(inner, shared())
        poll, polling = await sleeping_poll(inner, gateway, WaitTimeSeconds=20)
        inner.messages.append("there")
        body = json.dumps({"QueueUrl": QUEUE, "MessageBody": "there"}).encode()
        await Call(gateway, action=action, body=body).done()
        await polling
        assert poll.answer == {"Messages": [{"Body": "there"}]}
        assert await settled() == 0

    asyncio.run(scenario())


def test_what_rings_no_bell_is_found_at_the_next_look(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 0 < LOOK_AGAIN_SECONDS <= 0.5
    monkeypatch.setattr(embedded_gateway, "LOOK_AGAIN_SECONDS", 0.001)

    async def scenario() -> None:
        inner = Queues()
        poll, polling = await sleeping_poll(inner, Gateway(inner, shared()), WaitTimeSeconds=20)
        inner.messages.append("its delay is over")
        await polling
        assert poll.answer == {"Messages": [{"Body": "its delay is over"}]}
        assert await settled() == 0, "nobody listens to a client that was answered"

    asyncio.run(scenario())


@pytest.mark.usefixtures("still")
def test_a_poll_of_one_second_sleeps_too() -> None:
    async def scenario() -> None:
        inner = Queues()
        gateway = Gateway(inner, shared())
        _, polling = await sleeping_poll(inner, gateway, WaitTimeSeconds=1)
        assert await settled() > 0
        assert not polling.done()
        gateway.close()
        await polling

    asyncio.run(scenario())


@pytest.mark.usefixtures("still")
@pytest.mark.parametrize("request_wait", [{}, {"WaitTimeSeconds": 0}, {"WaitTimeSeconds": "x"}])
def test_a_poll_for_which_no_wait_is_known_takes_no_time(request_wait: dict[str, Any]) -> None:
    class Untold(Queues):
        """Knows nothing of the queue's attributes."""

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            if dict(scope["headers"])[b"x-amz-target"].endswith(b"GetQueueAttributes"):
                scope = {**scope, "headers": []}
            await super().__call__(scope, receive, send)

    async def scenario() -> None:
        poll = await receive_call(Gateway(Untold(), shared()), **request_wait).done()
        assert poll.answer == {}

    asyncio.run(scenario())


def test_nothing_is_left_of_a_poll_whose_client_went() -> None:
    async def scenario() -> None:
        inner = Queues()
        poll, polling = await sleeping_poll(inner, Gateway(inner, shared()), WaitTimeSeconds=20)
        poll.left.set()
        await polling
        assert await settled() == 0

    asyncio.run(scenario())


def test_what_is_given_back_wakes_another_poll() -> None:
    class Torn(Queues):
        """Hands its one message to the second poll, whose client goes away with it."""

        second: Call | None = None

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            target = dict(scope["headers"])[b"x-amz-target"]
            if target.endswith(b"ChangeMessageVisibilityBatch"):
                self.messages.append("1,2")
                self.second = None
            elif self.second is not None:
                self.second.left.set()
                body = b'{"Messages": [{"Body": "1,2", "ReceiptHandle": "handle"}]}'
                await send({"type": "http.response.start", "status": 200, "headers": []})
                await send({"type": "http.response.body", "body": body})
                return
            await super().__call__(scope, receive, send)

    async def scenario() -> None:
        inner = Torn()
        gateway = Gateway(inner, shared())
        first, polling = await sleeping_poll(inner, gateway, WaitTimeSeconds=20)
        await settled()
        inner.second = second = receive_call(gateway, WaitTimeSeconds=20)
        await second.done()
        await polling
        assert first.answer == {"Messages": [{"Body": "1,2"}]}

    asyncio.run(scenario())


@pytest.mark.parametrize("status", [400, 0])
def test_a_refusal_is_passed_on_at_once_and_silence_is_told(status: int) -> None:
    async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        assert (await receive())["type"] == "http.disconnect", "the client is not its business"
        if status:
            await send({"type": "http.response.start", "status": status})
            await send({"type": "http.response.body", "body": b'{"Messages": [1]}'})

    async def scenario() -> None:
        poll = await receive_call(Gateway(refusing, shared()), WaitTimeSeconds=20).done()
        assert poll.status == (status or 500)
        assert poll.sent[0]["headers"] == []

    asyncio.run(scenario())


def test_a_receive_that_asks_for_nothing_is_ministacks_to_answer() -> None:
    async def scenario() -> None:
        inner = Queues()
        seen: list[bytes] = []

        async def note(scope: Scope, receive: Receive, send: Send) -> None:
            seen.append((await receive())["body"])
            assert (await receive())["type"] == "http.disconnect", "after its body, the client"
            await send({"type": "http.response.start", "status": 400, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        call = Call(Gateway(note, shared()), action="ReceiveMessage", body=b"no object")
        call.left.set()
        assert (await call.done()).status == 400
        assert seen == [b"no object"]
        assert inner.bodies == []

    asyncio.run(scenario())


def test_a_request_whose_client_goes_in_the_middle_of_it_is_not_done() -> None:
    async def scenario() -> None:
        inner = Queues()
        call = Call(Gateway(inner, shared()), "/b/k", method="PUT")
        told: list[Message] = [
            {"type": "http.disconnect"},
            {"type": "http.request", "body": b"half", "more_body": True},
        ]

        async def receive() -> Message:
            return told.pop()

        await call.gateway(call.scope, receive, call._send)
        assert (inner.bodies, call.sent) == ([], [])

    asyncio.run(scenario())


def test_a_request_may_leave_out_what_asgi_lets_it() -> None:
    async def scenario() -> None:
        inner = Queues()
        call = Call(Gateway(inner, shared()), "/b/k", method="PUT")

        async def receive() -> Message:
            return {"type": "http.request"}

        await call.gateway(call.scope, receive, call._send)
        assert inner.bodies == [b""]

    asyncio.run(scenario())


def test_it_starts_and_ends_with_the_server_and_answers_nothing_but_http() -> None:
    async def scenario() -> None:
        inner = Queues()
        told = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
        sent: list[Message] = []

        async def receive() -> Message:
            return next(told)

        async def send(message: Message) -> None:
            sent.append(message)

        gateway = Gateway(inner, shared())
        await gateway({"type": "lifespan"}, receive, send)
        assert [each["type"] for each in sent] == [
            "lifespan.startup.complete",
            "lifespan.shutdown.complete",
        ]
        await gateway({"type": "websocket", "path": "/", "headers": []}, receive, send)
        assert sent[2:] == [{"type": "websocket.close"}]
        assert inner.bodies == []

    asyncio.run(scenario())


def test_only_health_tells_of_the_disk_and_none_that_is_stopping_is_well() -> None:
    async def scenario() -> None:
        gateway = Gateway(Queues(), shared(), lambda: "full")

        async def asked(path: str) -> Call:
            headers = {NONCE_HEADER: "0" * 32}
            return await Call(gateway, path, method="GET", headers=headers).done()

        object_headers = (await asked("/b/k")).headers
        assert not {PID_HEADER.encode(), TROUBLE_HEADER.encode()} & set(object_headers)
        assert b"content-type" in object_headers, "MiniStack's own are kept"
        assert (await asked(HEALTH_PATH)).status == 204
        gateway.close()
        assert (await asked(HEALTH_PATH)).status == 503

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/v20180820/tags/arn:aws:s3:::labapp", {}),
        ("HEAD", "/v20180820/tags/arn:aws:s3:::labapp", {}),
        ("GET", "/b/k", {"sec-fetch-site": "none"}),
        ("PUT", "/b/_labapp/stop", {}),
    ],
)
def test_what_does_no_harm_is_passed_on(method: str, path: str, headers: dict[str, str]) -> None:
    async def scenario() -> None:
        inner = Queues()
        call = await Call(Gateway(inner, shared()), path, method=method, headers=headers).done()
        assert call.status == 200
        assert len(inner.bodies) == 1

    asyncio.run(scenario())
