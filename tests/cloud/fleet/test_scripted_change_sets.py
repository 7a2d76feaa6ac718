"""Change sets where AWS is slow, busy or pages its answers, as no emulator is."""

from __future__ import annotations

import re
from typing import Any, cast

import pytest

from labapp.cloud import session
from labapp.cloud.fleet import change_sets, stack
from labapp.cloud.fleet.change_sets import ChangeSet
from labapp.cloud.fleet.model import Change
from labapp.cloud.patience import Patience
from labapp.errors import CloudError, SessionEndedError
from tests.cloud.fleet.scripted import ARN, Cloud, lab_over, stacks
from tests.support.aws_answers import refusal
from tests.support.clock import Clock

MADE = {"Id": "arn:change-set", "StackId": ARN}
UNKNOWN = refusal("ChangeSetNotFound", 404, "ChangeSet [x] does not exist", "DescribeChangeSet")
NO_STATE = refusal("InvalidChangeSetStatus", 400, "It is so.", "ExecuteChangeSet")
DONE = [{"Status": "CREATE_COMPLETE"}]


def change(action: str, name: str, **more: str) -> dict[str, Any]:
    told = {"Action": action, "LogicalResourceId": name, "ResourceType": "T", **more}
    return {"ResourceChange": told}


def account(**answers: list[Any]) -> Cloud:
    defaults: dict[str, list[Any]] = {
        "describe_stacks": stacks("none"),
        "list_change_sets": [[{"Summaries": []}]],
        "create_change_set": [MADE],
        "describe_change_set": [DONE],
        "delete_change_set": [{}],
        "delete_stack": [{}],
        "execute_change_set": [{}],
    }
    return Cloud(cloudformation={**defaults, **answers})


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Patience:
    """Give waits that take no time."""
    clock = Clock()
    monkeypatch.setattr("labapp.cloud.patience.time", clock)
    return Patience(sleep=clock.sleep)


def plan(cloud: Cloud, patience: Patience) -> ChangeSet:
    return change_sets.plan(
        cast("session.Cloud", cloud), "{}", {"Lab": "labapp"}, patience=patience
    )


def asked(cloud: Cloud, call: str) -> dict[str, Any]:
    return next(given for name, given in cloud.services["cloudformation"].calls if name == call)


def test_a_first_making_that_fails_leaves_nothing(patience: Patience) -> None:
    cloud = account()
    assert plan(cloud, patience).is_new
    given = asked(cloud, "create_change_set")
    assert (given["ChangeSetType"], given["OnStackFailure"]) == ("CREATE", "DELETE")
    assert given["Tags"] == [{"Key": "labapp", "Value": "labapp"}]


def test_a_change_that_fails_is_taken_back_by_aws(patience: Patience) -> None:
    cloud = account(describe_stacks=stacks("UPDATE_COMPLETE"))
    assert not plan(cloud, patience).is_new
    assert asked(cloud, "create_change_set")["ChangeSetType"] == "UPDATE"
    assert "OnStackFailure" not in asked(cloud, "create_change_set")


def test_its_changes_come_in_pages_once_aws_knows_it(patience: Patience) -> None:
    whole = [
        {"Status": "CREATE_COMPLETE", "Changes": [change("Add", "A"), change("Modify", "B")]},
        {
            "Status": "CREATE_COMPLETE",
            "Changes": [
                change("Modify", "C", Replacement="Conditional"),
                change("Modify", "D", Replacement="False"),
                change("Remove", "E"),
            ],
        },
    ]
    cloud = account(describe_change_set=[UNKNOWN, [{"Status": "CREATE_IN_PROGRESS"}], whole])
    assert plan(cloud, patience).changes == tuple(
        Change(action, name, "T")
        for action, name in (
            *(("add", "A"), ("change", "B"), ("replace", "C"), ("change", "D"), ("remove", "E")),
        )
    )


def test_one_that_is_refused_leaves_no_stack_to_be_reviewed(patience: Patience) -> None:
    why = "Template error: no such parameter"
    cloud = account(
        describe_stacks=stacks("none", "REVIEW_IN_PROGRESS", "REVIEW_IN_PROGRESS", "none"),
        describe_change_set=[[{"Status": "FAILED", "StatusReason": why}]],
    )
    with pytest.raises(CloudError, match=why):
        plan(cloud, patience)
    calls = cloud.calls("cloudformation")
    assert calls.index("delete_change_set") < calls.index("delete_stack")


