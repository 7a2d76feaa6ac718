"""Clouds that are set up, and broken in one way: moto behind hooks of botocore, in this process.

Each is a context manager on a cloud's own clients; what it answers is in the words of the service.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from email.utils import format_datetime
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from labapp import utc
from labapp.cloud.session import Cloud
from tests.support.refusing_aws import LAB, RefusingAws, denied

#: Who may do everything but one thing, as STS names him to moto.
ANNA = "arn:aws:iam::123456789012:user/anna"

#: What a refusal of one right says behind the user and the action.
LACKS = "because no identity-based policy allows the action"


@contextlib.contextmanager
def hooked(cloud: Cloud, event: str, hook: Callable[..., Any]) -> Iterator[None]:
    """Have all clients of a cloud call a hook before their own."""
    clients: list[Any] = [cloud.s3, cloud.sqs, cloud.sts]
    for client in clients:
        client.meta.events.register_first(event, hook)
    try:
        yield
    finally:
        for client in clients:
            client.meta.events.unregister(event, hook)


@contextlib.contextmanager
def refusing(cloud: Cloud, aws: RefusingAws) -> Iterator[None]:
    """Have a cloud's requests refused as `aws` says; what it does not refuse, moto does."""

    def answered(
        request: AWSPreparedRequest, event_name: str, **more: object
    ) -> AWSResponse | None:
        _, service, operation = event_name.split(".")
        answer = aws.answer(service, operation, request)
        tells = service == "sts" and aws.arn == LAB  # whom moto does not know
        return answer if answer.status_code >= 300 or tells else None

    with hooked(cloud, "before-send", answered):
        yield


@contextlib.contextmanager
def wrong_clock(cloud: Cloud, ahead: float) -> Iterator[None]:
    """Have the services' clock be so many seconds ahead of this machine's, and say so."""
    aws = RefusingAws(ahead=ahead, arn=ANNA)

    def dated(parsed: dict[str, Any], **_: object) -> None:
        parsed["ResponseMetadata"]["HTTPHeaders"]["date"] = format_datetime(aws.now, usegmt=True)

    try:
        with refusing(cloud, aws), hooked(cloud, "after-call", dated):
            yield
    finally:
        utc.correct(0.0)


@contextlib.contextmanager
def denying(cloud: Cloud, *actions: str) -> Iterator[None]:
    """Have the cloud deny calls, each named as `sqs:DeleteMessage`, and batches of them."""
    aws = RefusingAws(arn=ANNA)
    aws.refuse = lambda asked: next(
        (
            denied(action, ANNA, LACKS)
            for action in actions
            if f"{asked.service}:{asked.operation.removesuffix('Batch')}" == action
        ),
        None,
    )
    with refusing(cloud, aws):
        yield


@contextlib.contextmanager
def ended_session(cloud: Cloud) -> Iterator[None]:
    """Have the lab session be over: all is denied but to ask STS who one is."""
    aws = RefusingAws(arn=LAB)
    aws.refuse = lambda asked: (
        None if asked.service == "sts" else denied(f"{asked.service}:{asked.operation}")
    )
    with refusing(cloud, aws):
        yield


@contextlib.contextmanager
def without_conditions(cloud: Cloud) -> Iterator[None]:
    """Have the store ignore If-Match and If-None-Match."""

    def drop(request: Any, **_: object) -> None:
        for name in ("If-Match", "If-None-Match"):
            del request.headers[name]

    with hooked(cloud, "before-sign", drop):
        yield
