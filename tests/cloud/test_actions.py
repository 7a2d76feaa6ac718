from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from labapp.cloud import actions, aws_errors
from labapp.errors import ForbiddenError

ROOT = Path(__file__).resolve().parents[2]

#: A call of a client of boto3's, by its method or by the name that a paginator or a batch is given.
_CALL = re.compile(r'get_paginator\("(\w+)"\)|"(\w+_batch)"|\.(?:s3|sqs)\.(?!get_pag)(\w+)\(')


def calls() -> dict[str, set[str]]:
    """Return the calls that labapp makes, by service."""
    words = set()
    for path in (ROOT / "labapp").rglob("*.py"):
        found = _CALL.findall(path.read_text(encoding="utf-8"))
        words |= {word for one in found for word in one if word}
    made = {}
    for service in ("s3", "sqs"):
        client: Any = boto3.client(service, region_name="us-east-1")
        names = client.meta.method_to_api_mapping
        made[service] = {names[word] for word in words if word in names}
    return made


def test_each_call_that_labapp_makes_has_its_actions() -> None:
    made = calls()
    assert {"GetObject", "HeadBucket", "PutBucketPolicy"} <= made["s3"]
    assert {"DeleteMessageBatch", "GetQueueUrl", "ListQueues"} <= made["sqs"]
    for service, names in made.items():
        for name in names:
            found = actions.actions_of(name)
            assert found, name
            assert all(one.startswith(f"{service}:") for one in found), (name, found)


@pytest.mark.parametrize(
    ("call", "needed"),
    [
        ("HeadBucket", ("s3:ListBucket",)),
        ("HeadObject", ("s3:GetObject",)),
        ("UploadPart", ("s3:PutObject",)),
        ("AbortMultipartUpload", ("s3:AbortMultipartUpload",)),
        ("CopyObject", ("s3:GetObject", "s3:PutObject")),
        ("DeleteObject", ("s3:DeleteObject",)),
        ("GetBucketEncryption", ("s3:GetEncryptionConfiguration",)),
        ("GetBucketPolicy", ("s3:GetBucketPolicy",)),
        ("DeleteBucketLifecycle", ("s3:PutLifecycleConfiguration",)),
        ("SendMessageBatch", ("sqs:SendMessage",)),
        ("ChangeMessageVisibilityBatch", ("sqs:ChangeMessageVisibility",)),
        ("DeleteMessageBatch", ("sqs:DeleteMessage",)),
        ("DeleteQueue", ("sqs:DeleteQueue",)),
        ("GetCallerIdentity", ("sts:GetCallerIdentity",)),
        ("SummonDemons", ()),
    ],
)
def test_a_call_has_the_action_of_the_service_authorization_reference(
    call: str, needed: tuple[str, ...]
) -> None:
    assert actions.actions_of(call) == needed


def refusal(call: str, code: str = "AccessDenied", text: str = "Access Denied") -> ForbiddenError:
    response: Any = {
        "Error": {"Code": code, "Message": text},
        "ResponseMetadata": {"HTTPStatusCode": 403},
    }
    error = aws_errors.from_response(ClientError(response, call), "delete from requestQueue")
    assert isinstance(error, ForbiddenError)
    return error


def test_a_refusal_names_the_thing_the_action_and_who_prints_the_policy() -> None:
    error = refusal("DeleteMessageBatch")
    assert error.message == (
        "cannot delete from requestQueue: Access Denied (AccessDenied); it takes sqs:DeleteMessage"
    )
    assert "Ask for sqs:DeleteMessage on it" in error.remedy
    assert "admin.py cloud policies" in error.remedy


def test_what_s3_answers_alike_is_told_alike() -> None:
    assert "it is not there any more" in refusal("HeadObject", "403", "Forbidden").remedy
    assert "it is not there any more" not in refusal("PutObject").remedy
    assert refusal("SummonDemons").remedy == "Ask for the permission, or use another profile."
