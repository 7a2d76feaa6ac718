"""Makes examinations short, and tells what is in a cloud before and after one."""

from __future__ import annotations

from typing import Any

import pytest

from labapp.cloud import lifecycle, provision, queues
from labapp.cloud.doctor import notification
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.jobs import lab


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the doctor wait for an event no longer than one takes here."""
    monkeypatch.setattr(notification, "ARRIVES", 2.0)
    monkeypatch.setattr(notification, "LOOK", 0.02)


def held(cloud: Cloud) -> dict[str, Any]:
    """Return all there is in a cloud: objects with their versions, uploads, messages."""
    name = cloud.bucket_name
    try:
        versions: Any = cloud.s3.list_object_versions(Bucket=name)
        uploads: Any = cloud.s3.list_multipart_uploads(Bucket=name)
    except cloud.s3.exceptions.NoSuchBucket:
        versions = uploads = {}
    return {
        "versions": versions.get("Versions", []),
        "markers": versions.get("DeleteMarkers", []),
        "uploads": uploads.get("Uploads", []),
        "messages": {one: Queue(cloud, one).counts() for one in queues.names(cloud)},
    }


@pytest.fixture
def well(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """Give an account that is set up; moto reads no conditions, so its bucket has no TLS rule."""
    kept = tuple(one for one in provision.PROTECTIONS if one.name != "TLS only")
    monkeypatch.setattr(provision, "PROTECTIONS", kept)
    lifecycle.keep(cloud, lab.lifecycle_rules(cloud.settings))
    return cloud
