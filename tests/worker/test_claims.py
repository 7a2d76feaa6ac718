"""Of those who only claim a job the first has it, as its worker remembers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from labapp.jobs.marks import NotTheirsError
from labapp.jobs.proof import new_identity
from labapp.jobs.wire import Request
from labapp.worker import claims as claims_module
from labapp.worker.claims import Claims
from tests.worker.worker_fakes import FakeHandler

FIRST = Request("1,2", "job-1", "ada")
OTHER = replace(FIRST, body="3,4")


class Looks:
    """Stands for the log of jobs."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def check(self, request: Request) -> None:
        self.seen.append(request.job)


def made(*, quick: bool = True) -> tuple[Claims, Looks]:
    looks: Any = Looks()
    return Claims(FakeHandler(quick=quick), looks), looks


def test_the_first_has_the_job_and_may_come_again() -> None:
    claims, _ = made()
    claims.check(FIRST)
    with pytest.raises(NotTheirsError, match="the job job-1 is known with another content"):
        claims.check(OTHER)
    claims.check(FIRST)


def test_what_the_bucket_knows_better_is_forgotten() -> None:
    claims, _ = made()
    claims.check(OTHER)
    claims.give_up(FIRST)
    with pytest.raises(NotTheirsError):
        claims.check(FIRST)
    claims.give_up(OTHER)
    claims.check(FIRST)


def test_who_proves_a_job_or_cannot_choose_its_id_claims_nothing() -> None:
    claims, looks = made(quick=False)
    new = new_identity("ada")
    owner = Request("1,2", new.job, "ada", nonce=new.nonce)
    claims.check(replace(owner, nonce="", client="mallory"))
    claims.check(owner)
    claims.check(Request("1,2", "job-1"))
    claims.check(Request("3,4", "job-1"))
    assert looks.seen == [new.job], "the log is looked at for a claim alone"
    with pytest.raises(NotTheirsError, match="the attribute nonce does not fit the job"):
        claims.check(replace(owner, client="mallory"))


def test_the_oldest_claims_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims_module, "MOST_CLAIMS", 2)
    claims, _ = made()
    for job in ("job-1", "job-2", "job-3"):
        claims.check(replace(FIRST, job=job))
    with pytest.raises(NotTheirsError):
        claims.check(replace(OTHER, job="job-2"))
    claims.check(OTHER)
