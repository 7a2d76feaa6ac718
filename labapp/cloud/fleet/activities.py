"""What the group tried: launches that failed, of which CloudFormation tells when its time is up.

A quota or a zone without free machines shows here at once; the stack waits for its instances'
signals meanwhile, for a quarter of an hour, and then says only that none came.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from labapp.cloud.aws_errors import code_of, translated
from labapp.cloud.fleet.failures import LAUNCH_FAILED
from labapp.cloud.fleet.group import NAME
from labapp.cloud.fleet.model import Event

if TYPE_CHECKING:
    from types_boto3_autoscaling import AutoScalingClient

    from labapp.cloud.session import Cloud

#: Activities that one look reads, the newest.
MOST = 20

#: What Auto Scaling says where there is no such group yet.
_NO_GROUP = "ValidationError"


def failed(cloud: Cloud, since: float) -> list[Event]:
    """Return the launches that failed since a time, the oldest first; none where there is no group.

    Raises:
        CloudError: they cannot be asked for.
    """
    scaling: AutoScalingClient = cloud.client("autoscaling")
    with translated(f"look at what the Auto Scaling group {NAME} does"):
        try:
            answer = scaling.describe_scaling_activities(AutoScalingGroupName=NAME, MaxRecords=MOST)
        except ClientError as error:
            if code_of(error) != _NO_GROUP:
                raise
            return []
    found = [_event(one) for one in answer["Activities"] if one.get("StatusCode") == "Failed"]
    return sorted((one for one in found if one.at >= since), key=lambda one: one.at)


def _event(found: Mapping[str, Any]) -> Event:
    return Event(
        id=found["ActivityId"],
        at=found["StartTime"].timestamp(),
        name="Workers",
        kind="AWS::EC2::Instance",
        status=LAUNCH_FAILED,
        reason=found.get("StatusMessage") or found.get("Description", ""),
    )
