"""Which permissions each program needs, and on what."""

from __future__ import annotations

from labapp.cloud.doctor.patient import Lab
from labapp.cloud.doctor.permissions import OWN, Need
from labapp.cloud.queues import DEAD_LETTER_SUFFIX

#: Prefixes of the bucket, by what they hold.
_JOBS = ("inbox/", "outbox/")
_DATASET = ("images/", "labels/")


def needs_of(lab: Lab) -> list[Need]:
    """Return what a program needs, in the order in which it is told."""
    return {"client": _client, "worker": _worker, "admin": _admin}[lab.role](lab)


def _client(lab: Lab) -> list[Need]:
    actions = ("sqs:CreateQueue", "sqs:ReceiveMessage", "sqs:DeleteMessage")
    return [
        Need("jobs", "sqs:SendMessage", lab.requests),
        Need("jobs", "s3:GetObject", _JOBS),
        Need("jobs", "s3:PutObject", ("inbox/",)),
        Need("labels", "s3:GetObject", _DATASET),
        Need("labels", "s3:PutObject", ("labels/",)),
        Need("labels", "s3:ListBucket", _DATASET),
        *(Need("answers", action, (OWN,)) for action in actions),
    ]


def _worker(lab: Lab) -> list[Need]:
    dead = [queue + DEAD_LETTER_SUFFIX for queue in lab.requests]
    answers = [queue for queue in lab.queues if queue not in lab.requests]
    taking = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility")
    return [
        *(Need("jobs", action, lab.requests) for action in taking),
        Need("jobs", "sqs:GetQueueAttributes", lab.requests),
        Need("answers", "sqs:SendMessage", answers),
        Need("dead letters", "sqs:SendMessage", dead),
        Need("pictures", "s3:ListBucket", _JOBS),
        Need("pictures", "s3:GetObject", _JOBS),
        Need("results", "s3:PutObject", ("outbox/", "logs/", "workers/")),
    ]


def _admin(lab: Lab) -> list[Need]:
    dead = [queue + DEAD_LETTER_SUFFIX for queue in lab.queues]
    every = [*lab.queues, *dead]
    looked_at = ("logs/", "workers/", *_DATASET)
    return [
        Need("queues", "sqs:GetQueueAttributes", every),
        Need("queues", "sqs:ListQueues", ()),
        Need("queues", "sqs:PurgeQueue", lab.queues),
        Need("dead letters", "sqs:ReceiveMessage", dead),
        Need("dead letters", "sqs:DeleteMessage", dead),
        Need("dead letters", "sqs:ChangeMessageVisibility", dead),
        Need("dead letters", "sqs:SendMessage", lab.queues),
        Need("dataset, logs", "s3:ListBucket", looked_at),
        Need("dataset, logs", "s3:GetObject", looked_at),
        Need("dataset", "s3:PutObject", _DATASET),
        Need("dataset", "s3:DeleteObject", _DATASET),
    ]
