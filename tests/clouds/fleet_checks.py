"""Asks a service that enforces IAM what each role may do to the fleet, its stack and its roles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from labapp.cloud.fleet.model import LAB
from tests.clouds.account import Account
from tests.clouds.role_checks import is_allowed

GROUP, OTHER = f"{LAB}-workers", "others-workers"

#: An instance that nobody has, and a token.
_INSTANCE, _TOKEN = "i-0123456789abcdef0", "00000000-0000-0000-0000-000000000000"

#: A policy of all rights, as somebody would give it to themselves.
_ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
_TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"Service":"ec2.amazonaws.com"}}]}'
)

_TEMPLATE = '{"Resources":{"T":{"Type":"AWS::SNS::Topic"}}}'


#: What is done, with which service, who may do it, and the call.
CHECKS: list[tuple[str, str, str, Callable[[Any], Any]]] = [
    ("see the group", "autoscaling", "admin", lambda c: c.describe_auto_scaling_groups()),
    (
        "park the group",
        "autoscaling",
        "admin deployer",
        lambda c: c.update_auto_scaling_group(AutoScalingGroupName=GROUP, MinSize=1, MaxSize=3),
    ),
    (
        "park another group",
        "autoscaling",
        "",
        lambda c: c.update_auto_scaling_group(AutoScalingGroupName=OTHER, MinSize=0),
    ),
    (
        "set how many there are",
        "autoscaling",
        "deployer",
        lambda c: c.set_desired_capacity(AutoScalingGroupName=GROUP, DesiredCapacity=1),
    ),
    (
        "let an instance go",
        "autoscaling",
        "instance",
        lambda c: c.complete_lifecycle_action(
            AutoScalingGroupName=GROUP,
            LifecycleHookName="drain",
            LifecycleActionResult="CONTINUE",
            InstanceId=_INSTANCE,
        ),
    ),
    (
        "let one of another group go",
        "autoscaling",
        "",
        lambda c: c.complete_lifecycle_action(
            AutoScalingGroupName=OTHER,
            LifecycleHookName="drain",
            LifecycleActionResult="CONTINUE",
            InstanceId=_INSTANCE,
        ),
    ),
    (
        "hold an instance",
        "autoscaling",
        "instance",
        lambda c: c.record_lifecycle_action_heartbeat(
            AutoScalingGroupName=GROUP, LifecycleHookName="drain", InstanceId=_INSTANCE
        ),
    ),
    (
        "change how it scales",
        "autoscaling",
        "deployer",
        lambda c: c.put_scaling_policy(
            AutoScalingGroupName=GROUP,
            PolicyName="x",
            PolicyType="SimpleScaling",
            AdjustmentType="ExactCapacity",
            ScalingAdjustment=1,
        ),
    ),
    ("see alarms", "cloudwatch", "admin", lambda c: c.describe_alarms()),
    ("see instances", "ec2", "admin", lambda c: c.describe_instances()),
    (
        "run instances",
        "ec2",
        "deployer",
        lambda c: c.run_instances(ImageId="ami-1", MinCount=1, MaxCount=1, DryRun=True),
    ),
    (
        "see the stack",
        "cloudformation",
        "admin deployer",
        lambda c: c.describe_stacks(StackName=LAB),
    ),
    (
        "make a stack of any other name",
        "cloudformation",
        "",
        lambda c: c.create_stack(StackName="other", TemplateBody=_TEMPLATE),
    ),
    (
        "plan a change of the stack",
        "cloudformation",
        "deployer",
        lambda c: c.create_change_set(
            StackName=LAB, ChangeSetName="none", TemplateBody="{", ChangeSetType="UPDATE"
        ),
    ),
    (
        "update the stack",
        "cloudformation",
        "",
        lambda c: c.update_stack(StackName=LAB, TemplateBody=_TEMPLATE),
    ),
    (
        "make a role of the fleet's name",
        "iam",
        "deployer",
        lambda c: c.create_role(RoleName=f"{LAB}-checked", AssumeRolePolicyDocument=_TRUST),
    ),
    (
        "make a role of another name",
        "iam",
        "",
        lambda c: c.create_role(RoleName="mine", AssumeRolePolicyDocument=_TRUST),
    ),
    (
        "give a user all rights",
        "iam",
        "",
        lambda c: c.put_user_policy(UserName="labeller", PolicyName="x", PolicyDocument=_ALL),
    ),
    (
        "give a role of another name all rights",
        "iam",
        "",
        lambda c: c.put_role_policy(RoleName="mine", PolicyName="x", PolicyDocument=_ALL),
    ),
    (
        "run a command on an instance",
        "ssm",
        "",  # whose rights go by the instance's tag, and there is none
        lambda c: c.send_command(DocumentName="AWS-RunShellScript", InstanceIds=[_INSTANCE]),
    ),
    (
        "tell whom alarms are told",
        "sns",
        "",
        lambda c: c.publish(
            TopicArn=f"arn:aws:sns:us-east-1:000000000000:{LAB}-alarms", Message="x"
        ),
    ),
    (
        "delete the group",
        "autoscaling",
        "deployer",
        lambda c: c.delete_auto_scaling_group(AutoScalingGroupName=GROUP, ForceDelete=True),
    ),
]


def _all_rights_for(role: str) -> tuple[str, str, str, Callable[[Any], Any]]:
    """Return the check that nobody but who deploys gives a role more than it has."""

    def give(iam: Any) -> None:
        # To one that begins alike and is not there: nothing is to become of it.
        iam.put_role_policy(RoleName=f"{role}-no", PolicyName="x", PolicyDocument=_ALL)

    return f"give {role} all rights", "iam", "deployer", give


def fleet_failures(
    root: Account, people: Mapping[str, Account], has: Mapping[str, frozenset[str]]
) -> tuple[int, list[str]]:
    """Try the table; return how many checks were made, and those that went otherwise."""
    wrong, count = [], 0
    mine = [one["RoleName"] for one in root.client("iam").list_roles()["Roles"]]
    own_roles = [name for name in mine if name.startswith(f"{LAB}-")]
    checks = [*CHECKS, *map(_all_rights_for, own_roles)]
    for what, service, who, call in checks:
        for person, account in people.items():
            count += 1
            allowed = is_allowed(lambda one: call(one.client(service)), account)  # noqa: B023
            if allowed == has[person].isdisjoint(who.split()):
                wrong.append(f"{person} {'may' if allowed else 'may not'}: {what}")
    return count, wrong
