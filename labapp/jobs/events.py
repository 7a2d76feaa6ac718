"""What S3 tells of objects put in the bucket: by itself, by way of SNS, or by EventBridge.

Formats: "Event message structure" and "Using EventBridge" in the Amazon S3 user guide; "Raw message
delivery" in Amazon SNS's. S3 delivers at least once, so an event is known by what it tells of: the
key and its sequencer, or its version.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

#: Envelopes within each other that are opened: an event by EventBridge, by SNS.
DEEPEST = 3

#: How a JSON object begins, also one that was cut.
_OBJECT = re.compile(r'\{\s*"')


@dataclass(frozen=True)
class Created:
    """One object that was put in a bucket.

    Attributes:
        bucket: the bucket's name.
        key: the object's key as written.
        encoded: whether keys are URL-encoded there, as in S3's own events.
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
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _read(found: object, deepest: int) -> list[Created] | None:
    if not isinstance(found, dict) or not deepest:
        return None
    if found.get("Event") == "s3:TestEvent":
        return []
    if "Records" in found:
        return list(_records(found["Records"]))
    if "detail-type" in found and found.get("source", "aws.s3") == "aws.s3":
        return list(_bridged(found))
    if found.get("Type") == "Notification" and isinstance(found.get("Message"), str):
        return _read(_json(found["Message"]), deepest - 1)
    return None


def _records(records: object) -> Iterator[Created]:
    """Yield what S3's own event tells of."""
    for record in records if isinstance(records, list) else []:
        try:
            name = str(record["eventName"]).removeprefix("s3:")
            put = record["s3"]["object"]
            if name.startswith("ObjectCreated:"):
                mark = _mark(put, "sequencer", "versionId")
                yield Created(str(record["s3"]["bucket"]["name"]), str(put["key"]), True, mark)
        except (KeyError, TypeError, AttributeError):
            continue


def _bridged(event: Mapping[str, Any]) -> Iterator[Created]:
    """Yield what EventBridge tells of; it leaves keys as they are."""
    try:
        put = event["detail"]["object"]
        if event["detail-type"] == "Object Created":
            mark = _mark(put, "sequencer", "version-id")
            yield Created(str(event["detail"]["bucket"]["name"]), str(put["key"]), False, mark)
    except (KeyError, TypeError, AttributeError):
        return


def _mark(put: Mapping[str, Any], *names: str) -> str:
    """Return the first of some fields that says something: without versions, S3 says `null`."""
    return next((str(put[name]) for name in names if put.get(name) not in (None, "", "null")), "")
