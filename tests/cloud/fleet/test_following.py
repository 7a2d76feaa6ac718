"""What AWS does for minutes is followed through outages, new credentials and Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from labapp.cloud import session
from labapp.cloud.credential_errors import Source
from labapp.cloud.fleet import following
from labapp.cloud.fleet.following import Look, check, follow
from labapp.cloud.fleet.model import Event
from labapp.cloud.fleet.stack import Stack
from labapp.errors import CloudError, ForbiddenError, SessionEndedError, UnreachableError
from tests.cloud.fleet.scripted import ARN, Cloud, event, lab_over, pages, stacks
from tests.support.aws_answers import refusal
from tests.support.clock import Clock

REVIEW = event(1, "labapp", "REVIEW_IN_PROGRESS")
BEGUN = event(2, "labapp", "CREATE_IN_PROGRESS", "User Initiated")
ROLE = event(3, "WorkerRole", "CREATE_COMPLETE")
GROUP = event(4, "Workers", "CREATE_COMPLETE")
DONE = event(5, "labapp", "CREATE_COMPLETE")
THROTTLED = refusal("Throttling", 400, "Rate exceeded", "DescribeStacks")


def account(describe: list[Any], events: list[Any], *activities: dict[str, Any]) -> Cloud:
    return Cloud(
        cloudformation={"describe_stacks": describe, "describe_stack_events": events},
        autoscaling={"describe_scaling_activities": [{"Activities": list(activities)}]},
    )


def looks(
    cloud: Cloud, after: str = "1", sleep: Callable[[float], object] = lambda _: None
) -> tuple[Stack, list[Look]]:
    going = follow(cast("session.Cloud", cloud), ARN, after, sleep=sleep)
    found = []
    while True:
        try:
            found.append(next(going))
        except StopIteration as end:
            return end.value, found


def told(found: list[Look]) -> list[str]:
    return [one.id for look in found for one in look.events]


def test_events_come_in_pages_and_each_is_told_once() -> None:
    cloud = account(
        stacks("REVIEW_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"),
        [
            pages(REVIEW),
            pages(REVIEW, BEGUN, ROLE),
            pages(REVIEW, BEGUN, ROLE, each=1),
            pages(REVIEW, BEGUN, ROLE, GROUP, DONE),
        ],
    )
    ended, found = looks(cloud)
    assert ended.status == "CREATE_COMPLETE"
    assert told(found) == ["2", "3", "4", "5"]
    assert found[0].status == "REVIEW_IN_PROGRESS"


def test_what_was_told_to_aws_a_moment_ago_is_waited_for() -> None:
    begun = event(6, "labapp", "UPDATE_IN_PROGRESS")
    cloud = account(
        stacks("CREATE_COMPLETE", "CREATE_COMPLETE", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"),
        [
            pages(DONE),
            pages(DONE),
            pages(DONE, begun),
            pages(DONE, begun, event(7, "labapp", "UPDATE_COMPLETE")),
        ],
    )
    ended, found = looks(cloud, "5")
    assert ended.status == "UPDATE_COMPLETE"
    assert told(found) == ["6", "7"]


def test_but_not_for_ever() -> None:
    cloud = account(stacks("CREATE_COMPLETE"), [pages(DONE)])
    waited: list[float] = []
    ended, _ = looks(cloud, "5", waited.append)
    assert ended.status == "CREATE_COMPLETE"
    assert sum(waited) == following.BEGINNING


def test_a_stack_that_was_just_made_may_not_be_found_yet() -> None:
    cloud = account(
        stacks("none", "none", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"),
        [pages(), pages(), pages(BEGUN), pages(BEGUN, DONE)],
    )
    ended, found = looks(cloud)
    assert ended.status == "CREATE_COMPLETE"
    assert told(found) == ["2", "5"]


def test_a_stack_that_is_not_found_any_more_is_gone() -> None:
    cloud = account(stacks("DELETE_IN_PROGRESS", "none"), [pages(DONE)])
    ended, found = looks(cloud)
    assert ended.status == "DELETE_COMPLETE"
    assert len(found) == 2


def test_who_comes_later_is_told_from_the_beginning_of_what_is_done_now() -> None:
    old = event(6, "Workers", "UPDATE_FAILED", "of last week")
    now = event(7, "labapp", "UPDATE_IN_PROGRESS", "User Initiated")
    new = event(8, "WorkerTemplate", "UPDATE_COMPLETE")
    cloud = account(
        stacks("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE"),
        [pages(BEGUN, DONE, old, now), pages(BEGUN, DONE, old, now, new)],
    )
    _, found = looks(cloud, "")
    assert told(found) == ["7", "8"]


def test_outages_and_throttling_are_waited_out() -> None:
    cloud = account(
        [*stacks("CREATE_IN_PROGRESS"), THROTTLED, THROTTLED, *stacks("CREATE_COMPLETE")],
        [pages(BEGUN), pages(BEGUN, DONE)],
    )
    ended, found = looks(cloud)
    assert ended.status == "CREATE_COMPLETE"
    assert [type(one.trouble) for one in found] == [
        type(None), UnreachableError, UnreachableError, type(None),
    ]  # fmt: skip
    assert {one.status for one in found[:3]} == {"CREATE_IN_PROGRESS"}


@pytest.fixture
def credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a credentials file."""
    path = tmp_path / "credentials"
    path.write_text("[lab]\n", "utf-8")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path))
    return path


