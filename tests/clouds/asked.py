"""A request to S3, SQS or STS as it travels, and the refusal that its service would answer."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field

#: What stands in the query of a request that is about a part of a bucket, and its name in calls.
_PARTS = {
    "acl": "Acl",
    "encryption": "Encryption",
    "lifecycle": "Lifecycle",
    "location": "Location",
    "notification": "Notification",
    "policy": "Policy",
    "publicAccessBlock": "PublicAccessBlock",
    "versioning": "Versioning",
    "versions": "Versions",
}


@dataclass(frozen=True)
class Asked:
    """One request.

    Attributes:
        service: `sqs`, `s3` or `sts`.
        action: what is asked for: `SendMessage`, `PutObject`, `PutBucketPolicy`.
        headers: by their names in small letters.
        body: as it travels.
    """

    service: str
    action: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def document(self) -> Mapping[str, object]:
        """The parameters of a request to SQS."""
        found = json.loads(self.body or b"{}")
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True)
class Refusal:
    """What a service answers instead of doing what is asked.

    Attributes:
        status: of HTTP.
        code: the error's, as botocore names it.
        message: its words.
        headers: beside those that every answer has.
    """

    status: int
    code: str
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def answer(self, asked: Asked, method: str) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body as the service that was asked would have them."""
        headers = {**self.headers}
        if asked.service == "sqs":
            headers["Content-Type"] = "application/x-amz-json-1.0"
            headers["x-amzn-query-error"] = f"{self.code};Sender"
            kind = f"com.amazonaws.sqs#{self.code.rpartition('.')[2]}"
            body = json.dumps({"__type": kind, "message": self.message})
        else:
            headers["Content-Type"] = "application/xml"
            body = f"<Error><Code>{self.code}</Code><Message>{self.message}</Message></Error>"
            if asked.service == "sts":
                body = f"<ErrorResponse>{body}</ErrorResponse>"
        data = b"" if method == "HEAD" else body.encode()
        headers["Content-Length"] = str(len(data))
        return self.status, headers, data


def asked(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Asked:
    """Return what a request asks for.

    Args:
        method: of HTTP.
        url: the whole address, or the path with its query.
        headers: of any case.
        body: as it travels.
    """
    small = {name.lower(): str(value) for name, value in headers.items()}
    target = small.get("x-amz-target", "")
    if target:
        return Asked("sqs", target.partition(".")[2], small, body)
    form = urllib.parse.parse_qs(body.decode("latin-1")) if method == "POST" else {}
    if action := form.get("Action"):
        return Asked("sts", action[0], small, body)
    parts = urllib.parse.urlsplit(url)
    host = parts.netloc or small.get("host", "")
    # Amazon's own addresses name the bucket in front of the host, all others in the path.
    is_path = ".amazonaws.com" not in host or host.startswith("s3.")
    _, _, key = parts.path.lstrip("/").partition("/") if is_path else ("", "", parts.path[1:])
    return Asked("s3", _s3_action(method, key, parts.query), small, body)


def _s3_action(method: str, key: str, query: str) -> str:
    """Return what a request to S3 asks for, in the words of its calls."""
    named = [part.partition("=")[0] for part in query.split("&")]
    verb = method.title()
    if key:
        if "uploadId" in named:
            return "UploadPart" if "partNumber" in named else "CompleteMultipartUpload"
        return "CreateMultipartUpload" if "uploads" in named else f"{verb}Object"
    for part, name in _PARTS.items():
        if part in named:
            return f"{verb}Bucket{name}"
    if method == "GET":
        return "ListObjects"
    return {"PUT": "CreateBucket", "POST": "DeleteObjects"}.get(method, f"{verb}Bucket")
