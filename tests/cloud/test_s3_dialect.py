"""What a store refuses for its form is sent in another form, which is remembered if it helps."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from labapp.cloud.abilities import LACKING, Ability
from labapp.cloud.bucket import TEXT, Bucket
from labapp.cloud.direct import route
from labapp.cloud.other_bucket import with_bucket
from labapp.cloud.session import Cloud
from labapp.errors import CloudError
from tests.support import odd_stores

LOCKED = (
    400,
    "InvalidRequest",
    "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object"
    " Lock parameters",
)
MISSING = (400, "MissingContentMD5", "Missing required header for this request: Content-MD5.")
UNSIGNED = (400, "XAmzContentSHA256Mismatch", "The provided header does not match.")
UNKNOWN = (501, "NotImplemented", "A header you provided implies functionality that is not.")


def sent_by(cloud: Cloud) -> list[Any]:
    found: list[Any] = []

    def note(request: Any, **_: object) -> None:
        found.append(request)

    odd_stores.on(cloud.s3, "before-send.s3", note)
    return found


def md5(body: bytes) -> bytes:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest())


@pytest.mark.parametrize("answer", [LOCKED, MISSING], ids=lambda answer: answer[1])
def test_a_bucket_that_wants_checksums_gets_them_from_its_first_refusal_on(
    odd: Cloud, answer: odd_stores.Refusal, tmp_path: Any
) -> None:
    def lacks(request: Any) -> bool:
        return request.method == "PUT" and "Content-MD5" not in request.headers

    refused = odd_stores.refuse(odd.s3, lacks, answer)
    told: list[str] = []
    odd.abilities.listen(told.append)
    sent = sent_by(odd)
    bucket = Bucket(odd)
    bucket.put("a", b"one", TEXT)
    (tmp_path / "f").write_bytes(b"two" * 100_000)
    bucket.upload(tmp_path / "f", "b", TEXT)
    odd.refresh()
    assert refused == ["PutObject"]
    assert told == [LACKING[Ability.NO_CHECKSUM]]
    assert [one.headers.get("Content-MD5") for one in sent[1:]] == [
        md5(b"one"), md5(b"two" * 100_000),
    ]  # fmt: skip
    assert bucket.get("b").body == b"two" * 100_000


def test_a_store_that_refuses_unsigned_bodies_gets_them_signed(odd: Cloud) -> None:
    def unsigned(request: Any) -> bool:
        return bytes(request.headers["X-Amz-Content-SHA256"]) == b"UNSIGNED-PAYLOAD"

    refused = odd_stores.refuse(odd.s3, unsigned, UNSIGNED)
    bucket = Bucket(odd)
    bucket.put("a", b"one", TEXT)
    bucket.put("b", b"two", TEXT)
    assert bucket.get("b").body == b"two"
    assert refused == ["PutObject"]
    assert odd.abilities.lacks(Ability.UNSIGNED)


def test_a_store_that_refuses_the_checksums_that_boto3_sends_gets_md5(odd: Cloud) -> None:
    def new(request: Any) -> bool:
        return any(name.lower().startswith("x-amz-checksum") for name in request.headers)

    refused = odd_stores.refuse(odd.s3, new, UNKNOWN)
    policy = '{"Version": "2012-10-17", "Statement": []}'
    sent = sent_by(odd)
    for _ in range(2):
        odd.s3.put_bucket_policy(Bucket="lab", Policy=policy)
    assert refused == ["PutBucketPolicy"]
    assert [one.headers.get("Content-MD5") for one in sent] == [None, *[md5(policy.encode())] * 2]


def test_what_does_not_help_is_not_remembered_and_the_refusal_is_told(odd: Cloud) -> None:
    told: list[str] = []
    odd.abilities.listen(told.append)
    refused = odd_stores.refuse(odd.s3, lambda request: request.method == "PUT", LOCKED)
    with pytest.raises(CloudError, match="Object Lock parameters"):
        Bucket(odd).put("a", b"one", TEXT)
    assert refused == ["PutObject"] * 2
    assert (told, odd.abilities.holds(Ability.NO_CHECKSUM)) == ([], None)


@pytest.mark.parametrize(
    ("answer", "method"),
    [
        ((301, "PermanentRedirect", "must be addressed by the endpoint"), "PUT"),
        ((400, "AuthorizationHeaderMalformed", "the region is wrong"), "PUT"),
        ((301, "", ""), "HEAD"),
    ],
    ids=str,
)
def test_a_bucket_in_another_region_is_served_from_there_and_that_is_told_once(
    bare_cloud: Cloud, answer: odd_stores.Refusal, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Cloud, "_make", _made)
    cloud = Cloud(bare_cloud.settings)
    monkeypatch.setattr(cloud, "_bucket", "lab")
    elsewhere: Any = {"LocationConstraint": "eu-west-1"}
    bare_cloud.s3.create_bucket(Bucket="lab", CreateBucketConfiguration=elsewhere)
    told: list[str] = []
    cloud.abilities.listen(told.append)
    refused = odd_stores.refuse(
        cloud.s3,
        lambda request: "eu-west-1" not in request.url,
        answer,
        {"x-amz-bucket-region": "eu-west-1"},
    )
    generation = cloud.generation
    if method == "HEAD":
        cloud.s3.head_bucket(Bucket="lab")
    else:
        Bucket(cloud).put("a", b"1", TEXT)
    assert len(refused) == 1
    assert told == ["the bucket is in eu-west-1, and is served from there; queues are in us-east-1"]
    assert cloud.generation == generation + 1
    assert (cloud.s3.meta.region_name, cloud.sqs.meta.region_name) == ("eu-west-1", "us-east-1")
    cloud.follow_bucket()  # as another thread has, that still asks by the client before
    assert cloud.generation == generation + 1
    monkeypatch.setattr(route, "_is_answered_in_process", lambda: False)
    way = route.find(cloud, "s3", "lab")
    assert way
    assert (way.host, way.base) == ("lab.s3.eu-west-1.amazonaws.com", "/")
    assert way.scope == ("eu-west-1", "s3")
    cloud.refresh()
    assert cloud.s3.meta.region_name == "eu-west-1"


def test_another_bucket_in_another_region_moves_nothing_of_the_labs(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Cloud, "_make", _made)
    cloud = Cloud(bare_cloud.settings)
    monkeypatch.setattr(cloud, "_bucket", "lab")
    elsewhere: Any = {"LocationConstraint": "eu-west-1"}
    bare_cloud.s3.create_bucket(Bucket="theirs", CreateBucketConfiguration=elsewhere)
    refused = odd_stores.refuse(
        cloud.s3,
        lambda request: "eu-west-1" not in request.url,
        (301, "PermanentRedirect", "must be addressed by the endpoint"),
        {"x-amz-bucket-region": "eu-west-1"},
    )
    there, generation = Bucket(with_bucket(cloud, "theirs")), cloud.generation
    there.put("a", b"1", TEXT)
    assert there.get("a").body == b"1"
    assert refused
    assert cloud.generation == generation
    assert cloud.s3.meta.region_name == "us-east-1"
    assert not cloud.abilities.bucket_region


_made = Cloud._make
