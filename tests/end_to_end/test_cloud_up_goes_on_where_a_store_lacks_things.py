"""`cloud up` says of each thing that a store has not that it is not on this store, and goes on."""

from __future__ import annotations

from typing import Any

import pytest

from labapp.cloud.abilities import LACKING, Ability
from labapp.cloud.patience import MINUTE
from labapp.cloud.session import Cloud
from labapp.errors import CloudError
from labapp.jobs import lab
from labapp.programs.cloud.table import resources
from tests.support import odd_stores
from tests.support.aws_answers import attributes, refuse
from tests.support.clock import Clock

#: What fauxqs and old MinIO gateways have not.
LACKED = ("PublicAccessBlock", "BucketEncryption", "BucketVersioning", "BucketNotification")


def states(cloud: Cloud) -> dict[str, str]:
    """Return what `cloud up` says of each thing, by its name."""
    table = resources()
    found: list[dict[str, Any]] = [table.document(one) for one in lab.up(cloud)]
    return {f"{one['kind']} {one['name']}": str(one["state"]) for one in found}


def test_what_a_store_has_not_is_told_and_all_else_is_made(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = odd_stores.another(odd_stores.odd_cloud(monkeypatch))
    store.s3.delete_bucket(Bucket="lab")
    store._clients["sqs"] = bare_cloud.sqs
    told: list[str] = []
    store.abilities.listen(told.append)
    refuse(
        store.s3,
        monkeypatch,
        lambda operation: any(lacked in operation for lacked in LACKED),
        "NotImplemented",
        501,
    )
    found = states(store)
    lacking = {name for name, state in found.items() if state == "not on this store"}
    assert lacking == {
        "protection no public access",
        "protection encryption",
        "protection versioning",
        "notification drop/* to imageInbox",
    }
    assert found["queue imageInbox"] == "made"
    assert told == [LACKING[Ability.NOTIFICATIONS]]


def test_a_store_that_takes_things_and_forgets_them_has_not_made_them(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = odd_stores.another(odd_stores.odd_cloud(monkeypatch))
    store.s3.delete_bucket(Bucket="lab")
    store._clients["sqs"] = bare_cloud.sqs
    clock = Clock()
    monkeypatch.setattr("labapp.cloud.patience.time", clock)
    for forgotten in (
        "public_access_block",
        "bucket_versioning",
        "bucket_notification_configuration",
    ):
        monkeypatch.setattr(store.s3, f"put_{forgotten}", lambda **_: {})
    found = states(store)
    lacking = {name for name, state in found.items() if state == "not on this store"}
    assert lacking == {
        "protection no public access",
        "protection versioning",
        "notification drop/* to imageInbox",
    }
    assert clock.passed == 2 * MINUTE, "of the protections one is waited for, and the rule"


def test_on_amazon_what_is_not_to_be_had_is_an_error(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(bare_cloud.s3, monkeypatch, lambda name: "Notification" in name, "NotImplemented", 501)
    with pytest.raises(CloudError, match="notifications"):
        states(bare_cloud)


def test_queues_of_another_region_than_the_buckets_are_told_of_no_drop(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare_cloud.abilities.note_region("eu-west-1", "us-east-1")
    told: list[str] = []
    bare_cloud.abilities.listen(told.append)
    refuse(bare_cloud.s3, monkeypatch, lambda name: "Notification" in name, "InvalidArgument")
    assert states(bare_cloud)["notification drop/* to imageInbox"] == "not on this store"
    assert told[1:] == [
        "S3 tells only queues of its own region, and the bucket is in eu-west-1: what is put in"
        " drop/ waits for nobody"
    ]


def test_a_service_that_encrypts_no_queues_gets_them_without(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = bare_cloud.sqs.create_queue

    def plain(**asked: Any) -> Any:
        if "SqsManagedSseEnabled" in asked["Attributes"]:
            refuse(bare_cloud.sqs, monkeypatch, lambda _: True, "InvalidAttributeName")
        try:
            return create(**asked)
        finally:
            monkeypatch.setattr(type(bare_cloud.sqs), "_make_api_call", call)

    call = type(bare_cloud.sqs)._make_api_call  # type: ignore[attr-defined]
    monkeypatch.setattr(bare_cloud.sqs, "create_queue", plain)
    assert states(bare_cloud)["queue requestQueue"] == "made"
    assert attributes(bare_cloud, "requestQueue")["VisibilityTimeout"]
    assert bare_cloud.abilities.lacks(Ability.QUEUE_ATTRIBUTES)


@pytest.mark.parametrize("code", ["IllegalLocationConstraintException", "InvalidRegion"])
def test_a_store_without_regions_has_its_bucket_made_without_one(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    from dataclasses import replace

    from labapp.cloud import provision
    from labapp.cloud.patience import PATIENT

    store = odd_stores.another(odd_stores.odd_cloud(monkeypatch))
    store.s3.delete_bucket(Bucket="lab")
    store.place = replace(store.place, region="eu-west-1")

    def named(request: Any) -> bool:
        return request.method == "PUT" and b"LocationConstraint" in (request.body or b"")

    refused = odd_stores.refuse(store.s3, named, (400, code, "no such region"))
    assert provision.make_bucket(store, PATIENT)
    assert refused == ["CreateBucket"]
    assert provision.bucket_exists(store)
