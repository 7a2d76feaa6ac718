from __future__ import annotations

import json
from typing import Any

import pytest

from labapp.cloud import provision, queues
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import MissingResourceError

LAB = ("requestQueue", "responseQueue", "imageInbox", "imageOutbox")


def attributes(cloud: Cloud, name: str) -> dict[str, str]:
    url = Queue(cloud, name).url
    found: Any = cloud.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return dict(found)


def made(cloud: Cloud) -> set[str]:
    return {resource.name for resource in provision.up(cloud) if resource.made}


def test_the_first_run_makes_all_and_says_so(bare_cloud: Cloud) -> None:
    assert provision.missing(bare_cloud) == [bare_cloud.bucket_name, *LAB]
    names = {bare_cloud.bucket_name, *LAB, *(f"{name}-dlq" for name in LAB)}
    assert made(bare_cloud) >= names
    assert provision.missing(bare_cloud) == []
    assert set(queues.names(bare_cloud)) == names - {bare_cloud.bucket_name}


def test_the_second_run_makes_nothing(bare_cloud: Cloud) -> None:
    first = [resource.name for resource in provision.up(bare_cloud)]
    assert made(bare_cloud) == set()
    assert {resource.name for resource in provision.up(bare_cloud)} == set(first)


@pytest.mark.parametrize("name", LAB)
def test_queues_poll_long_are_encrypted_and_give_up_after_five(
    bare_cloud: Cloud, name: str
) -> None:
    made(bare_cloud)
    found = attributes(bare_cloud, name)
    assert found["ReceiveMessageWaitTimeSeconds"] == "20"
    assert found["SqsManagedSseEnabled"] == "true"
    assert found["VisibilityTimeout"] == "30"
    redrive = json.loads(found["RedrivePolicy"])
    assert int(redrive["maxReceiveCount"]) == 5
    dead = attributes(bare_cloud, f"{name}-dlq")
    assert redrive["deadLetterTargetArn"] == dead["QueueArn"]
    assert dead["SqsManagedSseEnabled"] == "true"
    assert "RedrivePolicy" not in dead
    assert int(dead["MessageRetentionPeriod"]) == 14 * 24 * 3600


def test_the_bucket_is_private_encrypted_versioned_and_tls_only(bare_cloud: Cloud) -> None:
    made(bare_cloud)
    s3, name = bare_cloud.s3, bare_cloud.bucket_name
    block = s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]
    assert len(block) == 4
    assert all(block.values())
    encryption: Any = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]
    assert encryption["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled"
    (statement,) = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])["Statement"]
    assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"] == [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]


def test_a_labs_own_queue_is_adopted_as_it_is(bare_cloud: Cloud) -> None:
    own: Any = {"VisibilityTimeout": "77", "ReceiveMessageWaitTimeSeconds": "0"}
    bare_cloud.sqs.create_queue(QueueName="requestQueue", Attributes=own)
    before = attributes(bare_cloud, "requestQueue")
    assert "requestQueue" not in made(bare_cloud)
    assert attributes(bare_cloud, "requestQueue") == before
    assert "requestQueue-dlq" not in queues.names(bare_cloud), "it keeps its own redrive, or none"


def test_a_labs_own_dead_letter_queue_is_used(bare_cloud: Cloud) -> None:
    bare_cloud.sqs.create_queue(QueueName="requestQueue-dlq", Attributes={"VisibilityTimeout": "7"})
    fresh = made(bare_cloud)
    assert "requestQueue" in fresh
    assert "requestQueue-dlq" not in fresh
    assert attributes(bare_cloud, "requestQueue-dlq")["VisibilityTimeout"] == "7"


def test_a_labs_own_bucket_is_adopted_as_it_is(bare_cloud: Cloud) -> None:
    bare_cloud.s3.create_bucket(Bucket=bare_cloud.bucket_name)
    assert bare_cloud.bucket_name not in made(bare_cloud)
    versioning = bare_cloud.s3.get_bucket_versioning(Bucket=bare_cloud.bucket_name)
    assert "Status" not in versioning


def test_making_a_queue_that_is_there_with_other_attributes_leaves_it(bare_cloud: Cloud) -> None:
    bare_cloud.sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "7"})
    provision.make_queue(bare_cloud, "q")
    assert attributes(bare_cloud, "q")["VisibilityTimeout"] == "7"


def test_on_aws_what_is_missing_is_named_with_the_command_and_nothing_is_made(
    bare_cloud: Cloud,
) -> None:
    bare_cloud.sqs.create_queue(QueueName="requestQueue")
    with pytest.raises(MissingResourceError) as caught:
        provision.require(bare_cloud)
    assert "responseQueue, imageInbox, imageOutbox" in caught.value.message
    assert bare_cloud.bucket_name in caught.value.message
    assert "admin.py cloud up" in caught.value.remedy
    assert queues.names(bare_cloud) == ["requestQueue"]


def test_with_all_there_nothing_is_required(cloud: Cloud) -> None:
    provision.require(cloud)


def test_a_reply_queue_has_its_clients_name(cloud: Cloud) -> None:
    assert provision.reply_queue_name(cloud.settings, "ada-1") == "responseQueue-ada-1"
