"""The stack on MiniStack: found, told of, changed and removed, and never the lab's data."""

from __future__ import annotations

import hashlib
import json

import pytest

from labapp.cloud.fleet import following, stack
from labapp.cloud.fleet.model import Wishes
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import CloudError
from labapp.jobs import lab, lab_queues
from tests.cloud.fleet import kit
from tests.cloud.fleet.template_document import Document


def test_there_is_none_at_first(aws: Cloud) -> None:
    assert stack.describe(aws) is None
    assert stack.events(aws) == []
    assert stack.remove(aws) is None
    assert stack.newest_event(aws) == ""


def test_its_events_are_told_once_each(aws: Cloud) -> None:
    first = kit.made(aws)
    after = stack.newest_event(aws)
    assert {one.status for one in stack.events(aws)} >= {"CREATE_IN_PROGRESS", "CREATE_COMPLETE"}
    assert stack.events(aws, after) == []
    kit.made(aws, Wishes(most=5))
    news = stack.events(aws, after)
    assert news
    assert {one.status[:6] for one in news} == {"UPDATE"}
    assert stack.events(aws, after, of=first.id) == news


def test_it_tells_what_it_was_made_with(aws: Cloud) -> None:
    found = kit.made(aws)
    assert found.status == "CREATE_COMPLETE"
    assert found.parameters["BucketName"] == aws.bucket_name
    assert found.tags["labapp"] == "labapp"


def test_its_end_is_followed_though_its_name_is_gone(aws: Cloud) -> None:
    kit.made(aws)
    before = stack.remove(aws)
    assert before is not None
    ended, looks = kit.followed(aws, before.id)
    assert ended.status == "DELETE_COMPLETE"
    following.check(ended, kit.events(looks), "remove the fleet", removed=True)
    assert stack.describe(aws) is None
    assert kit.made(aws).status == "CREATE_COMPLETE"  # once more


def _fill(cloud: Cloud) -> None:
    """Make a lab with pictures, labels, code, logs and jobs."""
    for _ in lab.up(cloud):
        pass
    for key in ("images/a.jpg", "labels/a.txt", "deploy/code-1.zip", "logs/l.txt", "workers/w"):
        cloud.s3.put_object(Bucket=cloud.bucket_name, Key=key, Body=key.encode())
    cloud.s3.put_object(Bucket=cloud.bucket_name, Key="images/a.jpg", Body=b"another version")
    for name in lab_queues.names(cloud.settings):
        cloud.sqs.send_message(QueueUrl=Queue(cloud, name).url, MessageBody=name)


def _held(cloud: Cloud) -> tuple[object, ...]:
    """Return all that there is of data: each version's bytes, and each queue's messages."""
    listed = cloud.s3.list_object_versions(Bucket=cloud.bucket_name)
    versions = [
        (one["Key"], one["VersionId"], one["IsLatest"], hashlib.sha256(
            cloud.s3.get_object(
                Bucket=cloud.bucket_name, Key=one["Key"], VersionId=one["VersionId"]
            )["Body"].read()
        ).hexdigest())
        for one in listed["Versions"]
    ]  # fmt: skip
    urls = sorted(cloud.sqs.list_queues()["QueueUrls"])
    counts = [
        cloud.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        for url in urls
    ]
    return versions, listed.get("DeleteMarkers"), urls, counts


def test_neither_making_it_nor_removing_it_touches_any_data(aws: Cloud) -> None:
    _fill(aws)
    before = _held(aws)
    assert len(before[0]) >= 6  # type: ignore[arg-type]
    kit.made(aws)
    assert _held(aws) == before
    gone = stack.remove(aws)
    assert gone is not None
    assert kit.followed(aws, gone.id)[0].status == "DELETE_COMPLETE"
    assert _held(aws) == before


def test_the_template_holds_no_resource_that_holds_data() -> None:
    kinds = {one["Type"] for one in Document.of_the_lab().whole["Resources"].values()}
    services = {kind.split("::")[1] for kind in kinds}
    assert services == {"AutoScaling", "CloudWatch", "EC2", "IAM", "SNS"}


def test_a_stack_of_another_bucket_is_left_alone(aws: Cloud) -> None:
    kit.made(aws)
    aws._bucket = "another-bucket"
    with pytest.raises(CloudError, match="works for another bucket, labapp-") as caught:
        stack.remove(aws)
    assert "--bucket labapp-" in caught.value.remedy
    assert stack.describe(aws) is not None


@pytest.mark.parametrize("of", ["", "somebody"])
def test_a_stack_that_labapp_did_not_make_is_left_alone(aws: Cloud, of: str) -> None:
    parameters = {"Parameters": {"Of": {"Type": "String"}}} if of else {}
    body = {**parameters, "Resources": {"T": {"Type": "AWS::SNS::Topic"}}}
    aws.client("cloudformation").create_stack(
        StackName="labapp",
        TemplateBody=json.dumps(body),
        Parameters=[{"ParameterKey": "Of", "ParameterValue": of}] if of else [],
    )
    for act in (stack.remove, kit.planned):
        with pytest.raises(CloudError, match="a stack labapp in this account that labapp did not"):
            act(aws)
