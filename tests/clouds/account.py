"""A look into a cloud beside the programs, by boto3 alone; and the end of what a lab made there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config

from tests.support.steps import StepError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client
    from types_boto3_sqs import SQSClient

REGION = "us-east-1"

#: How programs and looks are let in by what checks no key.
KEYS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": REGION,
}

#: Seconds that a condition in the cloud may take.
PATIENCE = 60.0


class Account:
    """The clients of one cloud.

    Args:
        variables: AWS_ENDPOINT_URL, or those of single services.
        session: the session to use; None: one with the keys of who checks none.
    """

    def __init__(self, variables: Mapping[str, str], session: boto3.Session | None = None) -> None:
        self.variables = variables
        self.session = session or boto3.Session("test", "test", region_name=REGION)
        self.sqs: SQSClient = self.client("sqs")
        self.s3: S3Client = self.client("s3")

    def client(self, service: str) -> Any:
        """Return a client of a service of this cloud."""
        general = self.variables.get("AWS_ENDPOINT_URL")
        endpoint = self.variables.get(f"AWS_ENDPOINT_URL_{service.upper()}", general)
        style: Any = {"addressing_style": "path"} if endpoint else {}
        return self.session.client(
            service,  # type: ignore[call-overload] # a plain str, not one of its literals
            endpoint_url=endpoint,
            config=Config(s3=style, proxies={} if endpoint else None),
        )

    def url(self, queue: str) -> str:
        """Return the address of a queue."""
        return self.sqs.get_queue_url(QueueName=queue)["QueueUrl"]

    def send(self, queue: str, body: str, **attributes: str) -> None:
        """Put a message in a queue, as anybody may."""
        told: Any = {k: {"DataType": "String", "StringValue": v} for k, v in attributes.items()}
        self.sqs.send_message(QueueUrl=self.url(queue), MessageBody=body, MessageAttributes=told)

    def take(self, queue: str) -> list[str]:
        """Receive the messages that wait in a queue, delete them, and return their bodies."""
        url = self.url(queue)
        found = self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1
        ).get("Messages", [])
        receipts: Any = [
            {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
            for number, message in enumerate(found)
        ]
        if receipts:
            self.sqs.delete_message_batch(QueueUrl=url, Entries=receipts)
        return [message["Body"] for message in found]

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """Return the keys of a bucket below a prefix."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def queues(self, prefix: str) -> list[str]:
        """Return the names of the queues that begin so."""
        pages = self.sqs.get_paginator("list_queues").paginate(QueueNamePrefix=prefix)
        return [url.rpartition("/")[2] for page in pages for url in page.get("QueueUrls", [])]

    def buckets(self) -> list[str]:
        """Return the names of the account's buckets."""
        return [bucket["Name"] for bucket in self.s3.list_buckets().get("Buckets", [])]

    def remove_bucket(self, bucket: str) -> None:
        """Delete a bucket with every version of what is in it, and parts of uploads."""
        for key, version in self._versions(bucket):
            self.s3.delete_object(Bucket=bucket, Key=key, VersionId=version)
        for key in self.keys(bucket, ""):
            self.s3.delete_object(Bucket=bucket, Key=key)
        for upload in self.s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []):
            self.s3.abort_multipart_upload(
                Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"]
            )
        self.s3.delete_bucket(Bucket=bucket)

    def _versions(self, bucket: str) -> Iterator[tuple[str, str]]:
        for page in self.s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for one in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                yield one["Key"], one["VersionId"]

    def remove_queue(self, queue: str) -> None:
        """Delete a queue with what is in it."""
        self.sqs.delete_queue(QueueUrl=self.url(queue))


def until(holds: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
    """Wait until something in the cloud holds, and return what it returned.

    Raises:
        StepError: it does not in time.
    """
    deadline = time.monotonic() + seconds
    while not (found := holds()):
        if time.monotonic() > deadline:
            raise StepError(f"waited {seconds:g} s in vain for {what}")
        time.sleep(0.2)
    return found
