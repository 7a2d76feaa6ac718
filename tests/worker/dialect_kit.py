"""A lab with a dialect in moto's account: its queues and buckets, a worker, and its own client."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labapp.cloud.bucket import Bucket
from labapp.cloud.queue_names import dead_letters_of
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.jobs import lab_queues, log_listing
from labapp.jobs.logbook import Log
from labapp.message_attribute import Attribute
from labapp.settings import Settings
from tests.security.wire_kit import Worker


@dataclass
class Lab:
    """One lab; its client has SQS and S3 alone."""

    cloud: Cloud
    worker: Worker

    def ask(self, queue: str, body: str = "x", group: str = "", **attributes: str) -> str:
        """Put a message in a queue, with attributes of the type String; return its id."""
        once = body.replace(",", "-") if group else ""
        message = Outgoing(body, attributes, group, deduplication=once)
        return Queue(self.cloud, queue).send(message)

    def answers(self, queue: str) -> list[tuple[str, dict[str, Attribute]]]:
        """Have the worker do all that waits; return what is in a queue: bodies and attributes."""
        self.worker.work()
        return [(one.body, dict(one.typed)) for one in Queue(self.cloud, queue).receive()]

    def answer(self, queue: str) -> tuple[str, dict[str, str]]:
        """Return the one answer in a queue, and its attributes' values."""
        ((body, attributes),) = self.answers(queue)
        return body, {name: str(one.value) for name, one in attributes.items()}

    def put(self, key: str, body: bytes, bucket: str = "") -> None:
        """Put an object in a bucket, the lab's own where none is named."""
        name = bucket or self.cloud.bucket_name
        self.cloud.s3.put_object(Bucket=name, Key=key, Body=body)

    def read(self, key: str, bucket: str = "") -> bytes:
        """Return an object's bytes."""
        name = bucket or self.cloud.bucket_name
        return self.cloud.s3.get_object(Bucket=name, Key=key)["Body"].read()

    def logs(self) -> list[Log]:
        """Return the logs of all jobs."""
        return list(log_listing.newest(Bucket(self.cloud), 100))


def lab_with(folder: Path, text: str, **settings: Any) -> Lab:
    """Return a lab with a dialect, in an account where nothing is."""
    file = folder / "lab.toml"
    file.write_text(text, "utf-8")
    chosen = Settings(cloud="aws", region="us-east-1", dialect=str(file), **settings)
    cloud = Cloud(chosen)
    for bucket in (cloud.bucket_name, *lab_queues.buckets(chosen)):
        cloud.s3.create_bucket(Bucket=bucket)
    for queue in lab_queues.all_queues(chosen):
        own: Any = {"FifoQueue": "true"} if queue.is_fifo else {}
        for name in (queue.name, dead_letters_of(queue.name)):
            cloud.sqs.create_queue(QueueName=name, Attributes=own)
    return Lab(cloud, Worker(cloud))
