"""What AWS says of a queue, and errors that it is made to answer with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud


def attributes(cloud: Cloud, name: str) -> dict[str, str]:
    url = Queue(cloud, name).url
    found: Any = cloud.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return dict(found)


def refusal(
    code: str, status: int = 400, message: str = "It says why.", operation: str = "PutObject"
) -> ClientError:
    """Return what boto3 raises where AWS refuses an operation."""
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(answer, operation)


def refuse(
    client: Any,
    monkeypatch: pytest.MonkeyPatch,
    which: Callable[[str], bool],
    code: str = "AccessDenied",
    status: int = 400,
) -> None:
    """Have a service refuse the operations that `which` names."""

    def answered(self: Any, operation: str, parameters: Any) -> Any:
        if which(operation):
            raise refusal(code, status, f"It says why not {operation}.", operation)
        return call(self, operation, parameters)

    kind = type(client)
    call = kind._make_api_call
    monkeypatch.setattr(kind, "_make_api_call", answered)


def answering(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, refused: str, code: str) -> None:
    """Let AWS answer an operation with an error."""
    client = cloud.sqs if "Queue" in refused else cloud.s3
    refuse(client, monkeypatch, lambda operation: operation == refused, code)
