"""Who is at work, by the pulses of this machine's workers and the reports in the bucket.

On the local cloud a pulse is two seconds old at most, and costs no request; a worker that is gone
is seen by its lock. Elsewhere there are reports alone, as old as `report_seconds` has them.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from labapp.programs.live.model import WorkerNow
from labapp.worker.health import complaint
from labapp.worker.reports import ENDED

if TYPE_CHECKING:
    from labapp.worker.health import Pulse
    from labapp.worker.reports import WorkerRow

#: Seconds for which a worker is shown that is gone, or has stopped, after it was seen to be.
GONE_SHOWN, STOPPED_SHOWN = 300, 20


#: Seconds from which a worker's word is old.
OLD = 5


class Roster:
    """The workers of a lab, from one look to the next."""

    def __init__(self) -> None:
        self._pulses: dict[int, WorkerNow] = {}
        self._lost: dict[int, tuple[WorkerNow, float]] = {}
        self._rows: list[WorkerNow] = []
        self._ended: dict[str, float] = {}

    def take_pulses(self, pulses: Sequence[Pulse]) -> bool:
        """Take the words of this machine's workers; tell whether one of before is gone."""
        now = {pulse.pid: _of_pulse(pulse) for pulse in pulses}
        lost = [one for pid, one in self._pulses.items() if pid not in now]
        for one in lost:
            self._lost[one.pid] = replace(one, state="gone", rate=0.0), time.monotonic()
        self._pulses = now
        return bool(lost)

    def take_reports(self, rows: Sequence[WorkerRow], *, local: bool) -> None:
        """Take the reports; of one that is not alive here the local cloud's tells how it ended."""
        found = [_of_report(row) for row in rows]
        if local:
            newest = {one.pid: one for one in reversed(found)}  # a process id may come again
            for pid, (_, since) in list(self._lost.items()):
                if pid in newest and newest[pid].state == "stopped":
                    self._lost[pid] = newest[pid], since
            return
        present = time.monotonic()
        self._rows = []
        for one in found:
            if one.state in ENDED:  # after so many missed reports they have come back
                one = replace(one, hands=())
                since = self._ended.setdefault(one.worker, present - one.age)
                if present - since > _shown(one):
                    continue
            self._rows.append(one)

    def workers(self, logged: Collection[str], hidden: float = 0.0) -> tuple[WorkerNow, ...]:
        """Return the workers, those at work first.

        Of one that is gone, the jobs are left that are yet to come back: those that neither another
        worker has nor are among those `logged`, for `hidden` seconds.
        """
        present = time.monotonic()
        gone = [
            one if present - at <= hidden else replace(one, hands=())
            for one, at in self._lost.values()
            if present - at <= _shown(one)
        ]
        told = [_since_its_word(one, logged) for one in self._rows]
        found = [*self._pulses.values(), *gone, *told]
        elsewhere = {job.job for one in found if one.is_at_work for job in one.hands}
        return tuple(
            one if one.is_at_work else _left_by(one, elsewhere, logged)
            for one in sorted(found, key=lambda one: (not one.is_at_work, one.worker))
        )


def _since_its_word(worker: WorkerNow, logged: Collection[str]) -> WorkerNow:
    """Return a worker without the jobs that were logged since its last word, where that is old."""
    if worker.age < OLD:
        return worker
    return replace(worker, hands=tuple(job for job in worker.hands if job.job not in logged))


def _left_by(worker: WorkerNow, elsewhere: Collection[str], logged: Collection[str]) -> WorkerNow:
    """Return a worker that is there no longer, with the jobs of its that come back."""
    left = tuple(job for job in worker.hands if job.job not in elsewhere and job.job not in logged)
    left = left if worker.state == "gone" else ()
    return replace(worker, hands=left, in_hand=len(left), rate=0.0)


def _shown(worker: WorkerNow) -> int:
    return GONE_SHOWN if worker.state == "gone" else STOPPED_SHOWN


def _of_pulse(pulse: Pulse) -> WorkerNow:
    host, counts = socket.gethostname(), pulse.counts
    unwell = pulse.state == "running" and complaint(pulse, time.time())
    return WorkerNow(
        pulse.worker or f"{host}-{pulse.pid}",
        host,
        pulse.pid,
        "unwell" if unwell else pulse.state,
        pulse.trouble,
        pulse.in_hand,
        pulse.hands,
        pulse.rate,
        counts.get("done", 0),
        counts.get("refused", 0),
        counts.get("failed", 0),
    )


def _of_report(row: WorkerRow) -> WorkerNow:
    return WorkerNow(
        row.worker,
        row.host,
        row.pid,
        row.state,
        row.trouble,
        row.in_hand,
        row.hands,
        row.rate,
        row.done,
        row.refused,
        row.failed,
        row.age,
    )
