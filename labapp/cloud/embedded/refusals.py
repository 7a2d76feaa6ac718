"""What the local cloud's gate says no to, in the words of the protocol in which it was asked.

S3 answers in XML, SQS in JSON to today's SDKs and in XML to those before the end of 2023, STS in
the same XML; so boto3 and the others show code and message as they do on Amazon.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import uuid4
from xml.sax.saxutils import escape

from labapp.cloud.embedded.state import OWNERS_KEY, REFUSED_HEADER

#: The header that names the action in SQS's JSON protocol, and what stands before the action.
TARGET, PREFIX = b"x-amz-target", "AmazonSQS."

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'


class RefusedError(Exception):
    """A request does not pass.

    Attributes:
        status: of HTTP.
        code: of Amazon's errors; empty where no program of AWS's is spoken to.
        text: in a sentence.
    """

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status, self.code, self.text = status, code, text


def response(error: RefusedError, headers: Mapping[bytes, bytes]) -> tuple[dict[str, str], bytes]:
    """Return headers and body of the answer to a refused request; `headers` is what it had."""
    if not error.code:
        return {"content-type": "text/plain"}, error.text.encode()
    number = str(uuid4())
    more = {REFUSED_HEADER: error.code} if OWNERS_KEY in error.text else {}
    kind = headers.get(b"content-type", b"")
    if TARGET in headers or kind.startswith(b"application/x-amz-json"):
        body = json.dumps({"__type": f"com.amazonaws.sqs#{error.code}", "message": error.text})
        more |= {"x-amzn-query-error": f"{error.code};Sender", "x-amzn-requestid": number}
        return {"content-type": "application/x-amz-json-1.0", **more}, body.encode()
    said = f"<Code>{escape(error.code)}</Code><Message>{escape(error.text)}</Message>"
    of = f"<RequestId>{number}</RequestId>"
    if kind.startswith(b"application/x-www-form-urlencoded"):
        said = f"<Error><Type>Sender</Type>{said}</Error>"
        xml = f"{_XML}<ErrorResponse>{said}{of}</ErrorResponse>"
        return {"content-type": "text/xml", "x-amzn-requestid": number, **more}, xml.encode()
    xml = f"{_XML}<Error>{said}{of}</Error>"
    return {"content-type": "application/xml", "x-amz-request-id": number, **more}, xml.encode()
