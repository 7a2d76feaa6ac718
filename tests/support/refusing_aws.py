"""AWS as it refuses: real words of S3, SQS and STS, given to a session's own requests.

Nothing leaves this process: each request of a `Cloud` made here is answered by `answer`, from its
service and operation, after botocore has signed it.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from io import BytesIO
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from labapp.cloud.direct import route
from labapp.cloud.session import Cloud
from labapp.settings import Settings

#: What a refused request is answered with: status, code, text.
Refusal = tuple[int, str, str]

LAB = "arn:aws:sts::123456789012:assumed-role/voclabs/user3210=Ada_Lovelace"
DENIED = "with an explicit deny in an identity-based policy"


def denied(action: str, arn: str = LAB, why: str = DENIED) -> Refusal:
    """Return what AWS says to who may not do something."""
    return 403, "AccessDenied", f"User: {arn} is not authorized to perform: {action} {why}"


@dataclass
class Asked:
    """One request, as it was signed."""

    service: str
    operation: str
    at: datetime
    key: str


class Raw(BytesIO):
    """A body as botocore reads it."""

    def stream(self, **_: object) -> Any:
        yield self.getvalue()


@dataclass
class RefusingAws:
    """Answers requests.

    Attributes:
        refuse: returns how a request is refused; None where it is answered well.
        ahead: seconds by which AWS's clock is ahead of this machine's.
        arn: who STS says that one is.
        asked: the requests so far.
    """

    refuse: Callable[[Asked], Refusal | None] = lambda _: None
    ahead: float = 0.0
    arn: str = LAB
    asked: list[Asked] = field(default_factory=list)
    #: Seconds that a signature may be off, by service.
    tolerance: dict[str, float] = field(
        default_factory=lambda: {"s3": 900.0, "sqs": 300.0, "sts": 300.0}
    )

    @property
    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.ahead)

    def begin(self) -> None:
        """Forget what was asked, and refuse nothing."""
        self.refuse, self.ahead, self.arn, self.asked = lambda _: None, 0.0, LAB, []

    def operations(self) -> list[str]:
        """Return what was asked, each as `s3:HeadBucket`."""
        return [f"{one.service}:{one.operation}" for one in self.asked]

    def send(self, request: AWSPreparedRequest, **named: Any) -> AWSResponse:
        _, service, operation = named["event_name"].split(".")
        return self.answer(service, operation, request)

    def answer(self, service: str, operation: str, request: AWSPreparedRequest) -> AWSResponse:
        came = {name.lower(): _text(value) for name, value in request.headers.items()}
        stamp, key = came.get("x-amz-date", ""), came.get("authorization", "")
        at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        asked = Asked(service, operation, at, key.partition("Credential=")[2].partition("/")[0])
        self.asked.append(asked)
        late = (self.now - at).total_seconds()
        skewed = abs(late) > self.tolerance[service]
        refused = self.refuse(asked) or (self._skewed(service, stamp, late) if skewed else None)
        status, body = refused[0] if refused else 200, b""
        if refused and request.method != "HEAD":
            body = _error(service, *refused)
        elif not refused:
            body = _WELL.get(operation, b"{}").replace(b"ARN", self.arn.encode())
        now = format_datetime(self.now, usegmt=True)
        told = {"date": now, "last-modified": now, "etag": '"e"', "content-length": f"{len(body)}"}
        raw: Any = Raw(body)
        headers: Any = told
        return AWSResponse(request.url, status, headers, raw)

    def _skewed(self, service: str, stamp: str, late: float) -> Refusal:
        if service == "s3":
            text = "The difference between the request time and the current time is too large."
            return 403, "RequestTimeTooSkewed", text
        now = self.now.strftime("%Y%m%dT%H%M%SZ")
        code = "InvalidSignatureException" if service == "sqs" else "SignatureDoesNotMatch"
        text = (
            f"Signature expired: {stamp} is now earlier than {now} ({now} - 5 min.)"
            if late > 0
            else f"Signature not yet current: {stamp} is still later than {now} ({now} + 5 min.)"
        )
        return 403, code, text


def refusing_cloud(patch: pytest.MonkeyPatch, aws: RefusingAws, **settings: Any) -> Cloud:
    """Return a cloud on AWS whose every request is answered by `aws`.

    Its clients are made at once: they cost more time than what is tried with them.
    """
    session = boto3.Session

    def made(**named: Any) -> boto3.Session:
        opened = session(**named)
        events: Any = opened.events
        events.register("before-send", aws.send)
        return opened

    patch.setattr(boto3, "Session", made)
    patch.setattr(route, "find", lambda *_: None)  # as with any hook of botocore's
    known: dict[str, Any] = {"cloud": "aws", "region": "us-east-1", "bucket": "lab", **settings}
    cloud = Cloud(Settings(**known))
    assert all((cloud.sqs, cloud.s3, cloud.sts))
    return cloud


@contextlib.contextmanager
def lab_session(aws: RefusingAws) -> Iterator[Cloud]:
    """Give a cloud with a temporary key in the environment, as a lab's command line has it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        patch.setenv("AWS_SESSION_TOKEN", "token")
        yield refusing_cloud(patch, aws)


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _error(service: str, status: int, code: str, text: str) -> bytes:
    if service == "sqs":
        return json.dumps({"__type": f"com.amazonaws.sqs#{code}", "message": text}).encode()
    if service == "sts":
        return (
            f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{text}</Message>"
            "</Error></ErrorResponse>"
        ).encode()
    return f"<Error><Code>{code}</Code><Message>{text}</Message></Error>".encode()


#: Answers to what is not refused.
_WELL = {
    "GetCallerIdentity": (
        b"<GetCallerIdentityResponse><GetCallerIdentityResult>"
        b"<Arn>ARN</Arn><UserId>AROA:x</UserId><Account>123456789012</Account>"
        b"</GetCallerIdentityResult></GetCallerIdentityResponse>"
    ),
    "GetQueueUrl": b'{"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/requestQueue"}',
    "ListObjectsV2": b"<ListBucketResult><Name>lab</Name></ListBucketResult>",
    "GetObject": b"x",
    "HeadObject": b"",
    "HeadBucket": b"",
    "PutObject": b"",
}
