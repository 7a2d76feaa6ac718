"""Celery on SQS, with the settings that let it do its best; the reply is sent by the task.

What a plain installation lacks, and costs it dearly: kombu's `polling_interval` is a second by
default, waited whenever the prefetch window is full (8 jobs a second with two processes); and
acknowledgements, events and remote control each ask SQS for more. Its own result backends on S3
take three requests a job, so the results are ignored and the task answers on SQS.
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery

from tests.benchmarks.worker import job as the_job

QUEUE = os.environ["BENCH_QUEUE"]
ADDRESS = the_job.endpoint()

app = Celery("bench", broker=f"sqs://test:test@{ADDRESS.partition('//')[2]}")
app.conf.update(
    broker_transport_options={
        "region": the_job.REGION,
        "is_secure": False,
        "wait_time_seconds": 10,
        "polling_interval": 0.01,
        "client-config": {"parameter_validation": False, "tcp_keepalive": True},
        "predefined_queues": {
            QUEUE: {
                "url": the_job.queue_url(QUEUE),
                "access_key_id": "test",
                "secret_access_key": "test",
            }
        },
    },
    task_default_queue=QUEUE,
    task_create_missing_queues=False,
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_send_sent_event=False,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    worker_prefetch_multiplier=10,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)

_clients: dict[tuple[str, int], Any] = {}


def _client(service: str) -> Any:
    """Return this process's client: a client does not survive a fork."""
    key = (service, os.getpid())
    if key not in _clients:
        _clients[key] = the_job.client(service)
    return _clients[key]


def numbers(job: dict[str, Any]) -> None:
    """Do one job."""
    result = the_job.summary(job["integers"])
    key, body = the_job.log_object(job, result)
    _client("s3").put_object(Bucket=the_job.BUCKET, Key=key, Body=body)
    _client("sqs").send_message(QueueUrl=job["reply"], MessageBody=the_job.answer(job, result))


app.task(name="numbers")(numbers)
