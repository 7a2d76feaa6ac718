"""How a fleet scales, as a model: one step a second, no AWS; run as a program, the table of it.

AWS's side is as it is documented. SQS's metrics come once a minute and are seen a minute later, an
instance's own once in five minutes unless it is watched in detail.
Target tracking acts after three minutes above its target and fifteen below nine tenths of it,
multiplies the capacity by metric / target, counts instances that warm up as there, and takes none
away while one warms up; of two policies the larger capacity counts, so that both must agree to
scale in. A step policy leaves zero after a minute in which something waits. What the group does is
read from the template, so that a target changed there changes the figures here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

from tests.cloud.fleet.template_document import Document

#: How many pictures arrive in a second of the run.
Load = Callable[[int], float]

#: Seconds of a run, and between two metrics.
HOURS_4, MINUTE = 4 * 3600, 60

#: Minutes of one metric of an instance's processors, in detail and else.
DETAILED, BASIC = 1, 5

#: Minutes above the target, and below this part of it, after which target tracking acts.
HOT_MINUTES, COLD_MINUTES, COLD = 3, 15, 0.9


@dataclass(frozen=True)
class Rules:
    """What the group goes by: the template's own where nothing else is said.

    Attributes:
        target: pictures that may wait for each instance.
        cpu: the part of its processors that may be at work; None: no policy by it.
        cpu_minutes: minutes between two metrics of that.
        warmup: seconds for which a new instance is left out of decisions to scale in.
        least: instances at least.
        most: instances at most.
    """

    target: float
    cpu: float | None
    cpu_minutes: int
    warmup: int
    least: int
    most: int

    @classmethod
    def of(cls, document: Document) -> Rules:
        """Return the rules that a template has by default."""
        backlog, cpu = (document.properties(name) for name in ("HoldBacklog", "HoldCpu"))
        template = document.properties("WorkerTemplate")["LaunchTemplateData"]
        return cls(
            target=document.number(backlog["TargetTrackingConfiguration"]["TargetValue"]),
            cpu=document.number(cpu["TargetTrackingConfiguration"]["TargetValue"]) / 100,
            cpu_minutes=DETAILED if template["Monitoring"]["Enabled"] else BASIC,
            warmup=int(document.number(backlog["EstimatedInstanceWarmup"])),
            least=int(document.number(document.properties("Workers")["MinSize"])),
            most=int(document.number(document.properties("Workers")["MaxSize"])),
        )


@dataclass(frozen=True)
class Machine:
    """What AWS and an instance take: seconds of a picture, of a boot, of a metric on its way.

    `asleep` is until when SQS publishes nothing of a queue that nobody touched for six hours.
    """

    job: float = 0.7
    boot: int = 100
    lag: int = 60
    asleep: int = 0


@dataclass(frozen=True)
class Figures:
    """What came of a run.

    Attributes:
        longest: seconds that the picture waited that waited longest.
        over: the part of the time in which more than the target waited for each instance.
        hours: hours of instances that were paid.
        peak: the most instances at once.
        end: instances at the end.
        left: pictures that wait at the end.
    """

    longest: int
    over: float
    hours: float
    peak: int
    end: int
    left: float


@dataclass(frozen=True)
class Sample:
    """A metric of one minute: when, what waits, of how many instances, how busy they were."""

    at: int
    waiting: float
    ready: int
    busy: float


@dataclass
class Scaling:
    """Decides on the desired capacity, minute by minute."""

    rules: Rules
    machine: Machine
    desired: int
    samples: list[Sample] = field(default_factory=list)
    above: int = 0
    hot: int = 0
    below: int = 0

    def decide(self, sample: Sample, *, warms: bool) -> int:
        """Return the capacity after one more minute, of which the metric is yet to be seen."""
        self.samples.append(sample)
        seen = [one for one in self.samples if one.at <= sample.at - self.machine.lag]
        if not seen:
            return self.desired
        every = self.rules.cpu_minutes
        of_cpu = seen[: len(seen) // every * every][-every:]
        busy = sum(one.busy for one in of_cpu) / len(of_cpu) if of_cpu else 0.0
        told = replace(seen[-1], busy=busy)
        if sample.at < self.machine.asleep:
            told = replace(told, waiting=0.0)
        self.desired = self._next(told, warms)
        return self.desired

    def _next(self, told: Sample, warms: bool) -> int:
        rules, cpu = self.rules, self.rules.cpu
        each = told.waiting / told.ready if told.ready else 0.0
        is_cold = each < COLD * rules.target and (cpu is None or told.busy < COLD * cpu)
        self.above = self.above + 1 if each > rules.target else 0
        self.hot = self.hot + 1 if cpu is not None and told.busy > cpu else 0
        self.below = self.below + 1 if is_cold else 0
        by_backlog = math.ceil(told.ready * each / rules.target)
        by_cpu = math.ceil(told.ready * told.busy / cpu) if cpu else 0
        wanted = self.desired
        if self.above >= HOT_MINUTES and told.ready:
            wanted = min(rules.most, max(wanted, by_backlog))
        elif self.hot >= HOT_MINUTES and told.ready:
            wanted, self.hot = min(rules.most, max(wanted, by_cpu)), 0
        elif self.below >= COLD_MINUTES and wanted > rules.least and not warms:
            wanted = max(rules.least, min(wanted, max(by_backlog, by_cpu)))
            self.below = self.below if wanted == self.desired else 0
        if self.desired < 1 and told.waiting > 0:
            wanted = max(wanted, 1)  # the step policy: target tracking multiplies, and cannot
        if wanted > self.desired:
            self.above = 0
        return wanted


def run(load: Load, rules: Rules, machine: Machine | None = None) -> Figures:
    """Let a load come for four hours; return what came of it."""
    machine = machine or Machine()
    scaling = Scaling(rules, machine, rules.least)
    born: list[float] = [-math.inf] * rules.least
    waiting = served = 0.0
    arrivals: list[float] = []
    trace: list[tuple[float, int, int]] = []
    for second in range(HOURS_4):
        arrivals.append(load(second))
        waiting += arrivals[-1]
        ready = sum(second - at >= machine.boot for at in born)
        done = min(waiting, ready / machine.job)
        waiting -= done
        served += done
        trace.append((waiting, len(born), ready))
        if second % MINUTE == 0:
            busy = min(1.0, served / MINUTE * machine.job / ready) if ready else 0.0
            served = 0.0
            warms = any(second - at < machine.boot + rules.warmup for at in born)
            wanted = scaling.decide(Sample(second, waiting, ready, busy), warms=warms)
            born += [second] * (wanted - len(born))
            born = sorted(born)[len(born) - wanted :]  # jobs in hand are finished or handed back
            trace[-1] = (waiting, trace[-1][1], ready)
    return Figures(
        longest=_longest_wait(arrivals, [one[0] for one in trace]),
        over=sum(1 for left, _, ready in trace if ready and left / ready > rules.target) / HOURS_4,
        hours=sum(count for _, count, _ in trace) / 3600,
        peak=max(count for _, count, _ in trace),
        end=len(born),
        left=waiting,
    )


def _longest_wait(arrivals: Sequence[float], waiting: Sequence[float]) -> int:
    """Return the longest wait: the distance between the curves of arrivals and of service."""
    arrived = list(accumulate(arrivals))
    served = [all_ - left for all_, left in zip(arrived, waiting, strict=True)]
    longest = at = 0
    for second, (count, new) in enumerate(zip(arrived, arrivals, strict=True)):
        if not new:
            continue
        at = max(at, second)
        while at < len(served) and served[at] < count - 1e-9:
            at += 1
        longest = max(longest, at - second)
    return longest


def steady(rate: float) -> Load:
    """Return a load of so many pictures each second."""
    return lambda _: rate


def burst(pictures: int, at: int = 600, over: int = 60) -> Load:
    """Return a load of so many pictures within a minute, after ten."""
    return lambda second: pictures / over if at <= second < at + over else 0.0


def lesson(second: int) -> float:
    """Return what 30 students send for 90 minutes: a picture each 20 seconds."""
    return 30 * 0.05 if 600 <= second < 6000 else 0.0


def ramp(second: int) -> float:
    """Return a load that rises to 8 pictures a second within two hours, and ends."""
    return min(8.0, second / 900) if second < 7200 else 0.0


@dataclass(frozen=True)
class Row:
    """One load of the table, with what it has changed of the template's rules."""

    name: str
    load: Load
    least: int | None = None
    most: int | None = None
    machine: Machine = Machine()

    def rules(self, rules: Rules, *, by_cpu: bool) -> Rules:
        """Return the rules for it, with the policy by CPU or without."""
        return replace(
            rules,
            cpu=rules.cpu if by_cpu else None,
            least=rules.least if self.least is None else self.least,
            most=rules.most if self.most is None else self.most,
        )


