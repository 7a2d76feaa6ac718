"""What AWS is at, on a page: steps with marks, events, the cost; in a low one the steps alone."""

from __future__ import annotations

import pytest

from labapp.cloud.fleet.model import Event
from labapp.console.accessible import mode
from labapp.errors import CloudError
from labapp.programs.fleet.progress import FleetWork
from labapp.programs.fleet.rollout import ANSWER, BEHIND, STACK, WORKER
from labapp.programs.fleet.steps import GOES_ON, LeftError, Step, Trouble
from tests.programs.fleet.kit import drawn


@pytest.fixture
def work() -> FleetWork:
    """Give what has made the stack, and waits for a worker."""
    made = FleetWork("making the fleet", BEHIND, "about $12.10 a month")
    for number in range(7):
        made.tell(Event(f"{number}", 0.0, f"Part{number}", "kind", "CREATE_COMPLETE"))
    made.tell(Step(STACK))
    made.tell(Step(STACK, "done in 2 min 10 s"))
    made.tell(Step(WORKER))
    return made


def test_a_high_page_has_steps_the_last_five_events_and_the_cost(work: FleetWork) -> None:
    told = "\n".join(drawn(work.draw(16)))
    assert "of about 4 min" in told
    assert "✓ stack: done in 2 min 10 s" in told
    assert f"{WORKER}…" in told
    assert ANSWER in told
    assert "Part6 CREATE_COMPLETE" in told
    assert "Part1 " not in told
    assert "about $12.10 a month" in told


def test_whoever_listens_is_told_how_each_step_is(
    work: FleetWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mode, "_reason", "asked")
    told = drawn(work.draw(16))
    assert f"{WORKER}: under way" in told
    assert f"{ANSWER}: to come" in told


def test_a_low_page_has_the_steps_alone(work: FleetWork) -> None:
    lines = drawn(work.draw(7), 38)
    assert len(lines) <= 7
    assert "Part6" not in "\n".join(lines)


def test_trouble_is_told_until_it_is_over(work: FleetWork) -> None:
    work.tell(Trouble("the lab session is over"))
    assert "waiting: the lab session is over" in "\n".join(drawn(work.draw(16)))
    work.tell(Trouble(""))
    assert "waiting" not in "\n".join(drawn(work.draw(16)))


def test_at_its_end_it_says_what_came_of_it(work: FleetWork) -> None:
    work.tell(Step(WORKER, "none: the fleet is parked"))
    work.end()
    told = "\n".join(drawn(work.draw(16)))
    assert "Done in 0 s." in told
    assert ANSWER not in told
    assert work.line == "none: the fleet is parked"


def test_an_error_stands_where_it_came(work: FleetWork) -> None:
    work.error = CloudError("no worker of the fleet reported", "Look at the logs.")
    work.end()
    told = "\n".join(drawn(work.draw(16)))
    assert f"✗ {WORKER}" in told
    assert "Look at the logs." in told
    assert "Done" not in told


def test_it_is_left_to_aws_and_says_so(work: FleetWork) -> None:
    assert work.epitaph == GOES_ON
    assert work.goes_on
    work.stop.set()
    with pytest.raises(LeftError, match="AWS goes on by itself"):
        work.pause(5.0)


def test_a_low_page_ends_with_the_last_steps_at_once(work: FleetWork) -> None:
    for name in BEHIND:
        work.tell(Step(name, f"{name} is done, {'at length ' * 3}"))
    work.end()
    lines = drawn(work.draw(7), 38)
    assert len(lines) <= 7
    assert BEHIND[0] not in "\n".join(lines)
    assert ANSWER in "\n".join(lines)
