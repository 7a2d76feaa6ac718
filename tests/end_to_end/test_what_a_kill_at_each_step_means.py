"""What `server.py --step` says of a kill is so: a worker is killed there, and another one goes on.

All ways to ask at all steps are `python -m tests.chaos.steps`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import ClientSession
from labapp.jobs.steps import (
    ANSWERED,
    DELETED,
    DONE,
    LEASE_STOPPED,
    RECEIVED,
    STORED,
    VALIDATED,
)
from tests.chaos.steps import LONG, prove
from tests.end_to_end.lab import Lab
from tests.support.stepped_worker import Stepped, killed_at

SHOWN = [
    ("numbers", (RECEIVED, VALIDATED, DONE, STORED, ANSWERED, LEASE_STOPPED, DELETED)),
    ("picture", (STORED,)),
    ("plain", (ANSWERED,)),
    ("fifo", (ANSWERED,)),
    ("aside", (ANSWERED,)),
    ("last", (DONE,)),
]


def test_what_is_said_is_so(local_lab: Lab, tmp_path: Path) -> None:
    for name, steps in SHOWN:
        for step in steps:
            prove(name, step, tmp_path)


def test_the_message_comes_back_by_itself(local_lab: Lab, tmp_path: Path) -> None:
    prove("numbers", STORED, tmp_path, wait=True)


def test_a_client_of_labapps_shows_one_answer_of_two(
    local_lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LABAPP_VISIBILITY_TIMEOUT", str(LONG))
    with ClientSession(local_lab.cloud) as session:
        (job,) = session.submit(NUMBERS, ["1,2"])
        said = killed_at(LEASE_STOPPED, "requestQueue", {}, tmp_path)
        shown = session.collect()
        local_lab.queue(said.queue).hide([said.receipt], 0)
        with Stepped(local_lab.cloud, said.queue) as second:
            assert second.go_to(DELETED)[-1].message.receives == 2
        shown += session.collect(wait=1)

    assert [(entry.job, entry.status) for entry in shown] == [(job, "done")]
