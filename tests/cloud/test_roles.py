from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud import roles
from labapp.cloud.actions import actions_of
from labapp.cloud.roles import Names
from labapp.jobs import permissions, slots
from labapp.settings import Settings
from tests.support import role_table
from tests.support.iam import allows
from tests.support.longest_names import ACCOUNT, LONGEST, WITH_A_DIALECT

NAMES = permissions.names_of(Settings(cloud="aws"), "eu-west-1", ACCOUNT)
QUEUES, BUCKET = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:", f"arn:aws:s3:::labapp-{ACCOUNT}-eu-west-1"


def policy(role: str, client: str = "anna", names: Names = NAMES) -> dict[str, Any]:
    return roles.policy(role, names, client)


@pytest.mark.parametrize("role", [role.name for role in roles.ROLES])
def test_each_policy_is_what_iam_takes_whatever_things_are_called(role: str) -> None:
    for names in (NAMES, LONGEST):
        document = policy(role, roles.by_tag(), names)
        assert roles.characters(document) <= roles.MOST_CHARACTERS
        assert document["Version"] == "2012-10-17"
        sids = [one["Sid"] for one in document["Statement"]]
        assert len(set(sids)) == len(sids)
        assert all(sid.isalnum() for sid in sids)
        assert all(one["Effect"] == "Allow" for one in document["Statement"])
        assert "<" not in json.dumps(document)


@pytest.mark.parametrize("role", [role.name for role in roles.ROLES])
def test_no_policy_gives_all_of_anything(role: str) -> None:
    for one in roles.permissions(role, NAMES, "anna"):
        assert "*" not in one.action
        if one.action in WHOLE or one.action.partition(":")[2].startswith("Describe"):
            continue
        assert all(is_of_the_lab(resource) for resource in one.resources), one
        assert not {f"{BUCKET}/*", f"{QUEUES}*"}.intersection(one.resources)


#: Actions for which IAM knows no resource, beside those that describe things.
WHOLE = {
    "sqs:ListQueues",
    "cloudformation:ValidateTemplate",
    "cloudwatch:GetMetricData",
    "ssm:GetCommandInvocation",
}

