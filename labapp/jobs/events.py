"""S3's event notifications of new objects: sent by itself, by way of SNS, or by EventBridge.

Formats: "Event message structure" and "Using EventBridge" in the Amazon S3 user guide; "Raw message
delivery" in Amazon SNS's. S3 delivers at least once, so an event is known by what it tells of: the
key and its sequencer, or its version.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from labapp import foreign

#: Characters of an event: SQS takes no message of more bytes.
MOST = 1_048_576

#: Objects of one event that are taken; S3 tells of one.
MOST_RECORDS = 100

#: Characters of a name in it: a key of 1,024 bytes, each of them encoded.
_MOST_NAME = 3_072

#: Envelopes within each other that are opened: an event by EventBridge, by SNS.
DEEPEST = 3

#: What S3 calls the message that it sends once, when it is told where its events go.
_TRIAL = "s3:TestEvent"

#: How a JSON object begins, also one that was cut.
_OBJECT = re.compile(r'\{\s*"')


@dataclass(frozen=True)
class Created:
    """One object that was put in a bucket.

    Attributes:
        bucket: the bucket's name.
        key: the object's key as written.
        encoded: whether keys are URL-encoded there, as in S3's own events; not by EventBridge.
        mark: what tells this put from every other of the key; empty where nothing does.
    """

    bucket: str
    key: str
    encoded: bool
    mark: str

    def job(self, key: str) -> str:
        """Return the id of the job that this asks for; `key` is the key as it is in the bucket."""
        text = "\n".join((self.bucket, key, self.mark))
        return f"drop-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def read(body: str) -> list[Created] | None:
    """Return the objects that an event says were put; none where it tells of something else.

    None: the body is no event of S3.
    """
    return _read(_json(body), DEEPEST)


def is_trial(body: str) -> bool:
    """Return whether S3 sent a body on trial, when it was told to send its events there."""
    found = _json(body)
    return isinstance(found, dict) and found.get("Event") == _TRIAL


def is_machine_made(body: str) -> bool:
    """Return whether a program wrote a body for another: JSON that is no list of numbers.

    Nobody reads an answer to it, and those who read the plain clients' queue would take it for one
    of theirs.
    """
    found = _json(body)
    if isinstance(found, list):
        return any(not isinstance(one, int | float) or isinstance(one, bool) for one in found)
    return isinstance(found, dict) or bool(_OBJECT.match(body.lstrip()))


def _json(body: str) -> object:
    if not body.lstrip().startswith(("{", "[")):
        return None
    try:
        return foreign.read(body, MOST)
    except foreign.ForeignError:
        return None


def _read(found: object, deepest: int) -> list[Created] | None:
    if not isinstance(found, dict) or not deepest:
        return None
    if found.get("Event") == _TRIAL:
        return []
    if "Records" in found:
        return _records(found["Records"])
    if "detail-type" in found and found.get("source", "aws.s3") == "aws.s3":
        is_new = found["detail-type"] == "Object Created"
        return _created(found.get("detail"), False, "version-id") if is_new else []
    if found.get("Type") == "Notification" and isinstance(found.get("Message"), str):
        return _read(_json(found["Message"]), deepest - 1)
    return None


def _records(records: object) -> list[Created]:
    """Return what S3's own event tells of."""
    found: list[Created] = []
    for record in map(foreign.table, foreign.as_list(records)[:MOST_RECORDS]):
        if str(record.get("eventName")).removeprefix("s3:").startswith("ObjectCreated:"):
            found += _created(record.get("s3"), True, "versionId")
    return found


def _created(part: object, encoded: bool, version: str) -> list[Created]:
    """Return the object that a part of an event tells of; none where it names none."""
    told = foreign.table(part)
    put = foreign.table(told.get("object"))
    bucket, key = foreign.table(told.get("bucket")).get("name"), put.get("key")
    if not (isinstance(bucket, str) and isinstance(key, str) and len(key) <= _MOST_NAME):
        return []
    # The first that says something: without versions, S3 says `null`.
    marks = (foreign.text(put.get(name)) for name in ("sequencer", version))
    mark = next((each for each in marks if each not in ("", "null")), "")
    return [Created(bucket, key, encoded, mark)]
