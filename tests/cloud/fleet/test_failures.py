"""What AWS says of a failure, told with what to do about it."""

from __future__ import annotations

from typing import cast

import pytest

from labapp.cloud import session
from labapp.cloud.endpoints import at
from labapp.cloud.fleet import change_sets, failures
from labapp.cloud.fleet.model import Event
from labapp.cloud.fleet.stack import Stack
from labapp.errors import CloudError, ForbiddenError, SessionEndedError
from tests.cloud.fleet.scripted import ARN, Cloud, stacks

#: What AWS says, as far as it is documented; what the remedy names, and of which kind the error is.
SAID = {
    "quota": (
        "You have requested more vCPU capacity than your current vCPU limit of 16 allows for the"
        " instance bucket that the specified instance type belongs to (Service: AmazonAutoScaling;"
        " Error Code: VcpuLimitExceeded)",
        "Service Quotas",
        CloudError,
    ),
    "capacity": (
        "We currently do not have sufficient t3.micro capacity in the Availability Zone you"
        " requested (us-east-1a). Launching EC2 instance failed. InsufficientInstanceCapacity",
        "--type",
        CloudError,
    ),
    "capacity without a code": (
        "We currently do not have sufficient t3.micro capacity in the Availability Zone you"
        " requested (us-east-1a). Our system will be working on provisioning additional capacity."
        " Launching EC2 instance failed.",
        "--type",
        CloudError,
    ),
    "free plan": (
        "The specified instance type is not eligible for Free Tier. For a list of Free Tier"
        " instance types, run 'describe-instance-types'. Launching EC2 instance failed.",
        "--type",
        CloudError,
    ),
    "spot": (
        "UnfulfillableCapacity: Unable to fulfill capacity due to your request configuration.",
        "--spot",
        CloudError,
    ),
    "lab over": (
        "User: arn:aws:sts::1:assumed-role/voclabs/user1=a is not authorized to perform:"
        " ec2:CreateSecurityGroup with an explicit deny in an identity-based policy: "
        "arn:aws:iam::1:policy/voc-cancel-cred (Service: Ec2, Status Code: 403)",
        "start the lab again",
        SessionEndedError,
    ),
    "no right": (
        "API: iam:CreateRole User: arn:aws:iam::1:user/a is not authorized to perform:"
        " iam:CreateRole on resource: arn:aws:iam::1:role/labapp-WorkerRole because no"
        " identity-based policy allows the iam:CreateRole action",
        "Ask for iam:CreateRole: 'python admin.py cloud policies'",
        ForbiddenError,
    ),
    "no right of EC2": (
        "You are not authorized to perform this operation. User: arn:aws:iam::1:user/a is not"
        " authorized to perform: ec2:RunInstances on resource: arn:aws:ec2:us-east-1:1:instance/*"
        " Encoded authorization failure message: AbC (Error Code: UnauthorizedOperation)",
        "Ask for ec2:RunInstances",
        ForbiddenError,
    ),
    "academy": (
        "User: arn:aws:sts::1:assumed-role/voclabs/user1 is not authorized to perform:"
        " iam:CreateRole on resource: arn:aws:iam::1:role/labapp-x because no identity-based policy"
        " allows the iam:CreateRole action",
        "--instance-profile LabInstanceProfile",
        ForbiddenError,
    ),
    "new account": (
        "Your account is currently blocked and is not recognized as a valid account",
        "new account",
        CloudError,
    ),
    "key pair": (
        "The key pair 'mine' does not exist (InvalidKeyPair.NotFound)",
        "--key",
        CloudError,
    ),
    "profile": (
        "Invalid IamInstanceProfile: Nobody (Error Code: ValidationError)",
        "--instance-profile",
        CloudError,
    ),
    "profile of a launch": (
        "Value (Nobody) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance"
        " Profile name. Launching EC2 instance failed.",
        "--instance-profile",
        CloudError,
    ),
    "no right, by its API": (
        "API: ec2:CreateLaunchTemplate You are not authorized to perform this operation.",
        "Ask for ec2:CreateLaunchTemplate:",
        ForbiddenError,
    ),
    "name taken": (
        "labapp-workers already exists in stack arn:aws:cloudformation:us-east-1:1:stack/other/1",
        "remove or rename it",
        CloudError,
    ),
    "boot": (
        "Received 0 SUCCESS signal(s) out of 1. Unable to satisfy 100%"
        " MinSuccessfulInstancesPercent requirement",
        "deploy logs",
        CloudError,
    ),
    "boot that told": (
        "Received 1 FAILURE signal(s) out of 1.  Unable to satisfy 100%"
        " MinSuccessfulInstancesPercent requirement",
        "deploy logs",
        CloudError,
    ),
    "time-out": (
        "Failed to receive 1 resource signal(s) within the specified duration",
        "deploy logs",
        CloudError,
    ),
    "zone": (
        "Your requested instance type (t3.micro) is not supported in your requested Availability"
        " Zone (us-east-1e).",
        "--subnet",
        CloudError,
    ),
    "throttled": (
        "Rate exceeded (Service: Ec2; Error Code: Throttling)",
        "in a minute",
        CloudError,
    ),
    "anything else": ("The moon is full", "deploy up", CloudError),
    "nothing": ("", "deploy up", CloudError),
}


