"""Whose account it is, and what may be made in it, before anything is made."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from labapp.cloud import session
from labapp.cloud.endpoints import Endpoint, Endpoints
from labapp.cloud.fleet import account
from labapp.cloud.fleet.model import Wishes
from labapp.errors import (
    CloudError,
    ForbiddenError,
    SessionEndedError,
    UnreachableError,
    UsageError,
)
from tests.cloud.fleet import kit
from tests.cloud.fleet.scripted import Cloud, lab_over, stacks
from tests.support.aws_answers import refusal

PERSON = "arn:aws:iam::123456789012:user/anna"
STUDENT = "arn:aws:sts::123456789012:assumed-role/voclabs/user1=anna"
NO_PROFILE = refusal("NoSuchEntity", 404, "Instance Profile cannot be found", "GetInstanceProfile")
DENIED = refusal("AccessDenied", 403, "not authorized to perform: iam:GetInstanceProfile")
WOULD = refusal("DryRunOperation", 412, "Request would have succeeded, but DryRun flag is set.")


def looked(arn: str, profile: Any) -> account.Account:
    cloud = Cloud(iam={"get_instance_profile": [profile]})
    told = {"Account": "123456789012", "Arn": arn}
    setattr(cloud, "sts", SimpleNamespace(get_caller_identity=lambda: told))  # noqa: B010
    return account.look(cast("session.Cloud", cloud))


@pytest.mark.parametrize(
    ("arn", "profile", "is_academy"),
    [
        (PERSON, NO_PROFILE, False),
        (PERSON, DENIED, False),
        (PERSON, {}, True),
        (STUDENT, NO_PROFILE, True),
        (STUDENT, DENIED, True),
    ],
)
def test_an_account_of_aws_academy_is_known(arn: str, profile: Any, *, is_academy: bool) -> None:
    found = looked(arn, profile)
    assert (found.id, found.arn) == ("123456789012", arn)
    assert found.is_academy == is_academy
    assert found.profile == ("LabInstanceProfile" if is_academy else "")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (lab_over("GetInstanceProfile"), SessionEndedError),
        (refusal("Throttling", 400, "Rate exceeded"), UnreachableError),
    ],
)
def test_what_ends_everything_is_no_sign_of_another_account(
    error: Exception, kind: type[CloudError]
) -> None:
    with pytest.raises(kind):
        looked(PERSON, error)


def test_aws_academy_has_no_spot_instances() -> None:
    person, student = (account.Account("1", "arn", is_academy) for is_academy in (False, True))
    account.check_wishes(person, Wishes(is_spot=True))
    account.check_wishes(student, Wishes(is_spot=False))
    with pytest.raises(UsageError, match="no spot instances") as caught:
        account.check_wishes(student, Wishes(is_spot=True))
    assert "--no-spot" in caught.value.remedy


def test_the_local_cloud_has_no_fleet() -> None:
    with pytest.raises(CloudError, match="the fleet is for AWS") as caught:
        account.look(cast("session.Cloud", SimpleNamespace(is_local=True)))
    assert "--cloud aws" in caught.value.remedy


def asked(cloud: Cloud, body: str = "{}") -> None:
    account.check_rights(cast("session.Cloud", cloud), body)


def rights(**answers: Any) -> Cloud:
    ec2 = {
        name: [answers.get(name, WOULD)]
        for name in (
            *("describe_vpcs", "describe_subnets", "create_security_group"),
            "create_launch_template",
        )
    }
    stack = {
        "describe_stacks": [answers.get("describe_stacks", stacks("none")[0])],
        "validate_template": [answers.get("validate_template", {})],
    }
    return Cloud(ec2=ec2, cloudformation=stack)


def test_who_may_is_told_nothing_and_nothing_is_made() -> None:
    cloud = rights()
    asked(cloud)
    assert all(given["DryRun"] for _, given in cloud.services["ec2"].calls)
    assert set(cloud.calls("ec2")) == {
        *("describe_vpcs", "describe_subnets", "create_security_group", "create_launch_template"),
    }
    assert cloud.calls("cloudformation") == ["describe_stacks", "validate_template"]


@pytest.mark.parametrize("code", ["VPCIdNotSpecified", "InvalidGroup.Duplicate"])
def test_an_account_without_a_default_network_has_rights_all_the_same(code: str) -> None:
    """EC2 may look at what is asked before it says that it would do it."""
    asked(rights(create_security_group=refusal(code, 400, "No default VPC for this user")))


def test_all_that_lacks_is_told_at_once() -> None:
    denied = refusal("UnauthorizedOperation", 403, "You are not authorized to do this.")
    cloud = rights(create_security_group=denied, describe_subnets=denied, validate_template=DENIED)
    with pytest.raises(ForbiddenError) as caught:
        asked(cloud)
    assert caught.value.message == (
        "cannot make the fleet labapp: it takes ec2:DescribeSubnets, ec2:CreateSecurityGroup,"
        " cloudformation:ValidateTemplate, which these credentials may not do"
    )
    assert "Ask for them: 'python admin.py cloud policies'" in caught.value.remedy


def test_a_stack_that_one_may_not_see_is_named_too() -> None:
    with pytest.raises(ForbiddenError, match="it takes cloudformation:DescribeStacks, which"):
        asked(rights(describe_stacks=refusal("AccessDenied", 403, "no")))


def test_a_template_that_is_wrong_is_told_as_that() -> None:
    wrong = refusal("ValidationError", 400, "Template format error: YAML not well-formed.")
    with pytest.raises(CloudError, match="YAML not well-formed"):
        asked(rights(validate_template=wrong))


def test_an_emulator_that_makes_what_is_a_dry_run_is_not_asked_to() -> None:
    cloud = rights()
    there = Endpoint("http://127.0.0.1:9")
    cloud.place.endpoints = Endpoints(there, there, there, {"ec2": there})
    asked(cloud)
    assert cloud.calls("ec2") == ["describe_vpcs", "describe_subnets"]


def test_on_an_emulator_it_goes_through(aws: session.Cloud) -> None:
    account.check_rights(aws, kit.body())
    found = account.look(aws)
    assert (found.id, found.is_academy) == ("000000000000", False)
    aws.client("iam").create_instance_profile(InstanceProfileName=account.ACADEMY_PROFILE)
    assert account.look(aws).profile == "LabInstanceProfile"
    assert aws.client("ec2").describe_security_groups()["SecurityGroups"][1:] == []
