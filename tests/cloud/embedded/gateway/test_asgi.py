"""The gateway as an ASGI application: what is odd on the wire, and what nothing may be left of."""

from __future__ import annotations

import asyncio

import pytest

from labapp.cloud.embedded.gateway import Gateway, Message
from labapp.cloud.embedded.state import HEALTH_PATH, NONCE_HEADER, PID_HEADER, TROUBLE_HEADER
from tests.cloud.embedded.gateway_kit import Call, Queues, shared


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
        gateway.stop_asked.set()
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
