"""What `deploy` says: of a fleet, of a plan, and of what is in the way of one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labapp.cloud.fleet import stack
from labapp.cloud.fleet.account import ACADEMY_PROFILE
from labapp.cloud.queues import names
from labapp.cloud.session import Cloud
from labapp.jobs import lab
from labapp.programs.fleet import proof
from tests.support.commands import admin
from tests.support.fleet_aws import handlers

Capture = pytest.CaptureFixture[str]

#: Every command, as it is typed.
COMMANDS = ("", "status", "plan", "up", "park", "wake", "rollback", "logs", "shell", "down")


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a worker and its answer be there at once."""
    monkeypatch.setattr(proof, "wait_for_worker", lambda *_: "ip-10-0-0-1-7")
    monkeypatch.setattr(proof, "answer", lambda *_: "minimum is 1")


def said(capsys: Capture, *words: str, code: int = 0) -> str:
    """Return all that a command says."""
    capsys.readouterr()
    assert admin("deploy", *words) == code
    out, err = capsys.readouterr()
    return out + err


@pytest.mark.parametrize("command", COMMANDS)
def test_the_local_cloud_has_no_fleet(command: str, capsys: Capture) -> None:
    told = said(capsys, *command.split(), "--cloud", "local", code=2)
    assert told == "admin.py: the fleet is for AWS: say --cloud aws\n"


@pytest.mark.usefixtures("fleet_aws")
@pytest.mark.parametrize("command", ["park", "wake", "rollback", "logs", "shell", "down"])
def test_where_there_is_no_fleet_that_is_said(command: str, capsys: Capture) -> None:
    told = said(capsys, command, code=1)
    assert "there is no fleet labapp in us-east-1" in told
    assert "'admin.py deploy up' makes one" in told


def test_a_stack_of_somebody_elses_is_refused_before_anything_is_asked(
    fleet_aws: Cloud, capsys: Capture
) -> None:
    body = '{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}'
    fleet_aws.client("cloudformation").create_stack(StackName="labapp", TemplateBody=body)
    told = said(capsys, "down", "--yes", code=1)
    assert "a stack labapp in this account that labapp did not make" in told
    assert stack.describe(fleet_aws) is not None


def test_a_plan_makes_nothing(fleet_aws: Cloud, capsys: Capture) -> None:
    told = said(capsys, "plan")
    assert "add\tWorkers\tAWS::AutoScaling::AutoScalingGroup" in told
    assert "in all\t12.8\t36.99" in told
    assert "account: 0000…0000" in told
    assert stack.describe(fleet_aws) is None
    assert fleet_aws.s3.list_buckets()["Buckets"] == []


def test_without_a_terminal_it_wants_yes_and_leaves_no_plan(
    fleet_aws: Cloud, capsys: Capture
) -> None:
    told = said(capsys, "up", code=2)
    assert (
        "Make this in account 0000…0000, us-east-1, at about $12.80 a month while 1 instance runs,"
        " $37 at most?"
    ) in told
    assert "Say --yes to do it." in told
    assert stack.describe(fleet_aws) is None
    assert fleet_aws.s3.list_buckets()["Buckets"] == []
    assert names(fleet_aws) == []


@pytest.mark.usefixtures("no_worker")
def test_steps_events_and_the_answer_are_told(fleet_aws: Cloud, capsys: Capture) -> None:
    told = said(capsys, "up", "--yes")
    for step in ("account", "rights", "bucket and queues", "network", "code", "change set"):
        assert f"\n{step}: " in f"\n{told}"
    assert " Workers CREATE_COMPLETE\n" in told
    assert "first worker: ip-10-0-0-1-7\nfirst answer: minimum is 1\n" in told
    assert "fleet labapp in us-east-1: 1 of 1 to 3 at work, code " in told
    assert "(this checkout), parked: no\nanswered: minimum is 1\n" in told
    again = said(capsys, "up", "--yes")
    assert "nothing would change\n" in again
    assert "Workers" not in again


@pytest.mark.usefixtures("no_worker")
def test_parked_woken_and_removed_it_says_so(fleet_aws: Cloud, capsys: Capture) -> None:
    said(capsys, "up", "--yes")
    assert said(capsys, "park").startswith("parked: 1 instance drains and goes; nothing runs,")
    assert said(capsys, "park") == "it is parked already\n"
    seen = said(capsys)
    assert "0 of 1 to 3 at work" in seen
    assert "parked: yes" in seen
    woken = "woken: 1 starts, ready in about 3 minutes\n"
    assert said(capsys, "wake", "--dry-run") == f"would be {woken}"
    assert said(capsys, "wake") == woken
    assert said(capsys, "wake").startswith("it is awake: 1 instance at work")
    stays = f"the bucket {fleet_aws.bucket_name} and its queues stay\n"
    gone = said(capsys, "down", "--dry-run")
    assert gone == f"would remove the fleet labapp\n{stays}"
    asked = said(capsys, "down", code=2)
    assert re.search(r"Remove the fleet labapp \(\d+ resources\)\? The bucket \S+ and its", asked)
    assert "removed the fleet labapp\n" in said(capsys, "down", "--yes")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--yes",), "--yes alone is not enough for that"),
        (("--yes", "--bucket-name", "another"), "nothing was removed: the bucket is {}, and not"),
        (("--dry-run", "--bucket-name", "another"), "the bucket is {}, and not another"),
        ((), "Say --yes --bucket-name {} to do it."),
    ],
)
def test_data_goes_only_where_the_bucket_is_named(
    words: tuple[str, ...], told: str, fleet_aws: Cloud, capsys: Capture
) -> None:
    list(lab.up(fleet_aws))
    bucket = fleet_aws.bucket_name
    assert told.format(bucket) in said(capsys, "down", "--with-data", *words, code=2)
    assert [one["Name"] for one in fleet_aws.s3.list_buckets()["Buckets"]] == [bucket]
    assert f"bucket {bucket}" in said(capsys, "down", "--with-data", "--dry-run")


