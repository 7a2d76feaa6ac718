from __future__ import annotations

from typing import Any

from labapp.cloud.bucket import Bucket
from labapp.cloud.bucket_owner import HEADER
from labapp.cloud.other_bucket import with_bucket
from labapp.cloud.session import Cloud


def test_another_bucket_is_reached_by_the_same_clients_and_may_be_anybodys(
    bare_cloud: Cloud,
) -> None:
    other = with_bucket(bare_cloud, "theirs")
    assert other.s3 is bare_cloud.s3
    assert (other.bucket_name, other.bucket_owner) == ("theirs", "")
    for cloud in (bare_cloud, other):
        cloud.s3.create_bucket(Bucket=cloud.bucket_name)
    owners = {}

    def note(params: Any, **_: Any) -> None:
        owners[params["url"]] = params["headers"].get(HEADER)

    bare_cloud.s3.meta.events.register_last("before-call.s3", note)
    try:
        for cloud in (bare_cloud, other):
            Bucket(cloud).put("a", b"x", "text/plain")
    finally:
        bare_cloud.s3.meta.events.unregister("before-call.s3", note)
    assert list(owners.values()) == [bare_cloud.account, None]
    assert Bucket(other).get("a").body == b"x"


def test_the_labs_own_bucket_is_no_other(bare_cloud: Cloud) -> None:
    assert with_bucket(bare_cloud, "") is bare_cloud
    assert with_bucket(bare_cloud, bare_cloud.bucket_name) is bare_cloud
