"""The lifecycle rules of the lab's own bucket, as `cloud up` sets and tells them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from labapp.cloud import provision
from labapp.cloud.session import Cloud
from labapp.errors import CredentialsError
from labapp.jobs import lab
from labapp.settings import Settings
from tests.support.aws_answers import answering


def own_rules(cloud: Cloud) -> dict[str, Any]:
    """Return the lifecycle rules of the bucket, by their ids."""
    try:
        answer: Any = cloud.s3.get_bucket_lifecycle_configuration(Bucket=cloud.bucket_name)
    except ClientError:
        return {}
    return {rule["ID"]: rule for rule in answer["Rules"]}


def told(cloud: Cloud, *, dry: bool = False) -> dict[str, tuple[bool, bool]]:
    """Return what a run tells of lifecycle rules: whether each was made, and whether anew."""
    found = (each for each in lab.up(cloud, dry=dry) if each.kind == "lifecycle")
    return {each.name: (each.made, each.anew) for each in found}


def kept_for(days: int, bucket: str = "") -> Cloud:
    """Return the cloud of settings with other days."""
    return Cloud(Settings(cloud="aws", region="us-east-1", bucket=bucket, keep_days=days))


def test_other_days_are_told_as_changed_and_set(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = told(bare_cloud)
    assert first["outbox/ expires after 30 days"] == (True, False)
    week = kept_for(7)
    dry = told(week, dry=True)
    assert dry["outbox/ expires after 7 days"] == (True, True)
    assert dry["old versions end after 7 days"] == (False, False)
    assert own_rules(bare_cloud)["labapp-outbox"]["Expiration"]["Days"] == 30
    assert told(week) == dry
    assert own_rules(bare_cloud)["labapp-outbox"]["Expiration"]["Days"] == 7
    ever = kept_for(0)
    assert told(ever)["outbox/ never expires"] == (True, True)
    assert "labapp-outbox" not in own_rules(bare_cloud)
    assert not any(made for made, _ in told(ever).values())


def test_the_rules_of_a_bucket_of_a_settings_name_stay_unless_it_was_made_here(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare_cloud.s3.create_bucket(Bucket="theirs")
    theirs = kept_for(7, "theirs")
    assert told(theirs) == {}
    assert own_rules(theirs) == {}
    assert told(kept_for(7, "ours"))
    ours = kept_for(90, "ours")
    assert told(ours)["logs/ expires after 90 days"] == (True, True)
    assert own_rules(ours)["labapp-logs"]["Expiration"]["Days"] == 90


def test_lifecycle_rules_that_may_not_be_set_are_told_when_all_else_is_there(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        answering(bare_cloud, patch, "PutBucketLifecycleConfiguration", "AccessDenied")
        with pytest.raises(CredentialsError) as caught:
            told(bare_cloud)
    assert "as this failed: set lifecycle rules of it" in caught.value.message
    assert lab.missing(bare_cloud) == [], "all else is there"
    assert "labapp-logs" not in own_rules(bare_cloud)
    assert "logs/ expires after 30 days" in told(bare_cloud)


def test_who_may_not_look_at_the_rules_of_a_bucket_of_others_is_told_nothing_of_them(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare_cloud.s3.create_bucket(Bucket="theirs")
    theirs = kept_for(30, "theirs")
    answering(theirs, monkeypatch, "GetBucketLifecycleConfiguration", "AccessDenied")
    assert told(theirs) == {}


def test_on_the_local_cloud_nothing_expires_unless_that_is_asked_for(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Cloud, "is_local", True)
    monkeypatch.setattr(provision, "PROTECTIONS", ())
    # As `require` makes it, for whichever program comes first.
    assert told(bare_cloud) == {}
    assert own_rules(bare_cloud) == {}
    names = {
        "parts of unfinished uploads end after 1 day": (True, False),
        **{f"{name}/ expires after 30 days": (True, False) for name in ("inbox", "outbox", "logs")},
    }
    for dry in (True, False):
        found = lab.set_up(bare_cloud, dry=dry)
        rules = {one.name: (one.made, one.anew) for one in found if one.kind == "lifecycle"}
        assert rules == names
    assert len(own_rules(bare_cloud)) == 4


def test_a_dry_run_on_a_local_cloud_without_a_bucket_tells_its_rules(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Cloud, "is_local", True)
    monkeypatch.setattr(provision, "PROTECTIONS", ())
    found = [one for one in lab.set_up(bare_cloud, dry=True) if one.kind == "lifecycle"]
    assert len(found) == 4
    assert lab.missing(bare_cloud)[0] == bare_cloud.bucket_name


def test_rules_that_the_local_cloud_refuses_are_told_at_the_end(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Cloud, "is_local", True)
    monkeypatch.setattr(provision, "PROTECTIONS", ())
    answering(bare_cloud, monkeypatch, "PutBucketLifecycleConfiguration", "AccessDenied")
    with pytest.raises(CredentialsError, match="set the lifecycle rules of the bucket"):
        list(lab.set_up(bare_cloud))
    assert lab.missing(bare_cloud) == []
