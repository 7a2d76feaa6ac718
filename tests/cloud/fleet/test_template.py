"""The fleet's template: what CloudFormation's own rules say of it, and what it promises."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from cfnlint.api import lint

from labapp.cloud import roles
from labapp.cloud.fleet import membership, model, template
from labapp.cloud.roles import Names
from labapp.errors import LabappError
from labapp.jobs import permissions
from labapp.settings import QUEUE_NAME, Settings
from tests.cloud.fleet.template_document import ACCOUNT, Document
from tests.support.longest_names import LONGEST, WITH_A_DIALECT

NAMES = permissions.names_of(Settings(), "us-east-1", ACCOUNT)

#: A lab with a dialect, one of whose queues is called by digits and one is a FIFO queue.
MORE = dataclasses.replace(
    NAMES,
    taken=(*NAMES.taken, "2024", "all.fifo"),
    taken_dead=(*NAMES.taken_dead, "2024-dlq", "all-dlq.fifo"),
    light=("requestQueue", "2024"),
)


def document(names: Names = NAMES) -> Document:
    return Document.of(names)


@pytest.mark.parametrize("names", [NAMES, MORE, WITH_A_DIALECT], ids=["lab", "dialect", "longest"])
def test_cloudformations_own_rules_find_nothing_in_it(names: Names) -> None:
    made = template.body(names)
    assert lint(made, regions=[names.region if names is not WITH_A_DIALECT else "us-east-1"]) == []
    assert len(made.encode()) <= template.MOST_BYTES
    assert not re.search("<[a-z ]+>", made.partition("#!/bin/bash")[0])
    assert "#:" not in made


def test_more_queues_than_it_has_room_for_are_told() -> None:
    many = tuple(f"{number:02}{'q' * 75}" for number in range(40))
    with pytest.raises(LabappError, match=r"CloudFormation takes 51,200"):
        template.body(dataclasses.replace(NAMES, taken=many, taken_dead=many))


def inline(of: Document) -> Iterator[tuple[str, str, Any]]:
    """Yield the policies of the stack's roles, each with its role's and its own name."""
    for name, resource in of.whole["Resources"].items():
        if resource["Type"] == "AWS::IAM::Role":
            for one in resource["Properties"]["Policies"]:
                yield name, one["PolicyName"], one["PolicyDocument"]


def test_its_policies_are_those_that_are_printed() -> None:
    found = {(role, name): policy for role, name, policy in inline(document())}
    assert set(found) == {
        ("WorkerRole", "worker"),
        ("WorkerRole", "instance"),
        ("ClientRole", "client"),
        ("LabellerRole", "labeller"),
        ("UploaderRole", "uploader"),
        ("AdminRole", "admin"),
    }
    for (_, name), policy in found.items():
        assert policy == roles.policy(name, NAMES, roles.by_tag())


def test_no_role_has_more_policy_than_iam_takes() -> None:
    for names in (LONGEST, WITH_A_DIALECT):
        sizes: dict[str, int] = {}
        for role, _, policy in inline(document(names)):
            sizes[role] = sizes.get(role, 0) + roles.characters(policy)
        assert max(sizes.values()) <= 10_240  # IAM user guide, "IAM and AWS STS quotas"


def test_nobody_chooses_whose_answers_a_session_of_the_clients_role_reads() -> None:
    (trust,) = document().properties("ClientRole")["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Action"] == ["sts:AssumeRole", "sts:TagSession"]
    # A session's tag is that of whoever asks for it; who has none gets no session.
    own = {"aws:RequestTag/labapp-client": "${aws:PrincipalTag/labapp-client}"}
    assert trust["Condition"] == {"StringEquals": own}
    for role in ("LabellerRole", "UploaderRole", "AdminRole"):
        (other,) = document().properties(role)["AssumeRolePolicyDocument"]["Statement"]
        assert other["Action"] == "sts:AssumeRole"
        assert other["Principal"] == trust["Principal"]


def test_an_instance_is_reached_by_nobody_and_keeps_its_credentials_to_itself() -> None:
    group, made = document().properties("WorkerGroup"), document().properties("WorkerTemplate")
    has_ssh, rules, nothing = group["SecurityGroupIngress"]["Fn::If"]
    assert (has_ssh, nothing) == ("HasSsh", {"Ref": "AWS::NoValue"})
    assert [rule["CidrIp"] for rule in rules] == [{"Ref": "SshCidr"}]
    pattern = document().whole["Parameters"]["SshCidr"]["AllowedPattern"]
    for cidr, is_taken in {
        "": True,
        "198.51.100.7/32": True,
        "198.51.100.0/24": True,
        "198.51.0.0/23": False,
        "0.0.0.0/0": False,
        "::/0": False,
    }.items():
        assert bool(re.fullmatch(pattern, cidr)) is is_taken
    assert [(rule["FromPort"], rule["ToPort"]) for rule in group["SecurityGroupEgress"]] == [
        (443, 443)
    ]
    data = made["LaunchTemplateData"]
    assert data["MetadataOptions"]["HttpTokens"] == "required"
    assert data["MetadataOptions"]["HttpPutResponseHopLimit"] == 1
    (disk,) = data["BlockDeviceMappings"]
    assert (disk["Ebs"]["Encrypted"], disk["Ebs"]["VolumeType"]) == (True, "gp3")


def test_its_parameters_take_what_settings_and_wishes_take() -> None:
    parameters = document().whole["Parameters"]
    for name in ("RequestQueue", "ResponseQueue", "ImageInbox", "ImageOutbox"):
        assert parameters[name]["AllowedPattern"] == QUEUE_NAME
    assert sorted(parameters["InstanceType"]["AllowedValues"]) == sorted(model.TYPES)
    assert parameters["MaxSize"]["MaxValue"] == model.MOST_INSTANCES
    assert parameters["Lab"]["Default"] == model.LAB == NAMES.lab
    hook = document().properties("Drain")
    assert hook["LifecycleHookName"] == membership.HOOK


def user_data(names: Names = NAMES) -> str:
    """Return what an instance is handed, each parameter's longest value filled in."""
    made = document(names).properties("WorkerTemplate")["LaunchTemplateData"]["UserData"]
    text: str = made["Fn::Base64"]["Fn::Sub"]
    longest = {"WorkerSettings": "LABAPP_X=" + "1" * 4_000, "BucketName": "b" * 63}
    text = re.sub(r"\$\{([A-Z][A-Za-z:]+)\}", lambda name: longest.get(name[1], "x" * 80), text)
    return text.replace("${!", "${")


