"""The row about stopping: SIGTERM once, twice, in an outage, and what a kill leaves behind."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path

from tests.chaos.figures import Figure, Size
from tests.chaos.probe import Probe
from tests.chaos.rows_worker import SLOW, make_picture, send_picture
from tests.chaos.world import World, descendants, until
from tests.support.processes import alive

GRACE = 3

#: Jobs in hand, and jobs sent: some wait in the queue.
HANDS, SENT = 4, 10


def clean_stop(size: Size) -> Figure:
    """Stop workers in every way that a service manager or a person has."""
    told: list[str] = []
    kept = True
    for name, part in _PARTS.items():
        folder = size.folder / name.replace(" ", "-")
        folder.mkdir()
        settings = {"grace_seconds": GRACE, "concurrency": HANDS, "visibility_timeout": 20}
        with World(folder, size.seed, **settings) as world:
            seconds, fine, words = part(world)
        told.append(f"{name}: out in {seconds:.1f} s, {words}")
        kept = kept and fine
    return Figure(
        f"SIGTERM: out within grace ({GRACE} s) + 5 s, nothing in flight, unstarted visible in 2 s;"
        " twice is safe; no orphans",
        "; ".join(told),
        kept,
    )


def _with_jobs(world: World) -> None:
    """Send jobs that outlast the grace period, and wait until the hands are full."""
    world.make_queue("responseQueue-c")
    for number in range(SENT):
        world.ask(f"job-{number}", "c")
    until(lambda: len(world.begun()) == HANDS, "the jobs to begin")


def _visible_again(world: World) -> tuple[bool, str]:
    ended = time.monotonic()
    try:
        until(lambda: world.queue("requestQueue").counts().visible == SENT, "the jobs", 20)
    except TimeoutError:
        counts = world.queue("requestQueue").counts()
        return False, f"{counts.visible} of {SENT} visible, {counts.in_flight} in flight"
    seconds = time.monotonic() - ended
    return seconds <= 2, f"all {SENT} visible after {seconds:.1f} s"


def _once(world: World) -> tuple[float, bool, str]:
    worker = world.odd_worker("--seconds", "30")
    _with_jobs(world)
    seconds = world.terminate(worker)
    fine, words = _visible_again(world)
    return seconds, fine and seconds <= GRACE + 5, words


def _idle(world: World) -> tuple[float, bool, str]:
    """Stop in the middle of a long poll, which is longer than the grace period."""
    worker = world.odd_worker("--seconds", "30", wait_seconds=20)
    worker.wait_for("ready")
    time.sleep(1)  # into the poll: nothing tells of it from outside
    seconds = world.terminate(worker)
    _send_all(world)
    fine, words = _visible_again(world)
    return seconds, fine and seconds <= GRACE + 5, words


def _send_all(world: World) -> None:
    for number in range(SENT):
        world.ask(f"job-{number}", "c")


def _twice(world: World) -> tuple[float, bool, str]:
    worker = world.odd_worker("--seconds", "30", grace_seconds=60)
    _with_jobs(world)
    worker.signal(signal.SIGTERM)
    worker.wait_for("stopping")
    seconds = world.terminate(worker)
    fine, words = _visible_again(world)
    return seconds, fine and seconds <= 5, words


def _in_an_outage(world: World) -> tuple[float, bool, str]:
    worker = world.odd_worker("--seconds", "1")
    world.make_queue("responseQueue-c")
    world.ask("job-0", "c")
    until(world.begun, "the job to begin")
    world.proxy.cut()
    worker.wait_for("trouble")
    seconds = world.terminate(worker)
    return seconds, seconds <= GRACE + 5, "network gone"


def _in_silence(world: World) -> tuple[float, bool, str]:
    worker = world.odd_worker("--seconds", "1")
    world.make_queue("responseQueue-c")
    world.ask("job-0", "c")
    until(world.begun, "the job to begin")
    world.faults.silent = True
    time.sleep(2)  # the fault itself, which has lasted so long when it is told to stop
    seconds = world.terminate(worker)
    return seconds, seconds <= GRACE + 5, "nothing answers"


def _with_picture(world: World, number: int) -> tuple[float, bool, str]:
    path: Path = world.folder / "large.jpg"
    make_picture(path, 4000)
    worker = world.worker(picture_processes=2)
    with Probe(world, "p") as probe:
        for job in ("one", "two"):
            send_picture(world, probe, job, path, SLOW)
        # One that forks the others, and two at work.
        until(lambda: len(descendants(worker.pid)) >= 3, "the pictures' processes")
        below = descendants(worker.pid)
        began = time.monotonic()
        worker.signal(number)
        worker.process.wait(60)
        seconds = time.monotonic() - began
        try:
            until(lambda: not any(map(alive, below)), "its processes to end", 5)
            left = 0
        except TimeoutError:
            left = sum(map(alive, below))
    fine = not left and seconds <= GRACE + 5
    return seconds, fine, f"{left} of {len(below)} processes left"


_PARTS: dict[str, Callable[[World], tuple[float, bool, str]]] = {
    "SIGTERM": _once,
    "SIGTERM in a poll": _idle,
    "SIGTERM twice": _twice,
    "SIGTERM in an outage": _in_an_outage,
    "SIGTERM in silence": _in_silence,
    "SIGTERM with pictures": lambda world: _with_picture(world, signal.SIGTERM),
    "SIGKILL with pictures": lambda world: _with_picture(world, signal.SIGKILL),
}
