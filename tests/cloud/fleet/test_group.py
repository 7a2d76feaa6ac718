"""Parked and woken on moto, whose groups have instances."""

from __future__ import annotations

import pytest

from labapp.cloud.fleet import group, launches, stack
from labapp.cloud.fleet.group import NOTHING, Group, Sizes
from labapp.cloud.fleet.model import Wishes
from labapp.cloud.fleet.stack import Stack
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, MissingResourceError


def described(cloud: Cloud) -> Group:
    found = group.describe(cloud)
    assert found is not None
    return found


def test_its_numbers_and_instances_are_told(group_cloud: Cloud) -> None:
    found = described(group_cloud)
    assert found.sizes == Sizes(1, 3, 2)
    assert not found.is_parked
    assert [one.state for one in found.instances] == ["InService"] * 2
    assert {one.type for one in found.instances} == {"t3.micro"}
    assert {one.health for one in found.instances} == {"Healthy"}


def test_when_and_with_which_code_they_were_launched_is_told(group_cloud: Cloud) -> None:
    for one in launches.told(group_cloud, described(group_cloud)):
        assert one.code == "01234567"
        assert one.since is not None


def test_parked_nothing_runs_and_woken_it_is_as_before(group_cloud: Cloud) -> None:
    assert group.park(group_cloud).sizes == Sizes(1, 3, 2)
    parked = described(group_cloud)
    assert parked.is_parked
    assert parked.sizes == NOTHING
    assert parked.instances == ()
    assert group.wake(group_cloud).is_parked
    woken = described(group_cloud)
    assert woken.sizes == Sizes(1, 3, 2)
    assert woken.kept is None
    assert len(woken.instances) == 2


def test_parked_twice_it_forgets_nothing(group_cloud: Cloud) -> None:
    group.park(group_cloud)
    assert group.park(group_cloud).is_parked
    assert described(group_cloud).kept == Sizes(1, 3, 2)


@pytest.mark.parametrize("numbers", [{"MinSize": "2", "MaxSize": "5"}, {}])
def test_one_that_somebody_parked_by_hand_has_its_stacks_numbers_back(
    group_cloud: Cloud, monkeypatch: pytest.MonkeyPatch, numbers: dict[str, str]
) -> None:
    group_cloud.client("autoscaling").update_auto_scaling_group(
        AutoScalingGroupName=group.NAME, MinSize=0, MaxSize=0, DesiredCapacity=0
    )
    assert described(group_cloud).is_parked
    found = Stack("arn", "UPDATE_COMPLETE", parameters=numbers)
    monkeypatch.setattr(stack, "describe", lambda _: found)
    woken = group.wake(group_cloud).woken
    assert described(group_cloud).sizes == woken == (Sizes(2, 5, 2) if numbers else Sizes(0, 1, 1))


def test_woken_twice_it_changes_nothing(group_cloud: Cloud) -> None:
    group.park(group_cloud)
    group.wake(group_cloud)
    group.wake(group_cloud)
    assert described(group_cloud).sizes == Sizes(1, 3, 2)


def test_a_dry_run_changes_nothing(group_cloud: Cloud) -> None:
    before = described(group_cloud)
    assert group.park(group_cloud, dry=True) == before
    assert group.wake(group_cloud, dry=True) == before
    assert described(group_cloud) == before


def test_whoever_is_killed_between_tag_and_numbers_does_it_again(
    group_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(group, "_resize", killed)
        with pytest.raises(KeyboardInterrupt):
            group.park(group_cloud)
    assert not described(group_cloud).is_parked  # it runs
    group_cloud.client("autoscaling").set_desired_capacity(
        AutoScalingGroupName=group.NAME, DesiredCapacity=3
    )
    group.park(group_cloud)
    assert described(group_cloud).kept == Sizes(1, 3, 3)


def test_woken_but_for_its_tag_it_runs_and_is_woken_again(group_cloud: Cloud) -> None:
    group.park(group_cloud)
    group_cloud.client("autoscaling").update_auto_scaling_group(
        AutoScalingGroupName=group.NAME, MinSize=1, MaxSize=3, DesiredCapacity=2
    )
    assert not described(group_cloud).is_parked
    group.wake(group_cloud)
    assert described(group_cloud).kept is None
    assert described(group_cloud).sizes == Sizes(1, 3, 2)


@pytest.mark.parametrize(
    ("found", "woken"),
    [
        (Group(Sizes(0, 3, 0)), Sizes(0, 3, 1)),  # asleep by itself
        (Group(NOTHING, kept=Sizes(0, 3, 0)), Sizes(0, 3, 1)),
        (Group(NOTHING, kept=Sizes(2, 5, 4)), Sizes(2, 5, 4)),
        (Group(Sizes(1, 3, 2)), Sizes(1, 3, 2)),
        (Group(Sizes(1, 3, 2), kept=Sizes(0, 9, 9)), Sizes(1, 3, 2)),  # an old tag
    ],
)
def test_what_wakes_has_one_instance_at_least(found: Group, woken: Sizes) -> None:
    assert found.woken == woken


def test_where_there_is_none_it_says_how_to_make_one(ec2_cloud: Cloud) -> None:
    assert group.describe(ec2_cloud) is None
    for act in (group.park, group.wake):
        with pytest.raises(MissingResourceError, match="no fleet labapp in us-east-1") as caught:
            act(ec2_cloud)
        assert "deploy up" in caught.value.remedy


def test_a_tag_that_is_no_number_is_none_of_ours(group_cloud: Cloud) -> None:
    tag = {"ResourceId": group.NAME, "ResourceType": "auto-scaling-group", "Key": group.PARKED}
    group_cloud.client("autoscaling").create_or_update_tags(
        Tags=[{**tag, "Value": "by hand", "PropagateAtLaunch": False}]
    )
    assert described(group_cloud).kept is None


PARKED = Group(NOTHING, kept=Sizes(1, 3, 2))


def test_a_parked_group_is_not_resized() -> None:
    with pytest.raises(CloudError, match="is parked") as caught:
        group.check_sizes(PARKED, Wishes(least=1, most=3), Wishes(least=1, most=5))
    assert "deploy wake" in caught.value.remedy


@pytest.mark.parametrize(("found", "most"), [(PARKED, 3), (Group(Sizes(1, 3, 2)), 5), (None, 5)])
def test_all_else_may_be_changed(found: Group | None, most: int) -> None:
    group.check_sizes(found, Wishes(least=1, most=3), Wishes(least=1, most=most))
