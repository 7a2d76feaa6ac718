"""What the local cloud deletes by itself, by the lifecycle rules of its buckets, as S3 does.

MiniStack keeps such rules and does nothing by them. Here they are acted on at a start and once an
hour: objects whose days are over, and uploads in parts that nobody finished. Versions there are
none. A rule that is for more than a prefix, such as tags or sizes, is left alone.

Source of the times: "Lifecycle configuration elements" in Amazon's S3 User Guide. Days are counted
from when an object was stored, and end at the next midnight, UTC.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

#: Seconds between two looks: S3 looks once a day, but a laptop is seldom on at midnight.
EVERY = 3600.0

#: How a time begins; and days that no cloud is old.
_TIME, _MOST_DAYS = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T", re.ASCII), 36_500

#: What a request for the end of an upload in parts has in its query, and no other.
_UPLOAD = "uploadId"

_log = logging.getLogger("labapp.local")


@dataclass(frozen=True)
class Expired:
    """What a rule says is to go: an object, or the upload of that number."""

    bucket: str
    key: str
    upload: str = ""


async def keep_expiring(s3: Any) -> None:
    """Delete what the rules say, now and again and again, between requests.

    Args:
        s3: MiniStack's module, which holds what was kept.
    """
    while True:
        try:
            count = 0
            for one in list(expired(s3, datetime.now(UTC))):
                count += delete(s3, one)
                await asyncio.sleep(0)  # requests come first
            if count:
                _log.info("%d objects or uploads expired by lifecycle rules", count)
        except Exception:  # noqa: BLE001 - a rule like no other must not be the last look
            _log.exception("the lifecycle rules could not be acted on")
        await asyncio.sleep(EVERY)


def expired(s3: Any, now: datetime) -> Iterator[Expired]:
    """Yield what is to go by the rules of all buckets."""
    for bucket, rules in list(s3._bucket_lifecycle.items()):
        held = s3._buckets.get(bucket)
        for rule in rules if held and isinstance(rules, list) else ():
            prefix = _prefix(rule)
            if rule.get("Status") != "Enabled" or prefix is None:
                continue
            if days := _days(rule, "Expiration", "Days"):
                for key, record in held["objects"].items():
                    if key.startswith(prefix) and _is_over(record.get("last_modified"), days, now):
                        yield Expired(bucket, key)
            if days := _days(rule, "AbortIncompleteMultipartUpload", "DaysAfterInitiation"):
                for number, upload in s3._multipart_uploads.items():
                    mine = upload["bucket"] == bucket and upload["key"].startswith(prefix)
                    if mine and _is_over(upload.get("created"), days, now):
                        yield Expired(bucket, upload["key"], str(number))


def delete(s3: Any, one: Expired) -> bool:
    """Delete what has expired as a request would, so that it is gone from the disk too."""
    query = {_UPLOAD: [one.upload]} if one.upload else {}
    status, _, _ = s3._dispatch("DELETE", one.bucket, one.key, {}, b"", query)
    return int(status) == 204


def _prefix(rule: Any) -> str | None:
    """Return the prefix that a rule is for; None where it is for something else besides."""
    filters = dict(rule.get("Filter") or {})
    prefix = filters.pop("Prefix", rule.get("Prefix", ""))
    return None if filters else str(prefix)


def _days(rule: Any, action: str, name: str) -> int:
    """Return the days of an action; 0 where the rule has none, or names a date."""
    found = rule.get(action)
    with contextlib.suppress(TypeError, ValueError, AttributeError):
        return max(0, int(found.get(name, 0)))
    return 0


def _is_over(stored: object, days: int, now: datetime) -> bool:
    """Tell whether days since a time, as MiniStack writes it, have ended at a midnight.

    Of what was stored at midnight itself they end a day later than S3 has it.
    """
    if not (isinstance(stored, str) and _TIME.match(stored)):
        return False  # as a disk may have damaged it: it stays
    first_kept = (now - timedelta(days=min(days, _MOST_DAYS))).date()
    return stored[:10] < first_kept.isoformat()