@pytest.mark.usefixtures("no_worker")
def test_a_bucket_that_stays_is_not_named(fleet_aws: Cloud, capsys: Capture) -> None:
    said(capsys, "up", "--yes")
    told = said(capsys, "down", "--yes", "--bucket-name", fleet_aws.bucket_name, code=2)
    assert "--bucket-name is for --with-data alone" in told
    assert stack.describe(fleet_aws) is not None


@pytest.mark.usefixtures("no_worker", "fleet_aws")
def test_one_that_may_sleep_is_not_waited_for(capsys: Capture) -> None:
    told = said(capsys, "up", "--min", "0", "--yes")
    assert "first worker: none: min is 0, so the first starts once something waits" in told
    assert "first answer" not in told


def test_in_aws_academy_its_profile_is_taken_and_that_is_told(
    fleet_aws: Cloud, capsys: Capture
) -> None:
    fleet_aws.client("iam").create_instance_profile(InstanceProfileName=ACADEMY_PROFILE)
    told = said(capsys, "plan")
    assert "account: 0000…0000, of AWS Academy" in told
    assert (
        "instances get the profile LabInstanceProfile, and everybody in the account may do" in told
    )
    assert "everybody" not in said(capsys, "plan", "--instance-profile", "")


def refusing(code: str, text: str) -> Callable[..., Any]:
    """Return a call of AWS's that is refused."""

    def call(**_: object) -> Any:
        raise ClientError({"Error": {"Code": code, "Message": text}}, "DescribeVpcs")

    return call


def test_a_lab_session_that_is_over(
    fleet_aws: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    text = (
        "User: arn:aws:sts::1:assumed-role/voclabs/user is not authorized to perform: ec2:X with an"
        " explicit deny in an identity-based policy: voc-cancel-cred"
    )
    ec2 = fleet_aws.client("ec2")
    monkeypatch.setattr(ec2, "describe_vpcs", refusing("UnauthorizedOperation", text))
    told = said(capsys, "plan", code=4)
    assert "the lab session is over" in told
    assert "Start the lab again, copy its new credentials" in told


def test_a_right_that_is_lacking_is_named(
    fleet_aws: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    ec2 = fleet_aws.client("ec2")
    monkeypatch.setattr(ec2, "describe_vpcs", refusing("UnauthorizedOperation", "not allowed"))
    told = said(capsys, "plan", code=4)
    assert "ec2:DescribeVpcs" in told
    assert "cloud policies" in told


def test_an_account_without_a_default_network(
    fleet_aws: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr(fleet_aws.client("ec2"), "describe_vpcs", lambda **_: {"Vpcs": []})
    told = said(capsys, "plan", code=1)
    assert "no default network" in told
    assert "Name one: --vpc and --subnet." in told


@pytest.mark.parametrize(
    ("reason", "helps"),
    [
        ("requested more vCPU capacity than your limit allows (VcpuLimitExceeded)", "--type"),
        (
            "no sufficient t3.micro capacity in us-east-1a (InsufficientInstanceCapacity)",
            "--subnet",
        ),
    ],
)
def test_a_group_that_cannot_be_made_leaves_a_reason_and_what_helps(
    reason: str, helps: str, fleet_aws: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def refused(*_: object) -> Any:
        raise ValueError(reason)

    monkeypatch.setitem(handlers()["AWS::AutoScaling::AutoScalingGroup"], "create", refused)
    told = said(capsys, "up", "--yes", code=1)
    assert f"Workers: {reason}" in told
    assert helps in told.rpartition(reason)[2]
    if stack.describe(fleet_aws):  # AWS leaves none
        seen = said(capsys)
        assert "the fleet labapp in us-east-1 could not be made" in seen
        assert f"Workers: {reason}" in seen
        for command, code in (("status", 0), ("logs", 1), ("wake", 1)):
            told = said(capsys, command, code=code)
            assert "ROLLBACK_COMPLETE" in told
            assert "'admin.py deploy down' removes what is left of it" in told


@pytest.mark.usefixtures("no_worker", "fleet_aws")
def test_ctrl_c_leaves_aws_at_it(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    def interrupted(*_: object) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(proof, "wait_for_worker", interrupted)
        told = said(capsys, "up", "--yes", code=130)
    assert "left: AWS goes on by itself; 'admin.py deploy' tells how it is" in told
    assert "1 of 1 to 3 at work" in said(capsys, "status", "--follow")
    assert "nothing would change" in said(capsys, "up", "--yes")
