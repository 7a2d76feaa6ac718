"""Threads that send at the same time share a request, and each is told of its own job."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest

from labapp import settings
from labapp.errors import CloudError, LabappError
from labapp.jobs import joint_sending
from labapp.jobs.joint_sending import JointSending
from labapp.jobs.kind import JobKind
from labapp.jobs.ledger import Ledger
from labapp.jobs.picture_kind import PICTURES
from labapp.jobs.wire import Request


class Session:
    """A session whose queue may not take all."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.cloud = SimpleNamespace(settings=settings.Settings())
        self.puts: list[list[str]] = []
        self.refused: set[str] = set()
        self.error: LabappError | None = None

    def require_replies(self) -> None:
        pass

    def put(self, _: JobKind, requests: Sequence[Request]) -> list[int]:
        jobs = [request.job for request in requests]
        assert all(self.ledger.get(job) for job in jobs)  # written down before
        self.puts.append(jobs)
        if self.error:
            raise self.error
        return [place for place, job in enumerate(jobs) if job in self.refused]


@pytest.fixture
def session(ledger: Ledger) -> Session:
    return Session(ledger)


def send(session: Any, jobs: Sequence[str]) -> list[str]:
    """Send jobs, each in a thread of its own; return the errors."""
    jointly = JointSending(session, PICTURES)

    def one(job: str) -> str:
        try:
            jointly.send(Request(f"key-{job}", job, "ada"), f'{{"path": "{job}"}}')
        except LabappError as error:
            return str(error)
        finally:
            jointly.gone()
        return ""

    for _ in jobs:
        jointly.coming()
    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(one, jobs))


def test_jobs_go_together_with_their_own_notes(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joint_sending, "LINGER", 5.0)
    jobs = [f"job-{number}" for number in range(10)]
    assert send(session, jobs) == [""] * 10
    assert [sorted(put) for put in session.puts] == [jobs]
    entries = [session.ledger.get(job) for job in jobs]
    assert [entry and entry.notes for entry in entries] == [{"path": job} for job in jobs]


def test_who_is_alone_waits_for_nobody(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(joint_sending, "LINGER", 60.0)
    assert send(session, ["job"]) == [""]


def test_what_the_queue_does_not_take_is_told_to_whose_it_is(session: Session) -> None:
    session.refused = {"b"}
    found = send(session, ["a", "b", "c"])
    assert [bool(error) for error in found] == [False, True, False]
    assert "did not take the job" in found[1]
    kept = [session.ledger.get(job) for job in "abc"]
    assert [entry and entry.status for entry in kept] == ["pending", "unsent", "pending"]


def test_what_fails_is_told_to_all(session: Session) -> None:
    session.error = CloudError("no")
    assert send(session, ["a", "b"]) == ["no", "no"]
    kept = [session.ledger.get(job) for job in "ab"]
    assert [entry and entry.status for entry in kept] == ["unsent", "unsent"]
