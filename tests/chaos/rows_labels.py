"""Rows about labels: many writers at once; and annotators, admins and cloud that are killed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections import Counter
from pathlib import Path

from labapp.cloud.embedded import launcher
from labapp.dataset.statistics import Statistics
from labapp.labels.label_file import parse_label_file
from labapp.labels.layout import OWN
from tests.chaos import audit, audit_labels
from tests.chaos.admins import Admin, Duty, together
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


#: Who labels. Of these one is withdrawn and restored by each admin, two names are merged and split,
#: and one is left out and taken back, while all go on.
PEOPLE = ("ana", "bo", "cy", "dee", "eve", "fay")

_DUTIES = (
    Duty("ada", "ana", "", ("dee", "cy"), LABELLED[::2]),
    Duty("bea", "bo", "eve", (), LABELLED[1::2]),
)


def labelling(size: Size) -> Figure:
    """Have annotators, admins who decide, and the cloud killed under faults and outages."""
    people, count, kills, most = (PEOPLE, 300, 40, 40) if size.full else (PEOPLE[:5], 12, 3, 5)
    with World(size.folder, size.seed) as world:
        for key in LABELLED:
            world.bucket.put(key, b"", "image/jpeg")
        world.faults.rate = 0.05
        crowd = _Crowd(world, people, count)
        until(lambda: crowd.names_there() == {*people}, "everybody's first line")
        admins = [Admin(world, duty, most, crowd.is_over) for duty in _DUTIES]
        for one in admins:
            one.start()
        crowd.rage(kills)
        for name in people:
            crowd.finish(name)
        for one in admins:
            one.end()
        world.faults.rate = 0.0
        decided = together([one.deciding for one in admins])
        with contextlib.closing(Statistics(world.bucket)) as statistics:
            pictures = statistics.look().pictures
        said = [audit_labels.read(crowd.journal(name)) for name in people]
        found = audit_labels.audit(said, _files(world), decided, pictures)
        listed = _listed(world)
        faults = sum(world.faults.counts.values())
    acts = sum((one.deciding.acts for one in admins), Counter[str]())
    broken = [told for one in admins for told in one.deciding.broken]
    by_name = Counter(each.annotator for one in pictures for each in one.answers)
    return Figure(
        "annotators, admins and cloud killed under faults: answers given = answers counted",
        f"{found.told} lines told kept, lost {found.lost}, doubled {found.doubled};"
        f" {acts.total()} acts of 2 admins ({_counts(acts)}), told done and undone {len(broken)};"
        f" {found.counted} answers and {found.settled} verdicts count, otherwise {found.wrong};"
        f" kills {crowd.kills} and of admins {sum(one.kills for one in admins)}, faults {faults}"
        + "".join(f"; {told}" for told in broken),
        found.kept and not broken and +by_name == +listed,
    )


def _counts(acts: Counter[str]) -> str:
    return ", ".join(f"{what} {count}" for what, count in sorted(acts.items()))


def _listed(world: World) -> Counter[str]:
    """Return how many answers count of each, as the command lists them."""
    asked = world.spawn(["admin.py", "annotators", "--json"], "reader")
    asked.process.wait(120)
    return Counter({one["annotator"]: one["answers"] for one in json.loads(asked.log.read_text())})


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

    def names_there(self) -> set[str]:
        """Return who has a line in any label file."""
        lines = [line for body in _files(self._world).values() for line in body.splitlines()]
        return {line.split()[2].decode() for line in lines}

    def is_over(self) -> bool:
        """Return whether nobody labels any more."""
        return all(map(self._is_done, self._processes))

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


def _files(world: World) -> dict[str, bytes]:
    """Return the label files, by the keys of their pictures."""
    listed = [entry.key for entry in world.bucket.list("labels/") if entry.key.endswith(".txt")]
    return {OWN.picture_key(key): world.bucket.get(key).body for key in listed}