def test_a_lab_that_ended_is_waited_for_until_its_new_credentials_are_pasted(
    credentials: Path,
) -> None:
    over = lab_over("DescribeStacks")
    cloud = account(
        [*stacks("CREATE_IN_PROGRESS"), over, over, over, *stacks("CREATE_COMPLETE")],
        [pages(BEGUN), pages(BEGUN, DONE)],
    )
    waits: list[float] = []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 4:
            credentials.write_text("[lab]\naws_access_key_id = new\n", "utf-8")

    ended, found = looks(cloud, sleep=sleep)
    assert ended.status == "CREATE_COMPLETE"
    assert [type(one.trouble) for one in found].count(SessionEndedError) == 3
    assert cloud.refreshed == 1
    assert waits == [following.EVERY, *[following.RENEWAL] * 3]


def test_credentials_of_the_environment_cannot_be_renewed_from_outside() -> None:
    cloud = account([lab_over("DescribeStacks")], [pages()])
    cloud.credential_source = Source("env")
    with pytest.raises(SessionEndedError, match="the lab session is over"):
        looks(cloud)


def test_a_right_that_lacks_is_told_at_once() -> None:
    denied = refusal(
        "AccessDenied",
        403,
        "User: x is not authorized to perform: cloudformation:DescribeStackEvents because no"
        " identity-based policy allows it",
        "DescribeStackEvents",
    )
    cloud = account(stacks("CREATE_IN_PROGRESS"), [denied])
    with pytest.raises(ForbiddenError, match="cloudformation:DescribeStackEvents"):
        looks(cloud)


def test_trouble_that_lasts_an_hour_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(following, "time", clock)
    cloud = account([THROTTLED], [pages()])
    with pytest.raises(UnreachableError):
        looks(cloud, sleep=clock.sleep)
    assert clock.passed > following.MOST_TROUBLE


@pytest.mark.parametrize("error", [KeyboardInterrupt(), CloudError("somebody left")])
def test_who_leaves_leaves_aws_at_it(error: BaseException) -> None:
    cloud = account(stacks("CREATE_IN_PROGRESS"), [pages(BEGUN)])

    def leave(_: float) -> None:
        raise error

    with pytest.raises(type(error)):
        looks(cloud, sleep=leave)
    assert set(cloud.calls("cloudformation")) == {"describe_stacks", "describe_stack_events"}


def failed(*told_: tuple[str, str, str]) -> tuple[Event, ...]:
    return tuple(
        Event(str(at), at, name, "AWS::X", status, reason)
        for at, (name, status, reason) in enumerate(told_)
    )


def test_the_first_failure_is_told_and_not_what_was_cancelled_for_it() -> None:
    events = failed(
        ("WorkerRole", "CREATE_IN_PROGRESS", ""),
        ("Workers", "CREATE_FAILED", "Received 0 SUCCESS signal(s) out of 1."),
        ("Drain", "CREATE_FAILED", "Resource creation cancelled"),
        ("labapp", "DELETE_IN_PROGRESS", "The following resource(s) failed to create: [Workers]"),
    )
    with pytest.raises(CloudError) as caught:
        check(Stack(ARN, "DELETE_COMPLETE"), events, "make the fleet")
    assert caught.value.message == (
        "cannot make the fleet: Workers: Received 0 SUCCESS signal(s) out of 1; nothing of it is"
        " left"
    )
    assert "deploy logs" in caught.value.remedy


