"""The Auto Scaling group of a fleet: its numbers, its instances, and how it is parked and woken.

A parked fleet has no instances and wants none: minimum, maximum and desired capacity are 0, and
what they were stands in a tag. The tag is set before the numbers and taken off after them, so that
whoever is killed between the two does it again and loses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from labapp.cloud.aws_errors import translated
from labapp.cloud.fleet import failures, parameters, stack
from labapp.cloud.fleet.model import LAB, Instance, Wishes
from labapp.cloud.fleet.unseen import unless_unseen
from labapp.errors import CloudError, MissingResourceError

if TYPE_CHECKING:
    from types_boto3_autoscaling import AutoScalingClient

    from labapp.cloud.session import Cloud

#: The group's name, which the template gives it.
NAME = f"{LAB}-workers"

#: The tag that holds what a parked fleet's numbers were, as `1/3/2`.
PARKED = f"{LAB}-parked"

_SIZES = re.compile(r"(\d+)/(\d+)/(\d+)")


@dataclass(frozen=True)
class Sizes:
    """How many instances a group has at least, at most, and is to have now."""

    least: int
    most: int
    desired: int

    @property
    def text(self) -> str:
        """As the tag has them."""
        return f"{self.least}/{self.most}/{self.desired}"


#: The sizes of a group that is parked.
NOTHING = Sizes(0, 0, 0)


@dataclass(frozen=True)
class Group:
    """The group as it is.

    Attributes:
        sizes: its numbers.
        instances: those it has, by zone; `launches` tells when and with what they were launched.
        kept: the numbers that it had before it was parked; None where it was not.
        versions: of which launch template, and which version of it, an instance was launched.
    """

    sizes: Sizes
    instances: tuple[Instance, ...] = ()
    kept: Sizes | None = None
    versions: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def is_parked(self) -> bool:
        """Whether it was parked, by whomever and however, and not woken since."""
        return self.sizes.most == 0

    @property
    def woken(self) -> Sizes:
        """Its numbers once it is woken: at least one instance starts."""
        before = self.kept if self.kept and self.is_parked else self.sizes
        most = max(before.most, 1)
        return Sizes(before.least, most, min(most, max(before.desired, before.least, 1)))


def describe(cloud: Cloud) -> Group | None:
    """Return the group; None where there is none.

    Raises:
        CloudError: it cannot be asked for.
    """
    with translated(f"find the Auto Scaling group {NAME}"):
        answer = _client(cloud).describe_auto_scaling_groups(AutoScalingGroupNames=[NAME])
    return next((_group(one) for one in answer["AutoScalingGroups"]), None)


def check_sizes(found: Group | None, held: Wishes, asked: Wishes) -> None:
    """See to it that a parked group is not resized: CloudFormation would wake a part of it.

    Args:
        found: the group; None where there is none yet.
        held: what its stack was asked for.
        asked: what it is asked for now, whole.

    Raises:
        CloudError: it is parked, and is to have other numbers.
    """
    if found is None or not found.is_parked:
        return
    if (held.least, held.most) != (asked.least, asked.most):
        raise CloudError(
            f"the fleet {LAB} is parked, and has its numbers back once it is woken",
            "Run 'admin.py deploy wake' first, or leave --min and --max out.",
        )


def park(cloud: Cloud, *, dry: bool = False) -> Group:
    """Have the group want nothing: its instances finish what they have in hand, and go.

    Done twice it changes nothing more.

    Args:
        cloud: where.
        dry: whether it is only looked at.

    Returns:
        The group as it was found.

    Raises:
        CloudError: there is none, or it cannot be changed.
    """
    found = _require(cloud)
    if dry or found.is_parked:
        return found
    with translated(f"park the Auto Scaling group {NAME}"):
        _client(cloud).create_or_update_tags(
            Tags=[_tag(Value=found.sizes.text, PropagateAtLaunch=False)]
        )
    _resize(cloud, NOTHING, "park")
    return found


def wake(cloud: Cloud, *, dry: bool = False) -> Group:
    """Give a parked group its numbers back; one that has scaled itself to nothing gets one.

    Done twice it changes nothing more.

    Args:
        cloud: where.
        dry: whether it is only looked at.

    Returns:
        The group as it was found; its `woken` are the numbers that it has now: those of before,
        or of the stack where somebody else parked it.

    Raises:
        CloudError: there is none, or it cannot be changed.
    """
    found = _require(cloud)
    if found.is_parked and found.kept is None:
        found = replace(found, kept=unless_unseen(lambda: _asked_for(cloud), None))
    if dry:
        return found
    if found.sizes != found.woken:
        _resize(cloud, found.woken, "wake")
    if found.kept is not None:
        with translated(f"wake the Auto Scaling group {NAME}"):
            _client(cloud).delete_tags(Tags=[_tag()])
    return found


def _asked_for(cloud: Cloud) -> Sizes | None:
    """Return the numbers that the stack was asked for: those of who parked it without our tag."""
    asked = parameters.wishes_of(stack.describe(cloud))
    if asked.least is None or asked.most is None:
        return None
    return Sizes(asked.least, asked.most, asked.least)


def _tag(**more: Any) -> Any:
    """Return the tag of the group that holds its numbers, as Auto Scaling takes it."""
    return {"ResourceId": NAME, "ResourceType": "auto-scaling-group", "Key": PARKED, **more}


def _client(cloud: Cloud) -> AutoScalingClient:
    found: AutoScalingClient = cloud.client("autoscaling")
    return found


def _require(cloud: Cloud) -> Group:
    if (found := describe(cloud)) is None:
        # Of a stack that AWS is at, or that failed, there may be no group.
        failures.check_changeable(unless_unseen(lambda: stack.describe(cloud), None), cloud)
        raise MissingResourceError(
            f"there is no fleet {LAB} in {cloud.place.region}", "'admin.py deploy up' makes one."
        )
    return found


def _resize(cloud: Cloud, sizes: Sizes, doing: str) -> None:
    with translated(f"{doing} the Auto Scaling group {NAME}"):
        _client(cloud).update_auto_scaling_group(
            AutoScalingGroupName=NAME,
            MinSize=sizes.least,
            MaxSize=sizes.most,
            DesiredCapacity=sizes.desired,
        )


def _group(found: Mapping[str, Any]) -> Group:
    tags = {one["Key"]: one.get("Value", "") for one in found.get("Tags", ())}
    kept = _SIZES.fullmatch(tags.get(PARKED, ""))
    instances = found.get("Instances", ())
    return Group(
        Sizes(found["MinSize"], found["MaxSize"], found["DesiredCapacity"]),
        tuple(sorted(map(_instance, instances), key=lambda one: (one.zone, one.id))),
        Sizes(*map(int, kept.groups())) if kept else None,
        {
            one["InstanceId"]: (used["LaunchTemplateId"], used["Version"])
            for one in instances
            if (used := one.get("LaunchTemplate", {})).get("LaunchTemplateId")
            and used.get("Version")
        },
    )


def _instance(found: Mapping[str, Any]) -> Instance:
    return Instance(
        id=found["InstanceId"],
        zone=found.get("AvailabilityZone", ""),
        type=found.get("InstanceType", ""),
        state=found.get("LifecycleState", ""),
        health=found.get("HealthStatus", "").capitalize(),
        since=None,
        code="",
    )
