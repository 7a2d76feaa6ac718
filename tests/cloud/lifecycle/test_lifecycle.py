"""Lifecycle rules: ours beside those of others, set where they lack, read back."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.parsers import ResponseParserError

from labapp.cloud import lifecycle
from labapp.cloud.bucket import Bucket
from labapp.cloud.endpoints import at
from labapp.cloud.patience import NotShownError
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, ForbiddenError
from labapp.jobs import lab
from labapp.settings import Settings
from tests.support.aws_answers import answering, refusal
from tests.support.clock import Clock

UPLOADS, VERSIONS, REPORTS = "labapp-uploads", "labapp-versions", "labapp-versions-workers"


def rules(keep_days: int = 30) -> tuple[lifecycle.Rule, ...]:
    return lab.lifecycle_rules(Settings(keep_days=keep_days))


def found(cloud: Cloud) -> dict[str, Any]:
    """Return the bucket's rules as S3 has them, by their ids."""
    answer: Any = cloud.s3.get_bucket_lifecycle_configuration(Bucket=cloud.bucket_name)
    return {rule["ID"]: rule for rule in answer["Rules"]}


def put(cloud: Cloud, *documents: Any) -> None:
    configuration: Any = {"Rules": list(documents)}
    cloud.s3.put_bucket_lifecycle_configuration(
        Bucket=cloud.bucket_name, LifecycleConfiguration=configuration
    )


@pytest.fixture
def store(bare_bucket: Bucket) -> Cloud:
    return bare_bucket.cloud


