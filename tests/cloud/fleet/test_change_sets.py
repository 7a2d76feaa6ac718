"""Change sets on MiniStack: made, looked at, thrown away, executed; and runs that were killed."""

from __future__ import annotations

import pytest

from labapp.cloud.fleet import change_sets, parameters, stack
from labapp.cloud.fleet.model import Wishes
from labapp.cloud.session import Cloud
from labapp.errors import CloudError
from tests.cloud.fleet import kit


def kinds(change_set: change_sets.ChangeSet) -> set[str]:
    return {one.kind for one in change_set.changes}


def test_a_first_change_set_adds_everything_and_makes_nothing(aws: Cloud) -> None:
    planned = kit.planned(aws)
    assert planned.is_new
    assert {one.action for one in planned.changes} == {"add"}
    assert {"AWS::AutoScaling::AutoScalingGroup", "AWS::IAM::Role"} <= kinds(planned)
    reviewed = stack.describe(aws)
    assert reviewed is not None
    assert reviewed.status == stack.REVIEWED
    assert not reviewed.is_there
    groups = aws.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert groups == []


def test_discarding_the_first_one_leaves_nothing(aws: Cloud) -> None:
    change_sets.discard(aws, kit.planned(aws))
    assert stack.describe(aws) is None
    assert change_sets.left(aws) == []


def test_discarding_another_one_leaves_the_fleet_as_it_is(aws: Cloud) -> None:
    before = kit.made(aws)
    change_sets.discard(aws, kit.planned(aws, Wishes(most=5)))
    assert stack.describe(aws) == before
    assert change_sets.left(aws) == []


def test_what_is_asked_again_changes_nothing(aws: Cloud) -> None:
    kit.made(aws)
    planned = kit.planned(aws)
    assert planned.is_empty
    assert planned.changes == ()
    assert change_sets.left(aws) == []


def test_new_code_is_a_change_like_any_other_and_so_is_the_way_back(aws: Cloud) -> None:
    before = kit.made(aws)
    planned = kit.planned(aws, code=kit.OTHER)
    assert not planned.is_new
    assert "AWS::EC2::LaunchTemplate" in kinds(planned)
    assert {one.action for one in planned.changes} <= {"change", "replace"}
    assert kit.made(aws, code=kit.OTHER).parameters["CodeKey"] == kit.OTHER.key
    # Back by the stack's own template, whatever this checkout's is.
    now = stack.describe(aws)
    assert now is not None
    back = change_sets.plan(aws, None, parameters.with_code(now, kit.CODE))
    change_sets.execute(aws, back)
    assert kit.followed(aws, back.stack)[0].parameters == before.parameters


def test_an_update_keeps_what_is_not_asked_anew(aws: Cloud) -> None:
    kit.made(aws, Wishes(least=2, most=6, type="t3.small", email="a@b.org"))
    after = kit.made(aws, Wishes(most=7)).parameters
    assert (after["MinSize"], after["MaxSize"]) == ("2", "7")
    assert (after["InstanceType"], after["AlarmEmail"]) == ("t3.small", "a@b.org")


def test_where_no_role_can_be_made_none_is(aws: Cloud) -> None:
    kit.made(aws, Wishes(profile="LabInstanceProfile"))
    assert aws.client("iam").list_roles()["Roles"] == []


def test_a_run_that_was_killed_before_it_executed_is_begun_anew(aws: Cloud) -> None:
    kit.planned(aws)  # and nobody answered the question
    again = kit.planned(aws, Wishes(most=4))
    assert again.is_new
    assert change_sets.left(aws) == [again.id]
    change_sets.execute(aws, again)
    ended, _ = kit.followed(aws, again.stack)
    assert ended.status == "CREATE_COMPLETE"
    assert ended.parameters["MaxSize"] == "4"


def test_one_of_an_update_too(aws: Cloud) -> None:
    kit.made(aws)
    kit.planned(aws, Wishes(most=4))
    kit.planned(aws, Wishes(most=5))
    assert len(change_sets.left(aws)) == 1
    assert kit.made(aws, Wishes(most=6)).parameters["MaxSize"] == "6"
    assert change_sets.left(aws) == []


def test_change_sets_of_others_are_left_alone(aws: Cloud) -> None:
    kit.made(aws)
    aws.client("cloudformation").create_change_set(
        StackName="labapp",
        ChangeSetName="by-hand",
        UsePreviousTemplate=True,
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value}
            for name, value in kit.asked(aws, Wishes(most=9)).items()
        ],
    )
    change_sets.discard(aws, kit.planned(aws, Wishes(most=4)))
    found = aws.client("cloudformation").list_change_sets(StackName="labapp")["Summaries"]
    assert "by-hand" in {one["ChangeSetName"] for one in found}


def test_a_template_that_is_refused_leaves_nothing(aws: Cloud) -> None:
    with pytest.raises(CloudError, match="cannot plan the stack labapp"):
        change_sets.plan(aws, "Resources: [", kit.asked(aws))
    assert stack.describe(aws) is None
    assert kit.planned(aws).is_new
