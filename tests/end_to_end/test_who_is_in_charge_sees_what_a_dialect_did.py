"""The log tells which block did a request, dead letters which there were for one of none."""

from __future__ import annotations

import pytest

from labapp.cloud.session import Cloud
from tests.end_to_end import dialect_clients as clients
from tests.end_to_end.dialect_rows import LIST, Said
from tests.support.commands import documents
from tests.support.waiting import until
from tests.support.worker_thread import at_work


def test_blocks_and_attributes_are_named(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LABAPP_DIALECT", "one-queue")
    with at_work(cloud, monkeypatch, "one-queue"):
        clients.send(cloud, "jobs", Said(LIST, {"Kind": "numbers", "Desk": "7"}))
        clients.send(cloud, "jobs", Said("none.png", {"Kind": "picture"}))
        clients.send(cloud, "jobs", Said(LIST, {"Kind": "song"}))
        clients.hear(cloud, "answers", 2)
        letters = until(lambda: documents(capsys, "queues", "dead"), "the dead letter")

    (letter,) = letters
    assert (letter["queue"], letter["body"]) == ("jobs", LIST)
    assert "no block of the dialect one-queue for jobs: request 1, request 2" in str(
        letter["reason"]
    )
    told = ("status", "dialect", "attributes")
    logs = {log["request"]: tuple(log[name] for name in told) for log in documents(capsys, "logs")}
    assert logs == {
        f"'{LIST}'": ("done", "one-queue, request 1", "Desk String '7', Kind String 'numbers'"),
        "'none.png'": ("refused", "one-queue, request 2", "Kind String 'picture'"),
    }
