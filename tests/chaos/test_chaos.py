"""The promises under faults and kills, in short; and that the harness notices who breaks them.

The long forms are commands: see `python -m tests.chaos --help`. What takes a quarter of a minute
and other tests look at too waits for `-m chaos`.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.chaos import rows_jobs, rows_worker, storm
from tests.chaos.audit import Found, verdict
from tests.chaos.faults import Faults
from tests.chaos.figures import Figure, Row, Size
from tests.chaos.journal import Journal, Told, read
from tests.chaos.rows import ROWS
from tests.chaos.storm import Plan, Storm
from tests.chaos.world import World

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills by POSIX signals")


@pytest.mark.timeout(180)
def test_nothing_is_lost_doubled_or_misrouted_in_a_storm(tmp_path: Path) -> None:
    plan = Plan(numbers=300, pictures=8, kill_every=1.5, minutes=1.2)

    with World(tmp_path, seed=7) as world:
        outcome = Storm(world, plan).run()

    storm.show(outcome, "short storm")
    assert outcome.verdict.broken == []
    assert outcome.verdict.accepted == outcome.verdict.answered + outcome.verdict.dead
    assert outcome.verdict.accepted >= 300
    assert sum(outcome.faults.values()) > 10
    assert outcome.kills


def _split(first: list[str], later: list[str]) -> list[Any]:
    """Return parameters: those of each run, and those of `-m chaos` only."""
    return [*first, *(pytest.param(name, marks=pytest.mark.chaos) for name in later)]


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "name",
    _split(["crash recovery", "refused"], ["shown once", "health", "cloud killed", "labelling"]),
)
def test_a_promise_is_kept(name: str, tmp_path: Path) -> None:
    figure = ROWS[name](Size(tmp_path))

    print(f"{name}: {figure.promise}: {figure.measured}")
    assert figure.kept, figure.measured


#: Each mutant of the worker, and the row that it must break.
BROKEN_BY: dict[str, Callable[[Size, str], Figure]] = {
    "delete-first": rows_worker.crash_recovery,
    "forget-lease": rows_worker.long_jobs,
    "wrong-client": rows_jobs.right_client,
    "second-result": rows_jobs.shown_once,
}


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "mutant", _split(["delete-first", "wrong-client"], ["forget-lease", "second-result"])
)
def test_the_harness_notices_a_worker_that_breaks_a_promise(mutant: str, tmp_path: Path) -> None:
    figure = BROKEN_BY[mutant](Size(tmp_path), mutant)

    assert not figure.kept, figure.measured


def test_every_row_of_the_table_has_a_scenario() -> None:
    rows: dict[str, Row] = ROWS
    assert len(rows) == 15


def told_of(*jobs: str, client: str = "a") -> Told:
    told = Told()
    for job in jobs:
        told.owner[job] = client
        told.accepted.add(job)
        told.shown[job] = 1
        told.seen_by[job] = {client}
    return told


def test_the_audit_tells_lost_dead_and_queued_apart() -> None:
    told = told_of("a", "b", "c", "d")
    for job in ("b", "c", "d"):
        del told.shown[job], told.seen_by[job]

    found = verdict(told, Found(dead={"b"}, queued={"c"}))

    assert (found.accepted, found.answered, found.dead, found.queued, found.lost) == (4, 1, 1, 1, 1)
    assert found.broken == ["nothing lost"]


def test_the_audit_sees_what_no_client_can() -> None:
    found = verdict(told_of("a"), Found(replies={"a": {"a", "b"}}))

    assert found.broken == ["right client"]


def test_the_audit_misses_the_log_of_what_was_answered() -> None:
    assert verdict(told_of("a", "b"), Found(logged={"a", "b", "c"})).broken == []
    assert verdict(told_of("a", "b"), Found(logged={"a"})).broken == ["nothing lost"]


def test_the_audit_counts_label_lines() -> None:
    told = Told(labels={"p": {"1", "2"}})

    assert verdict(told, Found(labels={"p": ["1", "2"]})).broken == []
    assert verdict(told, Found(labels={"p": ["1"]})).labels_lost == 1
    assert verdict(told, Found(labels={"p": ["1", "2", "2"]})).labels_doubled == 1


def test_an_answer_shown_again_is_a_fault_unless_its_client_was_killed_at_it(
    tmp_path: Path,
) -> None:
    def lines(*shown: tuple[str, int]) -> Counter[str]:
        path = tmp_path / "journal"
        path.unlink(missing_ok=True)
        journal = Journal(path)
        journal.write("intent", client="a", kind="numbers", jobs=["x", "y"], expected={"x": 3})
        for job, pid in shown:
            result = '{"sum": 3, "count": 1}'
            journal.write(
                "shown", client="a", job=job, status="done", result=result, seconds=1, pid=pid
            )
        return read([path]).shown

    assert lines(("x", 1), ("x", 2))["x"] == 1
    assert lines(("x", 1), ("x", 1))["x"] == 2
    assert lines(("x", 1), ("y", 1), ("x", 2))["x"] == 2


def test_the_same_seed_gives_the_same_faults() -> None:
    one, other, third = (Faults(seed, rate=0.3) for seed in (1, 1, 2))

    rows = [[faults.draw() for _ in range(200)] for faults in (one, other, third)]

    assert rows[0] == rows[1] != rows[2]
    assert 30 < sum(bool(fault) for fault, _ in rows[0]) < 90