#: Things of Amazon's that whoever makes a fleet takes, and those of EC2's that have no name before
#: they are made.
AMAZONS = (
    "arn:aws:ec2:eu-west-1::image/*",
    "arn:aws:ssm:eu-west-1::parameter/aws/service/ami-amazon-linux-latest/*",
    "arn:aws:ssm:eu-west-1::document/AWS-RunShellScript",
    f"arn:aws:ssm:eu-west-1:{ACCOUNT}:document/SSM-SessionManagerRunShell",
    "arn:aws:ssm:*:*:session/${aws:userid}-*",
    f"arn:aws:ec2:eu-west-1:{ACCOUNT}:*",
    f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/*",
    # Which Auto Scaling calls so, after the group.
    f"arn:aws:cloudwatch:eu-west-1:{ACCOUNT}:alarm:TargetTracking-labapp-workers-*",
    f"arn:aws:iam::{ACCOUNT}:instance-profile/*",
    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/autoscaling.amazonaws.com/*",
    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/spot.amazonaws.com/*",
)


def is_of_the_lab(resource: str) -> bool:
    """Tell whether a resource is a thing of the lab's own, by its name."""
    if resource.startswith((BUCKET, QUEUES)) or resource in AMAZONS:
        return True
    return ACCOUNT in resource and bool(re.search(r"[:/]labapp[-/]", resource))


def test_what_is_named_by_settings_is_named_in_the_policies() -> None:
    settings = Settings(
        cloud="aws", bucket="our-lab", request_queue="asks", response_queue="tells",
        image_inbox="in", image_outbox="out", plain_source_prefix="raw/",
        plain_result_prefix="cooked/",
    )  # fmt: skip
    names = permissions.names_of(settings, "cn-north-1", ACCOUNT)
    text = json.dumps([roles.policy(role.name, names, "anna") for role in roles.ROLES])
    for arn in ("sqs:cn-north-1:123456789012:asks", "s3:::our-lab/raw/*", "s3:::our-lab/cooked/*"):
        assert f"arn:aws-cn:{arn}" in text
    for default in ("requestQueue", "responseQueue", "imageInbox", "imageOutbox", "arn:aws:"):
        assert default not in text


def test_policies_follow_where_pictures_to_label_and_their_answers_lie() -> None:
    layout = {"images_prefix": "pics/", "labels_key": "files/{name}.txt"}
    read_only, kept = (
        permissions.names_of(
            Settings(cloud="aws", layout_writes=writes, **layout),  # type: ignore[arg-type]
            "eu-west-1",
            ACCOUNT,
        )
        for writes in (False, True)
    )
    for role in ("labeller", "uploader", "admin"):
        assert f"{BUCKET}/images/" not in json.dumps(policy(role, names=kept))
        assert f"{BUCKET}/labels/*" not in json.dumps(policy(role, names=kept))
        for names, may_write in ((read_only, False), (kept, True)):
            document = policy(role, names=names)
            assert all(one["Resource"] for one in document["Statement"])
            if role != "uploader" or may_write:
                assert allows(document, "s3:GetObject", f"{BUCKET}/pics/a.jpg")
            assert allows(document, "s3:PutObject", f"{BUCKET}/files/a.txt") == may_write
            decided = f"{BUCKET}/labels/classes.toml"
            assert allows(document, "s3:GetObject", decided) == (role != "uploader")
            is_admins = may_write and role == "admin"
            assert allows(document, "s3:PutObject", decided) == is_admins
            puts = allows(document, "s3:PutObject", f"{BUCKET}/pics/a.jpg")
            assert puts == (may_write and role != "labeller")
            assert allows(document, "s3:PutObject", f"{BUCKET}/removed/a.txt") == puts


def test_a_labs_own_layout_is_what_people_label_by() -> None:
    settings = Settings(
        cloud="aws",
        bucket="our-lab",
        images_prefix="",
        labels_key="a/{name}.txt",
        layout_writes=True,
    )
    names = permissions.names_of(settings, "eu-west-1", ACCOUNT)
    theirs = "arn:aws:s3:::our-lab"
    labeller = roles.policy("labeller", names, "anna")
    assert allows(labeller, "s3:GetObject", f"{theirs}/cat.png")
    assert allows(labeller, "s3:PutObject", f"{theirs}/a/cat.png.txt")
    assert not allows(labeller, "s3:PutObject", f"{theirs}/labels/cat.png.txt")
    assert allows(labeller, "s3:ListBucket", theirs, {"s3:prefix": ""})


def test_a_prefix_of_every_key_stands_for_those_it_includes() -> None:
    names = dataclasses.replace(NAMES, plain_sources="")
    (read,) = (p for p in roles.permissions("worker", names, "") if p.action == "s3:GetObject")
    assert read.resources == (f"{BUCKET}/*",)


@pytest.mark.parametrize(
    ("other", "is_annas"),
    [
        ("anna", True),
        ("annabel", False),
        ("anna-b", False),
        ("ann", False),
        ("anna-0", False),
        ("bob", False),
    ],
)
@pytest.mark.parametrize("tags", [{}, {"labapp-client": "anna"}])
def test_a_persons_policy_is_for_all_ids_of_their_name_and_for_no_others(
    tmp_path: Any, other: str, is_annas: bool, tags: dict[str, str]
) -> None:
    document = policy("client", roles.by_tag() if tags else "anna")
    made = [slots.take(tmp_path, other).client for _ in range(3)]
    for client in made:
        queue, key = f"{QUEUES}responseQueue-{client}", f"{BUCKET}/outbox/{client}/JOB/cat.png"
        assert allows(document, "sqs:ReceiveMessage", queue, tags=tags) is is_annas
        assert allows(document, "s3:GetObject", key, tags=tags) is is_annas
        listed = {"s3:prefix": f"outbox/{client}/JOB/"}
        assert allows(document, "s3:ListBucket", BUCKET, listed, tags) is is_annas


def test_who_has_no_tag_has_nobodys_answers() -> None:
    document = policy("client", roles.by_tag())
    for client in (
        role_table.ANNA,
        "-0123456789ab",
        "${aws:PrincipalTag/labapp-client}-0123456789ab",
    ):
        assert not allows(document, "sqs:ReceiveMessage", f"{QUEUES}responseQueue-{client}")


def who_may(action: str, resource: str, keys: dict[str, str] | None = None) -> str:
    may = [r.name for r in roles.ROLES if allows(policy(r.name), action, resource, keys)]
    return " ".join(sorted(may))


@pytest.mark.parametrize(("action", "name", "who"), role_table.QUEUES)
def test_a_role_may_do_to_queues_what_it_needs_and_no_more(
    action: str, name: str, who: str
) -> None:
    assert who_may(action, f"{QUEUES}{name}" if name else "*") == " ".join(sorted(who.split()))


@pytest.mark.parametrize(("action", "key", "who"), role_table.OBJECTS)
def test_a_role_may_do_to_objects_what_it_needs_and_no_more(
    action: str, key: str, who: str
) -> None:
    assert who_may(action, f"{BUCKET}/{key}" if key else BUCKET) == " ".join(sorted(who.split()))


@pytest.mark.parametrize(("prefix", "who"), role_table.LISTINGS)
def test_a_listing_shows_nobody_the_names_of_others_pictures(prefix: str, who: str) -> None:
    found = who_may("s3:ListBucket", BUCKET, {"s3:prefix": prefix})
    assert found == " ".join(sorted(who.split()))


def test_each_action_of_a_role_is_one_that_a_refusal_can_name() -> None:
    known = {action for call in _calls() for action in actions_of(call)}
    for role in roles.ROLES:
        for one in roles.permissions(role.name, NAMES, "anna"):
            if one.action == "iam:PassRole":  # no call: it is asked for beside others
                continue
            # Some calls of CloudFormation's have the names of others; of those labapp makes none.
            whole = (
                one.action if one.action.startswith(("s3:", "sqs:")) else one.action.split(":")[1]
            )
            assert any(action.endswith(whole) for action in known), (role.name, one.action)


def _calls() -> list[str]:
    import boto3

    services = ("s3", "sqs", "autoscaling", "cloudformation", "cloudwatch", "ec2", "iam", "ssm")
    return [
        call
        for service in (*services, "sns")
        for call in boto3.client(service, "us-east-1").meta.method_to_api_mapping.values()  # type: ignore[call-overload]
    ]


#: A lab whose dialect names queues and buckets beside its own.
THEIRS = """
[[request]]
queue = "all.fifo"
answer = "means"
bucket = "theirs"
picture = { by = "{field1}", "1" = "raw/{field2}", else = "{field3}" }
result_bucket = "results"
result = "done/{stem}{ext}"
[[request]]
queue = "numbers"
numbers = { object = "lists/{body}" }
"""


def test_a_dialects_queues_and_buckets_are_the_workers_the_admins_and_the_setups(
    tmp_path: Path,
) -> None:
    file = tmp_path / "lab.toml"
    file.write_text(THEIRS, "utf-8")
    settings = Settings(cloud="aws", dialect=str(file))
    names = permissions.names_of(settings, "eu-west-1", ACCOUNT)

    def may(action: str, resource: str) -> set[str]:
        given = {role.name: roles.policy(role.name, names, "anna") for role in roles.ROLES}
        return {name for name, policy in given.items() if allows(policy, action, resource)}

    keepers = {"worker", "admin", "setup"}
    for queue in ("all.fifo", "all-dlq.fifo", "means", "means-dlq", "numbers"):
        assert may("sqs:GetQueueUrl", f"{QUEUES}{queue}") == keepers
        assert may("sqs:CreateQueue", f"{QUEUES}{queue}") == {"setup"}
    assert may("sqs:ReceiveMessage", f"{QUEUES}all.fifo") == {"worker", "admin"}
    assert may("sqs:ReceiveMessage", f"{QUEUES}means") == {"admin"}
    assert may("sqs:SendMessage", f"{QUEUES}means") == {"worker", "admin"}
    assert may("sqs:SendMessage", f"{QUEUES}all-dlq.fifo") == {"worker", "admin"}
    for bucket in ("theirs", "results"):
        assert may("s3:ListBucket", f"arn:aws:s3:::{bucket}") == keepers
        assert may("s3:CreateBucket", f"arn:aws:s3:::{bucket}") == {"setup"}
    assert may("s3:GetObject", "arn:aws:s3:::theirs/cat.png") == {"worker"}
    assert may("s3:PutObject", "arn:aws:s3:::theirs/cat.png") == set()
    assert may("s3:PutObject", "arn:aws:s3:::results/done/cat.png") == {"worker"}
    assert may("s3:PutObject", "arn:aws:s3:::results/cat.png") == set()
    assert may("s3:GetObject", f"{BUCKET}/lists/1") == {"worker"}
    assert may("s3:GetObject", f"{BUCKET}/secret") == set()
    assert "all.fifo" not in json.dumps(roles.policy("client", names, "anna"))


def test_a_policy_has_room_for_a_dialect_of_eight_queues() -> None:
    for role in roles.ROLES:
        document = roles.policy(role.name, WITH_A_DIALECT, roles.by_tag())
        assert roles.characters(document) <= roles.MOST_CHARACTERS, role.name
