"""A client with somebody else's account or region in its addresses is served as any other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ministack.services import sqs as ministack_sqs

from labapp.cloud.embedded import one_account
from labapp.cloud.embedded.gateway import Gateway
from tests.cloud.embedded.served_kit import client, form, served

ADDRESSES = (
    "https://sqs.us-east-1.amazonaws.com/123456789012/requestQueue",
    "https://sqs.eu-west-3.amazonaws.com/123456789012/requestQueue",
    "https://eu-west-3.queue.amazonaws.com/123456789012/requestQueue",
    "http://127.0.0.1:4566/123456789012/requestQueue/",
    "requestQueue",
)

FOREIGN = "arn:aws:sqs:eu-west-3:123456789012:"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with served(tmp_path_factory.mktemp("served") / "local") as found:
        yield found


@pytest.fixture(scope="module")
def ours(gateway: Gateway) -> Any:
    return client(gateway, "sqs")


@pytest.fixture
def url(ours: Any) -> str:
    found = str(ours.create_queue(QueueName="requestQueue")["QueueUrl"])
    ours.purge_queue(QueueUrl=found)
    return found


def waiting(ours: Any, url: str) -> int:
    name = "ApproximateNumberOfMessages"
    found = ours.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"]
    return int(found[name])


@pytest.mark.parametrize("key", ["123456789012", "AKIAIOSFODNN7EXAMPLE"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_whatever_a_client_does_by_such_an_address_is_done_to_our_queue(
    gateway: Gateway, ours: Any, url: str, address: str, key: str
) -> None:
    theirs = client(gateway, "sqs", key, "eu-west-3")
    theirs.send_message(QueueUrl=address, MessageBody="1")
    entries = [{"Id": n, "MessageBody": n} for n in "23"]
    assert len(theirs.send_message_batch(QueueUrl=address, Entries=entries)["Successful"]) == 2
    assert waiting(ours, url) == waiting(theirs, address) == 3

    def receipts() -> list[str]:
        taken = theirs.receive_message(QueueUrl=address, MaxNumberOfMessages=10, WaitTimeSeconds=0)
        assert [message["Body"] for message in taken["Messages"]] == ["1", "2", "3"]
        return [message["ReceiptHandle"] for message in taken["Messages"]]

    first, second, third = receipts()
    theirs.change_message_visibility(QueueUrl=address, ReceiptHandle=first, VisibilityTimeout=0)
    hidden: list[dict[str, Any]] = [
        {"Id": each, "ReceiptHandle": each, "VisibilityTimeout": 0} for each in (second, third)
    ]
    answer = theirs.change_message_visibility_batch(QueueUrl=address, Entries=hidden)
    assert len(answer["Successful"]) == 2
    first, second, third = receipts()
    theirs.delete_message(QueueUrl=address, ReceiptHandle=first)
    entries = [{"Id": "2", "ReceiptHandle": second}]
    assert theirs.delete_message_batch(QueueUrl=address, Entries=entries)["Successful"]
    ours.change_message_visibility(QueueUrl=url, ReceiptHandle=third, VisibilityTimeout=0)
    assert waiting(ours, url) == 1
    theirs.purge_queue(QueueUrl=address)
    assert waiting(ours, url) == 0

    theirs.set_queue_attributes(QueueUrl=address, Attributes={"VisibilityTimeout": "7"})
    theirs.tag_queue(QueueUrl=address, Tags={"lab": "one"})
    assert ours.list_queue_tags(QueueUrl=url)["Tags"]["lab"] == "one"
    found = ours.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert found["VisibilityTimeout"] == "7"
    assert found["QueueArn"] == "arn:aws:sqs:us-east-1:000000000000:requestQueue"
    asked = theirs.get_queue_url(QueueName="requestQueue", QueueOwnerAWSAccountId="123456789012")
    assert asked["QueueUrl"] == url == theirs.create_queue(QueueName="requestQueue")["QueueUrl"]


@pytest.mark.parametrize("address", [*ADDRESSES, ""])
def test_a_form_may_name_such_a_queue_in_a_field_or_be_sent_to_it(
    gateway: Gateway, ours: Any, url: str, address: str
) -> None:
    path = "/" if address else "/123456789012/requestQueue"
    fields = {"QueueUrl": address} if address else {}
    form(gateway, "SendMessage", path, MessageBody="1", **fields)
    taken = form(gateway, "ReceiveMessage", path, WaitTimeSeconds="0", **fields)
    receipt = re.search(r"<ReceiptHandle>(.*)</ReceiptHandle>", taken)
    assert receipt, taken
    form(
        gateway,
        "ChangeMessageVisibility",
        path,
        ReceiptHandle=receipt[1],
        VisibilityTimeout="9",
        **fields,
    )
    form(gateway, "DeleteMessage", path, ReceiptHandle=receipt[1], **fields)
    assert "<Name>QueueArn</Name>" in form(gateway, "GetQueueAttributes", path, **fields)
    form(gateway, "SendMessage", path, MessageBody="2", **fields)
    form(gateway, "PurgeQueue", path, **fields)
    assert waiting(ours, url) == 0


def test_a_queue_that_is_not_there_is_said_not_to_be(gateway: Gateway, ours: Any, url: str) -> None:
    with pytest.raises(ours.exceptions.QueueDoesNotExist):
        ours.send_message(QueueUrl=ADDRESSES[0].replace("request", "other"), MessageBody="1")


@pytest.mark.parametrize("name", ["lab.requests", "lab.requests.fifo"])
def test_names_with_dots_are_names(gateway: Gateway, ours: Any, name: str) -> None:
    fifo = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
    sides = {"MessageGroupId": "g", "MessageDeduplicationId": name} if fifo else {}
    ours.create_queue(QueueName=name, Attributes=fifo)
    address = f"https://sqs.us-east-1.amazonaws.com/123456789012/{name}"
    ours.send_message(QueueUrl=address, MessageBody="1", **sides)
    (taken,) = ours.receive_message(QueueUrl=address)["Messages"]
    ours.delete_message(QueueUrl=address, ReceiptHandle=taken["ReceiptHandle"])


def test_dead_letters_go_to_our_queue_of_that_name(gateway: Gateway, ours: Any) -> None:
    dead = ours.create_queue(QueueName="dead")["QueueUrl"]
    policy = json.dumps({"deadLetterTargetArn": f"{FOREIGN}dead", "maxReceiveCount": 1})
    for _ in range(2):  # made again, it is the same
        url = ours.create_queue(QueueName="lively", Attributes={"RedrivePolicy": policy})[
            "QueueUrl"
        ]
    ours.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})
    found = ours.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert "arn:aws:sqs:us-east-1:000000000000:dead" in found["RedrivePolicy"]
    ours.send_message(QueueUrl=url, MessageBody="1")
    for _ in range(2):
        ours.receive_message(QueueUrl=url, VisibilityTimeout=0)
    assert waiting(ours, dead) == 1


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-3"])
def test_a_bucket_tells_our_queue_of_that_name(
    gateway: Gateway, ours: Any, url: str, region: str
) -> None:
    store, bucket = client(gateway, "s3", "123456789012", region), f"bucket-{region}"
    more: Any = {"CreateBucketConfiguration": {"LocationConstraint": region}}
    store.create_bucket(Bucket=bucket, **(more if region != "us-east-1" else {}))
    rule = {"QueueArn": f"{FOREIGN}requestQueue", "Events": ["s3:ObjectCreated:*"]}
    store.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [rule]}
    )
    ours.purge_queue(QueueUrl=url)  # of the test event
    store.put_object(Bucket=bucket, Key="a.png", Body=b"picture")
    assert waiting(ours, url) == 1
    (kept,) = store.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]
    assert kept["QueueArn"] == "arn:aws:sqs:us-east-1:000000000000:requestQueue"


def test_who_one_is_is_the_local_account(gateway: Gateway) -> None:
    asked = client(gateway, "sts", "123456789012").get_caller_identity()
    assert asked["Account"] == "000000000000"


def test_what_was_kept_under_other_accounts_and_regions_is_ours_from_now_on(tmp_path: Path) -> None:
    home = tmp_path / "local"
    with served(home) as gateway:
        for name in ("alone", "both"):
            client(gateway, "sqs").create_queue(QueueName=name)
        store = client(gateway, "s3")
        for bucket in ("alone", "both"):
            store.create_bucket(Bucket=bucket)
            store.put_object(Bucket=bucket, Key="a", Body=b"ours")
        elsewhere = ministack_sqs._queues._data
        for place, queue in list(elsewhere.items()):
            theirs = ("123456789012", "eu-west-3", place[2].replace("000000000000", "123456789012"))
            arn = f"{FOREIGN}{queue['name']}"
            message: dict[str, Any] = {
                "id": "1",
                "body": "theirs",
                "md5_body": "",
                "md5_attrs": None,
                "sys": {},
            }
            message |= {"message_attributes": {}, "sent_at": 1.0, "visible_at": 1.0}
            elsewhere[theirs] = {
                **queue,
                "attributes": {**queue["attributes"], "QueueArn": arn},
                "messages": [message],
            }
            if queue["name"] == "alone":
                del elsewhere[place]
    buckets = home / "buckets"
    (buckets / "123456789012").mkdir()
    (buckets / "000000000000/b-alone").rename(buckets / "123456789012/b-alone")
    for _ in range(2):  # and after the next start as well
        with served(home) as gateway:
            queues, store = client(gateway, "sqs"), client(gateway, "s3")
            assert waiting(queues, "alone") == 1
            assert waiting(queues, "both") == 0
            assert store.get_object(Bucket="alone", Key="a")["Body"].read() == b"ours"
            assert store.get_object(Bucket="both", Key="a")["Body"].read() == b"ours"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{FOREIGN}a.fifo", "arn:aws:sqs:us-east-1:000000000000:a.fifo"),
        ("arn:aws-cn:sqs:cn-north-1:1:a", "arn:aws:sqs:us-east-1:000000000000:a"),
        ("arn:aws:sns:eu-west-3:123456789012:a", "arn:aws:sns:eu-west-3:123456789012:a"),
        ("arn:aws:s3:::bucket", "arn:aws:s3:::bucket"),
    ],
)
def test_arns_of_queues_and_no_others_are_made_ours(text: str, expected: str) -> None:
    assert one_account.ours(text) == expected
