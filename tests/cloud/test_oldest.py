"""For how long the oldest message has waited, also where very many wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from labapp import settings
from labapp.cloud import embedded, oldest, provision
from labapp.cloud.embedded_ages import ages
from labapp.cloud.embedded_gateway import Gateway
from labapp.cloud.embedded_state import AGES_PATH
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud, local_home
from labapp.programs import overview
from tests.cloud.test_embedded_gateway import TOKEN, Call, Queues

#: More messages than were ever listed, bodies and all.
MANY = 1_500


def message(sent: float, visible: float) -> dict[str, float]:
    return {"sent_at": sent, "visible_at": visible}


def test_ages_are_of_what_waits_and_never_of_what_is_hidden_or_in_the_future() -> None:
    now = time.time()
    queues: dict[tuple[str, ...], Any] = {
        ("1", "r", "http://h/1/waits"): [message(now - 5, now - 5), message(now - 90, now - 1)],
        ("1", "r", "http://h/1/hidden"): [message(now - 90, now + 30)],
        ("1", "http://h/1/ahead"): [message(now + 60, now - 1)],
        ("1", "r", "http://h/1/empty"): [],
    }
    held = {key: {"messages": messages} for key, messages in queues.items()}
    found = ages(SimpleNamespace(_queues=SimpleNamespace(to_dict=lambda: held)))
    assert {name: round(age) for name, age in found.items()} == {"waits": 90, "ahead": 0}


def test_what_waits_at_this_very_moment_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labapp.cloud.embedded_ages.time.time", lambda: 100.0)
    held = {("1", "http://h/1/q"): {"messages": [message(90.0, 100.0)]}}
    assert ages(SimpleNamespace(_queues=SimpleNamespace(to_dict=lambda: held))) == {"q": 10.0}


def test_the_gateway_tells_ages_without_asking_ministack() -> None:
    async def asked() -> tuple[Any, int]:
        inner = Queues()
        gateway = Gateway(inner, TOKEN, ages=lambda: {"q": 2.5})
        call = await Call(gateway, AGES_PATH, method="GET").done()
        assert call.status == 200
        return call.answer, len(inner.bodies)

    assert asyncio.run(asked()) == ({"q": 2.5}, 0)


@pytest.fixture
def local() -> Iterator[Cloud]:
    cloud = Cloud(settings.load({"port": 4780}).settings)
    provision.require(cloud)
    yield cloud
    embedded.stop(local_home())


def test_the_oldest_is_known_exactly_when_very_many_wait(local: Cloud) -> None:
    queue = Queue(local, "requestQueue")
    assert queue.send_batch([Outgoing(str(number)) for number in range(MANY)]) == []
    (row,) = (one for one in overview.queue_rows(local) if one.name == "requestQueue")
    assert row.visible == MANY
    assert row.oldest is not None
    assert 0 <= row.oldest < 600
    empty = [one for one in overview.queue_rows(local) if not one.visible]
    assert empty
    assert {one.oldest for one in empty} == {None}


def test_where_nobody_can_tell_nothing_is_told(cloud: Cloud) -> None:
    assert oldest.ages(cloud, {"requestQueue": 3}) == {}


def test_dead_letters_that_somebody_looks_at_are_counted(cloud: Cloud) -> None:
    dead = Queue(cloud, "requestQueue-dlq")
    dead.send(Outgoing("x"))
    assert dead.receive(visibility=30)
    (row,) = (one for one in overview.lab_rows(cloud) if one.name == "requestQueue")
    assert row.dead == 1
