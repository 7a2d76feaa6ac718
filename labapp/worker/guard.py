"""Looks after an instance's worker: drains it before the instance goes, restarts it if unwell.

It ends a worker before EC2 ends the machine, since systemd would give it no time to finish. Jobs in
hand are finished within the worker's grace period; the rest is handed back to the queue. Nothing
that it meets ends it, as long as there is something to look after: the metadata service may be
away, a call refused, the network down. It is told once, and tried again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from labapp.errors import LabappError
from labapp.worker.instance_metadata import AwayError, InstanceMetadata

if TYPE_CHECKING:
    from labapp.worker.unit import State

log = logging.getLogger(__name__)

#: Seconds between two looks. EC2 tells of spare capacity that it takes back two minutes before.
EVERY = 5.0

#: Seconds between two looks at the worker's health.
HEALTH_EVERY = 60.0

#: Looks in a row that find the worker unwell: at each third it is restarted, at the tenth the
#: instance is declared unhealthy, and its group replaces it.
RESTART_AT, REPLACE_AT = 3, 10

#: Seconds between two signs of life while it drains; the hook waits for one for 180.
HEARTBEAT = 60.0

#: Seconds that a worker has to end beyond its grace period: its last poll, and its last words.
SLACK = 40.0

#: Seconds that a worker has, at most, where the machine is taken back in two minutes.
SPOT_SECONDS = 80.0

#: Seconds after which a worker that was asked twice, to hand its jobs back, is killed.
LAST_SECONDS = 15.0


class Unit(Protocol):
    """What is asked of the worker's unit: see `unit.Unit`."""

    def state(self) -> State: ...  # noqa: D102 - said there
    def stop(self, pid: int) -> None: ...  # noqa: D102
    def restart(self, pid: int) -> None: ...  # noqa: D102
    def kill(self, pid: int) -> None: ...  # noqa: D102


class Membership(Protocol):
    """What is told to the group: see `fleet.membership.Membership`."""

    def stay(self, instance: str) -> None: ...  # noqa: D102 - said there
    def leave(self, instance: str) -> None: ...  # noqa: D102
    def declare_unhealthy(self, instance: str) -> None: ...  # noqa: D102


@dataclass
class _Leaving:
    """A worker that was asked to end: since when, for how long, and how often it was asked."""

    pid: int
    since: float
    patience: float
    asked: int = 1


@dataclass
class _Drain:
    """A drain: since when, whether the group waits for it, what was last said to it."""

    since: float
    patience: float
    is_awaited: bool = False
    is_out: bool = False
    beat: float = field(default=float("-inf"))