#: The loads that are recorded.
ROWS = (
    Row("1 picture a second, steady", steady(1.0)),
    Row("2 pictures a second, steady", steady(2.0)),
    Row("lesson: 30 students, 1.5/s for 90 min", lesson),
    Row("ramp to 8/s in 2 h, max 9", ramp, most=9),
    Row("burst of 300", burst(300)),
    Row("burst of 3,000", burst(3000)),
    Row("burst of 3,000, max 9", burst(3000), most=9),
    Row("burst of 300 from zero", burst(300), least=0),
    Row("the same, queue asleep", burst(300), least=0, machine=Machine(asleep=600 + 900)),
    Row("burst of 3,000, fixed fleet of 1", burst(3000), most=1),
    Row("burst of 3,000, fixed fleet of 3", burst(3000), least=3),
)


def table(rules: Rules) -> Iterator[str]:
    """Yield the lines of the table, as the manual has it."""
    yield "| load | longest wait, s | over target | instance-hours in 4 h | most | at the end |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for row in ROWS:
        found = run(row.load, row.rules(rules, by_cpu=True), row.machine)
        yield (
            f"| {row.name} | {found.longest:,} | {found.over:.0%} | {found.hours:.1f} |"
            f" {found.peak} | {found.end} |"
        )


if __name__ == "__main__":
    print("\n".join(table(Rules.of(Document.of_the_lab()))))
