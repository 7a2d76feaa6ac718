"""The storm: clients, workers and label writers under faults, kills and outages, and the audit.

All is drawn from one seed. At the end the faults stop, and the system has a fixed time to come to
rest; then the journals are compared with the cloud.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from labapp.cloud.embedded import launcher
from tests.chaos import audit
from tests.chaos.audit import Found, Verdict
from tests.chaos.journal import Told, read
from tests.chaos.world import SECOND_KEY, Process, World, until
from tests.support.processes import alive

#: Pictures that label writers answer.
LABELLED = tuple(f"images/{number:016x}-p{number}.jpg" for number in range(8))

#: The part of kills that are SIGKILL; the others are SIGTERM.
HARD = 0.7


@dataclass(frozen=True)
class Plan:
    """How large a storm is.

    Attributes:
        numbers: number jobs in all; `pictures`: picture jobs in all.
        machines: client processes; `sessions`: clients in each.
        workers: worker processes.
        faults: the part of requests that meets a fault.
        kill_every: seconds between kills; 0 for none.
        kill_clients: whether clients are killed too.
        outages: whether the network goes, the key runs out and the emulator restarts, once each.
        cloud_kills: how often the emulator is killed (SIGKILL), spread over the answers.
        writers: label writers, with `answers` each.
        minutes: after which it is given up, but not before `calm` seconds without faults.
        mutant: the mutant that the workers are; empty for server.py.
    """

    numbers: int = 200
    pictures: int = 10
    machines: int = 2
    sessions: int = 3
    workers: int = 3
    faults: float = 0.05
    kill_every: float = 4.0
    kill_clients: bool = True
    outages: bool = False
    cloud_kills: int = 0
    writers: int = 4
    answers: int = 5
    minutes: float = 5.0
    calm: float = 60.0
    mutant: str = ""


@dataclass
class Outcome:
    """What a storm came to.

    Attributes:
        recovery: the longest time from an outage's end to the next answer that a client showed, in
            seconds.
        longest: the longest that any client waited for an answer.
        kills: how often what was killed or taken away.
        given_up: whether clients still waited when the time was up.
    """

    verdict: Verdict
    told: Told
    found: Found
    recovery: float
    longest: float
    seconds: float
    kills: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    given_up: bool = False


class Storm:
    """One run in a world."""

    def __init__(self, world: World, plan: Plan) -> None:
        self.world = world
        self.plan = plan
        self.kills: dict[str, int] = {}
        self._recovery = 0.0
        self._cloud_kills: list[int] = []
        self._journals: list[Path] = []
        self._workers: list[Process] = []
        self._machines: list[Process] = []
        self._writers: list[Process] = []

    def run(self) -> Outcome:
        """Run it to the end."""
        plan, world, began = self.plan, self.world, time.monotonic()
        make_pictures(world.folder / "pictures")
        world.faults.rate = plan.faults
        self._workers = [self._worker() for _ in range(plan.workers)]
        self._machines = [self._machine(number) for number in range(plan.machines)]
        if plan.writers:
            self._writers = [self._labels()]
        deadline = began + plan.minutes * 60
        self._rage(deadline)
        world.faults.rate = 0.0
        calm = time.monotonic()
        self._revive()
        while self._busy() and time.monotonic() < max(deadline, calm + plan.calm):
            time.sleep(0.1)
        given_up = self._busy()
        for machine in (*self._machines, *self._writers):
            machine.kill()
        self._come_to_rest()
        told, found = read(path for path in self._journals if path.exists()), audit.look(world)
        return Outcome(
            audit.verdict(told, found), told, found, self._recovery,
            max(told.seconds.values(), default=0.0), time.monotonic() - began,
            self.kills, dict(world.faults.counts), given_up,
        )  # fmt: skip

    def _rage(self, deadline: float) -> None:
        """Kill and cut until the clients have what they sent for, or the time is up."""
        plan, world = self.plan, self.world
        next_kill = time.monotonic() + plan.kill_every
        outages = [self._network, self._key, self._emulator] if plan.outages else []
        while self._busy() and time.monotonic() < deadline:
            time.sleep(0.1)
            if plan.kill_every and time.monotonic() > next_kill:
                next_kill = time.monotonic() + plan.kill_every * world.random.uniform(0.5, 1.5)
                self._kill()
                if outages and sum(self.kills.values()) % 3 == 0:
                    self._outage(outages.pop(0))
            killed = len(self._cloud_kills)
            if killed < plan.cloud_kills:
                done = self._answers() / (plan.numbers + plan.pictures)
                # Early, as answers come in bursts: all kills are to fall among them.
                if done >= 0.35 * (killed + 1) / plan.cloud_kills:
                    self._kill_cloud()
            self._revive()

    def _busy(self) -> bool:
        return any(one.alive or one.process.returncode for one in self._machines + self._writers)

    def _kill_cloud(self) -> None:
        """Kill the emulator, and start it again at once."""
        running = launcher.find(self.world.home)
        if running is not None:
            os.kill(running.pid, signal.SIGKILL)
            until(lambda: not alive(running.pid), "the emulator's end")
            self.world.start_cloud()
            self._cloud_kills.append(running.pid)
            self.kills["cloud SIGKILL"] = len(self._cloud_kills)

    def _kill(self) -> None:
        chance = self.world.random
        group = self._workers
        if self.plan.kill_clients and chance.random() < 0.3:
            group = self._machines
        alive = [one for one in group if one.alive]
        if not alive:
            return
        number = signal.SIGKILL if chance.random() < HARD else signal.SIGTERM
        chance.choice(alive).signal(number)
        what = f"{'worker' if group is self._workers else 'client'} {number.name}"
        self.kills[what] = self.kills.get(what, 0) + 1

    def _revive(self) -> None:
        """Start again what was killed."""
        for place, worker in enumerate(self._workers):
            if not worker.alive:
                self._workers[place] = self._worker(ready=False)
        for number, machine in enumerate(self._machines):
            if not machine.alive and machine.process.returncode:
                if machine.process.returncode > 0:  # not by our signals
                    raise RuntimeError(f"a client ended: {machine.log.read_text()[-2000:]}")
                self._machines[number] = self._machine(number)

    def _outage(self, outage: Callable[[], None]) -> None:
        """Have an outage, and measure how long it takes until answers come again."""
        outage()
        name = f"outage of the {outage.__name__.strip('_')}"
        self.kills[name] = self.kills.get(name, 0) + 1
        ended, before = time.monotonic(), self._answers()
        while self._busy() and self._answers() == before and time.monotonic() - ended < 60:
            time.sleep(0.05)
            self._revive()
        self._recovery = max(self._recovery, time.monotonic() - ended)

    def _answers(self) -> int:
        """Return how many answers have been shown."""
        return sum(path.read_bytes().count(b'"shown"') for path in self._journals if path.exists())

    def _network(self) -> None:
        self.world.proxy.cut()
        time.sleep(4)  # the fault itself, which lasts so long
        self.world.proxy.mend()

    def _key(self) -> None:
        self.world.faults.expired.add("AKIAFIRST")
        time.sleep(4)  # the fault itself
        self.world.renew(SECOND_KEY)

    def _emulator(self) -> None:
        self.world.stop_cloud()
        time.sleep(2)  # the fault itself
        self.world.start_cloud()

    def _worker(self, *, ready: bool = True) -> Process:
        argv = ["server.py", "--plain", "--log-format", "json"]
        if self.plan.mutant:
            begun = str(self.world.folder / "begun")
            argv = ["-m", "tests.chaos.odd_worker", begun, "--mutant", self.plan.mutant]
            argv.append("--pictures")
        worker = self.world.spawn(argv, "worker")
        if ready and not self.plan.faults:
            worker.wait_for("ready")
        return worker

    def _machine(self, number: int) -> Process:
        plan, journal = self.plan, self.world.folder / f"journal-{number}"
        share = plan.machines * plan.sessions
        if journal not in self._journals:
            self._journals.append(journal)
        argv = ["-m", "tests.chaos.client_process", str(journal), "--sessions", str(plan.sessions)]
        argv += ["--numbers", str(-(-plan.numbers // share)), "--seed", str(number)]
        argv += ["--pictures", str(-(-plan.pictures // share))]
        argv += ["--folder", str(self.world.folder / "pictures")]
        return self.world.spawn(argv, f"client-{number}", user=f"user{number}")

    def _labels(self) -> Process:
        journal = self.world.folder / "labels"
        self._journals.append(journal)
        argv = ["-m", "tests.chaos.label_process", str(journal), *LABELLED]
        argv += ["--writers", str(self.plan.writers), "--answers", str(self.plan.answers)]
        return self.world.spawn(argv, "labels")

    def _come_to_rest(self) -> None:
        """Wait until the workers have nothing in hand; what is left then is left."""
        longest = time.monotonic() + 6 * int(str(self.world.settings["visibility_timeout"])) + 10
        while time.monotonic() < longest:
            counts = [self.world.queue(name).counts() for name in audit.QUEUES]
            if not any(c.visible or c.in_flight or c.delayed for c in counts):
                return
            time.sleep(0.2)


def make_pictures(folder: Path) -> None:
    """Make some small pictures to be processed."""
    folder.mkdir()
    for number in range(3):
        pixels = np.random.default_rng(number).integers(0, 255, (48, 64, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"p{number}.png")


def show(outcome: Outcome, title: str) -> None:
    """Print the one table of a run."""
    v = outcome.verdict
    rows = {
        "accepted": v.accepted,
        "answered": v.answered,
        "in dead letters": v.dead,
        "still queued": v.queued,
        "lost": v.lost,
        "answered, not logged": v.unlogged,
        "shown twice": v.twice,
        "misrouted": v.misrouted + v.wrong,
        "second results": v.second_results,
        "missing results": v.missing_results,
        "label answers": sum(map(len, outcome.told.labels.values())),
        "labels lost or doubled": v.labels_lost + v.labels_doubled,
        "time to recover": f"{outcome.recovery:.1f} s at most from an outage's end to an answer",
        "longest wait": f"{outcome.longest:.1f} s for an answer",
        "took": f"{outcome.seconds:.0f} s{', given up' if outcome.given_up else ''}",
        "kills": ", ".join(f"{what} {n}" for what, n in sorted(outcome.kills.items())) or "none",
        "faults": ", ".join(f"{what} {n}" for what, n in sorted(outcome.faults.items())) or "none",
        "broken promises": ", ".join(v.broken) or "none",
    }
    width = max(map(len, rows))
    print(f"\n{title}")
    print("\n".join(f"  {name:<{width}}  {value}" for name, value in rows.items()), flush=True)
