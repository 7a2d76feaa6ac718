"""What a fleet costs in a month, by list prices: told before anything is made.

The prices are those of us-east-1; other regions ask up to a third more. AWS has a service that
tells them, which an account of AWS Academy may not ask, so they stand here with their date.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

#: When the prices were taken from AWS's lists, and of which region.
LISTED, REGION = "2026-11", "us-east-1"

#: Hours of the longest month.
HOURS = 31 * 24

#: Dollars for an hour of Linux on demand, by type.
HOURLY = {
    "t2.micro": 0.0116,
    "t3.micro": 0.0104,
    "t4g.micro": 0.0084,
    "t3.small": 0.0208,
    "t4g.small": 0.0168,
    "t3.medium": 0.0416,
    "t4g.medium": 0.0336,
    "c7i-flex.large": 0.08479,
}

#: Dollars for an hour of a public IPv4 address, for a month of a gigabyte of gp3, and for a month
#: of a metric that an alarm watches.
ADDRESS, GIGABYTE, ALARM = 0.005, 0.08, 0.10

#: Gigabytes of an instance's disk, as the template has it.
DISK = 8

#: Metrics under alarms that each account has for nothing.
FREE_ALARMS = 10

#: Dollars for an hour of a core above its baseline, by family; and the cores of those that have
#: credits, and the part of them that is theirs, by size. Of `c7i-flex` there are none.
_SURPLUS = {"t2": 0.05, "t3": 0.05, "t4g": 0.04}
_BASELINE = {"micro": 0.10, "small": 0.20, "medium": 0.20}
_ONE_CORE = frozenset({"t2.micro"})

#: What is cheaper where instances are busy all day.
STEADY = "c7i-flex.large"


@dataclass(frozen=True)
class CostLine:
    """One line of the cost: of what, and dollars a month at the minimum and at the maximum."""

    what: str
    least: float
    most: float


@dataclass(frozen=True)
class Cost:
    """What a fleet costs in a month.

    Attributes:
        least_instances: how many run at its minimum.
        most_instances: how many at its maximum.
        lines: of what it is made up.
        notes: what else there is to know, a sentence each.
        is_ceiling: whether it is less in truth, as spot instances are.
    """

    least_instances: int
    most_instances: int
    lines: tuple[CostLine, ...]
    notes: tuple[str, ...]
    is_ceiling: bool = False

    @property
    def least(self) -> float:
        """Dollars a month while the minimum runs."""
        return sum(line.least for line in self.lines)

    @property
    def most(self) -> float:
        """Dollars a month while the maximum runs all the time."""
        return sum(line.most for line in self.lines)

    @property
    def sentence(self) -> str:
        """Return it as a question has it: `about $12.40 a month while 1 instance runs, $37 …`."""
        about = "less than" if self.is_ceiling else "about"
        count = self.least_instances
        runs = f"{count} instances run" if count > 1 else "1 instance runs"
        least = f"{about} {dollars(self.least)} a month while {runs if count else 'none runs'}"
        if self.most_instances <= count:
            return least
        return f"{least}, ${math.ceil(self.most):,} at most"


def monthly(type_: str, least: int, most: int, *, alarms: int = 0, is_spot: bool = False) -> Cost:
    """Return what a fleet costs in a month.

    Args:
        type_: of its instances, one of `HOURLY`.
        least: how many run at its minimum.
        most: how many at its maximum.
        alarms: metrics that its alarms watch, and those of its scaling policies.
        is_spot: whether they are of spare capacity: then the price on demand is the most.
    """
    beyond = max(0, alarms - FREE_ALARMS) * ALARM
    found = [
        _each(f"{type_}{' at most' if is_spot else ''}", HOURLY[type_] * HOURS, least, most),
        _each("public IPv4 address", ADDRESS * HOURS, least, most),
        _each(f"disk, {DISK} GB of gp3", DISK * GIGABYTE, least, most),
    ]
    if beyond:
        found.append(CostLine(f"alarms on {alarms} metrics, {FREE_ALARMS} free", beyond, beyond))
    return Cost(least, most, tuple(found), tuple(_notes(type_, is_spot=is_spot)), is_spot)


def alarms(queues: int, scaled: int, polled: int, least: int) -> int:
    """Return on how many metrics the alarms of a fleet are, those of its policies with them.

    Args:
        queues: from which workers take jobs: each has an alarm for its dead letters, and one for
            the age of its oldest.
        scaled: those of them whose backlog scales it: AWS makes two alarms for that policy, on
            each of them and on the instances in service, and two on the CPU.
        polled: those whose polls tell that it is silent, each by two metrics.
        least: its minimum: one of none has an alarm that wakes it.
    """
    waking = scaled + 1 if least == 0 else 0
    return 2 * queues + 2 * (scaled + 1) + 2 + 2 * polled + 1 + waking


def surplus(type_: str) -> float:
    """Return dollars for an hour of an instance that is busy all day, beside its price."""
    family, size = type_.split(".")
    cores = 1 if type_ in _ONE_CORE else 2
    return _SURPLUS.get(family, 0.0) * cores * (1 - _BASELINE.get(size, 1.0))


def dollars(value: float) -> str:
    """Return dollars as people read them: `$12.10`."""
    return f"${value:,.2f}"


def hourly(value: float) -> str:
    """Return dollars an hour, to a tenth of a cent: `$0.09`, `$0.085`."""
    whole = f"{value:.3f}"
    return f"${whole.removesuffix('0')}"


def _each(what: str, price: float, least: int, most: int) -> CostLine:
    return CostLine(what, price * least, price * most)


def _notes(type_: str, *, is_spot: bool) -> list[str]:
    told = [
        f"list prices of {REGION}, {LISTED}, {HOURS} hours; jobs, the requests of workers that"
        " wait, and the bucket are not in it: 'help operators' tells what they cost"
    ]
    if is_spot:
        told.append(
            "spot instances cost what EC2 asks for spare capacity at the time, mostly a third of"
            " this, and are ended two minutes after a notice"
        )
    if more := surplus(type_):
        busy = (
            f"CPU credits are unlimited: an instance that is busy all day costs up to"
            f" {hourly(more)} an hour more, {dollars(more * HOURS)} a month"
        )
        if HOURLY[type_] + more > HOURLY[STEADY]:
            busy += f"; for load that lasts {STEADY} at {hourly(HOURLY[STEADY])} an hour is cheaper"
        told.append(busy)
    return told
