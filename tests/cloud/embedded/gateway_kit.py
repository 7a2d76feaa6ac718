"""What tests of the local cloud's gateway use: a stand-in for MiniStack, and calls."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from labapp.cloud.embedded.gate import Gate
from labapp.cloud.embedded.gateway import Gateway, Message, Receive, Scope, Send
from labapp.cloud.embedded.receiving import LongPolls
from labapp.cloud.embedded.state import Key, State

#: Whose cloud it is: of a process, at a port, with a secret and a key.
STATE = State(77, 4566, 1.5, "5ec7e7")
KEY = Key("LABAPPAAAAAAAAAAAAAA", "S" * 40)

#: How anybody's request shows a key of theirs.
STUDENT = "AWS4-HMAC-SHA256 Credential=student/20261127/us-east-1/sqs/aws4_request"

QUEUE = "http://127.0.0.1:4566/000000000000/q"


def standing(*, shared: bool = False) -> Gate:
    """Return a gate that has stood for an hour, so that it takes what was signed a moment ago."""
    gate = Gate(STATE, KEY, lambda: shared)
    gate._verifier._began -= 3600
    return gate


def shared() -> Gate:
    """Return the gate of a cloud that takes any key."""
    return standing(shared=True)


def signature(
    method: str, path: str, body: bytes = b"", key: Key = KEY, service: str = "sqs"
) -> dict[str, str]:
    """Return the headers by which a request is signed."""
    request = AWSRequest(method, f"http://127.0.0.1:4566{path}", {}, body)
    sign = S3SigV4Auth if service == "s3" else SigV4Auth
    sign(Credentials(key.id, key.secret), service, "us-east-1").add_auth(request)
    return {name.lower(): str(value) for name, value in request.headers.items()}


class Queues:
    """A stand-in for MiniStack and its SQS module: one queue, which answers no long poll itself."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.looked = asyncio.Event()
        self.bodies: list[bytes] = []
        self.attributes = {"QueueArn": "arn:aws:sqs:us-east-1:000000000000:q"}
        self._HANDLERS: dict[str, Any] = {
            "SendMessage": self.send,
            "SendMessageBatch": self.send,
            "ChangeMessageVisibility": self.show,
            "ChangeMessageVisibilityBatch": self.show,
            "DeleteMessage": self.show,
            "DeleteMessageBatch": self.show,
            "ReceiveMessage": self.look,
        }
        self.polls = LongPolls(self)
        self.polls.install()

    def _get_q(self, url: str) -> dict[str, Any]:
        assert url == QUEUE
        return {"attributes": self.attributes, "is_fifo": False}

    def send(self, request: dict[str, Any], _: str) -> dict[str, Any]:
        self.messages.append(request["MessageBody"])
        return {}

    def show(self, request: dict[str, Any], _: str) -> dict[str, Any]:
        return {}

    async def look(self, request: dict[str, Any], _: str) -> dict[str, Any]:
        assert request["WaitTimeSeconds"] == 0
        self.looked.set()
        return {"Messages": [{"Body": self.messages.pop()}]} if self.messages else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        assert message["type"] == "http.request"
        assert not message["more_body"]
        self.bodies.append(message["body"])
        target = dict(scope["headers"]).get(b"x-amz-target", b"").decode()
        answer = {}
        if handler := self._HANDLERS.get(target.partition(".")[2]):
            answer = handler(json.loads(message["body"]), "")
            if asyncio.iscoroutine(answer):
                answer = await answer
        headers = [(b"content-type", b"application/x-amz-json-1.0")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})


class Call:
    """One request to the gateway, and its answer."""

    def __init__(
        self,
        gateway: Gateway,
        path: str = "/",
        *,
        action: str = "",
        body: bytes = b"",
        chunks: tuple[bytes, ...] = (),
        method: str = "POST",
        headers: dict[str, str] | None = None,
    ) -> None:
        given = {"host": "127.0.0.1:4566", "authorization": STUDENT, **(headers or {})}
        pairs = [(n.encode(), v.encode()) for n, v in given.items()]
        if action:
            pairs.append((b"x-amz-target", f"AmazonSQS.{action}".encode()))
        self.scope: Scope = {"type": "http", "method": method, "path": path, "headers": pairs}
        self.gateway = gateway
        self.left = asyncio.Event()
        self.pieces = list(chunks or (body,))
        self.sent: list[Message] = []

    async def _receive(self) -> Message:
        if self.pieces:
            piece = self.pieces.pop(0)
            return {"type": "http.request", "body": piece, "more_body": bool(self.pieces)}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        # As ASGI has it: the start with its headers, and then the body.
        assert message["type"] == f"http.response.{'body' if self.sent else 'start'}"
        assert self.sent or isinstance(message["headers"], list)
        self.sent.append(message)

    async def done(self) -> Call:
        async with asyncio.timeout(10):
            await self.gateway(self.scope, self._receive, self._send)
        return self

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])

    @property
    def answer(self) -> Any:
        return json.loads(b"".join(message["body"] for message in self.sent[1:]))
