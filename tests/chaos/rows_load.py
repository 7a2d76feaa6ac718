"""Rows about a cloud that is away, and about one client's flood."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable

import psutil

from labapp.cloud.queues import Outgoing
from tests.chaos.figures import Figure, Size
from tests.chaos.probe import Probe, p95
from tests.chaos.rows_worker import make_picture
from tests.chaos.world import FIRST_KEY, SECOND_KEY, THIRD_KEY, Process, World, until

#: What is done to the pictures of a flood.
STEPS = json.dumps([{"op": "blur", "sigma": 8}] * 3)

#: Single jobs that are timed, alone and beside a flood; fewer where the flood is over sooner.
SINGLES = 40

#: Seconds that a network adds to a request.
NETWORK = 0.010


def outages(size: Size) -> Figure:
    """Take the network away, let the key run out, end the lab: each for as long as the row is."""
    seconds = 300.0 if size.full else 30.0
    told: list[str] = []
    kept = True
    with World(size.folder, size.seed) as world, Probe(world, "c") as probe:
        worker = world.worker()
        probe.time_of("warm")

        def renew() -> None:
            world.renew(SECOND_KEY)

        def expire() -> None:
            world.faults.expired.add(FIRST_KEY)

        def end() -> None:
            world.faults.ended.add(SECOND_KEY)

        def begin() -> None:
            world.renew(THIRD_KEY)

        kinds: dict[str, tuple[Callable[[], None], Callable[[], None], str]] = {
            "no network": (world.proxy.cut, world.proxy.mend, "Check the network"),
            "expired key": (expire, renew, "credentials have expired"),
            "ended lab": (end, begin, "Start the lab again"),
        }
        for name, (begin, end, remedy) in kinds.items():
            words, fine = _outage(world, probe, worker, (begin, end), name, seconds)
            said = any(remedy in event["message"] for event in worker.events("trouble"))
            told.append(f"{words}{'' if said else ', without a remedy'}")
            kept = kept and fine and said
    return Figure(
        f"{seconds:.0f} s of each: same pid, < 1 request/s, < 2% CPU, back within 30 s",
        "; ".join(told),
        kept,
    )


def _outage(
    world: World,
    probe: Probe,
    worker: Process,
    switch: tuple[Callable[[], None], Callable[[], None]],
    name: str,
    seconds: float,
) -> tuple[str, bool]:
    process = psutil.Process(worker.pid)
    begin, end = switch
    begin()
    # What is under way when it begins, and the first three attempts of botocore, belong to it.
    asked, cpu, began = world.proxy.asked, _cpu(process), time.monotonic()
    probe.send(f"during {name}".replace(" ", "-"))
    until(lambda: time.monotonic() - began >= seconds, "the outage to last", seconds + 60)
    took = time.monotonic() - began
    rate, load = (world.proxy.asked - asked) / took, (_cpu(process) - cpu) / took
    answered = len(probe.seconds)
    end()
    ended = time.monotonic()
    until(lambda: len(probe.seconds) > answered, "the job of the outage to be answered")
    recovery = time.monotonic() - ended
    same = worker.alive
    words = f"{name}: {rate:.2f} requests/s, {load:.1%} CPU, back in {recovery:.1f} s"
    words += f", same pid {same}"
    return words, same and rate < 1 and load < 0.02 and recovery <= 30


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def fair(size: Size) -> Figure:
    """Have one client queue a flood, and another ask for single jobs meanwhile.

    Numbers once with 10 ms added to every request of the worker's, as a network does, and once on
    bare loopback, where emulator and worker share two processors and every request waits for
    others; then pictures.
    """
    flood, pictures = (5000, 300) if size.full else (1500, 60)
    _, words_near = _beside_a_flood(size, flood, 0.0)
    far, words_far = _beside_a_flood(size, flood, NETWORK)
    shown, words_pictures = _beside_pictures(size, pictures)
    return Figure(
        f"{flood:,} queued jobs of one client: another's single job waits at most 3 x its p95",
        f"with {NETWORK * 1000:.0f} ms a request: {words_far}; on loopback: {words_near};"
        f" pictures: {words_pictures}",
        # Loopback is told beside it: there the emulator itself is the queue.
        far <= 3 and shown <= 3,
    )


def _beside_pictures(size: Size, flood: int) -> tuple[float, str]:
    folder = size.folder / "pictures"
    folder.mkdir()
    with World(folder, size.seed, visibility_timeout=30) as world, Probe(world, "b") as probe:
        path = folder / "p.jpg"
        make_picture(path, 1200)
        world.make_queue("responseQueue-a")
        world.bucket.upload(path, "inbox/one/p.jpg", "image/jpeg")
        world.worker(endpoint_url=world.direct)

        def single(job: str) -> float:
            return probe.time_of(job, "inbox/one/p.jpg", STEPS)

        single("warm")
        alone = [single(f"alone-{number}") for number in range(SINGLES)]
        for number in range(flood):
            world.ask(f"flood-{number}", "a", "inbox/one/p.jpg", STEPS)
        queue = world.queue("imageInbox")
        beside: list[float] = []
        ahead = [queue.counts().visible]
        while ahead[-1] > flood / 5 and len(beside) < SINGLES:
            beside.append(single(f"beside-{len(beside)}"))
            ahead.append(queue.counts().visible)
    return _compared(alone, beside, ahead)


def _beside_a_flood(size: Size, flood: int, delay: float) -> tuple[float, str]:
    folder = size.folder / f"delay-{delay}"
    folder.mkdir()
    with World(folder, size.seed, visibility_timeout=30) as world, Probe(world, "b") as probe:
        endpoint = world.proxy.url if delay else world.direct
        world.faults.delay = delay
        world.make_queue("responseQueue-a")
        first = world.worker(endpoint_url=endpoint)
        probe.time_of("warm")
        alone = [probe.time_of(f"alone-{number}") for number in range(SINGLES)]
        world.terminate(first)
        queue = world.queue("requestQueue")
        queue.send_batch([Outgoing("1,2", {"labapp": "1", "job": f"flood-{n}", "client": "a"}, "a")
                          for n in range(flood)])  # fmt: skip
        second = world.worker(endpoint_url=endpoint)
        second.wait_for("job")
        beside: list[float] = []
        ahead = [queue.counts().visible]
        while ahead[-1] > flood / 5 and len(beside) < SINGLES:
            beside.append(probe.time_of(f"beside-{len(beside)}"))
            ahead.append(queue.counts().visible)
    return _compared(alone, beside, ahead)


def _compared(alone: list[float], beside: list[float], ahead: list[int]) -> tuple[float, str]:
    """Return how many times longer single jobs took beside the flood than alone, and say so."""
    if not beside:
        return math.inf, "the flood was gone before a single job could be sent"
    before, during = p95(alone), p95(beside)
    words = (
        f"p95 alone {before * 1000:.0f} ms, of {len(beside)} beside the flood"
        f" {during * 1000:.0f} ms ({during / before:.1f} x),"
        f" with {ahead[0]:,} to {ahead[-1]:,} ahead"
    )
    return during / before, words
