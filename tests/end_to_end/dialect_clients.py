"""Clients that speak the rows of `dialect_rows`, by boto3 alone."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image

from labapp.cloud.session import Cloud
from labapp.message_attribute import Attribute
from tests.end_to_end.dialect_rows import CAT, LIST, Row, Said, Value
from tests.pictures.samples import Frame, file_of
from tests.support.waiting import until


def lay_out(cloud: Cloud, buckets: Iterable[str]) -> None:
    """Put what the rows name in buckets, which are made: pictures and a list."""
    for bucket in {*buckets, cloud.bucket_name}:
        if bucket != cloud.bucket_name:
            cloud.s3.create_bucket(Bucket=bucket, **_at_home(cloud))
        picture = file_of(CAT, "PNG")
        objects = {"cat.png": picture, "photos/cat.png": picture, "lists/four.txt": LIST.encode()}
        for key, content in objects.items():
            cloud.s3.put_object(Bucket=bucket, Key=key, Body=content)


def _at_home(cloud: Cloud) -> Any:
    region = cloud.place.region
    return (
        {}
        if region == "us-east-1"
        else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    )


def make_queues(cloud: Cloud, rows: Iterable[Row]) -> None:
    """Make the queues that these rows' clients make, as they do."""
    for row in rows:
        if row.made is not None:
            attributes: Any = row.made
            cloud.sqs.create_queue(QueueName=row.requests, Attributes=attributes)


def ask(cloud: Cloud, row: Row) -> list[str]:
    """Send a row's requests; return their ids."""
    return [send(cloud, said.queue or row.requests, said, row.account) for said in row.asked]


def _address(cloud: Cloud, queue: str, account: str) -> str:
    found = cloud.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    return f"https://sqs.eu-west-1.amazonaws.com/{account}/{queue}" if account else found


def send(cloud: Cloud, queue: str, said: Said, account: str = "") -> str:
    """Send a message; return its id."""
    more: dict[str, Any] = {}
    if said.group:
        more = {"MessageGroupId": said.group, "MessageDeduplicationId": said.body}
    sent = cloud.sqs.send_message(
        QueueUrl=_address(cloud, queue, account),
        MessageBody=said.body,
        MessageAttributes={name: _written(value) for name, value in said.attributes.items()},
        **more,
    )
    return sent["MessageId"]


def _written(value: Value) -> Any:
    given = value if isinstance(value, Attribute) else Attribute(_type(value), value)
    field = "BinaryValue" if isinstance(given.value, bytes) else "StringValue"
    return {"DataType": given.type, field: given.value}


def _type(value: str | bytes) -> str:
    return "Binary" if isinstance(value, bytes) else "String"


def wanted(row: Row, ids: Sequence[str]) -> list[Said]:
    """Return what a row's client is to hear, to requests of these ids."""
    found = []
    for said in row.heard:
        body = said.body
        for place, one in enumerate(ids):
            body = body.replace(f"<{place}>", one)
        found.append(Said(body, said.attributes, said.queue or row.answers, said.group))
    return in_order(found)


def hear(cloud: Cloud, queue: str, count: int, account: str = "") -> list[Said]:
    """Wait for so many answers of a queue, and take them from it."""
    url = _address(cloud, queue, account)
    found: list[Said] = []

    def enough() -> bool:
        answer = cloud.sqs.receive_message(
            QueueUrl=url,
            WaitTimeSeconds=1,
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
            AttributeNames=["All"],
        )
        for message in answer.get("Messages", ()):
            cloud.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            group = message.get("Attributes", {}).get("MessageGroupId", "")
            found.append(Said(message["Body"], _read(message), queue, group))
        return len(found) >= count

    until(enough, f"{count} answers in {queue}")
    return in_order(found)


def _read(message: Mapping[str, Any]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, value in message.get("MessageAttributes", {}).items():
        content = value.get("BinaryValue", value.get("StringValue"))
        plain = value["DataType"] == _type(content)
        found[name] = content if plain else Attribute(value["DataType"], content)
    return found


def in_order(said: Iterable[Said]) -> list[Said]:
    return sorted(said, key=lambda one: (one.queue, one.body, repr(sorted(one.attributes.items()))))


def stored(cloud: Cloud, row: Row) -> dict[str, str | Frame]:
    """Return what is stored under the keys that a row's requests are to store."""
    bucket = row.bucket or cloud.bucket_name
    found: dict[str, str | Frame] = {}
    for key, content in row.stored.items():
        body = cloud.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        is_text = isinstance(content, str)
        found[key] = body.decode() if is_text else np.asarray(Image.open(io.BytesIO(body)))
    return found


def heard(cloud: Cloud, row: Row, wanted: Sequence[Said]) -> list[Said]:
    """Wait for so many answers as a row's client wants, in each of its queues."""
    counts = Counter(said.queue for said in wanted)
    found = [hear(cloud, queue, count, row.account) for queue, count in counts.items()]
    return in_order(said for each in found for said in each)
