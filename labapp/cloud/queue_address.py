"""Where a queue is: its address and its ARN, known by its name or since it was made.

The address is asked for once and kept. Of a queue that was made here it is what SQS said then, as
SQS may not know the queue by its name yet (see `labapp.cloud.patience`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from labapp.addresses import is_amazons
from labapp.cloud import queue_attributes
from labapp.cloud.aws_errors import translated
from labapp.cloud.patience import MINUTE
from labapp.cloud.place import MadeQueue
from labapp.cloud.session import Cloud
from labapp.errors import MissingResourceError

if TYPE_CHECKING:
    from botocore.client import ClientMeta
    from types_boto3_sqs.literals import QueueAttributeNameType


class AddressedQueue:
    """One SQS queue, by name, as far as it can be found."""

    def __init__(self, cloud: Cloud, name: str) -> None:
        self.cloud = cloud
        self.name = name
        #: The generation of clients that found the address, and the address.
        self._found: tuple[int, str] | None = None

    @property
    def url(self) -> str:
        """The queue's address."""
        generation = self.cloud.generation  # a refresh meanwhile makes what is found here stale
        found = self._found
        if found is None or found[0] != generation:
            made = self.cloud.made_queues.get(self.name)
            known = made.url if made else self.cloud.found_queues.get(self.name)
            self._found = found = (generation, known or self.known_url())
        return found[1]

    def _look_for(self) -> str:
        """Return the queue's address; empty where there is none of its name."""
        found = self.cloud.direct_sqs.find(self.name)
        if found is not None:
            return found
        try:
            with translated(f"find the queue {self.name}"):
                return self.cloud.sqs.get_queue_url(QueueName=self.name)["QueueUrl"]
        except MissingResourceError:
            return ""

    def known_url(self) -> str:
        """Ask SQS for the queue's address, by its name."""
        with translated(f"find the queue {self.name}"):
            return str(self.cloud.direct_sqs.get_queue_url(QueueName=self.name)["QueueUrl"])

    def keep(self, url: str) -> None:
        """Keep the address that SQS gave when it made the queue, for all that use this cloud."""
        self.cloud.made_queues[self.name] = MadeQueue(url, time.monotonic())

    @property
    def is_new(self) -> bool:
        """Whether it was made here less than a minute ago: SQS may not know it everywhere yet."""
        made = self.cloud.made_queues.get(self.name)
        return bool(made and not self.cloud.is_local and time.monotonic() - made.at < MINUTE)

    def exists(self) -> bool:
        """Return whether SQS knows the queue; needs no leave to list the account's queues.

        It is asked until it has once said so.
        """
        generation, found = self.cloud.generation, self._found
        if found is None or found[0] != generation:
            url = self._look_for()
            if not url:
                return False
            self._found = (generation, url)
            self.cloud.found_queues[self.name] = url
        return True

    @property
    def arn(self) -> str:
        """The name by which policies and other services know the queue.

        That of a new queue which SQS does not know yet is made of its address, on Amazon.
        """
        try:
            with translated(f"find the queue {self.name}"):  # some services have none
                return self.attributes("find the queue", "QueueArn")["QueueArn"]
        except MissingResourceError:
            if self.is_new and (made := arn_of(self.url, self.cloud.sqs.meta)):
                return made
            raise

    def attributes(self, doing: str, *names: QueueAttributeNameType) -> Mapping[Any, str]:
        """Return those of the queue's own attributes that it has, by name.

        Args:
            doing: what an error says is being done to the queue.
            names: which, as SQS calls them.
        """
        with translated(f"{doing} {self.name}"):
            cloud = self.cloud
            return queue_attributes.read(cloud.direct_sqs, self.url, names, cloud.abilities)

    def forget(self) -> None:
        """Ask for the address again at the next call: the queue may have been made anew."""
        self._found = None
        self.cloud.made_queues.pop(self.name, None)
        self.cloud.found_queues.pop(self.name, None)


def arn_of(url: str, service: ClientMeta) -> str:
    """Return the ARN of a queue by its address, `https://sqs.<region>.amazonaws.com/<account>/<name>`.

    Empty where the address is not Amazon's: what other services call their regions is their own.
    Source: Amazon SQS developer guide, "Queue and message identifiers".

    Args:
        url: the address.
        service: what the SQS client knows of its service: partition and region.
    """
    where = urlsplit(url)
    account, _, name = where.path.strip("/").partition("/")
    if not (is_amazons(where.hostname or "") and account.isdecimal() and name):
        return ""
    return f"arn:{service.partition}:sqs:{service.region_name}:{account}:{name}"
