"""What goes wrong on real clouds, by name: what is answered, and what the programs make of it.

Each row is injected in front of a cloud that works: in this process by the tests, and by a proxy
before the three programs in the lane `faults`. Words and codes are those that AWS documents or that
the services named in a row answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate

from botocore.auth import SIGV4_TIMESTAMP

from tests.clouds.asked import Asked, Refusal

#: Decides what a request is refused with, None for nothing; the number is how often its action was
#: asked for before, and what the fault keeps between requests is its own.
Rule = Callable[[Asked, int], Refusal | None]

#: Seconds by which the clock is off: beyond the 15 minutes that S3 allows.
OFF = 5400.0

#: Exit codes that rows end with.
DONE, FAILED, NO_CREDENTIALS, TIMED_OUT = 0, 1, 4, 5

#: A list that is sent without waiting for its answer.
SEND = ("client.py", "numbers", "1,2", "--timeout", "0")


@dataclass(frozen=True)
class Fault:
    """One row.

    Attributes:
        name: what goes wrong.
        rule: makes the rule that decides, anew for each run.
        command: the program that meets it, with its words; `{key}` is a picture's key.
        code: its exit code.
        says: what it must say, on either stream.
        ignored: headers of requests that the cloud does not know.
        bare: whether bucket and queues are still to be made.
        untrusted: whether the cloud's certificate is signed by nobody known.
    """

    name: str
    rule: Callable[[], Rule]
    command: tuple[str, ...]
    code: int
    says: tuple[str, ...]
    ignored: frozenset[str] = frozenset()
    bare: bool = False
    untrusted: bool = False


def _nothing() -> Rule:
    return lambda asked, before: None


def _everything(refusal: Refusal, *but: str) -> Callable[[], Rule]:
    """Refuse all but some actions."""
    return lambda: lambda asked, before: None if asked.action in but else refusal


def _first(times: int, refusal: Refusal, *actions: str) -> Callable[[], Rule]:
    """Refuse some actions so many times each."""
    return lambda: (
        lambda asked, before: refusal if asked.action in actions and before < times else None
    )


def _always(refusal: Refusal, *actions: str) -> Callable[[], Rule]:
    """Refuse some actions."""
    return lambda: lambda asked, before: refusal if asked.action in actions else None


def _skewed(*, mends: bool) -> Callable[[], Rule]:
    """Refuse what is not signed with the cloud's time, or all; S3 and SQS have their own words."""

    def rule(asked: Asked, before: int) -> Refusal | None:
        now = time.time() + OFF
        signed = asked.headers.get("x-amz-date", "")
        if mends and signed[:11] == time.strftime(SIGV4_TIMESTAMP, time.gmtime(now))[:11]:
            return None
        date = {"Date": formatdate(now, usegmt=True)}
        if asked.service == "s3":
            words = "The difference between the request time and the current time is too large."
            return Refusal(403, "RequestTimeTooSkewed", words, date)
        words = f"Signature expired: {signed} is now earlier than 20261127T230000Z"
        return Refusal(403, "InvalidSignatureException", words, date)

    return lambda: rule


def _late_queues() -> Rule:
    """Know a queue from the third time on that it is asked for after it was made."""
    asked_for: dict[str, int] = {}
    missing = Refusal(
        400, "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist."
    )

    def rule(asked: Asked, before: int) -> Refusal | None:
        if asked.service != "sqs":
            return None
        told = asked.document
        name = str(told.get("QueueName") or str(told.get("QueueUrl", "")).rpartition("/")[2])
        if asked.action == "CreateQueue":
            asked_for[name] = 0
        elif name in asked_for and asked_for[name] < 2:
            asked_for[name] += 1
            return missing
        return None

    return rule


def _no_groups() -> Rule:
    words = (
        "Value test for parameter MessageGroupId is invalid. Reason: The request include parameter"
        " that is not valid for this queue type."
    )
    refusal = Refusal(400, "InvalidParameterValue", words)
    return lambda asked, before: (
        refusal
        if asked.action.startswith("SendMessage") and b"MessageGroupId" in asked.body
        else None
    )


def _elsewhere() -> Rule:
    """Send every request to S3 on that is not signed for the bucket's region."""
    words = (
        "The bucket you are attempting to access must be addressed using the specified endpoint."
    )
    there = {"x-amz-bucket-region": "eu-north-1"}
    refusal = Refusal(301, "PermanentRedirect", words, there)
    return lambda asked, before: (
        refusal
        if asked.service == "s3" and "/eu-north-1/s3/" not in asked.headers.get("authorization", "")
        else None
    )


