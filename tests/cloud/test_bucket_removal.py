"""A bucket goes with every version of what is in it."""

from __future__ import annotations

from typing import Any

import pytest

from labapp.cloud import bucket_removal
from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.errors import CloudError


def test_every_version_goes_and_marks_of_deletion_too(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket_removal, "AT_ONCE", 2)
    bucket = Bucket(cloud)
    for body in (b"one", b"two", b"three"):
        bucket.put("images/a.png", body, "image/png")
    bucket.delete("images/a.png")
    asked: Any = cloud.s3
    asked.create_multipart_upload(Bucket=bucket.name, Key="images/half.png")
    assert sum(bucket_removal.remove(cloud)) == 4
    assert cloud.s3.list_buckets()["Buckets"] == []


def test_a_bucket_that_is_not_there_counts_as_removed(bare_cloud: Cloud) -> None:
    assert list(bucket_removal.remove(bare_cloud)) == []


def test_what_may_not_be_deleted_is_told(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    Bucket(cloud).put("images/a.png", b"one", "image/png")
    error = {"Key": "images/a.png", "Code": "AccessDenied", "Message": "Access Denied"}
    monkeypatch.setattr(cloud.s3, "delete_objects", lambda **_: {"Errors": [error]})
    with pytest.raises(CloudError, match=r"cannot delete images/a\.png .*AccessDenied"):
        list(bucket_removal.remove(cloud))


def test_a_store_that_keeps_all_ends_it(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    Bucket(cloud).put("images/a.png", b"one", "image/png")
    monkeypatch.setattr(cloud.s3, "delete_objects", lambda **_: {})
    with pytest.raises(CloudError, match="keeps what is deleted"):
        list(bucket_removal.remove(cloud))
