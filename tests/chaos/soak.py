"""The long run: mixed load on two workers, and what they hold meanwhile.

Memory, descriptors and threads are sampled; the medians of the second and of the last quarter are
compared, so that neither the start nor one busy moment decides.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
from ulid import ULID

from labapp.cloud.queues import Outgoing
from labapp.dataset.label_writer import record
from labapp.labels import label_file
from labapp.labels.label_file import Label
from tests.chaos import audit
from tests.chaos.probe import Probe
from tests.chaos.rows_jobs import MALFORMED
from tests.chaos.storm import LABELLED, make_pictures
from tests.chaos.world import Process, World, until

#: Jobs sent in a second of the run.
NUMBERS, PICTURES = 20, 2

#: The part of requests that meets a fault.
FAULTS = 0.01

#: How much more memory the last quarter may hold than the second, and how many more descriptors
#: and threads: pools that fill late, not leaks, which grow with every job.
MEMORY, HANDLES = 1.10, 4

#: Samples taken in a run.
SAMPLES = 60


@dataclass(frozen=True)
class Sample:
    """What one worker held at one moment: MB of memory, descriptors, threads, child processes."""

    memory: float
    handles: int
    threads: int
    children: int


def sample(worker: Process) -> Sample:
    """Look at a worker from outside."""
    process = psutil.Process(worker.pid)
    with process.oneshot():
        return Sample(
            process.memory_info().rss / 1e6,
            process.num_fds(),
            process.num_threads(),
            len(process.children()),
        )


def leaks(samples: list[Sample]) -> list[str]:
    """Return what grew from the second to the last quarter beyond what it may."""
    quarter = max(1, len(samples) // 4)
    early, late = samples[quarter : 2 * quarter] or samples, samples[-quarter:]
    found = []
    for name in ("memory", "handles", "threads"):
        before, after = (
            statistics.median(getattr(one, name) for one in part) for part in (early, late)
        )
        most = before * MEMORY if name == "memory" else before + HANDLES
        if after > most:
            found.append(f"{name} {before:.0f} to {after:.0f}")
    return found


def run(minutes: float, seed: int) -> int:
    """Run mixed load, print samples and the outcome; 1 where something leaks or is left."""
    with (
        tempfile.TemporaryDirectory(prefix="soak-") as folder,
        # Few hands, which are all at work soon: what grows after that is a leak.
        World(Path(folder), seed, visibility_timeout=30, concurrency=10) as world,
        Probe(world, "soak") as probe,
    ):
        make_pictures(world.folder / "pictures")
        workers = [world.worker() for _ in range(2)]
        world.faults.rate = FAULTS
        samples: list[list[Sample]] = [[] for _ in workers]
        began, sent, next_sample = time.monotonic(), 0, 0.0
        while (passed := time.monotonic() - began) < minutes * 60:
            sent += _one_second(world, probe, sent)
            if passed >= next_sample:
                next_sample += minutes * 60 / SAMPLES
                for number, worker in enumerate(workers):
                    samples[number].append(sample(worker))
                _print(passed, [taken[-1] for taken in samples], sent, len(probe.seconds))
            time.sleep(max(0.0, passed + 1 - (time.monotonic() - began)))
        world.faults.rate = 0.0
        rested = _rests(world)
        answered, found = len(probe.seconds), audit.look(world)
    grown = [leak for taken in samples for leak in leaks(taken)]
    print(
        f"\nsoak of {minutes:g} minutes: sent {sent}, answered {answered},"
        f" in dead letters {len(found.dead)}; queues empty at the end: {rested};"
        f" leaks: {', '.join(grown) or 'none'}"
    )
    return 0 if rested and not grown and answered + len(found.dead) >= sent else 1


def _one_second(world: World, probe: Probe, sent: int) -> int:
    """Send a second's worth of jobs, one of them wrong, and label a picture."""
    jobs = [f"n{sent + number}" for number in range(NUMBERS)]
    bodies = ["4,8,15", *(MALFORMED[sent % len(MALFORMED)] or " ",), *["1,2,3"] * (NUMBERS - 2)]
    world.queue("requestQueue").send_batch(
        [
            Outgoing(body, {"labapp": "1", "job": job, "client": probe.client}, probe.client)
            for job, body in zip(jobs, bodies, strict=True)
        ]
    )
    for number in range(PICTURES):
        path = world.folder / "pictures" / f"p{number % 3}.png"
        job = f"p{sent + number}"
        world.bucket.upload(path, f"inbox/{job}/{path.name}", "image/png")
        probe.send(job, f"inbox/{job}/{path.name}", json.dumps([{"op": "invert"}]))
    entry = label_file.answer(Label.ZERO, datetime.now(UTC), "soaker", str(ULID()))
    record(world.bucket, LABELLED[sent % len(LABELLED)], entry)
    return NUMBERS + PICTURES


def _rests(world: World) -> bool:
    try:
        until(lambda: all(world.at_rest(name) for name in audit.QUEUES), "empty queues", 180)
    except TimeoutError:
        return False
    return True


def _print(passed: float, present: list[Sample], sent: int, answered: int) -> None:
    held = "   ".join(
        f"{one.memory:6.1f} MB {one.handles:3} fds {one.threads:3} threads {one.children} children"
        for one in present
    )
    print(f"{passed:6.0f} s   {held}   sent {sent}, answered {answered}", flush=True)
