"""The fleet as it is: looked at part by part, so that who may see less sees what he may."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from labapp import utc
from labapp.cloud.aws_errors import translated
from labapp.cloud.fleet import activities, boot_logs, group, launches, parameters, stack
from labapp.cloud.fleet.model import LAB, Fleet
from labapp.cloud.fleet.unseen import unless_unseen
from labapp.cloud.queues import Queue
from labapp.errors import ForbiddenError, MissingResourceError

if TYPE_CHECKING:
    from types_boto3_cloudwatch import CloudWatchClient

    from labapp.cloud.fleet.group import Group
    from labapp.cloud.fleet.stack import Stack
    from labapp.cloud.roles import Names
    from labapp.cloud.session import Cloud

#: The status of a stack that is there, as its group tells, but may not be looked at.
UNSEEN = "UNKNOWN"

#: Seconds for which a launch that failed is told of: a group that wants more tries again meanwhile.
LATELY = 3_600.0

#: Number jobs that cost as much as one picture, where the stack does not say.
NUMBERS_PER_PICTURE = 200.0


def look(cloud: Cloud, names: Names | None = None) -> Fleet:
    """Look at the fleet: its stack, its group, what waits for it, and what is wrong with it.

    Whatever one may not see is left out.

    Args:
        cloud: where.
        names: what the lab's things are called, for the backlog of its queues; else it is None.

    Raises:
        ForbiddenError: one may see neither the stack nor the group.
        CloudError: the credentials have ended, or AWS cannot be reached.
    """
    found, refused = _stack(cloud)
    own = unless_unseen(lambda: group.describe(cloud), None)
    if refused and own is None:
        raise refused
    seen = Fleet(
        stack=LAB,
        status=UNSEEN if refused else found.status if found else "",
        region=cloud.place.region,
        reason=found.reason if found else "",
        code=parameters.code_of(found),
    )
    # Of a first making that failed these are all that is left.
    seen = replace(seen, boot_logs=unless_unseen(lambda: boot_logs.keys(cloud), ()))
    if not seen.is_there:
        return seen
    held = found.parameters if found else {}
    return replace(
        _with_group(cloud, seen, own),
        backlog=_backlog(cloud, names, held, own),
        alarms=unless_unseen(lambda: _alarms(cloud), ()),
        launch_failure=unless_unseen(lambda: _launch_failure(cloud, own), ""),
    )


def _launch_failure(cloud: Cloud, own: Group | None) -> str:
    """Return why the group has fewer instances than it wants, if launches failed lately."""
    if own is None or len(own.instances) >= own.sizes.desired:
        return ""
    failed = activities.failed(cloud, utc.seconds() - LATELY)
    return failed[-1].reason if failed else ""


def _stack(cloud: Cloud) -> tuple[Stack | None, ForbiddenError | None]:
    """Return the stack; or that one may not look at it."""
    try:
        return stack.describe(cloud), None
    except ForbiddenError as error:
        return None, error


def _with_group(cloud: Cloud, seen: Fleet, own: Group | None) -> Fleet:
    if own is None:
        return seen
    shown = own.kept if own.is_parked and own.kept else own.sizes
    return replace(
        seen,
        least=shown.least,
        most=shown.most,
        desired=own.sizes.desired,
        is_parked=own.is_parked,
        instances=launches.told(cloud, own),
    )


def _backlog(
    cloud: Cloud, names: Names | None, held: Mapping[str, str], own: Group | None
) -> float | None:
    """Return the pictures that wait for each instance in service, as the scaling counts them."""
    at_work = sum(one.state == "InService" for one in own.instances) if own else 0
    if names is None or not at_work:
        return None
    each = float(held.get("NumbersPerPicture") or NUMBERS_PER_PICTURE)
    waiting = 0.0
    for name in names.taken:
        count = unless_unseen(functools.partial(_visible, cloud, name), None)
        if count is None:
            return None
        waiting += count / each if name in names.light else count
    return waiting / at_work


def _visible(cloud: Cloud, name: str) -> int:
    try:
        return Queue(cloud, name).counts().visible
    except MissingResourceError:
        return 0


def _alarms(cloud: Cloud) -> tuple[str, ...]:
    """Return the names of the fleet's alarms that are on, as CloudFormation names them after it.

    Those by which the group scales itself have other names, and are on whenever nothing waits.
    """
    watch: CloudWatchClient = cloud.client("cloudwatch")
    with translated("list the alarms"):
        pages = watch.get_paginator("describe_alarms").paginate(
            AlarmNamePrefix=f"{LAB}-", StateValue="ALARM", AlarmTypes=["MetricAlarm"]
        )
        found = [one for page in pages for one in page.get("MetricAlarms", ())]
    # Not every store heeds both conditions at once.
    return tuple(sorted(one["AlarmName"] for one in found if one["StateValue"] == "ALARM"))
