"""A worker's health check: the rule, and the file of the heartbeat that it looks at.

A worker that no longer polls looks alive to everybody else, so it says how it is where no cloud is
needed: in a small file beside its lock, every few seconds. `server.py health` reads the files of
this machine's workers, for a service manager; the reports in the bucket follow the same rule.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from labapp import foreign
from labapp.files import private, replacing
from labapp.worker import in_hand, local_workers
from labapp.worker.in_hand import JobInHand
from labapp.worker.stats import Snapshot

#: Waits (the seconds of one long poll) without a poll that ended well, before a worker counts as
#: unwell. One wait passes in any idle queue; three cannot, unless something is stuck or away.
MISSED_WAITS = 3

#: Seconds added to three waits, for the poll's own answer and a busy machine: waits may be short.
SLACK = 5.0

#: Characters of a worker's id: a host's name has 253.
MOST_ID = 300

#: Seconds between a worker's words about itself.
EVERY = 2.0


@dataclass(frozen=True)
class Pulse:
    """What a worker last said of itself; times in seconds since 1970.

    Attributes:
        pid: its process.
        state: `running`, `paused`, `stopping` or `stopped`.
        trouble: what keeps it from working, with what to do; empty when nothing does.
        started: when it started.
        wait: seconds of one of its long polls.
        polls: for each of its queues, when a poll last ended well, or found no thread free;
            0 where none did yet.
        refused: whether the trouble is something that the cloud refuses, and no waiting mends.
        in_hand: how many jobs it has in flight.
        hands: those of them that are so for longest.
        counts: its jobs by how they ended.
        rate: jobs per second, of late.
        standing: the step that a job stands at, for a person who looks; or empty.
        worker: its id, as its report has it; empty of one that has not told it.
    """

    pid: int
    state: str
    trouble: str
    started: float
    wait: float
    polls: Mapping[str, float] = field(default_factory=dict)
    refused: bool = False
    in_hand: int = 0
    hands: tuple[JobInHand, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    rate: float = 0.0
    standing: str = ""
    worker: str = ""


def complaint(pulse: Pulse, now: float) -> str:
    """Return what is wrong with a worker at the time `now`; empty where nothing is.

    A worker that is paused or stopping need not poll. An outage may be short, and is given three
    waits; what the cloud refuses wants somebody to mend it, and is told at once.
    """
    if pulse.refused and pulse.state in ("running", "paused"):
        return pulse.trouble
    if pulse.state != "running":
        return ""
    longest = MISSED_WAITS * pulse.wait + SLACK
    for queue, polled in sorted(pulse.polls.items()):
        age = now - max(polled, pulse.started)
        if age > longest:
            why = pulse.trouble or "Its log may tell why; restart it."
            return f"{queue} was last polled {age:.0f} s ago, more than three waits. {why}"
    return ""


def pulse_of(
    snapshot: Snapshot, queues: Iterable[str], started: float, wait: float, worker: str = ""
) -> Pulse:
    """Return what a worker says of itself now."""
    polls = {queue: snapshot.polls.get(queue, 0.0) for queue in queues}
    return Pulse(
        os.getpid(),
        snapshot.state,
        snapshot.trouble,
        started,
        wait,
        polls,
        snapshot.refused,
        snapshot.in_flight,
        snapshot.hands,
        snapshot.counts,
        snapshot.rate,
        snapshot.standing,
        worker,
    )


def write(home: Path, pulse: Pulse) -> None:
    """Keep a worker's word about itself, whole or not at all; a full disk is no reason to fail."""
    path = local_workers.pulse_file(home, pulse.pid)
    with contextlib.suppress(OSError):
        hands = [job.fields() for job in pulse.hands]
        private.write_text(path, json.dumps({**asdict(pulse), "hands": hands}))


def read_all(home: Path) -> list[Pulse]:
    """Return the last word of each worker alive on this machine, oldest worker first.

    One that is only just starting, or cannot write, has said nothing but that it started.
    """
    pulses = []
    for worker in local_workers.alive(home):
        pulse = Pulse(worker.pid, "running", "", worker.started, 0.0, {"its queues": 0.0})
        with contextlib.suppress(OSError, ValueError, TypeError, OverflowError):
            said = replacing.read(local_workers.pulse_file(home, worker.pid))
            pulse = _read_pulse(foreign.read_object(said, local_workers.MOST_NOTE), worker)
        pulses.append(pulse)
    return pulses


def read_lost(home: Path) -> list[tuple[Pulse, float]]:
    """Return what workers of this machine said last that were killed of late, and when.

    Times are in seconds since 1970.
    """
    found = []
    for path, at in local_workers.last_words(home):
        with contextlib.suppress(OSError, ValueError, TypeError, OverflowError):
            said = foreign.read_object(replacing.read(path), local_workers.MOST_NOTE)
            worker = local_workers.LocalWorker(int(path.stem), background=False, started=0.0)
            found.append((_read_pulse(said, worker), at))
    return found


def _read_pulse(found: dict[str, Any], worker: local_workers.LocalWorker) -> Pulse:
    """Read a worker's pulse of any version; raises TypeError or ValueError where it is none."""
    return Pulse(
        pid=worker.pid,
        state=foreign.text(found.get("state")) or "running",
        trouble=foreign.text(found.get("trouble")),
        started=float(found.get("started") or worker.started),
        wait=float(found.get("wait") or 0),
        polls={str(queue): float(at) for queue, at in dict(found.get("polls") or {}).items()},
        refused=bool(found.get("refused")),
        in_hand=foreign.count(found.get("in_hand")),
        hands=in_hand.read(found.get("hands")),
        counts={
            str(what): foreign.count(count)
            for what, count in foreign.table(found.get("counts")).items()
        },
        rate=foreign.number(found.get("rate")),
        standing=foreign.text(found.get("standing")),
        worker=foreign.text(found.get("worker"), MOST_ID),
    )


def verdict(pulses: Iterable[Pulse], now: float | None = None) -> tuple[bool, str]:
    """Return whether this machine has workers and all are well, and one line that says so."""
    present = time.time() if now is None else now
    pulses = list(pulses)
    if not pulses:
        return False, "no worker runs on this machine. Start one with 'python server.py'."
    bad = [(pulse.pid, found) for pulse in pulses if (found := complaint(pulse, present))]
    if bad:
        return False, "; ".join(f"worker {pid}: {found}" for pid, found in bad)
    return True, ", ".join(map(_state, pulses))


def _state(pulse: Pulse) -> str:
    trouble = f" ({pulse.trouble})" if pulse.trouble else ""
    standing = f" and {pulse.standing}" if pulse.standing else ""
    return f"worker {pulse.pid} is {pulse.state}{standing}{trouble}"
