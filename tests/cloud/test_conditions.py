"""Whether a store heeds conditions is found out by trying, and only where it has to be."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from labapp.cloud import conditions
from labapp.cloud.abilities import LACKING, Ability
from labapp.cloud.bucket import TEXT, Bucket
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, ForbiddenError
from labapp.labels.layout import OWN
from labapp.settings import Settings
from tests.support import odd_stores
from tests.support.aws_answers import refuse

PRECONDITION = (412, "PreconditionFailed", "At least one of the pre-conditions did not hold")

PROBE_KEY = conditions.probe_key(Settings())


def puts(cloud: Cloud) -> list[str]:
    """Return the PUTs of a cloud's client, as they come."""
    found: list[str] = []

    def note(request: Any, **_: object) -> None:
        if request.method == "PUT":
            found.append(request.url)

    odd_stores.on(cloud.s3, "before-sign.s3", note)
    return found


def has(header: str) -> Any:
    return lambda request: header in request.headers


def test_a_store_that_heeds_conditions_is_tried_once_and_keeps_one_small_object(
    odd: Cloud,
) -> None:
    told: list[str] = []
    odd.abilities.listen(told.append)
    sent = puts(odd)
    assert [Bucket(odd).heeds_conditions() for _ in range(3)] == [True] * 3
    assert len(sent) == 4
    other = odd_stores.another(odd)
    assert conditions.heeds(other) is True
    listed = odd.s3.list_objects_v2(Bucket="lab")["Contents"]
    assert [each["Key"] for each in listed] == [PROBE_KEY]
    assert 0 < listed[0]["Size"] < 100, "some stores take no object without bytes"
    assert not OWN.is_label_key(PROBE_KEY)
    assert told == []


@pytest.mark.parametrize(
    "ignored", [odd_stores.CONDITIONS, ("If-Match",), ("If-None-Match",)], ids=str
)
def test_a_store_that_ignores_one_of_them_is_found_out_and_that_is_told_once(
    odd: Cloud, ignored: tuple[str, ...]
) -> None:
    told: list[str] = []
    odd_stores.ignore(odd, ignored)
    assert conditions.heeds(odd) is False
    odd.abilities.listen(told.append)
    assert conditions.heeds(odd) is False
    assert told == [LACKING[Ability.CONDITIONS]]


@pytest.mark.parametrize(
    "answer",
    [
        (501, "NotImplemented", "A header you provided implies functionality"),
        (400, "InvalidArgument", "If-None-Match is not supported"),
        (400, "InvalidRequest", "conditions are not taken"),
    ],
)
def test_a_store_that_refuses_the_header_is_none_that_heeds_it(
    odd: Cloud, answer: odd_stores.Refusal
) -> None:
    odd_stores.refuse(odd.s3, has("If-None-Match"), answer)
    assert conditions.heeds(odd) is False


def test_a_store_that_lets_no_condition_hold_is_found_out(odd: Cloud) -> None:
    odd_stores.refuse(odd.s3, lambda r: has("If-Match")(r) or has("If-None-Match")(r), PRECONDITION)
    assert conditions.heeds(odd) is False


def test_a_write_lost_to_another_who_tries_is_tried_again(odd: Cloud) -> None:
    turns = itertools.count()
    odd_stores.refuse(
        odd.s3,
        lambda request: has("If-Match")(request) and next(turns) == 1,
        (409, "ConditionalRequestConflict", "somebody writes"),
    )
    assert conditions.heeds(odd) is True


def test_amazons_own_is_not_asked_unless_a_write_has_lost_too_often(bare_bucket: Bucket) -> None:
    assert bare_bucket.heeds_conditions()
    assert list(bare_bucket.list("")) == []
    assert bare_bucket.heeds_conditions(anew=True)
    assert [each.key for each in bare_bucket.list("")] == [PROBE_KEY]


def test_who_may_not_write_labels_is_told_that(odd: Cloud) -> None:
    odd_stores.refuse(odd.s3, lambda r: r.method == "PUT", (403, "AccessDenied", "Access Denied"))
    with pytest.raises(ForbiddenError, match="whether this store heeds If-Match"):
        conditions.heeds(odd)
    assert odd.abilities.holds(Ability.CONDITIONS) is None


def test_where_conditions_are_ignored_what_is_there_is_looked_at_before(odd: Cloud) -> None:
    odd_stores.ignore(odd)
    bucket = Bucket(odd)
    assert not bucket.heeds_conditions()
    first = bucket.put_if("a", b"1", TEXT, None)
    assert first
    assert bucket.put_if("a", b"2", TEXT, None) is None
    assert bucket.put_text("a", "2", new=True) is False
    assert bucket.put_if("a", b"2", TEXT, '"other"') is None
    assert bucket.put_if("b", b"2", TEXT, first) is None
    assert bucket.get("a").body == b"1"
    assert bucket.put_if("a", b"2", TEXT, first)
    assert bucket.put_text("c", "3", new=True) is True


def test_a_write_whose_condition_is_refused_goes_without_it_and_that_is_remembered(
    odd: Cloud, tmp_path: Any
) -> None:
    bucket = Bucket(odd)
    answer = (501, "NotImplemented", "A header you provided implies functionality")
    refused = odd_stores.refuse(odd.s3, has("If-None-Match"), answer)
    (tmp_path / "f").write_bytes(b"whole")
    assert bucket.upload_if(tmp_path / "f", "a", TEXT, {"x": "y"}) is True
    assert (bucket.get("a").body, bucket.get("a").metadata) == (b"whole", {"x": "y"})
    assert bucket.upload_if(tmp_path / "f", "a", TEXT, {}) is False
    assert len(refused) == 1
    assert odd.abilities.lacks(Ability.CONDITIONS)


def test_amazons_own_is_never_taken_for_a_store_that_refuses_conditions(
    bare_bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(bare_bucket.cloud.s3, monkeypatch, lambda name: name == "PutObject", "InvalidRequest")
    with pytest.raises(CloudError, match="InvalidRequest"):
        bare_bucket.put_if("a", b"1", TEXT, None)
    assert bare_bucket.cloud.abilities.holds(Ability.CONDITIONS) is None


def test_a_listing_begins_behind_its_start_also_where_the_store_does_not_heed_it(
    odd: Cloud,
) -> None:
    bucket = Bucket(odd)
    for name in "abc":
        bucket.put(name, b"", TEXT)

    def drop(params: Any, **_: object) -> None:
        params["query_string"].pop("start-after", None)

    odd_stores.on(odd.s3, "before-call.s3.ListObjectsV2", drop)
    assert [each.key for each in bucket.list("", "a")] == ["b", "c"]


def test_a_store_that_copies_nothing_has_what_is_copied_read_and_written(odd: Cloud) -> None:
    bucket = Bucket(odd)
    bucket.put("a", b"body", "image/png", {"sha256": "1"})
    refused = odd_stores.refuse(
        odd.s3, has("x-amz-copy-source"), (501, "NotImplemented", "not implemented")
    )
    bucket.copy("a", "b")
    found = bucket.get("b")
    assert (found.body, found.content_type, found.metadata) == (
        b"body", "image/png", {"sha256": "1"},
    )  # fmt: skip
    assert refused
