"""The local cloud's gateway over a stand-in for MiniStack: who is answered, and who is refused."""

from __future__ import annotations

import asyncio

import pytest

from labapp.cloud.embedded.gateway import Gateway
from labapp.cloud.embedded.state import (
    CHALLENGE_HEADER,
    HEALTH,
    HEALTH_PATH,
    NONCE_HEADER,
    PID_HEADER,
    PROOF_HEADER,
    STOP,
    STOP_PATH,
    TROUBLE_HEADER,
    proof,
)
from tests.cloud.embedded.gateway_kit import STATE, Call, Queues, shared


def test_a_large_body_reaches_the_cloud_in_one_piece() -> None:
    async def scenario() -> None:
        inner = Queues()
        await Call(
            Gateway(inner, shared()), "/b/k", method="PUT", chunks=(b"ab", b"cd", b"e")
        ).done()
        assert inner.bodies == [b"abcde"]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "headers", [{"origin": "http://evil.example"}, {"sec-fetch-site": "same-origin"}]
)
def test_web_pages_are_refused(headers: dict[str, str]) -> None:
    async def scenario() -> None:
        inner = Queues()
        call = await Call(Gateway(inner, shared()), "/_ministack/reset", headers=headers).done()
        assert call.status == 403
        assert inner.bodies == []

    asyncio.run(scenario())


NONCE = "0123456789abcdef" * 2


async def health(gateway: Gateway, nonce: str = NONCE) -> dict[str, str]:
    call = await Call(gateway, HEALTH_PATH, method="GET", headers={NONCE_HEADER: nonce}).done()
    assert call.status in (200, 204)
    return {name.decode(): value.decode() for name, value in call.headers.items()}


def test_who_sends_a_nonce_is_given_the_proof_of_it_and_a_challenge_that_is_new_each_time() -> None:
    async def scenario() -> None:
        gateway = Gateway(Queues(), shared(), lambda: "the disk is full: /füll")
        first, second = await health(gateway), await health(gateway)
        told = "the%20disk%20is%20full%3A%20/f%C3%BCll"
        assert (first[PID_HEADER], first[TROUBLE_HEADER]) == (str(STATE.pid), told)
        facts = (NONCE, STATE.pid, STATE.port, first[CHALLENGE_HEADER], told)
        assert first[PROOF_HEADER] == proof(STATE.secret, HEALTH, *facts)
        assert first[CHALLENGE_HEADER] != second[CHALLENGE_HEADER]
        assert first[PROOF_HEADER] != second[PROOF_HEADER]

    asyncio.run(scenario())


@pytest.mark.parametrize("nonce", ["", "short", NONCE + "0", NONCE.upper(), f"{NONCE[:-1]}\n"])
def test_who_sends_none_is_told_that_it_is_well_and_nothing_else(nonce: str) -> None:
    async def scenario() -> None:
        found = await health(Gateway(Queues(), shared(), lambda: "full"), nonce)
        assert not {PID_HEADER, TROUBLE_HEADER, PROOF_HEADER, CHALLENGE_HEADER} & set(found)

    asyncio.run(scenario())


async def stop(gateway: Gateway, challenge: str, shown: str, method: str = "POST") -> int:
    headers = {CHALLENGE_HEADER: challenge, PROOF_HEADER: shown}
    return (await Call(gateway, STOP_PATH, method=method, headers=headers).done()).status


def test_stop_wants_post_and_the_proof_of_a_challenge_of_its_own_each_time() -> None:
    async def scenario() -> None:
        gateway = Gateway(Queues(), shared())
        challenge = (await health(gateway))[CHALLENGE_HEADER]
        good = proof(STATE.secret, STOP, challenge, STATE.pid, STATE.port)
        other = proof(STATE.secret, HEALTH, challenge, STATE.pid, STATE.port)
        for shown in ("", "guess", other, proof("guess", STOP, challenge, STATE.pid, STATE.port)):
            assert await stop(gateway, challenge, shown) == 404
        made_up = proof(STATE.secret, STOP, NONCE, STATE.pid, STATE.port)
        assert await stop(gateway, NONCE, made_up) == 404
        assert await stop(gateway, challenge, good, "GET") == 404
        assert not gateway.stop_asked.is_set()
        assert await stop(gateway, challenge, good) == 202
        assert gateway.stop_asked.is_set()
        assert await stop(gateway, challenge, good) == 404, "a challenge is good once"

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/_ministack/reset"),
        ("POST", "/_ministack/config"),
        ("GET", "/_ministack/sqs/messages"),
        ("POST", "/v20180820/tags/arn:aws:s3:::labapp"),
    ],
)
def test_what_would_change_or_show_things_by_other_ways_is_not_offered(
    method: str, path: str
) -> None:
    async def scenario() -> None:
        inner = Queues()
        call = await Call(Gateway(inner, shared()), path, method=method).done()
        assert call.status == 404
        assert inner.bodies == []

    asyncio.run(scenario())
