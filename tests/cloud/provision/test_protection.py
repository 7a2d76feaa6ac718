"""Each protection of the bucket is looked at before it is set, and never takes what others set."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labapp.cloud.bucket import Bucket
from labapp.cloud.endpoints import at
from labapp.cloud.place import Place
from labapp.cloud.provision import (
    PROTECTIONS,
    Protection,
    bucket_exists,
    is_locked_out,
    protect,
)
from labapp.cloud.session import Cloud
from labapp.errors import ForbiddenError
from tests.support.aws_answers import refusal, refuse


def there(endpoint: str = "", *, is_local: bool = False) -> Any:
    return SimpleNamespace(bucket_name="lab", is_local=is_local, place=Place("", "", at(endpoint)))


class Told:
    """A protection that answers as it is told, and notes when it is set."""

    def __init__(self, answer: bool | ClientError, refused: ClientError | None = None) -> None:
        self.answer, self.refused = answer, refused
        self.set_in: list[str] = []
        self.protection = Protection("x", "x", self._is_set, self._set)

    def _is_set(self, _: Cloud, name: str) -> bool:
        if isinstance(self.answer, ClientError):
            raise self.answer
        return self.answer

    def _set(self, _: Cloud, name: str) -> None:
        if self.refused:
            raise self.refused
        self.set_in.append(name)
        self.answer = True


@pytest.mark.parametrize("dry", [True, False])
@pytest.mark.parametrize(
    ("answer", "was_there", "lacking"),
    [(True, True, False), (False, True, True), (True, False, True), (False, False, True)],
)
def test_what_is_lacking_is_set_unless_only_a_look_was_asked_for(
    answer: bool, was_there: bool, lacking: bool, dry: bool
) -> None:
    told = Told(answer)
    assert protect(there(), told.protection, there=was_there, dry=dry) is lacking
    assert told.set_in == (["lab"] if lacking and not dry else [])


@pytest.mark.parametrize(
    "code",
    [
        *("NoSuchPublicAccessBlockConfiguration", "NoSuchBucketPolicy"),
        "ServerSideEncryptionConfigurationNotFoundError",
        *("AccessDenied", "AccessDeniedException", "403"),
    ],
)
def test_what_was_never_set_and_what_may_not_be_looked_at_counts_as_lacking(code: str) -> None:
    told = Told(refusal(code))
    assert protect(there(), told.protection, there=True, dry=False) is True
    assert told.set_in == ["lab"]


def test_a_bucket_that_cannot_be_asked_is_told() -> None:
    told = Told(refusal("SlowDown"))
    with pytest.raises(ClientError, match="SlowDown"):
        protect(there("http://lab"), told.protection, there=True, dry=False)
    assert told.set_in == []


@pytest.mark.parametrize(
    ("code", "endpoint", "passes"),
    [
        ("NotImplemented", "http://lab", True),
        ("NotImplemented", "", False),
        ("AccessDenied", "http://lab", False),
    ],
)
def test_a_store_other_than_amazons_need_not_have_it(
    code: str, endpoint: str, passes: bool
) -> None:
    told = Told(False, refusal(code))
    if passes:
        assert protect(there(endpoint), told.protection, there=True, dry=False) is None
        return
    with pytest.raises(ClientError, match=code):
        protect(there(endpoint), told.protection, there=True, dry=False)


@pytest.mark.parametrize(
    ("cloud", "apply"),
    [
        (there(), {"no public access", "encryption", "versioning", "TLS only"}),
        (there("https://s3.lab"), {"no public access", "encryption", "versioning", "TLS only"}),
        (there("http://lab:4566"), {"no public access", "encryption", "versioning"}),
        (there("http://127.0.0.1:4566", is_local=True), {"no public access", "encryption"}),
    ],
    ids=["Amazon", "TLS", "no TLS", "local"],
)
def test_which_make_sense_hangs_on_the_cloud(cloud: Any, apply: set[str]) -> None:
    assert {one.name for one in PROTECTIONS if one.applies(cloud)} == apply


def test_a_bucket_that_refuses_what_is_asked_without_tls_is_told_with_that(
    bucket: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "place", replace(bucket.place, endpoints=at("http://lab")))
    refuse(bucket.s3, monkeypatch, lambda operation: operation == "HeadBucket", "403", 403)
    with pytest.raises(ForbiddenError, match="at http://lab, which is without TLS") as caught:
        bucket_exists(bucket)
    assert "https" in caught.value.remedy


def test_who_is_kept_out_by_our_own_protection_is_known(
    bucket: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = replace(bucket.place, endpoints=at("http://lab"))
    monkeypatch.setattr(bucket, "place", plain)
    assert not is_locked_out(bucket)
    assert given(bucket, "TLS only")
    assert is_locked_out(bucket)
    refuse(bucket.s3, monkeypatch, lambda operation: operation == "GetBucketPolicy")
    assert not is_locked_out(bucket), "who may not read it has other troubles"
    monkeypatch.undo()
    assert not is_locked_out(bucket), "Amazon is asked by TLS"


@pytest.fixture
def bucket(bare_bucket: Bucket) -> Cloud:
    return bare_bucket.cloud


def named(name: str) -> Protection:
    return next(one for one in PROTECTIONS if one.name == name)


def given(cloud: Cloud, name: str) -> bool | None:
    """Give the bucket a protection if it lacks it; return whether it did."""
    return protect(cloud, named(name), there=True, dry=False)


def test_all_four_ways_into_the_public_are_blocked_and_three_are_not_enough(bucket: Cloud) -> None:
    assert given(bucket, "no public access") is True
    found: Any = bucket.s3.get_public_access_block(Bucket=bucket.bucket_name)
    blocks = found["PublicAccessBlockConfiguration"]
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    assert blocks == dict.fromkeys(names, True)
    assert given(bucket, "no public access") is False
    for name in names:
        three: Any = {**blocks, name: False}
        bucket.s3.put_public_access_block(
            Bucket=bucket.bucket_name, PublicAccessBlockConfiguration=three
        )
        assert given(bucket, "no public access") is True


def test_versions_that_were_suspended_are_kept_again(bucket: Cloud) -> None:
    assert given(bucket, "versioning") is True
    bucket.s3.put_bucket_versioning(
        Bucket=bucket.bucket_name, VersioningConfiguration={"Status": "Suspended"}
    )
    assert given(bucket, "versioning") is True
    assert given(bucket, "versioning") is False


def test_what_is_stored_is_encrypted_with_amazons_own_key(
    bucket: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(bucket.s3, "put_bucket_encryption", lambda **asked: told.append(asked))
    monkeypatch.setattr(bucket.s3, "get_bucket_encryption", lambda **_: told)
    protect(bucket, named("encryption"), there=False, dry=False)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    encryption = {"Rules": [rule]}
    assert told == [{"Bucket": bucket.bucket_name, "ServerSideEncryptionConfiguration": encryption}]


def test_nobody_reaches_the_bucket_or_what_is_in_it_without_tls(bucket: Cloud) -> None:
    assert given(bucket, "TLS only") is True
    policy = json.loads(bucket.s3.get_bucket_policy(Bucket=bucket.bucket_name)["Policy"])
    arn = f"arn:aws:s3:::{bucket.bucket_name}"
    assert policy["Statement"] == [
        {
            "Sid": "DenyWithoutTLS",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, f"{arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]


def test_a_policy_that_may_not_be_read_is_never_written_over(
    bucket: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(**_: str) -> None:
        raise refusal("AccessDenied")

    written: list[Any] = []
    monkeypatch.setattr(bucket.s3, "get_bucket_policy", refused)
    monkeypatch.setattr(bucket.s3, "put_bucket_policy", lambda **asked: written.append(asked))
    with pytest.raises(ClientError, match="AccessDenied"):
        given(bucket, "TLS only")
    assert written == []
