"""SQS by the direct way: calls with botocore's own names and arguments.

The JSON protocol of SQS has each call's parameters as one object, and its answer as another. A
plain success is all that is handled here. Whatever else comes, the very same call is made by
botocore's client, which says what is wrong, tries again, and learns. Since it sends again what was
not answered, as it does by itself, nothing may be taken more often than before.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from labapp.cloud.direct.answers import Answer
from labapp.cloud.direct.sending import Asked, Sender

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: The calls that go the direct way, by botocore's names, and whether each may be sent once more
#: though it may have been taken: nothing is sent, and no message received, twice for that.
_CALLS = {
    "change_message_visibility": True,
    "change_message_visibility_batch": True,
    "create_queue": True,
    "delete_message": True,
    "delete_message_batch": True,
    "get_queue_attributes": True,
    "get_queue_url": True,
    "list_queues": True,
    "list_queue_tags": True,
    "receive_message": False,
    "send_message": False,
    "send_message_batch": False,
    "set_queue_attributes": True,
}

#: Bytes of the largest answer that is read: ten messages of 1 MiB with every sign as `\\u0000`.
_MOST = 64 * 1024 * 1024

#: How the error ends that a queue is not there, in SQS's old words and in its new ones.
_NO_QUEUE = ("QueueDoesNotExist", "NonExistentQueue")

_HEADERS = {"content-type": "application/x-amz-json-1.0"}


class DirectSqs:
    """SQS's client for one cloud: shared by threads. What is not a call of above is botocore's."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._sender = Sender(cloud, "sqs")

    def __getattr__(self, name: str) -> Any:
        if name not in _CALLS:
            return getattr(self._cloud.sqs, name)
        call: Callable[..., Any] = partial(self._call, name)
        self.__dict__[name] = call
        return call

    def find(self, queue: str) -> str | None:
        """Return the address of a queue, empty where SQS says that there is none; None: unsure."""
        found = self._send("get_queue_url", {"QueueName": queue})
        if found is None or found.status not in (200, 400):
            return None
        try:
            told = json.loads(found.body)
            if found.status == 200:
                return str(told["QueueUrl"])
            return "" if str(told["__type"]).endswith(_NO_QUEUE) else None
        except (ValueError, TypeError, KeyError, RecursionError):
            return None

    def get(self, path: str, most: int) -> bytes | None:
        """Return what is at a path of the host, of so many bytes at most; None: nothing."""
        found = self._sender.send(Asked("GET", path.removeprefix("/"), {}), most=most)
        return found.body if found and found.status == 200 else None

    def _call(self, name: str, /, **asked: Any) -> Any:
        """Make a call; return its answer as botocore would."""
        answer = self._ask(name, asked)
        return getattr(self._cloud.sqs, name)(**asked) if answer is None else answer

    def _ask(self, name: str, asked: dict[str, Any]) -> dict[str, Any] | None:
        """Return the answer to a call; None where it is no plain success."""
        found = self._send(name, asked)
        if found is None or found.status != 200:
            return None
        try:
            answer = json.loads(found.body or b"{}")
            for message in answer.get("Messages") or ():
                _decode(message)
        except (ValueError, TypeError, AttributeError, RecursionError):
            return None
        answer = {name: value for name, value in answer.items() if value is not None}
        answer["ResponseMetadata"] = {
            "RequestId": found.headers.get("x-amzn-requestid", ""),
            "HTTPStatusCode": found.status,
            "HTTPHeaders": found.headers,
            "RetryAttempts": 0,
        }
        return answer

    def _send(self, name: str, asked: dict[str, Any]) -> Answer | None:
        """Send a call; return what came, None where nothing did."""
        try:
            body = json.dumps(asked, default=_encoded).encode()
        except (TypeError, ValueError):  # what only botocore can write
            return None
        headers = {**_HEADERS, "x-amz-target": f"AmazonSQS.{name.title().replace('_', '')}"}
        request = Asked("POST", "", headers, body)
        return self._sender.send(request, most=_MOST, repeatable=_CALLS[name])


def _encoded(value: object) -> str:
    """Return bytes as JSON has them."""
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    raise TypeError


def _decode(message: dict[str, Any]) -> None:
    """Turn what JSON holds encoded of a message into bytes."""
    for attribute in (message.get("MessageAttributes") or {}).values():
        if "BinaryValue" in attribute:
            attribute["BinaryValue"] = base64.b64decode(attribute["BinaryValue"], validate=True)
