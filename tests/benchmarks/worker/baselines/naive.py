"""The loop of the tutorials: boto3 resources, short polls, one message at a time."""

from __future__ import annotations

import json
import os

import boto3
from botocore.config import Config

from tests.benchmarks.worker import job as the_job


def main() -> None:
    """Work for ever."""
    address = the_job.endpoint()
    sqs = boto3.resource("sqs", endpoint_url=address, region_name=the_job.REGION)
    s3 = boto3.resource(
        "s3",
        endpoint_url=address,
        region_name=the_job.REGION,
        config=Config(s3={"addressing_style": "path"}),
    )
    queue = sqs.get_queue_by_name(QueueName=os.environ["BENCH_QUEUE"])
    while True:
        for message in queue.receive_messages():
            job = json.loads(message.body)
            result = the_job.summary(job["integers"])
            key, body = the_job.log_object(job, result)
            s3.Object(the_job.BUCKET, key).put(Body=body)
            sqs.Queue(job["reply"]).send_message(MessageBody=the_job.answer(job, result))
            message.delete()


if __name__ == "__main__":
    main()
