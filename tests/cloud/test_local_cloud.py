"""For how long the oldest message has waited, also where very many wait."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest
from ministack.services import sqs

from labapp.cloud import local_cloud
from labapp.cloud.embedded.gateway import Gateway
from labapp.cloud.embedded.queues import ages
from labapp.cloud.embedded.state import AGES_PATH, Key
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.jobs import queue_counts
from tests.cloud.embedded.gateway_kit import KEY, Call, Queues, shared, signature

#: More messages than were ever listed, bodies and all.
MANY = 1_500


def message(sent: float, visible: float, receives: int = 0) -> dict[str, Any]:
    return {"sent_at": sent, "visible_at": visible, "receive_count": receives}


def ages_of(held: dict[tuple[str, ...], Any]) -> dict[str, float]:
    """Return the ages in queues that have these messages."""
    queues = {key: {"messages": messages} for key, messages in held.items()}
    kept = SimpleNamespace(to_dict=lambda: queues)
    return ages(SimpleNamespace(_queues=kept, _ensure_msg_fields=sqs._ensure_msg_fields))


def test_ages_are_of_what_waits_and_never_of_what_is_hidden_or_in_the_future() -> None:
    now = time.time()
    queues: dict[tuple[str, ...], Any] = {
        ("1", "r", "http://h/1/waits"): [message(now - 5, now - 5), message(now - 90, now - 1)],
        ("1", "r", "http://h/1/hidden"): [message(now - 90, now + 30)],
        ("1", "http://h/1/ahead"): [message(now + 60, now - 1)],
        ("1", "r", "http://h/1/empty"): [],
        ("1", "r", "http://h/1/dead"): [
            *(message(now - sent, now - 1, 1) for sent in (40, 80, 20)),
            message(now - 99, now + 30, 1),
        ],
    }
    found = {name: round(age) for name, age in ages_of(queues).items()}
    assert found == {"waits": 90, "ahead": 0, "dead": 80}


def test_what_waits_at_this_very_moment_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("labapp.cloud.embedded.queues.time.time", lambda: 100.0)
    assert ages_of({("1", "http://h/1/q"): [message(90.0, 100.0)]}) == {"q": 10.0}


def test_the_gateway_tells_its_owner_ages_without_asking_ministack() -> None:
    async def asked() -> tuple[Any, int]:
        inner = Queues()
        gateway = Gateway(inner, shared(), ages=lambda: {"q": 2.5})
        headers = signature("GET", AGES_PATH)
        call = await Call(gateway, AGES_PATH, method="GET", headers=headers).done()
        assert call.status == 200
        forged = signature("GET", AGES_PATH, key=Key(KEY.id, "guessed"))
        for other in ({}, forged):  # also where the cloud is shared
            refused = await Call(gateway, AGES_PATH, method="GET", headers=other).done()
            assert refused.status == 404
        return call.answer, len(inner.bodies)

    assert asyncio.run(asked()) == ({"q": 2.5}, 0)


def test_the_oldest_is_known_exactly_when_very_many_wait(local_cloud: Cloud) -> None:
    queue = Queue(local_cloud, "requestQueue")
    assert queue.send_batch([Outgoing(str(number)) for number in range(MANY)]) == []
    (row,) = (one for one in queue_counts.queue_rows(local_cloud) if one.name == "requestQueue")
    assert row.visible == MANY
    assert row.oldest is not None
    assert 0 <= row.oldest < 600
    empty = [one for one in queue_counts.queue_rows(local_cloud) if not one.visible]
    assert empty
    assert {one.oldest for one in empty} == {None}


def telling(said: bytes | None) -> Any:
    """Return what is asked of a local cloud that says this."""
    return SimpleNamespace(is_local=True, direct_sqs=SimpleNamespace(get=lambda path, most: said))


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (b'{"q": 2.6, "r": 0}', {"q": 3, "r": 0}),
        (b"", {}),
        (b"[1]", {}),
        (b'{"q": "x"}', {}),
        (b'{"q": null}', {}),
        (None, {}),
    ],
)
def test_what_a_cloud_says_amiss_is_as_good_as_nothing(
    said: bytes | None, found: dict[str, int]
) -> None:
    assert local_cloud.queue_ages(telling(said), {"q": 1}) == found


def test_nobody_is_asked_where_nothing_waits() -> None:
    there: Any = SimpleNamespace(is_local=True)
    assert local_cloud.queue_ages(there, {"q": 0}) == {}
    assert local_cloud.queue_ages(there, {}) == {}


def test_where_nobody_can_tell_nothing_is_told(cloud: Cloud) -> None:
    assert local_cloud.queue_ages(cloud, {"requestQueue": 3}) == {}


def test_dead_letters_that_somebody_looks_at_are_counted(cloud: Cloud) -> None:
    dead = Queue(cloud, "requestQueue-dlq")
    dead.send(Outgoing("x"))
    assert dead.receive(visibility=30)
    (row,) = (one for one in queue_counts.lab_rows(cloud) if one.name == "requestQueue")
    assert row.dead == 1
