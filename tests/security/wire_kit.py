"""What the attacks by way of queues and bucket share: a worker in this process, and a stranger.

The stranger has boto3 alone, and what anybody may read: keys, logs, listings.
"""

from __future__ import annotations

import json
import threading
from typing import Any

from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.worker.handlers import all_handlers
from labapp.worker.outages import OutageGuard
from labapp.worker.processor import Processor
from labapp.worker.stats import WorkerStats
from tests.pictures.samples import PNG

NUMBER_QUEUE, PICTURE_QUEUE = "requestQueue", "imageInbox"

INVERT, BLUR = '[{"op": "invert"}]', '[{"op": "blur", "sigma": 3}]'


class Worker:
    """The processors of a worker, which do what waits when they are told to."""

    def __init__(self, cloud: Cloud) -> None:
        self.stats = WorkerStats()
        self._bucket = Bucket(cloud)
        self._processors = [self._processor(cloud, handler) for handler in self._handlers(cloud)]

    def _handlers(self, cloud: Cloud) -> list[Any]:
        return list(all_handlers(cloud.settings, self._bucket))

    def _processor(self, cloud: Cloud, handler: Any) -> Processor:
        outages = OutageGuard(cloud, threading.Event(), self.stats)
        return Processor(handler, self._bucket, outages)

    def work(self) -> None:
        """Do and answer all that waits."""
        for processor in self._processors:
            while messages := processor.queue.receive():
                processor.lease.add(messages)
                processor.settle([processor.outcome(message) for message in messages])


def send(cloud: Cloud, queue: str, body: str, **attributes: str) -> str:
    """Put a message in a queue, as anybody may; return its id."""
    sqs: Any = cloud.sqs
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    given = {name: {"DataType": "String", "StringValue": text} for name, text in attributes.items()}
    sent = sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=given)
    return str(sent["MessageId"])


def take(cloud: Cloud, queue: str, *, keep: bool = False) -> list[tuple[str, dict[str, str]]]:
    """Return the messages of a queue, body and attributes; they are gone unless kept."""
    sqs: Any = cloud.sqs
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    found = []
    receipts = []
    while True:
        answer = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=0,
            MessageAttributeNames=["All"],
        )
        if not (messages := answer.get("Messages")):
            break
        for one in messages:
            attributes = one.get("MessageAttributes", {})
            texts = {name: value["StringValue"] for name, value in attributes.items()}
            found.append((one["Body"], texts))
            receipts.append(one["ReceiptHandle"])
    for receipt in receipts:
        if keep:
            sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=0)
        else:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=receipt)
    return found


def put(cloud: Cloud, key: str, data: bytes = PNG) -> None:
    """Put an object in the bucket, as anybody may."""
    cloud.s3.put_object(Bucket=cloud.bucket_name, Key=key, Body=data)


def objects(cloud: Cloud, prefix: str) -> dict[str, tuple[bytes, dict[str, str]]]:
    """Return what lies below a prefix: by key, bytes and metadata."""
    found = cloud.s3.list_objects_v2(Bucket=cloud.bucket_name, Prefix=prefix)
    all_of_them = {}
    for item in found.get("Contents", ()):
        got = cloud.s3.get_object(Bucket=cloud.bucket_name, Key=item["Key"])
        all_of_them[item["Key"]] = (got["Body"].read(), dict(got["Metadata"]))
    return all_of_them


def make_queue(cloud: Cloud, client: str) -> str:
    """Make a client's reply queue, and return its name."""
    name = f"responseQueue-{client}"
    cloud.sqs.create_queue(QueueName=name)
    return name


def answer(cloud: Cloud, request: dict[str, str], body: str, result: object, **other: str) -> None:
    """Answer a request that was read, all that it carried repeated, as a worker can."""
    told = {"status": "done", "result": json.dumps(result)}
    given = {**request, **told, **other}
    send(cloud, f"responseQueue-{request['client']}", body, **{k: v for k, v in given.items() if v})
