"""What the benchmark prints: one table of medians, and one that holds them against the targets.

Ratios are taken within a round, where the variants ran minutes apart at most, and their median is
shown: the machine's own speed wanders more than the workers differ.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from tests.benchmarks.worker import variants
from tests.benchmarks.worker.harness import FAKE, MINISTACK
from tests.benchmarks.worker.measures import Throughput
from tests.benchmarks.worker.scenes import DISTANT, HUNDRED, LAB, LIGHT, ONE, TEN
from tests.benchmarks.worker.variants import Variant

#: The mix that the others are held against.
GOOD = "all good"

Value = Callable[[Throughput], float]


def speed(run: Throughput) -> float:
    """Return jobs a second."""
    return run.jobs


def thrift(run: Throughput) -> float:
    """Return jobs for each millisecond of CPU time."""
    return 1 / run.cpu


def _requests(run: Throughput) -> float:
    return run.sqs


def _cpu(run: Throughput) -> float:
    return run.cpu


@dataclass
class Results:
    """All that was measured; runs by scene and variant's name, one for each round."""

    runs: dict[tuple[str, str], list[Throughput]] = field(default_factory=lambda: defaultdict(list))
    trips: dict[str, dict[str, tuple[float, float]]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    idle: dict[str, float] = field(default_factory=dict)
    #: Runs of labapp by the mix of messages, one for each round.
    mixes: dict[str, list[Throughput]] = field(default_factory=lambda: defaultdict(list))

    def of_good(self, mix: str, value: Value) -> float:
        """Return the median over rounds of a mix to all good messages in the same round."""
        good = map(value, self.mixes[GOOD])
        return statistics.median(
            m / g for m, g in zip(map(value, self.mixes[mix]), good, strict=True)
        )

    def median(self, scene: str, variant: Variant, value: Value) -> float:
        """Return the median over rounds."""
        return statistics.median(map(value, self.runs[scene, variant.name]))

    def ratio(self, scene: str, ours: Variant, theirs: Sequence[Variant], value: Value) -> float:
        """Return the median over rounds of ours to the best of theirs in the same round."""
        rounds = zip(*(self.runs[scene, v.name] for v in theirs), strict=True)
        best = [max(map(value, of_round)) for of_round in rounds]
        own = map(value, self.runs[scene, ours.name])
        return statistics.median(o / b for o, b in zip(own, best, strict=True))


@dataclass(frozen=True)
class Target:
    """One figure to hold: what it is, its bound, whether it is a least or a most, and its value."""

    what: str
    bound: float
    least: bool
    measured: float

    @property
    def held(self) -> bool:
        """Whether it is held."""
        return self.measured >= self.bound if self.least else self.measured <= self.bound


def targets(found: Results) -> list[Target]:
    """Hold what was measured against the figures to hold; what was left out is skipped."""
    one, two, celery = variants.LABAPP, variants.LABAPP_2, (variants.CELERY,)
    tuned, tuned_2, raw, raw_2 = variants.TUNED, variants.TUNED_2, variants.RAW, variants.RAW_2

    def least(what: str, bound: float, scene: str, ours: Variant, theirs: Sequence[Variant],
              value: Value = speed) -> Target | None:  # fmt: skip
        if any((scene, each.name) not in found.runs for each in (ours, *theirs)):
            return None
        return Target(what, bound, True, found.ratio(scene, ours, theirs, value))

    def most(what: str, bound: float, scene: str, value: Value) -> Target | None:
        if (scene, one.name) not in found.runs:
            return None
        return Target(what, bound, False, found.median(scene, one, value))

    def figure(what: str, bound: float, scene: str) -> Target | None:
        if (scene, variants.BATCHED.name) not in found.runs:
            return None
        return Target(what, bound, True, found.median(scene, variants.BATCHED, speed))

    checks = [
        least("jobs/s against hand-tuned, one process", 2, ONE, one, tuned),
        least("jobs/s against hand-tuned, two processes", 2, ONE, two, tuned_2),
        least("jobs/s against hand-tuned, 10 ms added", 2, DISTANT, one, variants.TUNED_FAR),
        least("jobs/s against raw HTTP, one process", 0.5, ONE, one, raw),
        least("jobs/s against raw HTTP, two processes", 0.5, ONE, two, raw_2),
        least("the same on a lighter emulator, one process", 0.5, LIGHT, one, raw),
        least("the same on a lighter emulator, two processes", 0.5, LIGHT, two, raw_2),
        least("jobs/s against Celery, one process", 2, ONE, one, celery),
        least("jobs/s against Celery, two processes", 3, ONE, two, celery),
        least("jobs/s against Celery, 10 ms added", 5, DISTANT, one, celery),
        least("jobs/s against Celery, ten clients", 2, TEN, one, celery),
        least("jobs/s against Celery, a hundred clients", 1.5, HUNDRED, one, celery),
        least("Celery's CPU per job against ours, one process", 7.4, ONE, one, celery, thrift),
        least("Celery's CPU per job against ours, two processes", 2.7, ONE, two, celery, thrift),
        least("jobs/s against hand-tuned, ten clients", 0.8, TEN, one, tuned),
        least("jobs/s against hand-tuned, ten clients, two processes", 0.8, TEN, two, tuned_2),
        figure("jobs/s, logs in batches", 2000, ONE),
        figure("jobs/s, logs in batches, on a lighter emulator", 2000, LIGHT),
        least(
            "the same against raw HTTP with logs in batches",
            0.5,
            LIGHT,
            variants.BATCHED,
            variants.RAW_BATCHED,
        ),
        most("CPU ms per job, one process", 0.5, ONE, _cpu),
        most("SQS requests per job, one client", 0.6, ONE, _requests),
        most("SQS requests per job, ten clients", 1.5, TEN, _requests),
        most("S3 requests per job, one client", 1.0, ONE, lambda run: run.s3),
        most("RSS in MB, one process", 70, ONE, lambda run: run.memory),
    ]
    rows = [check for check in checks if check]
    rows += _of_odd_messages(found)
    if (LAB, variants.PLAIN.name) in found.runs:
        times = 1 / found.ratio(LAB, variants.SPOKEN, (variants.PLAIN,), thrift)
        rows.append(Target("CPU per job by a dialect, against without", 1.1, False, times))
    if one.name in found.idle:
        rows.append(Target("requests a minute when idle", 12, False, found.idle[one.name]))
    return rows


def _of_odd_messages(found: Results) -> list[Target]:
    rows = []
    for mix in found.mixes:
        if mix != GOOD:
            for what, value in (("SQS requests", _requests), ("CPU", _cpu)):
                times = found.of_good(mix, value)
                rows.append(Target(f"{what} per job, {mix}, against {GOOD}", 1.3, False, times))
    return rows


def print_results(found: Results) -> None:
    """Print both tables."""
    rows = []
    for (scene, name), runs in found.runs.items():
        celery = found.runs.get((scene, variants.CELERY.name))
        pairs = zip(runs, celery, strict=True) if celery else ()
        times = [a.jobs / b.jobs for a, b in pairs]
        mine: list[str] = [
            f"{statistics.median(getattr(run, part) for run in runs):.{digits}f}"
            for part, digits in (("jobs", 0), ("cpu", 2), ("sqs", 2), ("s3", 2), ("memory", 0))
        ]
        trips, rest = found.trips.get(name, {}), found.idle.get(name)
        once = scene == ONE  # these were measured once, beside the scenes
        walks = [
            f"{trips[where][0]:.1f} / {trips[where][1]:.1f}" if once and where in trips else ""
            for where in (FAKE, MINISTACK)
        ]
        idle = f"{rest:.0f}" if once and rest is not None else ""
        rows.append(
            [
                scene,
                name,
                mine[0],
                f"{statistics.median(times):.2f}" if times else "",
                *mine[1:],
                *walks,
                idle,
            ]
        )
    titles = [
        "scene", "worker", "jobs/s", "x Celery", "CPU ms/job", "SQS/job", "S3/job", "RSS MB",
        "trip p50/p95 ms", "on MiniStack", "idle req/min",
    ]  # fmt: skip
    _table(titles, rows)
    print()
    if found.mixes:
        _table(["mix of messages", "SQS/job", "CPU ms/job", "jobs/s"], _of_mixes(found))
        print()
    checks = [
        [t.what, f"{'>=' if t.least else '<='} {t.bound:g}", f"{t.measured:.2f}",
         "yes" if t.held else "NO"]
        for t in targets(found)
    ]  # fmt: skip
    _table(["target", "bound", "measured", "held"], checks)


def _of_mixes(found: Results) -> list[list[str]]:
    return [
        [mix, *(f"{statistics.median(map(value, runs)):.2f}" for value in (_requests, _cpu, speed))]
        for mix, runs in found.mixes.items()
    ]


def _table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a Markdown table, its columns aligned."""
    lines = [list(titles), *map(list, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(titles))]
    lines.insert(1, ["-" * width for width in widths])
    for line in lines:
        cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print(f"| {' | '.join(cells)} |")
