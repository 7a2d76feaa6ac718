"""Rows about one worker's life: long jobs, crash recovery, bounded jobs, health."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from tests.chaos import audit
from tests.chaos.figures import Figure, Size
from tests.chaos.probe import Probe
from tests.chaos.world import ROOT, Process, World, descendants, until

#: A pipeline that takes a large picture some seconds.
SLOW = json.dumps([{"op": "median", "radius": 7}] * 6)

#: Seconds of processor time by which a picture's process is seen to be at work.
AT_WORK = 0.05


def long_jobs(size: Size, mutant: str = "") -> Figure:
    """Do a job of five visibility timeouts with two workers at hand."""
    visibility = 6 if size.full else 3
    seconds = 5 * visibility
    arguments = ["--seconds", str(seconds), *(["--mutant", mutant] if mutant else [])]
    with (
        World(size.folder, size.seed, visibility_timeout=visibility) as world,
        Probe(world, "c") as probe,
    ):
        for _ in range(2):
            world.odd_worker(*arguments)
        took = probe.time_of("long")
        begun = len(world.begun())
        if begun == 1:
            until(world.at_rest, "the queue to be empty")
    return Figure(
        "a job of five visibility timeouts is done once",
        f"{seconds} s at a timeout of {visibility} s: begun {begun} x, answered in {took:.1f} s",
        begun == 1,
    )


def crash_recovery(size: Size, mutant: str = "") -> Figure:
    """SIGKILL the worker that has a job in hand; a second worker is there."""
    visibility, rounds = (10, 5) if size.full else (5, 2)
    if mutant:
        visibility, rounds = 3, 1
    arguments = ["--seconds", "1.5", *(["--mutant", mutant] if mutant else [])]
    longest, lost = 0.0, 0
    with (
        World(size.folder, size.seed, visibility_timeout=visibility) as world,
        Probe(world, "c") as probe,
    ):
        workers = [world.odd_worker(*arguments) for _ in range(2)]
        for number in range(rounds):
            job = f"job-{number}"
            probe.send(job)
            pid = until(partial(_who_began, world, job), "the job to begin")
            place = next(i for i, worker in enumerate(workers) if worker.pid == pid)
            workers[place].signal(signal.SIGKILL)
            killed = time.monotonic()
            try:
                until(partial(probe.seconds.__contains__, job), job, visibility + 10)
                longest = max(longest, time.monotonic() - killed)
            except TimeoutError:
                lost += 1
            workers[place] = world.odd_worker(*arguments)
    return Figure(
        "after SIGKILL the job is done elsewhere within visibility timeout + 5 s",
        f"{rounds} kills at a timeout of {visibility} s: at most {longest:.1f} s, lost {lost}",
        not lost and longest <= visibility + 5,
    )


def _who_began(world: World, job: str) -> int:
    return next((pid for one, pid in world.begun() if one == job), 0)


def _said(world: World) -> tuple[int, str]:
    """Run `server.py health` as a service manager does."""
    done = subprocess.run(
        [sys.executable, "server.py", "health"],
        env=world.environment("worker"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.strip()


def _says(world: World, word: str) -> bool:
    """Tell whether it says a word, asked a moment from now: each start takes time from a worker."""
    time.sleep(0.5)
    return word in _said(world)[1]


def health(size: Size) -> Figure:
    """Take the network from a worker, and ask `server.py health` until it turns bad, then good."""
    wait = 5 if size.full else 1
    with World(size.folder, size.seed, wait_seconds=wait, report_seconds=2) as world:
        nobody, _ = _said(world)
        world.worker()
        until(lambda: _said(world)[0] == 0, "the worker to be healthy")
        world.proxy.cut()
        cut = time.monotonic()
        until(lambda: _said(world)[0] == 1, "the worker to be unhealthy")
        turned, sentence = time.monotonic() - cut, _said(world)[1]
        world.proxy.mend()
        mended = time.monotonic()
        until(lambda: _said(world)[0] == 0, "the worker to be healthy again")
        again = time.monotonic() - mended
    told = "more than three waits" in sentence and "Check the network" in sentence
    return Figure(
        "bad when the last poll is older than three waits (5 s of slack), good again afterwards",
        f"waits of {wait} s: bad {turned:.0f} s after the cut, good {again:.0f} s after its end;"
        f" without a worker: exit {nobody}",
        told and nobody == 1 and 3 * wait <= turned < 3 * wait + 25,
    )


#: What a worker does that a permission may lack for, in the order of its work.
DENIED = ("ReceiveMessage", "PUT", "SendMessageBatch", "DeleteMessageBatch")


def refused(size: Size) -> Figure:
    """Take one permission after another from a worker for a while, with jobs on their way."""
    seconds, count = (20.0, 50) if size.full else (1.0, 5)
    told, answered = set(), 0
    with World(size.folder, size.seed, visibility_timeout=3, wait_seconds=1) as world:
        worker = world.worker()
        with Probe(world, "c") as probe:
            probe.time_of("warm")
            for number, denied in enumerate(DENIED):
                world.faults.denied = {denied}
                for job in range(count):
                    probe.send(f"{number}-{job}")
                until(lambda: _says(world, "AccessDenied"), f"{denied} to be told")
                told.add(denied)
                time.sleep(seconds)
                world.faults.denied = set()
                answered += count
                probe.wait(1 + answered)
                until(world.at_rest, "the queue to be empty")
            until(lambda: _said(world)[0] == 0, "the worker to be healthy again")
        done = [event["job"] for event in worker.events("job")]
        sent = world.proxy.tap.answers
        found = audit.look(world)
    twice = sum(times > 1 for times in sent.values())
    return Figure(
        "what is refused is told; once mended, each job was answered, told and counted once",
        f"{len(told)} permissions taken for {seconds:g} s each: {answered} jobs, {twice} answered"
        f" twice, {len(done) - len(set(done))} told twice, {len(found.dead)} dead letters",
        not twice and len(done) == len(set(done)) and not found.dead,
    )


def make_picture(path: Path, side: int) -> None:
    """Make a square picture of noise, whose file is a fiftieth of the pixels' bytes or less."""
    noise = np.random.default_rng(1).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(noise).resize((side, side)).save(path, quality=70)


