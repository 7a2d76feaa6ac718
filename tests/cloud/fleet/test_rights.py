"""Whatever the fleet's engine asks of AWS is in a policy of who does it, and no more."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import jmespath
import pytest

import labapp
from labapp.cloud import roles
from labapp.cloud.endpoints import OF_THE_FLEET
from tests.cloud.fleet.engine_calls import calls

PAGE = (Path(labapp.__file__).parent / "help" / "operators.md").read_text("utf-8")


def test_every_call_is_allowed_to_who_makes_it() -> None:
    makers = ("deployer", "admin", "instance")
    allowed = {action for role in makers for action in roles.actions(role)}
    made = dict(calls())
    assert {"create_change_set", "execute_change_set", "describe_scaling_activities"} <= made.keys()
    assert len(made) > 25
    assert {name for name, actions in made.items() if not actions & allowed} == set()


def test_who_looks_after_it_is_given_nothing_that_nobody_asks_for() -> None:
    asked_for = {action for _, actions in calls() for action in actions}
    for role in ("admin", "instance"):
        given = {one for one in roles.actions(role) if one.partition(":")[0] in OF_THE_FLEET}
        given -= {"cloudwatch:GetMetricData"}  # for the age of what waits, in another room
        assert given - asked_for == set(), role


def test_who_deploys_asks_of_the_stack_what_is_asked_of_it() -> None:
    """Of the other services CloudFormation asks by whose rights it acts."""
    asked_for = {action for _, actions in calls() for action in actions}
    stack = {one for one in roles.actions("deployer") if one.startswith("cloudformation:")}
    # A drift is told resource by resource, and a change set has tags.
    own = {"cloudformation:DetectStackResourceDrift", "cloudformation:TagResource"}
    assert stack - asked_for == own


def test_who_looks_after_it_changes_neither_its_stack_nor_any_rights() -> None:
    for role in ("client", "labeller", "uploader", "worker", "instance", "admin"):
        for action in roles.actions(role):
            service, _, call = action.partition(":")
            assert service not in ("iam", "sns", "ssm", "sts"), (role, action)
            if service in ("cloudformation", "ec2", "cloudwatch"):
                assert call.startswith(("Describe", "Get")), (role, action)


@pytest.mark.parametrize("role", [one.name for one in roles.ROLES])
def test_the_manual_names_what_each_role_may_do(role: str) -> None:
    rows = "".join(line for line in PAGE.splitlines() if line.startswith(f"| `{role}`"))
    for action in roles.actions(role):
        service, _, call = action.partition(":")
        if role == "deployer" and service != "s3":
            continue  # what CloudFormation does by its rights is a list that nobody would read
        told = re.sub("^(Get|Put)", "", call) if role == "setup" and service == "s3" else call
        assert told in rows, action


def test_a_session_of_the_clients_role_is_had_by_the_line_that_the_manual_has() -> None:
    (line,) = (one for one in PAGE.splitlines() if one.startswith("credential_process = "))
    words = shlex.split(line.partition(" = ")[2])
    given = dict(zip(words[3::2], words[4::2], strict=True))
    assert words[:3] == ["aws", "sts", "assume-role"]
    assert given["--tags"] == f"Key={roles.TAG},Value=anna"
    keys = {"AccessKeyId": "A", "SecretAccessKey": "S", "SessionToken": "T", "Expiration": "E"}
    # What AWS's SDKs want of such a process, by their configuration guide.
    assert jmespath.search(given["--query"], {"Credentials": keys}) == {"Version": 1, **keys}