def test_what_an_instance_is_handed_is_no_longer_than_ec2_takes() -> None:
    made = user_data()
    assert made.startswith("#!/bin/bash\n")
    assert len(made.encode()) <= template.MOST_USER_DATA
    assert "\r" not in made


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_what_an_instance_is_handed_is_a_script() -> None:
    told = subprocess.run(
        ["bash", "-n"], input=user_data(), capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stderr) == (0, "")


@pytest.mark.skipif(sys.platform == "win32", reason="instances have bash")
def test_a_boots_log_holds_no_token() -> None:
    script = user_data()
    begun, ended = script.index("metadata() {"), script.index("as_labapp() {")
    asks = 'imds=http://h/latest; curl() { echo a-token; }; id=$(metadata instance-id); echo "$id"'
    told = subprocess.run(
        ["bash", "-euxo", "pipefail", "-c", f"{script[begun:ended]}\n{asks}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout == "a-token\n"  # what the same stand-in answers for the id
    assert "X-aws-ec2-metadata-token: " not in told.stderr


def test_an_instance_whose_boot_failed_is_no_longer_taken_for_well() -> None:
    script = " ".join(user_data().replace("\\\n", " ").split())
    assert "--health-status Unhealthy --no-should-respect-grace-period" in script


def test_every_queue_that_jobs_are_taken_from_has_its_alarms() -> None:
    made = document(MORE)
    alarms = {
        name: resource["Properties"]
        for name, resource in made.whole["Resources"].items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    }
    watched = [one["Dimensions"][0]["Value"] for one in alarms.values() if "Dimensions" in one]
    assert sorted(watched) == sorted([*MORE.taken, *MORE.taken_dead])
    assert set(alarms) >= {"WakeAlarm", "SilentAlarm"}
    for name, one in alarms.items():
        told = {"Fn::If": ["HasEmail", [{"Ref": "Alarms"}], {"Ref": "AWS::NoValue"}]}
        assert one["AlarmActions"] == ([{"Ref": "WakePolicy"}] if name == "WakeAlarm" else told)
    # What a queue's alarms are called does not depend on the other queues.
    assert {name for name in alarms if "Request" in name} == {
        "DeadRequestQueueAlarm",
        "LateRequestQueueAlarm",
    }


@pytest.mark.parametrize("names", [NAMES, MORE, WITH_A_DIALECT])
def test_what_is_counted_together_is_what_cloudwatch_takes_together(names: Names) -> None:
    made = document(names)
    backlog = made.properties("HoldBacklog")["TargetTrackingConfiguration"]
    for metrics in (
        backlog["CustomizedMetricSpecification"]["Metrics"],
        made.properties("WakeAlarm")["Metrics"],
        made.properties("SilentAlarm")["Metrics"],
    ):
        ids = [one["Id"] for one in metrics]
        assert len(ids) == len(set(ids)) <= 10
        (told,) = (one["Expression"] for one in metrics if one["ReturnData"])
        formula = told["Fn::Sub"] if isinstance(told, dict) else told
        used = set(re.findall(r"[a-z]\w*", re.sub(r"\$\{\w+\}", "", formula)))
        assert used == {one["Id"] for one in metrics if "Expression" not in one}


def test_jobs_of_numbers_weigh_less_than_pictures() -> None:
    metrics = document(MORE).properties("HoldBacklog")["TargetTrackingConfiguration"]
    (told,) = (
        one["Expression"]["Fn::Sub"]
        for one in metrics["CustomizedMetricSpecification"]["Metrics"]
        if "Expression" in one
    )
    light, picture = "FILL({}, 0) / ${{NumbersPerPicture}}", "FILL({}, 0)"
    terms = [light.format("q1"), picture.format("q2"), light.format("q3"), picture.format("q4")]
    assert told == f"IF(ins > 0, ({' + '.join(terms)}) / ins, 0)"


def test_a_fleet_that_is_changed_is_never_emptied_unless_it_is_one() -> None:
    group = document().whole["Resources"]["Workers"]
    rolling = group["UpdatePolicy"]["AutoScalingRollingUpdate"]
    assert rolling["MinInstancesInService"] == {"Fn::If": ["CanOverlap", 1, 0]}
    assert rolling["WaitOnResourceSignals"] is True
    kept = group["UpdatePolicy"]["AutoScalingScheduledAction"]
    assert kept == {"IgnoreUnmodifiedGroupSizeProperties": True}
    # CloudFormation documents no conditions within this one.
    assert group["CreationPolicy"]["ResourceSignal"]["Count"] == 1
    first = group["Properties"]["DesiredCapacity"]
    assert first == {"Fn::If": ["FromZero", 1, {"Ref": "AWS::NoValue"}]}


def test_a_type_without_credits_is_not_told_to_spend_them() -> None:
    data = document().properties("WorkerTemplate")["LaunchTemplateData"]
    assert data["CreditSpecification"]["Fn::If"][0] == "HasCredits"
    without = [one for one in model.TYPES if not one.startswith("t")]
    condition = document().whole["Conditions"]["HasCredits"]
    assert json.dumps(condition).count("c7i") == len(without) == 1
    assert without[0] in json.dumps(condition)