def _checksums_wanted() -> Rule:
    words = (
        "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object"
        " Lock parameters"
    )
    refusal = Refusal(400, "InvalidRequest", words)

    def rule(asked: Asked, before: int) -> Refusal | None:
        given = any(name.startswith(("content-md5", "x-amz-checksum")) for name in asked.headers)
        return refusal if asked.action == "PutObject" and not given else None

    return rule


_LAB_OVER = (
    "User: arn:aws:sts::123456789012:assumed-role/voclabs/user1=a@b is not authorized to perform:"
    " this action with an explicit deny in an identity-based policy:"
    " arn:aws:iam::123456789012:policy/voc-cancel-cred"
)
_WHO = "GetCallerIdentity"

FAULTS = (
    Fault(
        "a lab session that ended",
        _everything(Refusal(403, "AccessDenied", _LAB_OVER), _WHO),
        ("admin.py", "queues"),
        NO_CREDENTIALS,
        ("the lab session is over", "Start the lab again"),
    ),
    Fault(
        "an expired session token",
        _everything(Refusal(403, "ExpiredToken", "The security token included is expired")),
        SEND,
        NO_CREDENTIALS,
        ("have expired",),
    ),
    Fault(
        "a clock that is wrong",
        _skewed(mends=True),
        ("admin.py", "queues"),
        DONE,
        ("this machine's clock is 1 h 30 min behind", "signed with the right time"),
    ),
    Fault(
        "a clock that no signature mends",
        _skewed(mends=False),
        ("admin.py", "queues"),
        FAILED,
        ("1 h 30 min behind", "Set the clock"),
    ),
    Fault(
        "a queue deleted a moment ago",
        _first(
            2,
            Refusal(
                400,
                "AWS.SimpleQueueService.QueueDeletedRecently",
                "You must wait 60 seconds after deleting a queue before you can create another with"
                " the same name.",
            ),
            "CreateQueue",
        ),
        ("admin.py", "cloud", "up"),
        DONE,
        ("queue requestQueue: made",),
        bare=True,
    ),
    Fault(
        "a queue purged a moment ago",
        _first(
            1,
            Refusal(
                403,
                "AWS.SimpleQueueService.PurgeQueueInProgress",
                "Only one PurgeQueue operation on requestQueue is allowed every 60 seconds.",
            ),
            "PurgeQueue",
        ),
        ("admin.py", "queues", "purge", "requestQueue", "--yes"),
        DONE,
        ("purged requestQueue",),
    ),
    Fault(
        "queues that are known late",
        _late_queues,
        ("admin.py", "cloud", "up"),
        DONE,
        ("queue requestQueue: made", "notification drop/* to imageInbox: made"),
        bare=True,
    ),
    Fault(
        "a policy that is known late",
        _first(
            2,
            Refusal(
                400,
                "InvalidArgument",
                "Unable to validate the following destination configurations",
            ),
            "PutBucketNotification",
        ),
        ("admin.py", "cloud", "up"),
        DONE,
        ("notification drop/* to imageInbox: made",),
        bare=True,
    ),
    Fault(
        "a store that ignores conditions",
        _nothing,
        ("client.py", "answer", "{key}", "1", "--annotator", "anna"),
        DONE,
        ("does not heed If-Match",),
        ignored=frozenset({"if-match", "if-none-match"}),
    ),
    Fault(
        "message groups refused on standard queues",
        _no_groups,
        SEND,
        TIMED_OUT,
        ("takes no MessageGroupId",),
    ),
    Fault(
        "a checksum wanted with each write, as for Object Lock",
        _checksums_wanted,
        ("client.py", "answer", "{key}", "1", "--annotator", "anna"),
        DONE,
        (),
    ),
    Fault(
        "a bucket in another region",
        _elsewhere,
        ("client.py", "answer", "{key}", "1", "--annotator", "anna"),
        DONE,
        ("the bucket is in eu-north-1",),
    ),
    Fault(
        "a certificate that nobody signed",
        _nothing,
        ("admin.py", "cloud", "status"),
        FAILED,
        ("certificate",),
        untrusted=True,
    ),
    Fault(
        "one action that is denied",
        _always(Refusal(403, "AccessDenied", "Access Denied"), "PutObject"),
        ("client.py", "answer", "{key}", "1", "--annotator", "anna"),
        NO_CREDENTIALS,
        ("s3:PutObject", "cloud policies"),
    ),
)
