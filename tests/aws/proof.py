"""The run itself: the facts in their order, the tour of the three programs among them."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from tests.aws.bucket_facts import BUCKET_FACTS
from tests.aws.facts import Fact, Found, looked_at
from tests.aws.lab_facts import LAB_FACTS, UP_FACTS
from tests.aws.queue_facts import QUEUE_FACTS, SPEED
from tests.aws.trial import Trial
from tests.clouds.tour import CloudTour

#: Minutes that a run takes, and dollars that it costs at most: some 5,000 requests to SQS at $0.40
#: a million, some 2,000 writes and 3,000 reads of S3 at $5 and $0.40 a million, and megabytes for
#: minutes; list prices of us-east-1.
MINUTES, COST = 10, 0.10

#: What the roles of a lab need, and what removes a lab; facts add their own.
LAB_ACTIONS = (
    "sts:GetCallerIdentity", "sqs:ListQueues", "sqs:CreateQueue", "sqs:SetQueueAttributes",
    "sqs:ChangeMessageVisibility", "s3:ListAllMyBuckets", "s3:ListBucket", "s3:ListBucketVersions",
    "s3:ListBucketMultipartUploads", "s3:AbortMultipartUpload", "s3:DeleteObject",
    "s3:DeleteObjectVersion", "s3:PutBucketVersioning", "s3:PutEncryptionConfiguration",
    "s3:PutBucketPublicAccessBlock", "s3:PutBucketPolicy", "s3:PutBucketNotification",
    "s3:PutLifecycleConfiguration", "s3:GetBucketVersioning", "s3:GetEncryptionConfiguration",
    "s3:GetBucketPublicAccessBlock", "s3:GetBucketPolicy", "s3:GetBucketNotification",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A fact with what was found of it."""

    fact: Fact
    found: Found


def _tour(trial: Trial) -> Found:
    """Use the lab as a class would; the speed is measured while its worker is there."""
    tour = _Tour(trial)
    try:
        # Its lines stand apart from the table, which may be one document.
        with contextlib.redirect_stdout(sys.stderr):
            tour.go()
    finally:
        tour.end()
    trial.speed = tour.speed
    failed = "; ".join(f"{title}: {why}" for title, why in tour.failed.items())
    return Found(f"{tour.held} of {tour.done} steps; failed: {failed or 'none'}", not failed)


def _speed(trial: Trial) -> Found:
    return trial.speed or Found("the tour came to no worker", None)


class _Tour(CloudTour):
    """The tour, with a look at the speed while a worker is at work."""

    def __init__(self, trial: Trial) -> None:
        super().__init__(trial.folder / "tour", trial.variables, trial.account)
        self.trial = trial
        self.speed: Found | None = None

    def _look_after(self) -> None:
        super()._look_after()
        self.speed = looked_at(SPEED, self.trial)


_TOUR = Fact("a tour of the three programs", "every step", "labapp's own promise", _tour)
_MEASURED = Fact(SPEED.name, SPEED.expected, SPEED.source, _speed, SPEED.actions)

#: In their order: the lab is there from `UP_FACTS` to the tour, which takes it away.
ALL_FACTS = (
    *QUEUE_FACTS[:-1],
    *UP_FACTS,
    *BUCKET_FACTS,
    *LAB_FACTS,
    _TOUR,
    _MEASURED,
    QUEUE_FACTS[-1],
)


def prove(trial: Trial) -> Iterator[Row]:
    """Look at each fact."""
    for fact in ALL_FACTS:
        yield Row(fact, looked_at(fact, trial))


def actions() -> list[str]:
    """Return the actions of IAM that a run needs."""
    return sorted({*LAB_ACTIONS, *(action for fact in ALL_FACTS for action in fact.actions)})


def verdict(row: Row) -> str:
    """Return the verdict on a fact."""
    return {True: "as documented", False: "NOT so", None: "not shown here"}[row.found.holds]
