"""The tour with the roles that the fleet's stack makes, on a service that really denies.

The stack is made of the very template; a session of each role is taken, and the programs run as
those: the client's, the labeller's, the uploader's, the worker's and the admin's. Then the tables
are asked: what each may do to bucket and queues, and to the fleet; nobody in it may change the
stack, a role or a policy, or delete the bucket or a queue.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from labapp.cloud import roles
from labapp.cloud.fleet import template
from labapp.cloud.fleet.model import LAB
from labapp.jobs import permissions
from labapp.settings import Settings
from tests.clouds.account import REGION, Account
from tests.clouds.fleet_checks import fleet_failures
from tests.clouds.lane import Lane, Outcome
from tests.clouds.principals import Principal, principals, with_batches
from tests.clouds.role_checks import WHO
from tests.clouds.role_lane import RoleTour, enforcing
from tests.clouds.tour import BUCKET, UP
from tests.support.emulated_template import without_metric_math
from tests.support.steps import StepError, expect

#: What the stack takes of AWS, and what the programs do.
SERVICES = "s3,sqs,sts,iam,cloudformation,ec2,autoscaling,cloudwatch,ssm,sns"

#: The roles of the stack by their outputs, and who takes a session of each.
SESSIONS = {
    "ClientRoleArn": "anna",
    "LabellerRoleArn": "labeller",
    "UploaderRoleArn": "uploader",
    "WorkerRoleArn": "worker",
    "AdminRoleArn": "admin",
}

#: Seconds that the stack may take.
PATIENCE = 60.0


class StackTour(RoleTour):
    """The steps, by sessions of the stack's roles; who sets up and who deploys are users."""

    has: Mapping[str, frozenset[str]] = {**WHO, "worker": frozenset({"worker", "instance"})}

    def _look_after(self) -> None:
        super()._look_after()
        self.step("what each may do to the fleet", self._fleet, needs=[UP])

    def _fleet(self) -> None:
        asked = {name: one for name, one in self._accounts().items() if name in self.has}
        count, wrong = fleet_failures(self.account, asked, self.has)
        print(f"{count} checks, {len(wrong)} unexpected", flush=True)
        expect(not wrong, "; ".join(wrong))


def stack_of(account: Account) -> dict[str, str]:
    """Make the fleet's stack; return its outputs."""
    owner = account.client("sts").get_caller_identity()["Account"]
    settings = Settings(cloud="aws", region=REGION, bucket=BUCKET)
    names = permissions.names_of(settings, REGION, owner)
    # This IAM fills in no variables of policies, and asks for batches by names of their own.
    body, _ = without_metric_math(template.body(names, "anna"))
    for role in roles.ROLES:
        policy = roles.policy(role.name, names, "anna")
        written = json.dumps(policy, separators=(",", ":"))
        body = body.replace(written, json.dumps(with_batches(policy)))
    ec2, stacks = account.client("ec2"), account.client("cloudformation")
    parameters = {
        "BucketName": BUCKET,
        "CodeKey": f"deploy/code-{'0' * 16}.zip",
        "CodeSha256": "0" * 64,
        "VpcId": ec2.describe_vpcs()["Vpcs"][0]["VpcId"],
        "SubnetIds": ec2.describe_subnets()["Subnets"][0]["SubnetId"],
    }
    stacks.create_stack(
        StackName=LAB,
        TemplateBody=body,
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
        ],
        Capabilities=["CAPABILITY_IAM"],
    )
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        (found,) = stacks.describe_stacks(StackName=LAB)["Stacks"]
        if found["StackStatus"] == "CREATE_COMPLETE":
            return {one["OutputKey"]: one["OutputValue"] for one in found["Outputs"]}
        if not found["StackStatus"].endswith("IN_PROGRESS"):
            break
        time.sleep(0.2)
    raise StepError(f"the stack is {found['StackStatus']}: {_why(stacks)}")


def _why(stacks: Any) -> str:
    events = stacks.describe_stack_events(StackName=LAB)["StackEvents"]
    reasons = (one.get("ResourceStatusReason", "") for one in events)
    return "; ".join(reason for reason in reasons if reason)


def sessions(account: Account, outputs: Mapping[str, str]) -> dict[str, Principal]:
    """Take a session of each role of the stack, which the client's gives for its own tag alone."""
    sts = account.client("sts")
    _have_the_tag(account, outputs["ClientRoleArn"], "anna")
    found = {}
    for output, who in SESSIONS.items():
        tags = [{"Key": roles.TAG, "Value": who}] if who == "anna" else []
        made = sts.assume_role(RoleArn=outputs[output], RoleSessionName=who, Tags=tags)
        keys = made["Credentials"]
        found[who] = Principal(
            who,
            {
                "AWS_ACCESS_KEY_ID": keys["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
                "AWS_SESSION_TOKEN": keys["SessionToken"],
                "LABAPP_USER": who,
            },
        )
    return found


def _have_the_tag(account: Account, arn: str, name: str) -> None:
    """Say in the trust of the client's role what the asker's tag is, which this IAM does not know.

    Raises:
        StepError: a session is given for no tag, or another one.
    """
    iam, sts, role = account.client("iam"), account.client("sts"), arn.rpartition("/")[2]
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    text = json.dumps(trust).replace(f"${{aws:PrincipalTag/{roles.TAG}}}", name)
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=text)
    for tags in ([], [{"Key": roles.TAG, "Value": "bob"}]):
        try:
            sts.assume_role(RoleArn=arn, RoleSessionName=name, Tags=tags)
        except ClientError:
            continue
        raise StepError(f"a session of the client's role is given for the tags {tags}")


def run(cache: Path, folder: Path) -> Outcome:
    """Bring MiniStack up with its IAM, make the stack, take the tour as its roles, and end it."""
    with enforcing(cache, folder, SERVICES) as root:
        people = {**principals(root), **sessions(root, stack_of(root))}
        variables = {**root.variables, "AWS_REGION": REGION}
        tour = StackTour(folder / "tour", variables, root, people)
        try:
            tour.go()
        finally:
            tour.end()
    return tour.outcome


LANE = Lane(
    "stack",
    "MiniStack 1.5.33 with its IAM enforced (AUTH=true), sessions of the fleet's roles",
    "policies by a principal's tag: it fills in no variables; alarms by metric math; whose tags and"
    " alarms are changed: it takes them for everybody's; instances",
    run,
)
