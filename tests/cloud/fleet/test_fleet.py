"""The fleet as it is, looked at by who may see all of it, and by who may see less."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import pytest

from labapp.cloud import session
from labapp.cloud.fleet import activities, fleet, group, stack
from labapp.cloud.fleet.group import Sizes
from labapp.cloud.fleet.model import Code, Event, Fleet
from labapp.cloud.fleet.stack import Stack
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import ForbiddenError, SessionEndedError
from labapp.jobs import permissions
from tests.cloud.fleet import kit, moto_fleet, scripted
from tests.cloud.fleet.scripted import lab_over, stacks
from tests.support.aws_answers import refusal, refuse

MADE = Stack(
    "arn",
    "CREATE_COMPLETE",
    parameters={"CodeKey": kit.CODE.key, "CodeSha256": kit.CODE.sha256, "NumbersPerPicture": "4"},
)


@pytest.fixture
def lab(cloud: Cloud, ec2_cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """Give a lab with a fleet of two, whose stack moto cannot have."""
    moto_fleet.make_group(ec2_cloud)
    monkeypatch.setattr(stack, "describe", lambda _: MADE)
    return cloud


def test_without_a_stack_there_is_none(aws: Cloud) -> None:
    assert fleet.look(aws) == Fleet("labapp", "", "us-east-1")


def test_one_that_is_only_planned_is_none_yet(aws: Cloud) -> None:
    kit.planned(aws)
    found = fleet.look(aws)
    assert found.status == stack.REVIEWED
    assert not found.is_there
    assert not found.is_busy


def test_one_that_was_made_tells_its_numbers_and_code(aws: Cloud) -> None:
    kit.made(aws)
    found = fleet.look(aws)
    assert (found.status, found.is_there, found.is_busy) == ("CREATE_COMPLETE", True, False)
    assert (found.least, found.most, found.code) == (1, 3, kit.CODE)
    assert found.alarms == ()


def test_its_instances_backlog_and_boots_that_failed_are_told(lab: Cloud) -> None:
    for name, count in (("requestQueue", 8), ("imageInbox", 5)):
        for _ in range(count):
            lab.sqs.send_message(QueueUrl=Queue(lab, name).url, MessageBody="x")
    pictures = Queue(lab, "imageInbox").counts().visible  # S3 has sent a trial too
    for one in ("i-1", "i-2"):
        lab.s3.put_object(Bucket=lab.bucket_name, Key=f"deploy/boot/{one}.log", Body=b"no")
    found = fleet.look(lab, permissions.names_in(lab))
    assert found.at_work == 2
    assert {one.code for one in found.instances} == {"01234567"}
    assert found.backlog == (8 / 4 + pictures) / 2
    assert sorted(found.boot_logs) == ["deploy/boot/i-1.log", "deploy/boot/i-2.log"]
    assert found.code == Code(kit.CODE.key, kit.CODE.sha256)
    assert fleet.look(lab) == replace(found, backlog=None)


def test_a_parked_fleet_tells_the_numbers_that_it_had(lab: Cloud) -> None:
    group.park(lab)
    found = fleet.look(lab)
    assert found.is_parked
    assert (found.least, found.most, found.desired) == (1, 3, 0)
    assert (found.instances, found.backlog) == ((), None)


def test_alarms_that_are_on_are_told(lab: Cloud) -> None:
    watch = lab.client("cloudwatch")
    for name in ("labapp-RequestQueueDead-1", "labapp-RequestQueueLate-2", "other-3"):
        watch.put_metric_alarm(
            AlarmName=name,
            MetricName="M",
            Namespace="N",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
    for name in ("labapp-RequestQueueDead-1", "other-3"):
        watch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="it is so")
    assert fleet.look(lab).alarms == ("labapp-RequestQueueDead-1",)


#: What one may not do, and what of the fleet is left out then.
UNSEEN: dict[str, tuple[str, set[str], dict[str, Any]]] = {
    "alarms": ("cloudwatch", {"DescribeAlarms"}, {"alarms": ()}),
    "counts": ("sqs", {"GetQueueAttributes"}, {"backlog": None}),
    "boot logs": ("s3", {"ListObjectsV2"}, {"boot_logs": ()}),
    "group": ("autoscaling", {"DescribeAutoScalingGroups"}, {"instances": (), "backlog": None}),
}


@pytest.mark.parametrize("name", UNSEEN)
def test_what_one_may_not_see_is_left_out(
    name: str, lab: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, calls, left = UNSEEN[name]
    refuse(lab.client(service), monkeypatch, calls.__contains__, "AccessDenied", 403)
    found = fleet.look(lab)
    assert found.status == "CREATE_COMPLETE"
    for field, value in left.items():
        assert getattr(found, field) == value


def test_instances_are_told_without_what_ec2_alone_knows(
    lab: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = {"DescribeInstances", "DescribeLaunchTemplateVersions"}
    refuse(lab.client("ec2"), monkeypatch, calls.__contains__, "UnauthorizedOperation", 403)
    found = fleet.look(lab)
    assert found.at_work == 2
    assert {(one.since, one.code) for one in found.instances} == {(None, "")}


def test_a_stack_that_one_may_not_see_is_known_by_its_group(
    lab: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_: Cloud) -> None:
        raise ForbiddenError("no")

    monkeypatch.setattr(stack, "describe", refused)
    found = fleet.look(lab)
    assert (found.status, found.is_there, found.at_work) == (fleet.UNSEEN, True, 2)


def test_a_launch_that_fails_while_one_is_wanted_is_told(
    lab: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert fleet.look(lab).launch_failure == ""
    tried = [Event("1", 1.0, "Workers", "", "LAUNCH_FAILED", "VcpuLimitExceeded")]
    monkeypatch.setattr(activities, "failed", lambda *_: tried)
    assert fleet.look(lab).launch_failure == ""  # two are wanted, and two are there
    one = group.describe(lab)
    assert one is not None
    wanting = replace(one, sizes=Sizes(1, 3, 3))
    monkeypatch.setattr(group, "describe", lambda _: wanting)
    assert fleet.look(lab).launch_failure == "VcpuLimitExceeded"


def scripted_cloud(described: Any, groups: Any) -> session.Cloud:
    return cast(
        "session.Cloud",
        scripted.Cloud(
            cloudformation={"describe_stacks": [described]},
            autoscaling={"describe_auto_scaling_groups": [groups]},
        ),
    )


def test_who_may_see_nothing_is_told_what_it_takes() -> None:
    denied = refusal("AccessDenied", 403, "not authorized to perform: x", "DescribeStacks")
    with pytest.raises(ForbiddenError):
        fleet.look(scripted_cloud(denied, denied))


def test_a_lab_that_is_over_is_no_right_that_lacks() -> None:
    with pytest.raises(SessionEndedError):
        fleet.look(scripted_cloud(lab_over("DescribeStacks"), {"AutoScalingGroups": []}))
    with pytest.raises(SessionEndedError):
        fleet.look(scripted_cloud(stacks("CREATE_COMPLETE")[0], lab_over("DescribeGroups")))
