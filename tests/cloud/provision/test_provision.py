from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from labapp.cloud import new_queues, provision
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, ForbiddenError
from tests.support.aws_answers import answering, attributes


def test_a_bucket_lies_in_its_region(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    for region in ("us-east-1", "eu-west-1"):
        cloud: Any = SimpleNamespace(
            bucket_name="lab",
            place=SimpleNamespace(region=region),
            is_local=True,
            s3=SimpleNamespace(create_bucket=lambda **asked: told.append(asked)),
        )
        provision.make_bucket(cloud)
    place = {"CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}}
    assert told == [{"Bucket": "lab"}, {"Bucket": "lab", **place}]


def test_another_program_that_made_the_bucket_first_is_no_error_and_another_owner_is(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        bare_cloud.s3.create_bucket(Bucket=bare_cloud.bucket_name)
        answering(bare_cloud, patch, "CreateBucket", "BucketAlreadyOwnedByYou")
        assert provision.make_bucket(bare_cloud) is False
    answering(bare_cloud, monkeypatch, "CreateBucket", "BucketAlreadyExists")
    with pytest.raises(CloudError, match=r"cannot make the bucket .*BucketAlreadyExists"):
        provision.make_bucket(bare_cloud)


@pytest.mark.parametrize("code", ["QueueAlreadyExists", "QueueNameExists"])
def test_another_program_that_made_a_queue_first_is_no_error(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    answering(bare_cloud, monkeypatch, "CreateQueue", code)
    new_queues.make(bare_cloud, "q")


def test_a_queue_that_may_not_be_made_is_told(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(bare_cloud, monkeypatch, "CreateQueue", "AccessDenied")
    with pytest.raises(ForbiddenError, match="cannot make the queue q"):
        new_queues.make(bare_cloud, "q")


def test_making_a_queue_that_is_there_with_other_attributes_leaves_it(bare_cloud: Cloud) -> None:
    bare_cloud.sqs.create_queue(QueueName="q", Attributes={"VisibilityTimeout": "7"})
    new_queues.make(bare_cloud, "q")
    assert attributes(bare_cloud, "q")["VisibilityTimeout"] == "7"


def test_a_reply_queue_has_its_clients_name(cloud: Cloud) -> None:
    assert provision.reply_queue_name(cloud.settings, "ada-1") == "responseQueue-ada-1"