class Guard:
    """Looks after one worker, in turns.

    Args:
        metadata: tells what becomes of the instance.
        unit: the worker's.
        membership: tells the group; None where there is none.
        health: tells whether the worker is well, and a line that says so.
        grace: seconds that the worker gives the jobs in hand once it is asked to end.
        now: a clock that only goes forward, in seconds.
    """

    def __init__(
        self,
        metadata: InstanceMetadata,
        unit: Unit,
        membership: Membership | None,
        health: Callable[[], tuple[bool, str]],
        grace: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._metadata = metadata
        self._unit = unit
        self._membership = membership
        self._health = health
        self._patience = grace + SLACK
        self._now = now
        self._drain: _Drain | None = None
        self._leaving: _Leaving | None = None
        self._unwell = 0
        self._looked = now()
        self._said: dict[str, str] = {}

    def turn(self) -> bool:
        """Look, and do what is to be done now; return whether there will be more."""
        self._look_whether_to_go()
        if self._drain:
            return self._go_on(self._drain)
        if self._leaving:
            self._try("unit", self._hurry)
        if self._now() - self._looked >= HEALTH_EVERY:
            self._looked = self._now()
            self._look_at_health()
        return True

    def _look_whether_to_go(self) -> None:
        drain = self._drain
        if drain and drain.is_awaited:
            return
        try:
            is_going, is_reclaimed = self._metadata.is_going(), False
            if not (is_going or drain):
                is_reclaimed = self._metadata.is_reclaimed()
        except AwayError as error:
            self._say("metadata", f"the instance's metadata service does not answer: {error}")
            return
        self._say("metadata", "")
        if drain is None and (is_going or is_reclaimed):
            patience = min(self._patience, SPOT_SECONDS) if is_reclaimed else self._patience
            self._drain = drain = _Drain(self._now(), patience)
            self._leaving = None
            why = "EC2 takes its capacity back" if is_reclaimed else "its group has it end"
            log.warning("draining: %s", why, extra={"event": "drain"})
        if drain:
            drain.is_awaited = is_going

    def _go_on(self, drain: _Drain) -> bool:
        """Go on with a drain; return whether it goes on."""
        if not drain.is_out:
            self._try("unit", lambda: self._end_worker(drain))
        if drain.is_out and drain.is_awaited:
            return not self._tell("leave", lambda group, me: group.leave(me))
        due = self._now() - drain.beat >= HEARTBEAT
        # What hangs for longer than everybody was given is no reason to hold the group up.
        is_in_time = self._now() - drain.since < drain.patience + 2 * LAST_SECONDS
        if drain.is_awaited and due and is_in_time:
            drain.beat = self._now()
            self._tell("stay", lambda group, me: group.stay(me))
        return True

    def _end_worker(self, drain: _Drain) -> None:
        state = self._unit.state()
        if state.is_out:
            drain.is_out = True
            seconds = self._now() - drain.since
            log.info("the worker is out, after %.0f s", seconds, extra={"event": "drain"})
        elif state.pid and (self._leaving is None or self._leaving.pid != state.pid):
            self._leaving = _Leaving(state.pid, self._now(), drain.patience)
            self._unit.stop(state.pid)
        elif state.pid:
            self._hurry_on(state.pid)

    def _hurry(self) -> None:
        """See to it that a worker that is to be restarted ends."""
        leaving, state = self._leaving, self._unit.state()
        if leaving is None or state.pid != leaving.pid:
            self._leaving = None
        else:
            self._hurry_on(state.pid)

    def _hurry_on(self, pid: int) -> None:
        """Ask a worker that does not end once more, and then kill it."""
        leaving = self._leaving
        assert leaving
        late = self._now() - leaving.since - leaving.patience
        if leaving.asked == 1 and late >= 0:
            leaving.asked = 2
            log.warning("the worker does not end: asked again", extra={"event": "drain"})
            again = self._unit.stop if self._drain else self._unit.restart
            again(pid)
        elif late >= LAST_SECONDS:
            log.error("the worker does not end: killed", extra={"event": "drain"})
            self._unit.kill(pid)

    def _look_at_health(self) -> None:
        is_well, told = self._health()
        self._unwell = 0 if is_well else self._unwell + 1
        self._say("health", "" if is_well else told)
        if self._unwell >= REPLACE_AT:
            self._unwell = 0
            log.error("unwell for ten minutes: declared unhealthy", extra={"event": "unhealthy"})
            self._tell("unhealthy", lambda group, me: group.declare_unhealthy(me))
        elif self._unwell and self._unwell % RESTART_AT == 0 and not self._leaving:
            self._try("unit", self._restart)

    def _restart(self) -> None:
        state = self._unit.state()
        if not state.pid:
            return  # systemd is at it
        log.warning("the worker is restarted", extra={"event": "restart"})
        self._leaving = _Leaving(state.pid, self._now(), self._patience)
        self._unit.restart(state.pid)

    def _tell(self, topic: str, tell: Callable[[Membership, str], None]) -> bool:
        """Tell the group something about this instance; return whether it was told.

        Where there is none, there is nobody to tell.
        """
        group = self._membership
        if group is None:
            return True
        return self._try(topic, lambda: tell(group, self._metadata.instance_id()))

    def _try(self, topic: str, action: Callable[[], None]) -> bool:
        """Do something that may fail; say why, if it is not why it failed before."""
        try:
            action()
        except (LabappError, AwayError) as error:
            self._say(topic, str(error))
            return False
        self._say(topic, "")
        return True

    def _say(self, topic: str, trouble: str) -> None:
        """Log a trouble where it begins, changes, and ends."""
        before = self._said.get(topic, "")
        if trouble and trouble != before:
            log.warning("%s", trouble, extra={"event": topic})
        elif before and not trouble:
            log.info("%s: all right again", topic, extra={"event": topic})
        self._said[topic] = trouble
