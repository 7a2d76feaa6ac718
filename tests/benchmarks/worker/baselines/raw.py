"""The loop without boto3: what Python can do that signs its requests and speaks HTTP by itself.

The order of work, its lanes and its batches are those of `tuned`, so what lies between the two is
botocore. The key that signs is made once a day, each thread keeps its connection, and nothing but
plain success is understood: a bound to be held against, no way to work.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import threading
import time
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

from tests.benchmarks.worker import job as the_job
from tests.benchmarks.worker.baselines import lanes

HOST = urlsplit(the_job.endpoint()).netloc
ACCESS_KEY, SECRET = (os.environ[name] for name in the_job.KEYS)

_own = threading.local()


@cache
def _signing_key(day: str, service: str) -> bytes:
    key = b"AWS4" + SECRET.encode()
    for part in (day, the_job.REGION, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _signed(
    service: str, method: str, path: str, body: bytes, headers: dict[str, str]
) -> dict[str, str]:
    """Return the headers of a request, with its signature (AWS Signature Version 4)."""
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    digest = hashlib.sha256(body).hexdigest()
    scope = f"{moment[:8]}/{the_job.REGION}/{service}/aws4_request"
    every = {"host": HOST, "x-amz-content-sha256": digest, "x-amz-date": moment, **headers}
    names = ";".join(sorted(every))
    lines = "".join(f"{name}:{every[name]}\n" for name in sorted(every))
    canonical = hashlib.sha256(f"{method}\n{path}\n\n{lines}\n{names}\n{digest}".encode())
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{canonical.hexdigest()}"
    signature = hmac.digest(_signing_key(moment[:8], service), text.encode(), "sha256").hex()
    every["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{scope}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    return every


def call(
    service: str, method: str, path: str, body: bytes, headers: dict[str, str] | None = None
) -> bytes:
    """Make one request on this thread's connection; anything but success ends the loop."""
    connection = getattr(_own, "connection", None)
    if connection is None:
        connection = _own.connection = http.client.HTTPConnection(HOST, timeout=60)
    connection.request(method, path, body, _signed(service, method, path, body, headers or {}))
    answer = connection.getresponse()
    content: bytes = answer.read()
    if answer.status >= 300:
        raise SystemExit(f"{method} {path}: {answer.status} {content[:200]!r}")
    return content


def sqs(operation: str, **data: Any) -> dict[str, Any]:
    """Make one call of SQS, by its JSON protocol."""
    headers = {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": f"AmazonSQS.{operation}",
    }
    content = call("sqs", "POST", "/", json.dumps(data).encode(), headers)
    found: dict[str, Any] = json.loads(content or b"{}")
    return found


class Raw:
    """What a lane needs, by hand."""

    def put_object(self, **asked: Any) -> None:
        """Put a log."""
        call("s3", "PUT", f"/{asked['Bucket']}/{quote(asked['Key'])}", asked["Body"])

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        """Receive ten."""
        return sqs("ReceiveMessage", **asked)

    def send_message_batch(self, **asked: Any) -> dict[str, Any]:
        """Send the replies to one queue."""
        return sqs("SendMessageBatch", **asked)

    def delete_message_batch(self, **asked: Any) -> dict[str, Any]:
        """Delete what was answered."""
        return sqs("DeleteMessageBatch", **asked)


if __name__ == "__main__":
    lanes.main(Raw(), Raw(), __spec__.name)
