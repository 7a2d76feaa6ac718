"""What an instance tells its group, in Auto Scaling's calls, and a group that cannot be told."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from labapp.cloud.fleet.membership import Membership
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, ForbiddenError

ME = {"InstanceId": "i-0a"}
OURS = {"AutoScalingGroupName": "lab-workers", "LifecycleHookName": "drain", **ME}


@pytest.fixture
def member(group: Stubber) -> Membership:
    cloud: Any = SimpleNamespace(client={"autoscaling": group.client}.__getitem__)
    return Membership(lambda: cloud, "lab-workers")


@pytest.fixture
def group(keys: None) -> Iterator[Stubber]:
    with Stubber(boto3.client("autoscaling", region_name="us-east-1")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


def test_it_asks_for_time_and_then_leaves(member: Membership, group: Stubber) -> None:
    group.add_response("record_lifecycle_action_heartbeat", {}, OURS)
    group.add_response(
        "complete_lifecycle_action", {}, OURS | {"LifecycleActionResult": "CONTINUE"}
    )
    member.stay("i-0a")
    member.leave("i-0a")


def test_it_says_that_it_is_unwell(member: Membership, group: Stubber) -> None:
    group.add_response("set_instance_health", {}, ME | {"HealthStatus": "Unhealthy"})
    member.declare_unhealthy("i-0a")


def test_a_right_that_is_missing_is_named(member: Membership, group: Stubber) -> None:
    group.add_client_error("complete_lifecycle_action", "AccessDenied", http_status_code=403)
    with pytest.raises(ForbiddenError, match="tell lab-workers that i-0a may go"):
        member.leave("i-0a")


def test_a_cloud_that_cannot_be_opened_is_told() -> None:
    def away() -> Cloud:
        raise CloudError("no credentials")

    with pytest.raises(CloudError, match="no credentials"):
        Membership(away, "lab-workers").leave("i-0a")