def test_all_are_set_as_s3_takes_them(store: Cloud) -> None:
    before = lifecycle.keep(store, rules())
    assert before is not None
    assert not any(one.holds or one.is_there for one in before)
    assert all(one.holds for one in lifecycle.standings(store, rules()))
    there = found(store)
    assert set(there) == {UPLOADS, VERSIONS, REPORTS, *(f"labapp-{p}" for p in
                          ("inbox", "outbox", "logs"))}  # fmt: skip
    assert there[UPLOADS]["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
    assert there[UPLOADS]["Filter"] == {"Prefix": ""}
    assert there[VERSIONS]["NoncurrentVersionExpiration"]["NoncurrentDays"] == 7
    assert there[VERSIONS]["Expiration"] == {"ExpiredObjectDeleteMarker": True}
    assert there[REPORTS]["Filter"] == {"Prefix": "workers/"}
    assert there[REPORTS]["NoncurrentVersionExpiration"]["NoncurrentDays"] == 1
    for prefix in ("inbox", "outbox", "logs"):
        rule = there[f"labapp-{prefix}"]
        assert (rule["Filter"], rule["Expiration"]) == ({"Prefix": f"{prefix}/"}, {"Days": 30})
    expiring = [r["Filter"]["Prefix"] for r in there.values() if "Days" in r.get("Expiration", {})]
    assert sorted(expiring) == ["inbox/", "logs/", "outbox/"], "images/ and labels/ are for ever"


def test_the_rules_of_others_stay(store: Cloud) -> None:
    own: Any = {
        "ID": "archive",
        "Filter": {"Prefix": "images/"},
        "Status": "Enabled",
        "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}],
    }
    put(store, own)
    before = found(store)["archive"]
    lifecycle.keep(store, rules())
    lifecycle.keep(store, rules(0))
    assert found(store)["archive"] == before


def test_what_is_as_it_should_be_is_not_set_again(
    store: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    lifecycle.keep(store, rules())
    answering(store, monkeypatch, "PutBucketLifecycleConfiguration", "AccessDenied")
    before = lifecycle.keep(store, rules())
    assert before is not None
    assert all(one.holds for one in before)


@pytest.mark.parametrize("days", [7, 0])
def test_other_days_change_the_rules_that_they_are_for(store: Cloud, days: int) -> None:
    lifecycle.keep(store, rules())
    before = lifecycle.keep(store, rules(days)) or []
    changed = [one.rule.prefix for one in before if not one.holds]
    assert changed == ["inbox/", "outbox/", "logs/"]
    assert all(one.is_there for one in before)
    expiring = [one for one in found(store).values() if "Days" in one.get("Expiration", {})]
    assert [one["Expiration"]["Days"] for one in expiring] == [days] * 3 if days else not expiring
    assert {UPLOADS, VERSIONS, REPORTS} <= set(found(store))


def test_for_ever_is_as_it_should_be_where_there_is_no_rule(store: Cloud) -> None:
    lifecycle.keep(store, rules(0))
    assert all(one.holds for one in lifecycle.standings(store, rules(0)))
    assert lifecycle.standings(store, rules(0))[-1].rule.name == "logs/ never expires"


def test_one_that_was_switched_off_does_not_hold(store: Cloud) -> None:
    lifecycle.keep(store, rules())
    put(store, *({**one, "Status": "Disabled"} for one in found(store).values()))
    assert not any(one.holds for one in lifecycle.standings(store, rules()))
    lifecycle.keep(store, rules())
    assert all(one.holds for one in lifecycle.standings(store, rules()))


def test_a_rule_says_the_same_with_its_prefix_beside_the_filter() -> None:
    rule = rules()[-1]
    old = {"ID": rule.id, "Prefix": "logs/", "Status": "Enabled", "Expiration": {"Days": 30}}
    assert lifecycle._standing(rule, old).holds
    assert lifecycle._standing(rule, {**old, "NoncurrentVersionTransitions": []}).holds
    tagged = {**rule.document, "Filter": {"And": {"Prefix": "logs/", "Tags": []}}}
    assert not lifecycle._standing(rule, tagged).holds


def test_a_look_sets_nothing(store: Cloud) -> None:
    before = lifecycle.keep(store, rules(), dry=True) or []
    assert not any(one.holds for one in before)
    assert not any(one.is_there for one in lifecycle.standings(store, rules()))
    assert not lifecycle.has_ours(store)


def test_who_may_not_read_the_rules_sets_none(
    store: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, {**rules()[0].document, "ID": "theirs"})
    with monkeypatch.context() as patch:
        answering(store, patch, "GetBucketLifecycleConfiguration", "AccessDenied")
        with pytest.raises(ForbiddenError, match="read the lifecycle rules of the bucket"):
            lifecycle.keep(store, rules())
    assert list(found(store)) == ["theirs"]


def test_the_least_size_of_transitions_stays_as_others_set_it(
    store: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([{"Rules": [], "TransitionDefaultMinimumObjectSize": "varies_by_storage_class"}])
    asked: list[Any] = []
    read = store.s3.get_bucket_lifecycle_configuration
    monkeypatch.setattr(
        store.s3, "get_bucket_lifecycle_configuration", lambda **a: next(answers, None) or read(**a)
    )
    write = store.s3.put_bucket_lifecycle_configuration

    def noted(**asked_for: Any) -> Any:
        asked.append(asked_for)
        return write(**asked_for)

    monkeypatch.setattr(store.s3, "put_bucket_lifecycle_configuration", noted)
    lifecycle.keep(store, rules())
    assert asked[0]["TransitionDefaultMinimumObjectSize"] == "varies_by_storage_class"


@pytest.fixture
def elsewhere(store: Cloud, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """Give the same bucket as if it were in a store of another's."""
    from dataclasses import replace

    monkeypatch.setattr(store, "place", replace(store.place, endpoints=at("http://lab")))
    return store


@pytest.mark.parametrize(
    ("doing", "code"),
    [("Get", "NotImplemented"), ("Get", "MethodNotAllowed"), ("Put", "MalformedXML")],
)
def test_a_store_without_such_rules_is_passed_over(
    elsewhere: Cloud, monkeypatch: pytest.MonkeyPatch, code: str, doing: str
) -> None:
    answering(elsewhere, monkeypatch, f"{doing}BucketLifecycleConfiguration", code)
    assert lifecycle.keep(elsewhere, rules()) is None


def test_a_store_whose_answer_is_another_document_is_passed_over(
    elsewhere: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def garbled(**_: Any) -> Any:
        raise ResponseParserError("no XML")

    monkeypatch.setattr(elsewhere.s3, "get_bucket_lifecycle_configuration", garbled)
    assert lifecycle.keep(elsewhere, rules()) is None


@pytest.mark.parametrize("code", ["AccessDenied", "SlowDown", "ExpiredToken"])
def test_what_another_store_refuses_for_now_is_told(
    elsewhere: Cloud, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    answering(elsewhere, monkeypatch, "PutBucketLifecycleConfiguration", code)
    with pytest.raises(CloudError, match=code):
        lifecycle.keep(elsewhere, rules())


def test_amazon_is_not_passed_over(store: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(store, monkeypatch, "PutBucketLifecycleConfiguration", "MalformedXML")
    with pytest.raises(CloudError, match="set the lifecycle rules of the bucket"):
        lifecycle.keep(store, rules())


def forgetting(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, looks: int) -> None:
    """Let the bucket show no rules at so many looks."""
    left = iter(range(looks))
    read = cloud.s3.get_bucket_lifecycle_configuration

    def looked(**asked: Any) -> Any:
        if next(left, None) is not None:
            raise refusal("NoSuchLifecycleConfiguration", 404)
        return read(**asked)

    monkeypatch.setattr(cloud.s3, "get_bucket_lifecycle_configuration", looked)


def test_a_store_that_takes_them_and_forgets_them_has_none(
    elsewhere: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgetting(elsewhere, monkeypatch, 1_000)
    assert lifecycle.keep(elsewhere, rules()) is None


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("labapp.cloud.patience.time", clock)
    return clock


def test_rules_that_show_late_are_waited_for(
    store: Cloud, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    forgetting(store, monkeypatch, 4)
    assert lifecycle.keep(store, rules())
    assert clock.passed == 0.5 + 1.0 + 2.0


def test_rules_that_never_show_are_told(
    store: Cloud, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    forgetting(store, monkeypatch, 1_000)
    with pytest.raises(NotShownError, match="does not show it after 65 seconds"):
        lifecycle.keep(store, rules())
    assert clock.passed == 65
