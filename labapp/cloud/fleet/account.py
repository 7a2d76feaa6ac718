"""Whose account a fleet would be in, and whether one may make it there, before anything is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from labapp.cloud import identity
from labapp.cloud.aws_errors import code_of, translated
from labapp.cloud.fleet import stack
from labapp.cloud.fleet.model import LAB, Wishes
from labapp.errors import (
    CloudError,
    CredentialsError,
    ForbiddenError,
    UnreachableError,
    UsageError,
)

if TYPE_CHECKING:
    from types_boto3_ec2 import EC2Client
    from types_boto3_iam import IAMClient

    from labapp.cloud.session import Cloud

#: The instance profile that each account of AWS Academy has, where no role can be made.
ACADEMY_PROFILE = "LabInstanceProfile"

#: What EC2 answers to a dry run that is allowed: that it would be done, or what stands in the way
#: of it as it was asked, without a network and by the lab's name, and not as the stack asks.
_WOULD = frozenset(
    {
        *("DryRunOperation", "VPCIdNotSpecified", "InvalidGroup.Duplicate"),
        "InvalidLaunchTemplateName.AlreadyExistsException",
    }
)


@dataclass(frozen=True)
class Account:
    """The account that a fleet would be in.

    Attributes:
        id: its twelve digits.
        arn: who we are in it.
        is_academy: whether it is one of AWS Academy: no roles can be made, and 20 instances end it.
        profile: the instance profile to take then; empty: roles are made.
    """

    id: str
    arn: str
    is_academy: bool = False
    profile: str = ""


def look(cloud: Cloud) -> Account:
    """Find out whose account this is.

    Raises:
        CloudError: this is the local cloud, or AWS does not know us.
    """
    if cloud.is_local:
        raise CloudError("the fleet is for AWS", "Say --cloud aws, or set LABAPP_CLOUD=aws.")
    who = identity.identity(cloud)
    is_academy = who.is_lab or _has_academys_profile(cloud)
    return Account(who.account, who.arn, is_academy, ACADEMY_PROFILE if is_academy else "")


def check_wishes(who: Account, wishes: Wishes) -> None:
    """See to it that the account may have what is wished, as far as that is known ahead.

    Raises:
        UsageError: AWS Academy has none of it.
    """
    if who.is_academy and wishes.is_spot:
        raise UsageError(
            "AWS Academy has no spot instances", "Leave --spot out; --no-spot ends it."
        )


def _has_academys_profile(cloud: Cloud) -> bool:
    """Whether the account has the profile; False for who may not look."""
    iam: IAMClient = cloud.client("iam")
    try:
        with translated(f"find the instance profile {ACADEMY_PROFILE}"):
            iam.get_instance_profile(InstanceProfileName=ACADEMY_PROFILE)
    except CloudError as error:
        # That the session is over, or the network away, is the same for all that comes after.
        is_over = isinstance(error, CredentialsError) and not isinstance(error, ForbiddenError)
        if is_over or isinstance(error, UnreachableError):
            raise
        return False
    return True


def check_rights(cloud: Cloud, body: str = "") -> None:
    """Ask AWS whether a fleet may be made, and make nothing.

    EC2 answers dry runs, and CloudFormation looks at a template. What only the making itself shows,
    as rights to make roles, is told by the stack, which then leaves nothing behind.

    Args:
        cloud: where.
        body: the template; empty: it is not looked at.

    Raises:
        ForbiddenError: something is refused; names every action that is.
        CloudError: the template is wrong, or AWS cannot be asked.
    """
    lacking: list[str] = []
    for action, ask in _asked(cloud, body):
        try:
            with translated(f"see whether a fleet can be made, by {action}"):
                _dry(ask)
        except ForbiddenError:
            lacking.append(action)
    if lacking:
        raise ForbiddenError(
            f"cannot make the fleet {LAB}: it takes {', '.join(lacking)}, which these credentials"
            " may not do",
            f"Ask for {'it' if len(lacking) == 1 else 'them'}: 'python admin.py cloud policies'"
            " prints what each role needs. Or use another profile.",
        )


def _dry(ask: Callable[[], object]) -> None:
    """Ask, and take for an answer that it would be done."""
    try:
        ask()
    except ClientError as error:
        if code_of(error) not in _WOULD:
            raise


def _asked(cloud: Cloud, body: str) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield what is asked, by the action that it takes."""
    ec2: EC2Client = cloud.client("ec2")
    yield "cloudformation:DescribeStacks", lambda: stack.describe(cloud)
    yield "ec2:DescribeVpcs", lambda: ec2.describe_vpcs(DryRun=True)
    yield "ec2:DescribeSubnets", lambda: ec2.describe_subnets(DryRun=True)
    if cloud.place.endpoints.of("ec2").is_amazons:  # an emulator may take a dry run for a wet one
        yield (
            "ec2:CreateSecurityGroup",
            lambda: ec2.create_security_group(
                DryRun=True,
                GroupName=LAB,
                Description=LAB,
            ),
        )
        yield (
            "ec2:CreateLaunchTemplate",
            lambda: ec2.create_launch_template(
                DryRun=True,
                LaunchTemplateName=LAB,
                LaunchTemplateData={"InstanceType": "t3.micro"},
            ),
        )
    if body:
        stacks = stack.client(cloud)
        yield (
            "cloudformation:ValidateTemplate",
            lambda: stacks.validate_template(TemplateBody=body),
        )