@pytest.mark.parametrize(
    "reason",
    [
        "The submitted information didn't contain changes. Submit different information.",
        "No updates are to be performed.",
    ],
)
def test_one_without_changes_is_none(reason: str, patience: Patience) -> None:
    cloud = account(
        describe_stacks=stacks("CREATE_COMPLETE"),
        describe_change_set=[[{"Status": "FAILED", "StatusReason": reason}]],
    )
    assert plan(cloud, patience).is_empty
    assert "delete_change_set" in cloud.calls("cloudformation")
    assert "delete_stack" not in cloud.calls("cloudformation")


def test_one_that_takes_too_long_is_thrown_away(patience: Patience) -> None:
    cloud = account(
        describe_stacks=stacks("CREATE_COMPLETE"),
        describe_change_set=[[{"Status": "CREATE_IN_PROGRESS"}]],
        delete_change_set=[NO_STATE],
    )
    with pytest.raises(CloudError, match="has not worked out in 180 seconds"):
        plan(cloud, patience)


def test_a_lab_that_ends_meanwhile_is_told(patience: Patience) -> None:
    cloud = account(describe_change_set=[lab_over("DescribeChangeSet")])
    with pytest.raises(SessionEndedError, match="the lab session is over"):
        plan(cloud, patience)


def test_what_a_killed_run_left_is_cleared_away_first(patience: Patience) -> None:
    found = [
        {"ChangeSetId": "1", "ChangeSetName": "labapp-1", "ExecutionStatus": "AVAILABLE"},
        {"ChangeSetId": "2", "ChangeSetName": "labapp-2", "ExecutionStatus": "EXECUTE_COMPLETE"},
        {"ChangeSetId": "3", "ChangeSetName": "by-hand", "ExecutionStatus": "AVAILABLE"},
    ]
    more = [{"ChangeSetId": "4", "ChangeSetName": "labapp-4", "ExecutionStatus": "OBSOLETE"}]
    cloud = account(
        describe_stacks=stacks("REVIEW_IN_PROGRESS"),
        list_change_sets=[[{"Summaries": found}, {"Summaries": more}]],
    )
    assert plan(cloud, patience).is_new  # a stack that is only reviewed is made
    deleted = [
        given["ChangeSetName"]
        for name, given in cloud.services["cloudformation"].calls
        if name == "delete_change_set"
    ]
    assert deleted == ["1", "4"]


def execute(cloud: Cloud) -> None:
    change_sets.execute(cast("session.Cloud", cloud), ChangeSet("arn:change-set", (), True, ARN))


def test_an_answer_that_was_lost_is_no_second_execution() -> None:
    cloud = account(
        execute_change_set=[NO_STATE],
        describe_change_set=[{"ExecutionStatus": "EXECUTE_IN_PROGRESS"}],
    )
    execute(cloud)


@pytest.mark.parametrize(
    ("refused", "described"), [(NO_STATE, {"ExecutionStatus": "OBSOLETE"}), (UNKNOWN, UNKNOWN)]
)
def test_one_that_somebody_else_has_overtaken_is_refused(refused: Any, described: Any) -> None:
    cloud = account(execute_change_set=[refused], describe_change_set=[described])
    with pytest.raises(CloudError, match="was planned or changed anew since") as caught:
        execute(cloud)
    assert "deploy up" in caught.value.remedy


#: What CloudFormation does not take, and what the remedy names.
REFUSED = {
    "Stack [labapp] cannot be deleted while TerminationProtection is enabled": "the protection off",
    "Stack:arn is in UPDATE_IN_PROGRESS state and can not be updated.": "deploy status",
    "Template error: instance of Fn::GetAtt references undefined resource": "Mend what it says",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_refused_at_once_says_what_to_do(text: str, patience: Patience) -> None:
    no = refusal("ValidationError", 400, text)
    cloud = account(
        describe_stacks=stacks("CREATE_COMPLETE"), create_change_set=[no], delete_stack=[no]
    )
    for act in (lambda: plan(cloud, patience), lambda: stack.remove(cast("session.Cloud", cloud))):
        with pytest.raises(CloudError, match=re.escape(text.rstrip("."))) as caught:
            act()
        assert REFUSED[text] in caught.value.remedy