def send_picture(world: World, probe: Probe, job: str, path: Path, steps: str) -> None:
    """Upload a picture past the proxy and ask for it to be processed."""
    key = f"inbox/{job}/{path.name}"
    world.bucket.upload(path, key, "image/jpeg")
    probe.send(job, key, steps)


def bounded_jobs(size: Size) -> Figure:
    """Let picture jobs hang, eat memory and crash; then do a good one in the same process."""
    limit = 5.0 if size.full else 3.0
    settings = {"picture_seconds": limit, "picture_memory_mb": 100, "picture_processes": 1}
    with World(size.folder, size.seed, **settings) as world, Probe(world, "c") as probe:
        huge, large, small = (world.folder / f"{name}.jpg" for name in ("huge", "large", "small"))
        make_picture(huge, 7000)
        make_picture(large, 3000)
        make_picture(small, 64)
        worker = world.worker(max_megapixels=200)
        send_picture(world, probe, "warm", small, '[{"op": "invert"}]')
        probe.wait(1)
        times = {}
        send_picture(world, probe, "hang", large, SLOW)
        stopped = _stop_child(worker, signal.SIGSTOP)
        until(lambda: "hang" in probe.seconds, "the job that hangs to be ended")
        times["hang"] = probe.seconds["hang"]
        send_picture(world, probe, "memory", huge, SLOW)
        until(lambda: "memory" in probe.seconds, "the job that eats memory to be ended")
        times["memory"] = probe.seconds["memory"]
        send_picture(world, probe, "crash", large, SLOW)
        crashed = _stop_child(worker, signal.SIGSEGV)
        until(lambda: "crash" in probe.seconds, "the job that crashes to be ended")
        times["crash"] = probe.seconds["crash"]
        send_picture(world, probe, "good", small, '[{"op": "invert"}]')
        until(lambda: "good" in probe.seconds, "the good job")
        alive, pid = worker.alive, worker.pid
    ended = ", ".join(f"{k} {probe.statuses[k]} in {s:.1f} s" for k, s in times.items())
    same = alive and pid == worker.pid and probe.statuses["good"] == "done"
    told = "memory" in probe.bodies["memory"] and "crashed" in probe.bodies["crash"]
    kept = same and stopped and told and max(times.values()) <= limit + 2
    return Figure(
        "hang, out of memory, segfault: ended within limit + 2 s, same worker pid",
        f"limit {limit:g} s: {ended}; signals hit: {stopped + crashed}; same pid: {same};"
        f" told: {probe.bodies['memory']!r}, {probe.bodies['crash']!r}",
        kept,
    )


def _stop_child(worker: Process, number: int, seconds: float = 10.0) -> bool:
    """Send a signal to the process of the picture that is being worked on, once there is one.

    One that is only just begun would be replaced by another, and the job done all the same.
    """
    deadline = time.monotonic() + seconds
    seen: dict[int, float] = {}
    while time.monotonic() < deadline:
        for pid in descendants(worker.pid):
            with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError, psutil.AccessDenied):
                process = psutil.Process(pid)
                parent = process.parent()
                # The pictures' processes are children of the server that forks them.
                if parent is None or parent.pid == worker.pid:
                    continue
                used = process.cpu_times().user
                if used - seen.setdefault(pid, used) >= AT_WORK:
                    os.kill(pid, number)
                    return True
        time.sleep(0.01)  # the picture needs the processors
    return False
