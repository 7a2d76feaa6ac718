"""Whom the doctor looks at: one user's cloud by the settings in force, and what the lab uses.

What each check learns for the others stands here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from labapp.cloud import aws_errors, clock
from labapp.cloud.lifecycle import Rule
from labapp.cloud.roles import Permission
from labapp.cloud.session import Cloud
from labapp.settings import Settings


@dataclass(frozen=True)
class Lab:
    """What the lab uses of a cloud, as the rooms above this one know it.

    Attributes:
        role: whose work it is that shall be possible: `client`, `worker` or `admin`.
        requests: the queues that workers receive jobs from.
        queues: all queues of the lab, those included, less dead letters' and clients' own.
        awaited: those of them that a lab's own client makes, and labapp waits for.
        buckets: the buckets that the lab uses beside its own.
        replies: gives the queue on which this user is answered; empty where there is none yet.
        drops: for each queue that S3 tells of what is put in the bucket, the prefix that it is of.
        dropped: the prefix below one of those where a probe is put: workers remove it, and no more.
        own: a prefix below which this user may write; None where nothing is to be written.
        workers: gives how many workers are at work; None for who may not see them.
        lifecycle: the rules by which the bucket is to delete what is old.
        permissions: gives what a role may do, by its policy, where the user has it.
    """

    role: str
    requests: Sequence[str]
    queues: Sequence[str]
    awaited: Sequence[str]
    buckets: Sequence[str]
    replies: Callable[[Cloud], str]
    drops: Sequence[tuple[str, str]]
    dropped: str
    own: str | None
    workers: Callable[[Cloud], int | None]
    lifecycle: Sequence[Rule]
    permissions: Callable[[Cloud, str], Sequence[Permission]]


@dataclass(frozen=True)
class Answer:
    """How a service answered a call: after how many seconds, and with which refusal if any.

    `ahead` is by how many seconds the service's clock is ahead of this machine's; None where it did
    not say.
    """

    seconds: float
    error: ClientError | None
    ahead: float | None


@dataclass
class Patient:
    """One user's cloud.

    Attributes:
        settings: those in force.
        lab: what the lab uses.
        stop: set when nobody waits for what is found any more.
        open: opens the cloud.
    """

    settings: Settings
    lab: Lab
    open: Callable[[], Cloud]
    stop: threading.Event = field(default_factory=threading.Event)
    #: How each service answered that was asked, by its name.
    answers: dict[str, Answer] = field(default_factory=dict)
    #: Whose credentials these are, once that is known.
    arn: str = ""
    #: Another region, in which the lab seems to be; empty where it is not known to be elsewhere.
    elsewhere: str = ""
    _cloud: Cloud | None = None

    @property
    def cloud(self) -> Cloud:
        """The cloud, opened at its first use: by the check that all others of it need."""
        if self._cloud is None:
            self._cloud = self.open()
        return self._cloud

    def remedy(self, making: str) -> str:
        """Return what helps where a thing is lacking: `making` it, if the lab is not elsewhere."""
        if not self.elsewhere:
            return making
        return f"It may be in {self.elsewhere}: see 'region of the lab'."

    def ask(self, service: str, doing: str, call: Callable[[], Any]) -> Answer:
        """Call a service, and note how it answered, though it be by a refusal.

        Raises:
            CloudError: it did not answer.
        """
        began, error = time.time(), None
        with aws_errors.translated(doing):
            try:
                told = call()
            except ClientError as refused:
                told, error = refused.response, refused
        seconds = time.time() - began
        headers = told.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        date = clock.date_of(headers)
        # It has whole seconds, cut off: half of one is what it is wrong by on average.
        ahead = None if date is None else date + 0.5 - (began + seconds / 2)
        self.answers[service] = answer = Answer(seconds, error, ahead)
        return answer
