"""What AWS says of a queue, and errors that it is made to answer with."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud


def attributes(cloud: Cloud, name: str) -> dict[str, str]:
    url = Queue(cloud, name).url
    found: Any = cloud.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return dict(found)


def answering(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, refused: str, code: str) -> None:
    """Let AWS answer an operation with an error."""

    def answered(self: Any, operation: str, parameters: Any) -> Any:
        if operation == refused:
            answer: Any = {"Error": {"Code": code, "Message": "You may not."}}
            raise ClientError(answer, operation)
        return call(self, operation, parameters)

    kind: Any = type(cloud.sqs if "Queue" in refused else cloud.s3)
    call = kind._make_api_call
    monkeypatch.setattr(kind, "_make_api_call", answered)
