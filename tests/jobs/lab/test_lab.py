from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labapp.cloud import provision, queues
from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import CredentialsError, ForbiddenError, MissingResourceError
from labapp.jobs import lab
from labapp.settings import Settings
from tests.support.aws_answers import answering, attributes, refusal

LAB = ("requestQueue", "responseQueue", "imageInbox", "imageOutbox")


def refuse(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, *operations: str) -> None:
    """Let S3 refuse some operations, as it does who may not do them."""
    for operation in operations:
        answering(cloud, monkeypatch, operation, "AccessDenied")


def made(cloud: Cloud) -> set[str]:
    return {resource.name for resource in lab.up(cloud) if resource.made}


def test_the_first_run_makes_all_and_says_so(bare_cloud: Cloud) -> None:
    assert lab.missing(bare_cloud) == [bare_cloud.bucket_name, *LAB]
    names = {bare_cloud.bucket_name, *LAB, *(f"{name}-dlq" for name in LAB)}
    assert made(bare_cloud) >= names
    assert lab.missing(bare_cloud) == []
    assert set(queues.names(bare_cloud)) == names - {bare_cloud.bucket_name}


def everything(cloud: Cloud) -> list[tuple[str, str]]:
    """Return kind and name of all that a cloud on AWS has, as it is told."""
    protections = ("no public access", "encryption", "versioning", "TLS only")
    pairs = [(f"{name}-dlq", name) for name in LAB]
    return [
        ("bucket", cloud.bucket_name),
        *(("protection", name) for name in protections),
        *(("lifecycle", rule.name) for rule in lab.lifecycle_rules(cloud.settings)),
        *(
            each
            for dead, name in pairs
            for each in (("dead-letter queue", dead), ("queue", name))
        ),
        ("policy", "S3 may send to imageInbox"),
        ("notification", "drop/* to imageInbox"),
    ]  # fmt: skip


def test_a_dry_run_tells_what_the_run_does_and_does_nothing(bare_cloud: Cloud) -> None:
    dry = list(lab.up(bare_cloud, dry=True))
    assert lab.missing(bare_cloud) == [bare_cloud.bucket_name, *LAB]
    assert queues.names(bare_cloud) == []
    assert [(each.kind, each.name, each.made) for each in dry] == [
        (kind, name, True) for kind, name in everything(bare_cloud)
    ]
    assert list(lab.up(bare_cloud)) == dry
    again = list(lab.up(bare_cloud, dry=True))
    assert not any(each.made for each in again)
    assert {(each.kind, each.name) for each in again} == set(everything(bare_cloud))


def test_a_dry_run_sees_what_is_there_in_part(bare_cloud: Cloud) -> None:
    made(bare_cloud)
    for name in ("requestQueue", "imageOutbox", "imageOutbox-dlq"):
        bare_cloud.sqs.delete_queue(QueueUrl=Queue(bare_cloud, name).url)
    bare_cloud.s3.put_bucket_versioning(
        Bucket=bare_cloud.bucket_name, VersioningConfiguration={"Status": "Suspended"}
    )
    wanted = {each.name for each in lab.up(bare_cloud, dry=True) if each.made}
    assert wanted == {"requestQueue", "imageOutbox", "imageOutbox-dlq", "versioning"}
    assert made(bare_cloud) == wanted


def test_the_second_run_makes_nothing(bare_cloud: Cloud) -> None:
    first = [resource.name for resource in lab.up(bare_cloud)]
    assert made(bare_cloud) == set()
    assert {resource.name for resource in lab.up(bare_cloud)} == set(first)


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


def test_queues_keep_messages_for_four_days_and_dead_letters_for_fourteen(
    bare_cloud: Cloud,
) -> None:
    made(bare_cloud)
    for name in ("requestQueue", "responseQueue", "imageInbox", "imageOutbox"):
        assert attributes(bare_cloud, name)["MessageRetentionPeriod"] == "345600"
        assert attributes(bare_cloud, f"{name}-dlq")["MessageRetentionPeriod"] == "1209600"


