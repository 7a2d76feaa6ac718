"""What is asked of a fleet, what would be changed for it, and what there is of it."""

from __future__ import annotations

from dataclasses import dataclass

#: Types of instances that a fleet may have, the smallest first; those of t4g are of ARM.
TYPES = (
    *("t2.micro", "t3.micro", "t4g.micro", "t3.small", "t4g.small", "t3.medium", "t4g.medium"),
    "c7i-flex.large",
)

#: Instances that a fleet has at most: an account of AWS Academy is closed down at 20.
MOST_INSTANCES = 9

#: The name of the lab, of which the stack and the group are named.
LAB = "labapp"


@dataclass(frozen=True)
class Wishes:
    """What is asked of a fleet; what is None stays as it is, or is as by default where none is.

    Attributes:
        least: instances that run at least; 0: all may end while nothing waits.
        most: instances that run at most, of `MOST_INSTANCES`.
        type: one of `TYPES`.
        is_spot: whether they are of EC2's spare capacity, cheaper, and ended at short notice.
        email: whom alarms are told; empty: nobody.
        ssh_cidr: who may reach port 22, a /24 at most; empty: nobody.
        key_name: the EC2 key pair for SSH; empty: none.
        profile: an instance profile that exists, as AWS Academy's; empty: roles are made.
        vpc: the network; empty: the account's default one.
        subnets: its subnets; empty: those public ones whose zones have the type.
        is_vendored: whether packages come from the bucket instead of PyPI.
    """

    least: int | None = None
    most: int | None = None
    type: str | None = None
    is_spot: bool | None = None
    email: str | None = None
    ssh_cidr: str | None = None
    key_name: str | None = None
    profile: str | None = None
    vpc: str | None = None
    subnets: tuple[str, ...] | None = None
    is_vendored: bool | None = None


@dataclass(frozen=True)
class Code:
    """What the instances run: labapp as a zip in the bucket, named after what it holds.

    Attributes:
        key: `deploy/code-<16 hex>.zip`.
        sha256: the whole hash, 64 hex digits, which each boot checks.
        lock: the hash of its worker.lock, of which the key of its wheels is made (`wheels.key`);
            empty where that is not known.
    """

    key: str
    sha256: str
    lock: str = ""

    @property
    def short(self) -> str:
        """The hash's first 8 digits, as people are shown it."""
        return self.sha256[:8]


@dataclass(frozen=True)
class Change:
    """One line of a change set: `add`, `change`, `replace` or `remove` a resource."""

    action: str
    name: str
    kind: str


@dataclass(frozen=True)
class Event:
    """One event of a stack: when (seconds since 1970), of what, its status, and why."""

    id: str
    at: float
    name: str
    kind: str
    status: str
    reason: str = ""

    @property
    def is_failure(self) -> bool:
        """Whether it tells that something could not be made, changed or removed."""
        return self.status.endswith("_FAILED")


@dataclass(frozen=True)
class Instance:
    """One instance of the fleet.

    Attributes:
        id: `i-…`.
        zone: its availability zone.
        type: its type.
        state: of the life cycle, in AWS's words: `Pending`, `InService`, `Terminating:Wait`.
        health: `Healthy` or `Unhealthy`, as the group has it.
        since: when it was launched, seconds since 1970; None where that is not known.
        code: the first 8 digits of the code it was launched with; empty where that is not known.
    """

    id: str
    zone: str
    type: str
    state: str
    health: str
    since: float | None
    code: str


@dataclass(frozen=True)
class Fleet:
    """A fleet as it is.

    Attributes:
        stack: the stack's name.
        status: in AWS's words, such as `CREATE_COMPLETE`; empty: there is none.
        reason: why it is in that status, where AWS says so.
        region: where.
        code: what new instances run; None where that is not known.
        least: the group's minimum.
        most: its maximum.
        desired: how many it is to have now.
        is_parked: whether somebody parked it: then nothing runs until it is woken.
        instances: those there are.
        backlog: pictures that wait for each instance; None where that is not known.
        alarms: the names of alarms that are on.
        boot_logs: keys of the logs of boots that failed, the newest first.
        launch_failure: why an instance that is wanted could not be launched; empty: none failed.
    """

    stack: str
    status: str
    region: str
    reason: str = ""
    code: Code | None = None
    least: int = 0
    most: int = 0
    desired: int = 0
    is_parked: bool = False
    instances: tuple[Instance, ...] = ()
    backlog: float | None = None
    alarms: tuple[str, ...] = ()
    boot_logs: tuple[str, ...] = ()
    launch_failure: str = ""

    @property
    def is_planned(self) -> bool:
        """Whether there is a change set to look at and nothing else."""
        return self.status == "REVIEW_IN_PROGRESS"

    @property
    def is_there(self) -> bool:
        """Whether there is a stack; one that only has a change set to look at is none yet."""
        return self.status not in ("", "REVIEW_IN_PROGRESS", "DELETE_COMPLETE")

    @property
    def is_busy(self) -> bool:
        """Whether AWS is at it now."""
        return self.status.endswith("_IN_PROGRESS") and self.is_there

    @property
    def at_work(self) -> int:
        """How many instances are in service."""
        return sum(one.state == "InService" for one in self.instances)
