"""The guard drains a worker before its instance goes, restarts an unwell one, outlasts faults."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from labapp.errors import CloudError
from labapp.worker import guard as room
from labapp.worker.guard import Guard
from labapp.worker.instance_metadata import InstanceMetadata
from labapp.worker.unit import State, UnitError
from tests.support import fake_imds
from tests.support.fake_imds import INSTANCE, Imds

GRACE = 20.0
TERMINATE = '{"action": "terminate"}'


@dataclass
class FakeUnit:
    """A unit that notes its signals, and does what the test has it do."""

    pid: int = 100
    is_out: bool = False
    is_away: bool = False
    signals: list[tuple[str, int]] = field(default_factory=list)

    def state(self) -> State:
        if self.is_away:
            raise UnitError("systemd does not answer")
        return State(self.is_out, 0 if self.is_out else self.pid)

    def stop(self, pid: int) -> None:
        self.signals.append(("stop", pid))

    def restart(self, pid: int) -> None:
        self.signals.append(("restart", pid))

    def kill(self, pid: int) -> None:
        self.signals.append(("kill", pid))


@dataclass
class FakeGroup:
    """A group that notes what it is told, or refuses to be told."""

    told: list[tuple[str, str]] = field(default_factory=list)
    is_denied: bool = False

    def _note(self, what: str, instance: str) -> None:
        if self.is_denied:
            raise CloudError("denied")
        self.told.append((what, instance))

    def stay(self, instance: str) -> None:
        self._note("stay", instance)

    def leave(self, instance: str) -> None:
        self._note("leave", instance)

    def declare_unhealthy(self, instance: str) -> None:
        self._note("unhealthy", instance)


@dataclass
class Scene:
    """An instance with a guard, and the clock that both go by."""

    imds: Imds
    unit: FakeUnit = field(default_factory=FakeUnit)
    group: FakeGroup = field(default_factory=FakeGroup)
    now: float = 1000.0
    is_well: bool = True
    has_group: bool = True

    def __post_init__(self) -> None:
        metadata = InstanceMetadata(self.imds.url, lambda: self.now)
        group = self.group if self.has_group else None
        self.guard = Guard(metadata, self.unit, group, self._health, GRACE, lambda: self.now)

    def _health(self) -> tuple[bool, str]:
        return self.is_well, "healthy" if self.is_well else "unhealthy: no worker"

    def turn(self, seconds: float = room.EVERY) -> bool:
        self.now += seconds
        return self.guard.turn()

    def turns(self, seconds: float) -> bool:
        """Let turns pass for some seconds; return whether there are more."""
        return all(self.turn() for _ in range(int(seconds / room.EVERY)))


@pytest.fixture
def imds() -> Iterator[Imds]:
    with fake_imds.served() as imds:
        yield imds


@pytest.fixture
def scene(imds: Imds) -> Scene:
    return Scene(imds)


def test_a_well_worker_is_left_alone(scene: Scene) -> None:
    assert scene.turns(300)
    assert scene.unit.signals == []
    assert scene.group.told == []


def test_a_worker_is_drained_before_its_group_ends_the_instance(scene: Scene) -> None:
    scene.turn()
    scene.imds.state = "Terminated"
    assert scene.turn()
    assert scene.unit.signals == [("stop", 100)]
    assert scene.turns(15)
    assert ("leave", INSTANCE) not in scene.group.told  # it still works
    scene.unit.is_out = True
    assert not scene.turn()
    assert scene.group.told[-1] == ("leave", INSTANCE)
    assert scene.unit.signals == [("stop", 100)]


def test_the_group_hears_that_it_takes_longer(scene: Scene) -> None:
    scene.imds.state = "Terminated"
    scene.turns(3 * room.HEARTBEAT)
    assert scene.group.told.count(("stay", INSTANCE)) == 2  # and no longer than it can take
    scene.turns(10 * room.HEARTBEAT)
    assert scene.group.told.count(("stay", INSTANCE)) == 2


def test_a_worker_that_does_not_end_hands_its_jobs_back_and_is_then_killed(scene: Scene) -> None:
    scene.imds.state = "Terminated"
    scene.turns(GRACE + room.SLACK)
    assert scene.unit.signals == [("stop", 100)]
    scene.turn()
    assert scene.unit.signals == [("stop", 100)] * 2
    scene.turns(room.LAST_SECONDS)
    assert scene.unit.signals == [("stop", 100), ("stop", 100), ("kill", 100)]


def test_a_worker_that_systemd_started_meanwhile_is_ended_too(scene: Scene) -> None:
    scene.imds.state = "Terminated"
    scene.turn()
    scene.unit.pid = 0  # it fell, and systemd is about to start it
    assert scene.turn()
    scene.unit.pid = 101
    scene.turn()
    assert scene.unit.signals == [("stop", 100), ("stop", 101)]


def test_a_drain_is_gone_on_with_by_a_guard_that_was_started_anew(scene: Scene) -> None:
    scene.imds.state = "Terminated"
    scene.unit.is_out = True
    assert not scene.turn()
    assert scene.group.told == [("leave", INSTANCE)]
    assert scene.unit.signals == []


def test_capacity_that_is_taken_back_is_drained_sooner(scene: Scene, imds: Imds) -> None:
    patient = Scene(imds)
    patient.guard = Guard(
        InstanceMetadata(imds.url), patient.unit, None, lambda: (True, ""), 3600, lambda: scene.now
    )
    imds.spot = TERMINATE
    patient.guard.turn()
    scene.now += room.SPOT_SECONDS
    patient.guard.turn()
    assert patient.unit.signals == [("stop", 100)] * 2


def test_of_capacity_that_is_taken_back_the_group_is_told_once_it_waits(scene: Scene) -> None:
    scene.imds.spot = TERMINATE
    scene.turn()
    scene.unit.is_out = True
    assert scene.turns(30)
    assert scene.group.told == []
    scene.imds.state = "Terminated"
    assert not scene.turn()
    assert scene.group.told == [("leave", INSTANCE)]


def test_an_instance_without_a_group_has_nobody_to_tell(imds: Imds) -> None:
    scene = Scene(imds, has_group=False)
    imds.state = "Terminated"
    scene.turn()
    scene.unit.is_out = True
    assert not scene.turn()


def test_a_denied_call_is_tried_again_and_told_once(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.imds.state = "Terminated"
    scene.unit.is_out = True
    scene.group.is_denied = True
    with caplog.at_level(logging.INFO, "labapp"):
        assert scene.turns(60)
    assert [one.message for one in caplog.records].count("denied") == 1
    scene.group.is_denied = False
    assert not scene.turn()


def test_metadata_that_are_away_end_nothing(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    scene.imds.status = 500
    scene.is_well = False
    with caplog.at_level(logging.INFO, "labapp"):
        assert scene.turns(3 * room.HEALTH_EVERY)
    assert sum("does not answer" in one.message for one in caplog.records) == 1
    assert scene.unit.signals == [("restart", 100)]
    scene.imds.status, scene.imds.state = 0, "Terminated"
    scene.turn()
    assert scene.unit.signals[-1] == ("stop", 100)


def test_systemd_that_does_not_answer_is_asked_again(scene: Scene) -> None:
    scene.imds.state = "Terminated"
    scene.unit.is_away = True
    assert scene.turns(30)
    scene.unit.is_away = False
    scene.turn()
    assert scene.unit.signals == [("stop", 100)]


def test_three_failures_restart_the_worker(scene: Scene) -> None:
    scene.is_well = False
    scene.turns(2 * room.HEALTH_EVERY)
    assert scene.unit.signals == []
    scene.turns(room.HEALTH_EVERY)
    assert scene.unit.signals == [("restart", 100)]


def test_a_worker_that_is_well_again_is_not_restarted(scene: Scene) -> None:
    for is_well in (False, False, True, False, False):
        scene.is_well = is_well
        scene.turns(room.HEALTH_EVERY)
    assert scene.unit.signals == []


def test_a_worker_that_does_not_end_for_its_restart_is_killed(scene: Scene) -> None:
    scene.is_well = False
    scene.turns(3 * room.HEALTH_EVERY)
    scene.is_well = True
    scene.turns(GRACE + room.SLACK + room.LAST_SECONDS)
    assert scene.unit.signals == [("restart", 100), ("restart", 100), ("kill", 100)]
    scene.unit.pid = 101
    scene.turns(300)
    assert len(scene.unit.signals) == 3


def test_ten_failures_have_the_instance_replaced(scene: Scene) -> None:
    scene.is_well = False
    for _ in range(10):
        scene.turns(room.HEALTH_EVERY)
        scene.unit.pid += 1  # as each restart does
    assert [what for what, _ in scene.unit.signals] == ["restart"] * 3
    assert scene.group.told == [("unhealthy", INSTANCE)]


def test_where_no_worker_runs_systemd_is_at_it(scene: Scene) -> None:
    scene.is_well, scene.unit.pid = False, 0
    scene.turns(3 * room.HEALTH_EVERY)
    assert scene.unit.signals == []


def test_a_worker_that_drains_is_not_asked_for_its_health(scene: Scene) -> None:
    scene.is_well, scene.imds.state = False, "Terminated"
    scene.turns(4 * room.HEALTH_EVERY)
    assert {what for what, _ in scene.unit.signals} == {"stop", "kill"}
    assert ("unhealthy", INSTANCE) not in scene.group.told
