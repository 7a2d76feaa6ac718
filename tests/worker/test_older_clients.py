from __future__ import annotations

from functools import partial
from types import SimpleNamespace

import pytest

from labapp.errors import UnreachableError
from labapp.worker import older_clients
from labapp.worker.older_clients import MOST, OlderClients
from tests.worker.conftest import REPLIES, Bench
from tests.worker.worker_fakes import message


@pytest.fixture
def clients(bench: Bench) -> OlderClients:
    stand_in: object = bench.cloud
    return OlderClients(stand_in, "requestQueue", bench.outages)  # type: ignore[arg-type]


def looks(bench: Bench) -> list[str]:
    return [thing for call, thing in bench.cloud.calls if call == "find"]


def test_a_look_is_remembered_the_longer_where_there_is_a_queue(
    bench: Bench, clients: OlderClients, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = SimpleNamespace()
    monkeypatch.setattr(older_clients, "time", now)
    for seconds in (100.0, 100.5, 102.0, 159.0):
        now.monotonic = partial(float, seconds)
        assert clients.have("tester")
        assert not clients.have("nobody")
    now.monotonic = partial(float, 161.0)
    bench.cloud.make("responseQueue-nobody")
    assert clients.have("nobody")
    assert looks(bench).count(REPLIES) == 1
    assert looks(bench).count("responseQueue-nobody") == 4


def test_no_more_are_remembered_than_have_room(bench: Bench, clients: OlderClients) -> None:
    clients._known = {str(n): (False, float("inf")) for n in range(MOST)}
    clients.have("tester")
    assert len(clients._known) == 1


def test_a_look_waits_for_the_cloud_to_come_back(bench: Bench, clients: OlderClients) -> None:
    down = [UnreachableError("away")]

    def trouble(_call: str, _thing: str) -> None:
        if down:
            raise down.pop()

    bench.cloud.trouble = trouble
    assert clients.have("tester")


def test_another_labs_client_is_answered_where_plain_ones_are(bench: Bench) -> None:
    theirs = {"client": "groupe-12", "job": "moyenne"}
    bench.do(message("a", attributes=theirs), message("b"))
    assert [one.attributes for one in bench.cloud.queues["responseQueue"].sent] == [{}]
    assert [one.attributes["job"] for one in bench.cloud.queues[REPLIES].sent] == ["b"]
    assert looks(bench) == ["responseQueue-groupe-12"]
    (log,) = (text for key, text in bench.cloud.objects.items() if "id-a" in key)
    assert "client: plain\n" in log
    assert "attributes: client String 'groupe-12', job String 'moyenne'\n" in log
