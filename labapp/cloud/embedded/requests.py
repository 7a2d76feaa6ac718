"""What a request to the local cloud asks of SQS, in whichever of its two protocols.

SDKs of today send JSON with the action in a header; those before the end of 2023, which some labs'
clients still use, send a form and get XML.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from labapp import foreign
from labapp.cloud.embedded.refusals import PREFIX, TARGET

#: Bytes of a request or an answer: ten messages of 1 MiB, each byte of which may be escaped.
MOST_BODY = 64_000_000

_FORM = b"application/x-www-form-urlencoded"

_HANDLES = re.compile(r"<ReceiptHandle>([^<]+)</ReceiptHandle>")


@dataclass(frozen=True)
class SqsRequest:
    """One request to SQS.

    Attributes:
        action: such as `SendMessage`.
        parameters: what it gives besides.
        is_form: whether it came as a form.
    """

    action: str
    parameters: dict[str, Any]
    is_form: bool = False

    @property
    def url(self) -> str:
        """The address of its queue; empty where it names none."""
        return str(self.parameters.get("QueueUrl", ""))

    @property
    def queue(self) -> str:
        """The name of its queue."""
        return self.url.rsplit("/", 1)[-1]

    def look(self) -> bytes:
        """Return the body of the same request without a wait."""
        short = {**self.parameters, "WaitTimeSeconds": 0}
        return urlencode(short).encode() if self.is_form else json.dumps(short).encode()

    def handles(self, answer: bytes) -> list[str]:
        """Return the receipt handles of the messages in the answer to a receive."""
        if self.is_form:
            return _HANDLES.findall(answer.decode("utf-8", "replace"))
        return [each.get("ReceiptHandle", "") for each in json_object(answer).get("Messages", [])]


def sqs_request(headers: dict[bytes, bytes], path: str, body: bytes) -> SqsRequest | None:
    """Return what a request asks of SQS; None where it does not."""
    target = headers.get(TARGET, b"").decode("latin-1")
    if target.startswith(PREFIX):
        return SqsRequest(target.removeprefix(PREFIX), json_object(body))
    if not headers.get(b"content-type", b"").startswith(_FORM):
        return None
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    if "Action" not in form:
        return None
    form.setdefault("QueueUrl", path)  # its path names the queue too
    return SqsRequest(form["Action"], form, is_form=True)


def json_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in `body`; empty where there is none."""
    return foreign.object_or_empty(body, MOST_BODY, halves=True)  # SQS itself says what is wrong