def test_a_labs_own_dead_letter_queue_is_used(bare_cloud: Cloud) -> None:
    bare_cloud.sqs.create_queue(QueueName="requestQueue-dlq", Attributes={"VisibilityTimeout": "7"})
    fresh = made(bare_cloud)
    assert "requestQueue" in fresh
    assert "requestQueue-dlq" not in fresh
    assert attributes(bare_cloud, "requestQueue-dlq")["VisibilityTimeout"] == "7"


@pytest.mark.usefixtures("bare_cloud")
def test_a_labs_own_bucket_is_adopted_as_it_is() -> None:
    cloud = Cloud(Settings(cloud="aws", region="us-east-1", bucket="lab"))
    cloud.s3.create_bucket(Bucket="lab")
    assert "lab" not in made(cloud)
    assert "Status" not in cloud.s3.get_bucket_versioning(Bucket="lab")


def test_a_bucket_whose_set_up_failed_is_told_and_protected_by_the_next_run(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3, name = bare_cloud.s3, bare_cloud.bucket_name
    with monkeypatch.context() as patch:
        refuse(bare_cloud, patch, "PutPublicAccessBlock", "PutBucketPolicy")
        with pytest.raises(CredentialsError) as caught:
            made(bare_cloud)
    assert "block public access to, require TLS for it" in caught.value.message
    assert caught.value.remedy == "Mend that, and run 'python admin.py cloud up' again."
    assert s3.get_bucket_versioning(Bucket=name)["Status"] == "Enabled", "the others are set"
    assert lab.missing(bare_cloud) == [], "and all else is there"

    assert name not in made(bare_cloud)

    assert s3.get_public_access_block(Bucket=name)
    assert "DenyWithoutTLS" in s3.get_bucket_policy(Bucket=name)["Policy"]


@pytest.mark.usefixtures("bare_cloud")
def test_a_new_bucket_of_a_settings_name_that_cannot_be_protected_is_better_made_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cloud = Cloud(Settings(cloud="aws", region="us-east-1", bucket="lab"))
    refuse(cloud, monkeypatch, "PutBucketEncryption", "PutBucketVersioning")
    with pytest.raises(CredentialsError) as caught:
        made(cloud)
    assert "encrypt, version it" in caught.value.message
    assert "delete the bucket while it is empty" in caught.value.remedy


def test_what_the_owner_set_in_the_bucket_stays(bare_cloud: Cloud) -> None:
    s3, name = bare_cloud.s3, bare_cloud.bucket_name
    made(bare_cloud)
    own = {
        "Sid": "Ours",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{name}/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": own})
    s3.put_bucket_policy(Bucket=name, Policy=policy)
    kms: Any = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [kms]})

    for _ in range(2):
        made(bare_cloud)

    statements = json.loads(s3.get_bucket_policy(Bucket=name)["Policy"])["Statement"]
    assert [one["Sid"] for one in statements] == ["Ours", "DenyWithoutTLS"]
    found: Any = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]
    assert found["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"


def test_a_bucket_of_the_derived_name_must_be_the_accounts_own(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def head(**asked: str) -> None:
        owner = asked.get("ExpectedBucketOwner", "whoever")
        assert owner == "123456789012", "S3 would say that it is there, whosever it is"
        raise refusal("403", 403, "Forbidden", "HeadBucket")

    monkeypatch.setattr(bare_cloud.s3, "head_bucket", head)
    with pytest.raises(CredentialsError, match="belongs to another account than 123456789012"):
        made(bare_cloud)


@pytest.mark.usefixtures("bare_cloud")
def test_a_bucket_that_a_setting_names_may_be_anothers(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = Cloud(Settings(cloud="aws", region="us-east-1", bucket="theirs"))
    theirs.s3.create_bucket(Bucket="theirs")
    head, asked = theirs.s3.head_bucket, []

    def whoever(**words: str) -> Any:
        asked.append(words)
        return head(**words)

    monkeypatch.setattr(theirs.s3, "head_bucket", whoever)
    made(theirs)
    assert asked[0] == {"Bucket": "theirs"}, "no owner is asked for"
    lab.require(theirs)
    assert asked[-1] == {"Bucket": "theirs"}
    assert theirs.bucket_owner == ""
    with pytest.raises(ClientError, match="NoSuchPublicAccessBlock"):
        theirs.s3.get_public_access_block(Bucket="theirs")


def test_who_may_not_look_at_all_that_is_there_starts_all_the_same(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(cloud, monkeypatch, "HeadBucket", "GetQueueUrl")
    lab.require(cloud)
    lab.require(cloud, bucket_only=True)
    with pytest.raises(ForbiddenError, match="it takes sqs:GetQueueUrl"):
        Queue(cloud, "requestQueue").exists()


def test_every_request_names_the_account_that_a_bucket_of_the_derived_name_is_of(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = {}

    def note(model: Any, params: Any, **_: Any) -> None:
        seen[model.name] = params["headers"].get("x-amz-expected-bucket-owner")

    cloud.s3.meta.events.register_last("before-call.s3", note)
    try:
        bucket = Bucket(cloud)
        bucket.put("a", b"", "text/plain")
        bucket.get("a")
        list(bucket.list("a"))
        bucket.delete("a")
        assert seen == dict.fromkeys(
            ("PutObject", "GetObject", "ListObjectsV2", "DeleteObject"), "123456789012"
        )
        monkeypatch.setattr(cloud, "_owner", "")
        bucket.put("a", b"", "text/plain")
        assert seen["PutObject"] is None
    finally:
        cloud.s3.meta.events.unregister("before-call.s3", note)


@pytest.mark.parametrize(("code", "there"), [("404", 1), ("NoSuchBucket", 1), ("NotFound", 1)])
def test_a_bucket_that_is_not_there_is_missing_however_it_is_said(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch, code: str, there: int
) -> None:
    answering(bare_cloud, monkeypatch, "HeadBucket", code)
    assert lab.missing(bare_cloud)[:there] == [bare_cloud.bucket_name]


@pytest.mark.usefixtures("bare_cloud")
def test_a_named_bucket_that_may_not_be_looked_at_is_told_as_that(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cloud = Cloud(Settings(cloud="aws", region="us-east-1", bucket="theirs"))
    answering(cloud, monkeypatch, "HeadBucket", "403")
    with pytest.raises(ForbiddenError, match="cannot find the bucket theirs"):
        lab.missing(cloud)


def test_who_uses_the_bucket_alone_needs_no_queue(bare_cloud: Cloud) -> None:
    with pytest.raises(MissingResourceError) as caught:
        lab.require(bare_cloud, bucket_only=True)
    assert bare_cloud.bucket_name in caught.value.message
    assert "Queue" not in caught.value.message
    bare_cloud.s3.create_bucket(Bucket=bare_cloud.bucket_name)
    lab.require(bare_cloud, bucket_only=True)
    assert queues.names(bare_cloud) == []


def test_on_the_local_cloud_everything_is_made_for_whoever_uses_the_bucket_alone(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Cloud, "is_local", True)
    monkeypatch.setattr(provision, "PROTECTIONS", ())
    lab.require(bare_cloud, bucket_only=True)
    assert lab.missing(bare_cloud) == []
    assert tags(bare_cloud) == {"labapp": ""}, "there it gives way to a lab's client"


def test_on_aws_what_is_missing_is_named_with_the_command_and_nothing_is_made(
    bare_cloud: Cloud,
) -> None:
    bare_cloud.sqs.create_queue(QueueName="requestQueue")
    with pytest.raises(MissingResourceError) as caught:
        lab.require(bare_cloud)
    assert "responseQueue, imageInbox, imageOutbox" in caught.value.message
    assert bare_cloud.bucket_name in caught.value.message
    assert "admin.py cloud up" in caught.value.remedy
    assert queues.names(bare_cloud) == ["requestQueue"]


def tags(cloud: Cloud) -> dict[str, str]:
    return cloud.sqs.list_queue_tags(QueueUrl=Queue(cloud, "requestQueue").url).get("Tags", {})


def test_with_all_there_nothing_is_required(cloud: Cloud) -> None:
    lab.require(cloud)
    assert tags(cloud) == {}, "nobody needs leave to set tags"
