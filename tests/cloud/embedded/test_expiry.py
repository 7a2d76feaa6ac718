"""The local cloud deletes by its buckets' lifecycle rules, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ministack.services import s3

from labapp.cloud.embedded import expiry
from tests.cloud.embedded.s3_kit import ask, fresh, good

NOW = datetime(2027, 3, 1, 0, 30, tzinfo=UTC)


def rule(prefix: str, action: str, status: str = "Enabled", more: str = "") -> str:
    filters = f"<Filter><Prefix>{prefix}</Prefix>{more}</Filter>"
    return f"<Rule><ID>{prefix}</ID><Status>{status}</Status>{filters}{action}</Rule>"


def days(count: int) -> str:
    return f"<Expiration><Days>{count}</Days></Expiration>"


ABORT = (
    "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>"
    "</AbortIncompleteMultipartUpload>"
)


def set_rules(*rules: str) -> None:
    body = f"<LifecycleConfiguration>{''.join(rules)}</LifecycleConfiguration>"
    good("PUT", "/bkt?lifecycle", body.encode())


def stored(key: str, at: datetime) -> None:
    good("PUT", f"/bkt/{key}", b"x")
    s3._buckets["bkt"]["objects"][key]["last_modified"] = f"{at:%Y-%m-%dT%H:%M:%S.000Z}"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Any]:
    with fresh(tmp_path) as found:
        good("PUT", "/bkt")
        yield found


def ended() -> list[str]:
    return sorted(one.key for one in expiry.expired(s3, NOW))


@pytest.mark.usefixtures("store")
def test_objects_below_a_prefix_end_at_the_midnight_after_their_days() -> None:
    set_rules(rule("logs/", days(30)))
    stored("logs/old", NOW - timedelta(days=31))
    stored("logs/late", datetime(2027, 1, 29, 23, 59, tzinfo=UTC))
    stored("logs/midnight", datetime(2027, 1, 30, 0, 0, 1, tzinfo=UTC))
    stored("labels/old", NOW - timedelta(days=400))
    assert ended() == ["logs/late", "logs/old"]


@pytest.mark.parametrize(
    "other",
    [
        rule("", days(1), "Disabled"),
        rule("", days(1), more="<Tag><Key>a</Key><Value>b</Value></Tag>"),
        rule("", days(1), more="<ObjectSizeGreaterThan>0</ObjectSizeGreaterThan>"),
        rule("", "<Expiration><Date>2020-01-01</Date></Expiration>"),
        rule("", "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker>"
             "</Expiration>"),
        rule("", "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>"
             "</NoncurrentVersionExpiration>"),
        "",
    ],
)  # fmt: skip
@pytest.mark.usefixtures("store")
def test_no_rule_of_another_kind_ends_anything(other: str) -> None:
    stored("images/old", NOW - timedelta(days=400))
    if other:
        set_rules(other)
    assert ended() == []


@pytest.mark.parametrize("time", ["", None, 7, "2020", "x", "0000"])
@pytest.mark.usefixtures("store")
def test_an_object_whose_time_is_damaged_stays(time: object) -> None:
    set_rules(rule("", days(1)))
    stored("a", NOW)
    s3._buckets["bkt"]["objects"]["a"]["last_modified"] = time
    assert ended() == []


@pytest.mark.usefixtures("store")
def test_days_beyond_any_date_end_nothing() -> None:
    set_rules(rule("", days(2_000_000_000)))
    stored("a", NOW - timedelta(days=4000))
    assert ended() == []


def test_what_has_expired_is_gone_from_the_disk_too_and_nothing_else(tmp_path: Path) -> None:
    with fresh(tmp_path):
        good("PUT", "/bkt")
        set_rules(rule("logs/", days(1)), rule("", ABORT))
        stored("logs/old", NOW - timedelta(days=9))
        stored("images/old", NOW - timedelta(days=9))
        good("POST", "/bkt/big?uploads")
        (number,) = s3._multipart_uploads
        good("PUT", f"/bkt/big?uploadId={number}&partNumber=1", b"part")
        s3._multipart_uploads[number]["created"] = "2027-01-01T00:00:00.000Z"
        gone = list(expiry.expired(s3, NOW))
        assert [(one.key, one.upload) for one in gone] == [("logs/old", ""), ("big", str(number))]
        assert all(expiry.delete(s3, one) for one in gone)
    assert not list(tmp_path.rglob("upload.json"))
    with fresh(tmp_path):
        assert ask("GET", "/bkt/logs/old")[0] == 404
        assert good("GET", "/bkt/images/old") == b"x"
        assert not list(s3._multipart_uploads)
        assert not list(expiry.expired(s3, NOW))
