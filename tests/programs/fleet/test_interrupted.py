"""A run of `deploy up` that was killed, at each of its steps, is picked up by the next one.

What is killed says nothing and cleans up nothing: its steps are just not taken on.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest

from labapp.cloud.fleet import change_sets, fleet, stack
from labapp.cloud.fleet.model import Event, Wishes
from labapp.cloud.session import Cloud
from labapp.programs.fleet.rollout import CODE, NETWORK, PLANNED, STACK, UP, Rollout
from labapp.programs.fleet.steps import Step, Told
from labapp.programs.fleet.table import headline

#: Nobody waits for a worker where none need be there.
WISHES = Wishes(least=0)


def steps(rollout: Rollout) -> Iterator[Told]:
    """Take all steps, as who is asked says yes."""
    yield from rollout.prepare()
    assert rollout.plan is not None
    if not rollout.plan.change_set.is_empty:
        yield from rollout.carry_out()


def killed_at(cloud: Cloud, last: Told | None, event: bool = False) -> None:
    """Begin a rollout, and take no step behind one."""
    going = steps(Rollout(cloud, WISHES))
    for told in going:
        if told == last or (event and isinstance(told, Event)):
            break
    # The garbage of it is no more than what a killed process leaves.


def next_run(cloud: Cloud) -> Rollout:
    rollout = Rollout(cloud, WISHES)
    for _ in steps(rollout):
        pass
    return rollout


@pytest.mark.parametrize("name", [UP, CODE])
def test_before_the_change_set_it_is_begun_anew(name: str, fleet_aws: Cloud) -> None:
    killed_at(fleet_aws, Step(name))
    assert not fleet.look(fleet_aws).is_there
    next_run(fleet_aws)
    assert fleet.look(fleet_aws).status == "CREATE_COMPLETE"


def test_with_a_change_set_that_nobody_executed_it_is_begun_anew(fleet_aws: Cloud) -> None:
    rollout = Rollout(fleet_aws, WISHES)
    for _ in rollout.prepare():
        pass
    found = fleet.look(fleet_aws)
    assert (found.status, found.is_there) == (stack.REVIEWED, False)
    assert headline(found).endswith("yet, only a plan of one: 'deploy up' makes it")
    next_run(fleet_aws)
    assert fleet.look(fleet_aws).status == "CREATE_COMPLETE"
    assert change_sets.left(fleet_aws) == []


@pytest.mark.parametrize("is_there", [False, True])
def test_who_only_looks_takes_no_plan_away_from_who_is_asked(
    fleet_aws: Cloud, *, is_there: bool
) -> None:
    if is_there:
        next_run(fleet_aws)
    asked = Rollout(fleet_aws, replace(WISHES, most=4))
    for _ in asked.prepare():
        pass
    looking = Rollout(fleet_aws, WISHES, dry=True)
    for _ in looking.prepare():
        pass
    looking.discard()
    assert asked.plan is not None
    assert change_sets.left(fleet_aws) == [asked.plan.change_set.id]
    found = stack.describe(fleet_aws)
    assert found is not None
    assert found.is_there == is_there
    if is_there:  # a second plan of a new stack has MiniStack take it for another one
        for _ in asked.carry_out():
            pass
        assert fleet.look(fleet_aws).most == 4


def test_while_aws_is_at_it_that_is_followed_first(
    fleet_aws: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed_at(fleet_aws, None, event=True)
    describe = stack.describe
    busy = itertools.chain(["CREATE_IN_PROGRESS"] * 2, itertools.repeat(""))

    def still_busy(cloud: Cloud, of: str = "labapp") -> stack.Stack | None:
        found, status = describe(cloud, of), next(busy)
        return found and (found if not status else replace(found, status=status))

    monkeypatch.setattr(stack, "describe", still_busy)
    told = list(Rollout(fleet_aws, WISHES).prepare())
    assert told.index(Step(STACK, "CREATE_COMPLETE")) < told.index(Step(NETWORK))
    assert told[-1] == Step(PLANNED, "nothing would change")


def test_once_it_is_done_nothing_is_left_to_do(fleet_aws: Cloud) -> None:
    next_run(fleet_aws)
    rollout = next_run(fleet_aws)
    assert rollout.plan is not None
    assert rollout.plan.change_set.is_empty


def test_an_update_is_picked_up_too(fleet_aws: Cloud) -> None:
    next_run(fleet_aws)
    for _ in Rollout(fleet_aws, Wishes(most=4)).prepare():
        pass  # and nobody answered the question
    found = fleet.look(fleet_aws)
    assert (found.status, found.most) == ("CREATE_COMPLETE", 3)
    rollout = Rollout(fleet_aws, Wishes(most=5))
    for _ in steps(rollout):
        pass
    assert (fleet.look(fleet_aws).status, fleet.look(fleet_aws).most) == ("UPDATE_COMPLETE", 5)
