"""Rows about labels: many writers at once; and annotators, admin and cloud that are killed."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from labapp.cloud.embedded import launcher
from labapp.dataset import acting, counting
from labapp.dataset.statistics import Statistics
from labapp.labels.label_file import parse_label_file
from labapp.labels.layout import OWN
from tests.chaos import audit, audit_labels
from tests.chaos.audit_labels import Labelled, Said
from tests.chaos.figures import Figure, Size
from tests.chaos.journal import read
from tests.chaos.storm import LABELLED
from tests.chaos.world import FIRST_KEY, SECOND_KEY, Process, World, until
from tests.support.processes import alive


def labels(size: Size) -> Figure:
    """Have many writers answer few pictures, under faults."""
    processes, writers, answers = (8, 8, 50) if size.full else (2, 16, 6)
    with World(size.folder, size.seed) as world:
        world.faults.rate = 0.05
        journals = [world.folder / f"labels-{number}" for number in range(processes)]
        people = [
            world.spawn(
                ["-m", "tests.chaos.label_process", str(journal), *LABELLED, "--seed", str(number),
                 "--writers", str(writers), "--answers", str(answers)],
                "labels",
            )
            for number, journal in enumerate(journals)
        ]  # fmt: skip
        for one in people:
            one.process.wait(900)
        world.faults.rate = 0.0
        told = read(journals)
        found = audit.look(world)
        lines = sum(len(ids) for ids in found.labels.values())
        files = [world.bucket.get(entry.key).body for entry in world.bucket.list("labels/")]
    verdict = audit.verdict(told, found)
    accepted = sum(map(len, told.labels.values()))
    whole = sum(len(parse_label_file(body).entries) for body in files)
    wanted = processes * writers * answers
    return Figure(
        f"{processes * writers} writers x {answers} on 8 pictures: lines = answers, none twice",
        f"answers {accepted}, lines {lines}, lost {verdict.labels_lost},"
        f" doubled {verdict.labels_doubled}; faults {sum(world.faults.counts.values())}",
        accepted == lines == whole == wanted and "labels" not in verdict.broken,
    )


#: Who labels; the answers of the first are withdrawn while the others go on.
PEOPLE = ("ana", "bo", "cy", "dee", "eve", "fay")


def labelling(size: Size) -> Figure:
    """Have annotators, an admin who withdraws, and the cloud killed under faults and outages."""
    people, count, kills = (PEOPLE, 300, 40) if size.full else (PEOPLE[:2], 25, 3)
    with World(size.folder, size.seed) as world:
        for key in LABELLED:
            world.bucket.put(key, b"", "image/jpeg")
        world.faults.rate = 0.05
        crowd = _Crowd(world, people, count)
        crowd.rage(kills)
        crowd.finish(people[0])
        withdrawals = _withdraw(world, people[0])
        for name in people:
            crowd.finish(name)
        world.faults.rate = 0.0
        said = {name: audit_labels.read(crowd.journal(name)) for name in people}
        withdrawn = _audit(world, said, gone=people[:1])
        with contextlib.closing(Statistics(world.bucket)) as statistics:
            plan = acting.restoration(statistics.look(), people[0])
            restored_lines = sum(n for _, n in acting.carry_out(world.bucket, plan, "admin"))
        restored = _audit(world, said)
        faults = sum(world.faults.counts.values())
    return Figure(
        "annotators, admin and cloud killed under faults: answers given = answers counted",
        f"{restored.told} lines told kept, lost {restored.lost}, doubled {restored.doubled};"
        f" {withdrawn.counted} answers count with one annotator withdrawn, {restored.counted} once"
        f" restored, counted otherwise {withdrawn.wrong + restored.wrong};"
        f" kills {crowd.kills + withdrawals}, faults {faults}",
        withdrawn.kept and restored.kept and restored_lines > 0,
    )


class _Crowd:
    """Annotators in processes of their own, each begun again wherever it was killed."""

    def __init__(self, world: World, people: tuple[str, ...], count: int) -> None:
        self.kills = 0
        self._world = world
        self._count = count
        self._processes = {name: self._begin(name) for name in people}

    def journal(self, name: str) -> Path:
        """Return where somebody's doings stand."""
        return self._world.folder / f"said-{name}"

    def rage(self, kills: int) -> None:
        """Kill one after the other as they label, and once network, key and cloud."""
        world, troubles = self._world, [self._network, self._key, self._cloud]
        for number in range(kills):
            name = world.random.choice([*self._processes])
            told = self._told(name)
            until(lambda name=name, told=told: self._told(name) > told or self._is_done(name), name)  # type: ignore[misc]
            if number % max(1, kills // len(troubles)) == 0 and troubles:
                troubles.pop(0)()
            if not self._is_done(name):
                self._processes[name].kill()
                self.kills += 1
                self._processes[name] = self._begin(name)

    def finish(self, name: str) -> None:
        """Wait until somebody is through."""
        process = self._processes[name]
        process.process.wait(300)
        if process.process.returncode:
            raise RuntimeError(f"an annotator ended: {process.log.read_text()[-2000:]}")

    def _begin(self, name: str) -> Process:
        argv = ["-m", "tests.chaos.annotator_process", str(self.journal(name)), *LABELLED]
        argv += ["--name", name, "--count", str(self._count)]
        return self._world.spawn(argv, f"annotator-{name}")

    def _told(self, name: str) -> int:
        path = self.journal(name)
        return path.read_bytes().count(b'"told"') if path.exists() else 0

    def _is_done(self, name: str) -> bool:
        return not self._processes[name].alive

    def _network(self) -> None:
        self._world.proxy.cut()
        time.sleep(1)  # the fault itself, which lasts so long
        self._world.proxy.mend()

    def _key(self) -> None:
        self._world.faults.expired.add(FIRST_KEY)
        time.sleep(1)  # the fault itself
        self._world.renew(SECOND_KEY)

    def _cloud(self) -> None:
        running = launcher.find(self._world.home)
        if running is not None:
            os.kill(running.pid, signal.SIGKILL)
            until(lambda: not alive(running.pid), "the emulator's end")
            self._world.start_cloud()
            self.kills += 1


def _withdraw(world: World, name: str) -> int:
    """Withdraw somebody's answers by the command, killed once it has begun; return the kills."""
    argv = ["admin.py", "annotators", "withdraw", name, "--yes"]
    begun = world.spawn(argv, "admin")
    until(lambda: _withdrawals(world) or not begun.alive, "a withdrawal to begin")
    kills = int(begun.alive)
    begun.kill()
    for _ in range(20):
        again = world.spawn(argv, "admin")
        if again.process.wait(120) == 0:
            return kills
    raise RuntimeError(f"a withdrawal failed: {again.log.read_text()[-2000:]}")


def _withdrawals(world: World) -> int:
    return sum(body.startswith(b"x ") for body in _lines(world))


def _lines(world: World) -> Iterator[bytes]:
    for body in _files(world).values():
        yield from body.splitlines()


def _files(world: World) -> dict[str, bytes]:
    """Return the label files, by the keys of their pictures."""
    listed = [entry.key for entry in world.bucket.list("labels/") if entry.key.endswith(".txt")]
    return {OWN.picture_key(key): world.bucket.get(key).body for key in listed}


def _audit(world: World, said: dict[str, Said], gone: tuple[str, ...] = ()) -> Labelled:
    return audit_labels.audit([*said.values()], _files(world), gone, counting.of(world.bucket))
