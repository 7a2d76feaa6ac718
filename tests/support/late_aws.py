"""AWS as its documentation has it: what was made is known a while later; some things once a minute.

It stands before moto: queues, buckets and what is set of them are hidden from every call for some
seconds after they were made. Its clock goes on only while labapp sleeps.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.client import BaseClient
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sqs.models import sqs_backends

from tests.support.aws_answers import refusal
from tests.support.clock import Clock

UNKNOWN = "AWS.SimpleQueueService.NonExistentQueue"

#: What is hidden of a bucket after it was set, and what S3 says until then where it was never.
SHOWN = {
    "PutPublicAccessBlock": ("GetPublicAccessBlock", "NoSuchPublicAccessBlockConfiguration"),
    "PutBucketEncryption": (
        "GetBucketEncryption", "ServerSideEncryptionConfigurationNotFoundError"
    ),
    "PutBucketVersioning": ("GetBucketVersioning", ""),
    "PutBucketPolicy": ("GetBucketPolicy", "NoSuchBucketPolicy"),
    "PutBucketNotificationConfiguration": ("GetBucketNotificationConfiguration", ""),
}  # fmt: skip


class LateAws:
    """AWS where all is known `seconds` late, as a layer over moto.

    Attributes:
        clock: goes on while labapp sleeps.
        calls: the operations that were asked for, in order.
        never: operations whose effect is never seen, though they are answered well.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
        self.clock = Clock()
        self.seconds = seconds
        self.calls: list[str] = []
        self.never: set[str] = set()
        self._made: dict[str, float] = {}
        self._gone: dict[str, float] = {}
        self._purged: dict[str, float] = {}
        self._set: dict[str, float] = {}
        for room in ("cloud.patience", "cloud.queue_address", "jobs.session"):
            monkeypatch.setattr(f"labapp.{room}.time", self.clock)
        layer, real = self, BaseClient._make_api_call  # type: ignore[attr-defined]

        def answered(client: Any, operation: str, asked: Any) -> Any:
            layer.calls.append(operation)
            return layer._answer(operation, asked, lambda: real(client, operation, asked))

        monkeypatch.setattr(BaseClient, "_make_api_call", answered)

    def is_hidden(self, thing: str) -> bool:
        """Whether a queue or a bucket is not known yet."""
        return self._since(self._made, thing) < self.seconds

    def hide(self, thing: str) -> None:
        """Have a queue or a bucket be made only now."""
        self._made[thing] = self.clock.now

    def _since(self, when: dict[str, float], thing: str) -> float:
        return self.clock.now - when.get(thing, float("-inf"))

    def _answer(self, operation: str, asked: Any, call: Callable[[], Any]) -> Any:
        queue = asked.get("QueueName") or asked.get("QueueUrl", "").rpartition("/")[2]
        if queue:
            return self._of_queue(operation, queue, asked, call)
        if "Bucket" in asked:
            return self._of_bucket(operation, asked["Bucket"], call)
        found = call()
        if operation == "ListQueues":
            urls = found.get("QueueUrls", [])
            found["QueueUrls"] = [u for u in urls if not self.is_hidden(u.rpartition("/")[2])]
        return found

    def _of_queue(self, operation: str, name: str, asked: Any, call: Callable[[], Any]) -> Any:
        if operation == "CreateQueue":
            return self._create_queue(name, asked, call)
        if self.is_hidden(name):
            raise refusal(UNKNOWN, 400, "The specified queue does not exist.", operation)
        if operation == "DeleteQueue":
            self._gone[name] = self.clock.now
            self._made.pop(name, None)
        if operation == "PurgeQueue":
            if self._since(self._purged, name) < 60:
                raise refusal("AWS.SimpleQueueService.PurgeQueueInProgress", 403)
            self._purged[name] = self.clock.now
            # moto's own minute is a real one.
            sqs_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].get_queue(name).last_purged_at = None
        if operation == "GetQueueAttributes" and self._is_unseen("SetQueueAttributes", name):
            return {"Attributes": {k: v for k, v in call()["Attributes"].items() if k != "Policy"}}
        if operation == "SetQueueAttributes":
            self._set[f"{operation} {name}"] = self.clock.now
        return call()

    def _create_queue(self, name: str, asked: Any, call: Callable[[], Any]) -> Any:
        if self._since(self._gone, name) < 60:
            raise refusal("AWS.SimpleQueueService.QueueDeletedRecently")
        redrive = asked["Attributes"].get("RedrivePolicy", "")
        if any(f':{dead}"' in redrive and self.is_hidden(dead) for dead in self._made):
            why = "Value for parameter RedrivePolicy is invalid. Reason: Dead letter target does"
            raise refusal("InvalidParameterValue", 400, f"{why} not exist.")
        found = call()
        self._made.setdefault(name, self.clock.now)
        return found

    def _of_bucket(self, operation: str, name: str, call: Callable[[], Any]) -> Any:
        if operation == "CreateBucket":
            if self._since(self._gone, name) < self.seconds:
                raise refusal("OperationAborted", 409, "A conflicting conditional operation")
            found = call()
            self._made.setdefault(name, self.clock.now)
            return found
        if self.is_hidden(name):
            raise refusal("404" if operation == "HeadBucket" else "NoSuchBucket", 404)
        if operation == "DeleteBucket":
            self._gone[name] = self.clock.now
            self._made.pop(name, None)
        for put, (get, unset) in SHOWN.items():
            if operation == get and self._is_unseen(put, name):
                if unset:
                    raise refusal(unset, 404)
                return {}
        if operation == "PutBucketNotificationConfiguration" and any(
            self._is_unseen("SetQueueAttributes", queue) for queue in self._made
        ):
            why = "Unable to validate the following destination configurations"
            raise refusal("InvalidArgument", 400, why)
        if operation in SHOWN:
            self._set[f"{operation} {name}"] = self.clock.now
        return call()

    def _is_unseen(self, put: str, thing: str) -> bool:
        key = f"{put} {thing}"
        return (key in self._set and put in self.never) or self._since(
            self._set, key
        ) < self.seconds

    def count(self, *operations: str) -> int:
        """How often any of some operations was asked for."""
        return sum(one in operations for one in self.calls)
