"""What came while the programs were closed is shown at the next start, whoever had asked for it."""

from __future__ import annotations

import argparse
import json
import threading

import pytest

from labapp import settings
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import ClientSession, open_ledger
from labapp.programs.jobs.client_session import ClientMenuSession
from labapp.programs.shell.context import Context
from tests.support.answers import answer
from tests.support.commands import client
from tests.support.waiting import PATIENCE, until


@pytest.fixture
def late(cloud: Cloud) -> str:
    """Give a job of the second of two closed programs, answered since; the first waits for ever."""
    with ClientSession(cloud) as one, ClientSession(cloud) as two:
        one.submit(NUMBERS, ["1"])
        (job,) = two.submit(NUMBERS, ["1,2"])
    answer(cloud, two.client, job)
    return job


def test_the_list_of_jobs_has_the_answer(late: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert client("jobs", "--json") == 0
    listed = {one["job"]: one["status"] for one in json.loads(capsys.readouterr().out)}
    assert listed.pop(late) == "done"
    assert list(listed.values()) == ["pending"]


def test_the_menu_tells_of_it_once_and_opens_without_waiting_for_it(
    cloud: Cloud, late: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    receive = Queue.receive

    def held(self: Queue, limit: int = 10, wait: int = 0, visibility: int | None = None) -> object:
        assert not wait or go.wait(PATIENCE)
        return receive(self, limit, 0, visibility)

    monkeypatch.setattr(Queue, "receive", held)
    menu = ClientMenuSession(Context("client.py", argparse.Namespace(), settings.load()))
    menu.open_session()  # it would hang here
    assert menu.notices() == []
    go.set()
    notices = until(menu.notices, "the notice")
    assert [notice.text for notice in notices] == ["1,2: sum is 3"]
    client, ledger = _client_of(cloud, late), open_ledger(cloud)
    until(lambda: late not in {entry.job for entry in ledger.unshown(client)}, "its mark as shown")


def _client_of(cloud: Cloud, job: str) -> str:
    entry = open_ledger(cloud).get(job)
    assert entry is not None
    return entry.client