def test_an_update_that_failed_leaves_the_fleet_as_it_was() -> None:
    events = failed(("WorkerTemplate", "UPDATE_FAILED", "VcpuLimitExceeded: 32"))
    with pytest.raises(CloudError, match="the fleet is as it was") as caught:
        check(Stack(ARN, "UPDATE_ROLLBACK_COMPLETE"), events, "change the fleet")
    assert "--type" in caught.value.remedy


def test_where_no_event_tells_the_stacks_own_reason_does() -> None:
    ended = Stack(ARN, "DELETE_FAILED", "The following resource(s) failed to delete: [WorkerGroup]")
    with pytest.raises(CloudError, match=r"\[WorkerGroup\]; the stack is in DELETE_FAILED"):
        check(ended, (), "remove the fleet", removed=True)


@pytest.mark.parametrize(
    ("status", "removed"),
    [("CREATE_COMPLETE", False), ("UPDATE_COMPLETE", False), ("DELETE_COMPLETE", True)],
)
def test_what_went_well_is_no_error(status: str, *, removed: bool) -> None:
    check(Stack(ARN, status), (), "do it", removed=removed)


def launch(number: int, status: str, **told: str) -> dict[str, Any]:
    return {
        "ActivityId": f"a-{number}",
        "StartTime": BEGUN["Timestamp"] + timedelta(seconds=number),
        "StatusCode": status,
        **told,
    }


QUOTA = "You have requested more vCPU capacity than your current limit. VcpuLimitExceeded"


def test_a_launch_that_fails_is_told_at_once_and_once() -> None:
    cloud = account(
        stacks("CREATE_IN_PROGRESS", "CREATE_IN_PROGRESS", "CREATE_COMPLETE"),
        [pages(BEGUN), pages(BEGUN), pages(BEGUN, DONE)],
        launch(9, "Failed", StatusMessage=QUOTA),
        launch(8, "Successful", Description="Launching a new EC2 instance: i-1"),
        launch(-9, "Failed", StatusMessage="of last week"),
    )
    _, found = looks(cloud)
    failed = [one for look in found for one in look.events if one.is_failure]
    assert [(one.name, one.status, one.reason) for one in failed] == [
        ("Workers", "LAUNCH_FAILED", QUOTA)
    ]
    assert cloud.calls("autoscaling") == ["describe_scaling_activities"] * 2


def test_a_group_that_is_not_there_yet_has_tried_nothing() -> None:
    cloud = account(stacks("CREATE_IN_PROGRESS", "CREATE_COMPLETE"), [pages(BEGUN)])
    cloud.services["autoscaling"].answers["describe_scaling_activities"] = [
        refusal("ValidationError", 400, "Group not found")
    ]
    assert looks(cloud)[0].status == "CREATE_COMPLETE"


def test_who_may_not_see_activities_follows_without_them() -> None:
    cloud = account(stacks("CREATE_IN_PROGRESS", "CREATE_COMPLETE"), [pages(BEGUN)])
    cloud.services["autoscaling"].answers["describe_scaling_activities"] = [
        refusal("AccessDenied", 403, "no")
    ]
    assert looks(cloud)[0].status == "CREATE_COMPLETE"


def test_instances_that_could_not_be_launched_are_why_none_came_up() -> None:
    events = failed(
        ("Workers", "LAUNCH_FAILED", QUOTA),
        ("Workers", "CREATE_FAILED", "Received 0 SUCCESS signal(s) out of 1."),
    )
    with pytest.raises(CloudError, match="VcpuLimitExceeded; nothing of it is left") as caught:
        check(Stack(ARN, "DELETE_COMPLETE"), events, "make the fleet")
    assert "Service Quotas" in caught.value.remedy


def test_but_not_why_something_else_failed() -> None:
    events = failed(
        ("Workers", "LAUNCH_FAILED", "InsufficientInstanceCapacity in us-east-1a"),
        ("HoldCpu", "CREATE_FAILED", "it is wrong"),
    )
    with pytest.raises(CloudError, match="HoldCpu: it is wrong"):
        check(Stack(ARN, "DELETE_COMPLETE"), events, "make the fleet")
