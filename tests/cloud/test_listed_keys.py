"""Pages of listings are read as botocore reads them, or left to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from labapp.cloud.listed_keys import take_objects

PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult{space}><Name>b</Name><Prefix>images/</Prefix><KeyCount>2</KeyCount>
<IsTruncated>true</IsTruncated><NextContinuationToken>t1</NextContinuationToken>
<Contents><Key>images/a%26%20b&amp;c.jpg</Key><LastModified>2026-11-21T10:00:00.000Z</LastModified>
<ETag>&quot;e1&quot;</ETag><Size>12</Size><StorageClass>STANDARD</StorageClass></Contents>
<Contents><Key>images/é.jpg</Key><LastModified>{time}</LastModified><ETag>e2</ETag>
<Size>{size}</Size><Owner><ID>x</ID></Owner></Contents></ListBucketResult>"""

SPACE = ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
TIME = "2026-11-21T12:00:00+02:00"


def taken(page: str, status: int = 200) -> tuple[bytes, dict[str, Any]]:
    """Return what is left of a page, and what was taken out of it."""
    answer, found = {"status_code": status, "body": page.encode()}, dict[str, Any]()
    take_objects(response_dict=answer, customized_response_dict=found, operation_model=None)
    return answer["body"], found  # type: ignore[return-value]


@pytest.mark.parametrize("space", [SPACE, ""])
def test_objects_are_read_and_the_rest_of_the_page_is_left(space: str) -> None:
    rest, found = taken(PAGE.format(space=space, time=TIME, size=3))

    at = datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert [(one["Key"], one["Size"], one["ETag"]) for one in found["Contents"]] == [
        ("images/a%26%20b&c.jpg", 12, '"e1"'),
        ("images/é.jpg", 3, "e2"),
    ]
    assert [one["LastModified"] for one in found["Contents"]] == [at, at]
    assert b"t1" in rest
    assert b"Contents" not in rest


@pytest.mark.parametrize(
    ("time", "size", "status"),
    [("yesterday", 3, 200), ("2026-11-21T10:00:00", 3, 200), (TIME, "x", 200), (TIME, 3, 503)],
)
def test_what_is_odd_is_left_to_botocore(time: str, size: object, status: int) -> None:
    page = PAGE.format(space=SPACE, time=time, size=size)

    assert taken(page, status) == (page.encode(), {})
    assert taken("<no xml", status) == (b"<no xml", {})
    assert taken(page.replace("<ETag>e2</ETag>", ""))[1] == {}