@pytest.mark.parametrize("name", SAID)
def test_each_failure_is_told_with_what_to_do(name: str) -> None:
    reason, remedy, kind = SAID[name]
    error = failures.error_of("cannot make the fleet", reason)
    assert type(error) is kind
    assert remedy in error.remedy
    assert error.message.startswith("cannot make the fleet: ")
    assert reason.rstrip(".") in error.message


#: States of a stack in which nothing can be planned, and what the remedy begins with or names.
STUCK = {
    "ROLLBACK_COMPLETE": "'admin.py deploy down' removes what is left",
    "ROLLBACK_FAILED": "'admin.py deploy down' removes what is left",
    "CREATE_FAILED": "'admin.py deploy down' removes what is left",
    "DELETE_FAILED": "Run 'admin.py deploy down' again",
    "UPDATE_ROLLBACK_FAILED": "continue-update-rollback --stack-name labapp",
    "UPDATE_FAILED": "rollback-stack --stack-name labapp",
    "CREATE_IN_PROGRESS": "'admin.py deploy status' shows it",
    "UPDATE_ROLLBACK_IN_PROGRESS": "'admin.py deploy status' shows it",
    "DELETE_IN_PROGRESS": "'admin.py deploy status' shows it",
}


@pytest.mark.parametrize("status", STUCK)
def test_a_stack_that_takes_no_change_says_what_to_do(status: str) -> None:
    cloud = Cloud(cloudformation={"describe_stacks": stacks(status, StackStatusReason="It is so.")})
    with pytest.raises(CloudError, match=status) as caught:
        change_sets.plan(cast("session.Cloud", cloud), "{}", {})
    assert STUCK[status] in caught.value.remedy
    assert cloud.calls("cloudformation") == ["describe_stacks"]


def test_why_it_is_in_that_state_is_told() -> None:
    found = Stack(
        ARN,
        "DELETE_FAILED",
        "The following resource(s) failed to delete: [WorkerGroup].",
        tags={failures.TAG: "labapp"},
    )
    with pytest.raises(CloudError) as caught:
        failures.check_changeable(found, cast("session.Cloud", Cloud()))
    assert caught.value.message.endswith("failed to delete: [WorkerGroup]")


def event(at: int, name: str, status: str, reason: str = "") -> Event:
    kind = "AWS::CloudFormation::Stack" if name == "labapp" else "AWS::IAM::Role"
    return Event(str(at), at, name, kind, status, reason)


def test_failures_of_earlier_changes_are_not_those_of_the_last_one() -> None:
    events = [
        event(1, "labapp", "UPDATE_IN_PROGRESS"),
        event(2, "WorkerRole", "UPDATE_FAILED", "of yesterday"),
        event(3, "labapp", "UPDATE_ROLLBACK_COMPLETE"),
        event(4, "labapp", "UPDATE_IN_PROGRESS"),
        event(5, "WorkerRole", "UPDATE_FAILED", "of today"),
    ]
    first = failures.first_failure(failures.last_operation(events))
    assert first is not None
    assert first.reason == "of today"


def test_the_end_of_a_making_that_failed_belongs_to_it() -> None:
    events = [
        event(1, "labapp", "CREATE_IN_PROGRESS"),
        event(2, "WorkerRole", "CREATE_FAILED", "why"),
        event(3, "labapp", "DELETE_IN_PROGRESS"),
    ]
    assert list(failures.last_operation(events)) == events
    assert failures.last_operation(events, removed=True)[0].id == "3"


def test_where_all_were_cancelled_the_first_of_them_is_told() -> None:
    events = [event(1, "Drain", "CREATE_FAILED", "Resource creation cancelled")]
    assert failures.first_failure(events) == events[0]
    assert failures.first_failure([event(1, "Drain", "CREATE_COMPLETE")]) is None


def test_of_an_emulator_it_is_told_that_it_is_one() -> None:
    found = Cloud()
    cloud = cast("session.Cloud", found)
    error = failures.error_of("cannot make the fleet", "Alarm: MetricName is required")
    assert failures.where_it_was(error, cloud) is error
    found.place.endpoints = at("http://127.0.0.1:4566")
    told = failures.where_it_was(error, cloud)
    assert told.message == error.message
    assert told.remedy.startswith("127.0.0.1:4566 is not Amazon's own")
    known = failures.error_of("cannot make the fleet", "VcpuLimitExceeded")
    assert failures.where_it_was(known, cloud) is known
