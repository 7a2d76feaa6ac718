"""The local cloud in this process, and boto3's clients and older ones that talk to it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import boto3
from botocore.awsrequest import AWSResponse
from ministack import app as front

from labapp.cloud.embedded import one_account, server
from labapp.cloud.embedded.disk import Disk
from labapp.cloud.embedded.gateway import Gateway, Message
from tests.cloud.embedded.gateway_kit import shared
from tests.cloud.embedded.s3_kit import as_it_was

#: Where a client believes the cloud to be.
ENDPOINT = "http://127.0.0.1:4566"


@contextmanager
def served(home: Path) -> Iterator[Gateway]:
    """Give the local cloud of a folder as it is after a start, shared; stop it at the end."""
    names = ("set_request_account_id", "set_request_region")
    before = {name: getattr(front, name) for name in names}
    with as_it_was():
        one_account.install_front(front)
        queues, _ = server._load(home, Disk(home))
        try:
            yield Gateway(front.app, shared())
        finally:
            queues.close()
            for name, value in before.items():
                setattr(front, name, value)


def client(gateway: Gateway, service: str, key: str = "student", region: str = "us-east-1") -> Any:
    """Return a client of boto3's whose requests `gateway` answers, and no network."""
    make: Any = boto3.client
    made = make(
        service,
        endpoint_url=ENDPOINT,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key="secret",
    )
    made.meta.events.register("before-send", lambda request, **_: _sent(gateway, request))
    return made


def form(gateway: Gateway, action: str, path: str = "/", **fields: str) -> str:
    """Ask SQS by a form, as SDKs did before the end of 2023, and those for other languages do."""
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "authorization": "AWS4-HMAC-SHA256 Credential=student/20261127/eu-west-3/sqs/aws4_request",
    }
    body = urlencode({"Action": action, "Version": "2012-11-05", **fields}).encode()
    status, _, text = asyncio.run(_asked(gateway, "POST", path, headers, body))
    assert status == 200, text
    return text.decode()


class _Raw(io.BytesIO):
    """What botocore reads an answer from."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


def _sent(gateway: Gateway, request: Any) -> AWSResponse:
    parts = urlsplit(request.url)
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else value
        for name, value in request.headers.items()
    }
    body = request.body.read() if hasattr(request.body, "read") else request.body or b""
    body = body.encode() if isinstance(body, str) else body
    path = f"{parts.path}?{parts.query}"
    asked = _asked(gateway, request.method, path, headers, body)
    status, found, content = asyncio.run(asked)
    return AWSResponse(request.url, status, found, _Raw(content))


async def _asked(
    gateway: Gateway, method: str, path: str, headers: dict[str, str], body: bytes
) -> tuple[int, Any, bytes]:
    where, _, query = path.partition("?")
    named = {"host": "127.0.0.1:4566", **headers}
    pieces: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[Message] = []

    async def receive() -> Message:
        if not pieces:
            await asyncio.Event().wait()  # the client stays
        return pieces.pop()

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": where,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in named.items()],
    }
    await gateway(scope, receive, send)
    answered = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], answered, b"".join(each.get("body", b"") for each in sent[1:])
