"""A run that was left is picked up: AWS is followed to its end, then the next thing is planned."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from types import SimpleNamespace

import pytest

from labapp.cloud.fleet import fleet, stack
from labapp.cloud.fleet.model import Event, Fleet, Wishes
from labapp.cloud.session import Cloud
from labapp.programs.fleet import looking, proof, rollout, steps
from labapp.programs.fleet.rollout import PLANNED, STACK, Rollout
from labapp.programs.fleet.steps import Step
from tests.support.commands import admin, document

Capture = pytest.CaptureFixture[str]

EVENT = Event("1", 0.0, "Workers", "group", "UPDATE_COMPLETE")


@pytest.fixture
def made(fleet_aws: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """Give an account that has a fleet."""
    monkeypatch.setattr(proof, "wait_for_worker", lambda *_: "one")
    monkeypatch.setattr(proof, "answer", lambda *_: "minimum is 1")
    assert admin("deploy", "up", "--yes") == 0
    return fleet_aws


def test_what_aws_is_at_is_followed_before_anything_is_planned(
    made: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = stack.describe(made)
    assert found is not None
    busy = SimpleNamespace(
        describe=lambda _: replace(found, status="UPDATE_IN_PROGRESS"),
        newest_event=stack.newest_event,
    )

    def followed(*_: object) -> Generator[object, None, object]:
        yield EVENT
        return found, (EVENT,)

    monkeypatch.setattr(rollout, "stack", busy)
    monkeypatch.setattr(rollout, "follow", followed)
    going = Rollout(made, Wishes())
    told = list(going.prepare())
    assert told.index(Step(STACK, "CREATE_COMPLETE")) > told.index(EVENT)
    assert told[-1] == Step(PLANNED, "nothing would change")
    assert going.plan is not None
    assert going.plan.change_set.is_empty


def test_a_status_tells_of_what_aws_is_at_and_follows_it_where_asked(
    made: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    whole = fleet.look(made)
    seen: list[Fleet] = []

    def look(*_: object) -> Fleet:
        seen.append(replace(whole, status="UPDATE_IN_PROGRESS" if len(seen) < 2 else whole.status))
        return seen[-1]

    monkeypatch.setattr(fleet, "look", look)
    told = document(capsys, "admin.py", "deploy")
    assert told["status"] == "UPDATE_IN_PROGRESS"
    assert len(told["events"]) == 5
    monkeypatch.setattr(looking, "follow", lambda _: iter([EVENT]))
    assert admin("deploy", "status", "--follow") == 0
    out, err = capsys.readouterr()
    assert "Workers UPDATE_COMPLETE" in err
    assert "IN_PROGRESS" not in out


def test_trouble_on_the_way_is_told_once_and_its_end_too(
    made: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    from labapp.cloud.fleet.following import Look
    from labapp.errors import UnreachableError

    found = stack.describe(made)
    away = UnreachableError("the cloud does not answer")

    def looks(*_: object, **__: object) -> Generator[Look, None, object]:
        for trouble in (away, away, None):
            yield Look("UPDATE_IN_PROGRESS", (EVENT,) if trouble is None else (), trouble)
        return found

    monkeypatch.setattr("labapp.cloud.fleet.following.follow", looks)
    told = list(steps.follow(made, "arn", lambda _: None))
    assert told == [steps.Trouble(str(away)), steps.Trouble(""), EVENT]
