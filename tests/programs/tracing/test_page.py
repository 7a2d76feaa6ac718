"""The page of one job's way, from what the pages of jobs, logs and dead letters have of it."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from labapp import utc
from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.console.key import REFRESH
from labapp.console.theme import Depth, Theme
from labapp.errors import UsageError
from labapp.jobs import dead_letters, log_listing, logbook
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import ClientSession
from labapp.jobs.wire import DONE, Reply, Request
from labapp.programs.tracing import page
from labapp.programs.tracing.table import clock

LOOK = Theme(Depth.NONE, True, plain=True)


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Show each page once, refresh it once, and leave it; give what was shown."""
    shown: list[str] = []

    def show(_title: str, body: Any, **_: Any) -> Any:
        shown.append(LOOK.ansi(body, 80))
        return REFRESH if len(shown) % 2 else None

    monkeypatch.setattr(page, "show", show)
    monkeypatch.setattr("labapp.console.theme._current", LOOK)
    return shown


@pytest.fixture
def menu(cloud: Cloud) -> Any:
    def wait(_message: str, action: Callable[[], Any], _title: str) -> Any:
        return action()

    return SimpleNamespace(wait=wait, open_cloud=lambda: cloud, frame=None)


def test_a_job_of_this_machine_is_followed_anew_at_each_look(
    cloud: Cloud, menu: Any, pages: list[str]
) -> None:
    with ClientSession(cloud) as session:
        (job,) = session.submit(NUMBERS, ["1,2"])
        entry = session.ledger.get(job)
        assert entry
        page.of_entry(menu, entry)
    assert len(pages) == 2
    assert "sent, not received: 1 waits in requestQueue" in " ".join(pages[0].split())
    assert job in pages[0]


def test_a_job_of_which_only_the_id_is_known_is_looked_for(
    cloud: Cloud, menu: Any, pages: list[str]
) -> None:
    with ClientSession(cloud) as session:
        (job,) = session.submit(NUMBERS, ["1,2"])
    page.of_job(menu, job)
    assert "from this machine" in pages[0]
    with pytest.raises(UsageError, match="no job is known"):
        page.of_job(menu, "nobodys-job")


def test_a_log_and_a_dead_letter_show_their_jobs(cloud: Cloud, menu: Any, pages: list[str]) -> None:
    request = Request("1,2", "sqs-id", sent_at=1.7e9)
    logbook.store(Bucket(cloud), "numbers", request, Reply("sum is 3", "sqs-id", DONE))
    (log,) = log_listing.newest(Bucket(cloud), 1)
    page.of_log(menu, log)
    assert "\u2713 stored" in pages[-1]
    assert pages[-1].lstrip().startswith("\u2713 done")
    Queue(cloud, "requestQueue-dlq").send(Outgoing("x\x1b[2J", {"reason": "no list"}))
    (letter,) = dead_letters.look_at_all(cloud, "requestQueue", 5)
    page.of_letter(menu, letter)
    assert "put aside: no list" in pages[-1]
    assert "\x1b" not in pages[-1]


def test_a_moment_has_its_day_unless_it_is_today() -> None:
    assert clock(1.7e9 + 0.1235).endswith(".124")
    assert clock(1.7e9).startswith("2023-11-1")
    assert len(clock(utc.seconds())) == len("14:05:09.288")
