"""S3 tells of pictures dropped under `drop/<operation>/`: done without anybody who asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

import pytest

from labapp.cloud.bucket import Bucket
from labapp.jobs.picture_kind import PROBES
from labapp.jobs.wire import NobodyToAnswerError, Reply
from labapp.worker.picture_handler import PictureHandler
from tests.support.aws_answers import refuse
from tests.worker.picture_kit import (
    handler,
    keys,
    plain,
    put,
)


def event(*keys: str, bucket: str, name: str = "ObjectCreated:Put") -> str:
    """Return what S3 says of objects; keys as they are written in it."""
    records = [
        {"eventName": name, "s3": {"bucket": {"name": bucket}, "object": {"key": key}}}
        for key in keys
    ]
    return json.dumps({"Records": records})


def dropped(handler: PictureHandler, body: str, **more: Any) -> Reply:
    reply = handler.work(plain(body, **more))
    assert reply.to_nobody
    return reply


@pytest.mark.parametrize("encode", [quote_plus, lambda key: quote_plus(key, safe="/"), str])
def test_a_dropped_picture_is_processed_as_its_folder_says(
    bucket: Bucket, encode: Callable[[str], str]
) -> None:
    put(bucket, "drop/invert/summer 1+1 ä.png")
    reply = dropped(
        handler(bucket), event(encode("drop/invert/summer 1+1 ä.png"), bucket=bucket.name)
    )
    assert reply.status == "done"
    (key,) = keys(bucket, "outbox/message-1/")
    assert reply.body == f"drop/invert/summer 1+1 ä.png: {key}"
    assert key.endswith("-invert.png")


def test_several_pictures_in_one_event_are_done_each_and_one_bad_stops_none(bucket: Bucket) -> None:
    put(bucket, "drop/invert/a.png")
    put(bucket, "drop/invert/b.png", b"My notes of today.\n")
    put(bucket, "drop/melt/c.png")
    put(bucket, "drop/grayscale/d.png")
    names = ["drop/invert/a.png", "drop/invert/b.png", "drop/melt/c.png", "drop/grayscale/d.png"]
    reply = dropped(handler(bucket), event(*names, bucket=bucket.name))
    assert reply.status == "refused"
    told = reply.body.split("; ")
    assert told[0] == "drop/invert/a.png: outbox/message-1/a-invert.png"
    assert "b.png is text" in told[1]
    assert "'drop/melt/c.png': " in reply.body
    assert keys(bucket, "outbox/") == [
        "outbox/message-1-3/d-grayscale.png",
        "outbox/message-1/a-invert.png",
    ]


@pytest.mark.parametrize(
    "key",
    [
        "images/a.png",
        "inbox/a.png",
        "drop/a.png",
        "drop/invert",
        "invert/a.png",
        "drop/invert/",
        "drop/",
        "drop/../images/a.png",
        "drop/invert/%2E%2E/a.png",
        "drop/invert/%00.png",
        "drop/%1B%5B31m/a.png",
        "drop/invert/" + "x" * 2000,
    ],
)
def test_what_lies_elsewhere_is_not_processed_whoever_says_it_was_dropped(
    bucket: Bucket, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bucket, "images/a.png")
    looked_at: list[str] = []
    monkeypatch.setattr(Bucket, "head", lambda _, key: looked_at.append(key))
    reply = dropped(handler(bucket), event(key, bucket=bucket.name))
    assert reply.status == "refused"
    assert reply.body.isprintable()
    assert looked_at == []
    assert keys(bucket, "outbox/") == []


def test_a_test_event_and_other_peoples_events_ask_for_nothing(bucket: Bucket) -> None:
    put(bucket, "drop/invert/a.png")
    here, work = bucket.name, handler(bucket)
    for body in (
        '{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "labapp"}',
        event("drop/invert/a.png", bucket="another-bucket"),
        event("drop/invert/a.png", bucket=here, name="ObjectRemoved:Delete"),
        '{"Records": []}',
        '{"Records": {"eventName": 1}}',
        '{"Records": [1, null, {"eventName": "ObjectCreated:Put"}, {"eventName": "ObjectCreated:",'
        '"s3": {"bucket": [], "object": 1}}]}',
    ):
        assert (dropped(work, body).body, dropped(work, body).status) == ("", "done")
    assert keys(bucket, "outbox/") == []


def test_a_probe_of_the_doctor_is_removed_and_nothing_else_comes_of_it(bucket: Bucket) -> None:
    put(bucket, f"{PROBES}doctor-1", b"a probe")
    put(bucket, "drop/invert/a.png")
    probe = event(f"{PROBES}doctor-1", bucket=bucket.name)
    for _ in range(2):  # S3 may tell of it twice
        reply = dropped(handler(bucket), probe)
        assert (reply.body, reply.status) == ("", "done")
    assert keys(bucket, "drop/") == ["drop/invert/a.png"]
    assert keys(bucket, "outbox/") == []


def test_what_somebody_drops_where_probes_are_put_is_refused_and_kept(bucket: Bucket) -> None:
    put(bucket, f"{PROBES}photo.png")
    reply = dropped(handler(bucket), event(f"{PROBES}photo.png", bucket=bucket.name))
    assert reply.status == "refused"
    assert "doctor" in reply.body
    assert keys(bucket, "drop/") == [f"{PROBES}photo.png"]


def test_a_probe_that_may_not_be_removed_keeps_no_worker(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bucket, f"{PROBES}doctor-1", b"a probe")
    refuse(bucket.cloud.s3, monkeypatch, "DeleteObject".__eq__)
    probe = event(f"{PROBES}doctor-1", bucket=bucket.name)
    assert dropped(handler(bucket), probe).status == "done"


def test_a_redelivered_event_is_not_done_again(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bucket, "drop/invert/a.png")
    body = event("drop/invert/a.png", bucket=bucket.name)
    first = dropped(handler(bucket), body)
    monkeypatch.setattr(Bucket, "put", None)
    assert dropped(handler(bucket), body, receives=2) == first


def put_of(key: str, bucket: Bucket, sequencer: str = "0055AE") -> dict[str, Any]:
    return {
        "eventName": "ObjectCreated:Put",
        "s3": {"bucket": {"name": bucket.name}, "object": {"key": key, "sequencer": sequencer}},
    }


def test_an_event_that_comes_twice_makes_one_result(bucket: Bucket) -> None:
    put(bucket, "drop/invert/a b.png")
    direct = {"Records": [put_of("drop/invert/a+b.png", bucket)]}
    bridged = {
        "detail-type": "Object Created",
        "detail": {
            "bucket": {"name": bucket.name},
            "object": {"key": "drop/invert/a b.png", "sequencer": "0055AE"},
        },
    }
    wrapped = {"Type": "Notification", "Message": json.dumps(direct)}
    work = handler(bucket)
    first = dropped(work, json.dumps(direct))
    (key,) = keys(bucket, "outbox/")
    assert first.body == f"drop/invert/a b.png: {key}"
    assert key == f"outbox/{first.job}/a_b-invert.png"
    for number, event in enumerate((direct, wrapped, bridged)):
        again = dropped(work, json.dumps(event), job=f"message-{number}")
        assert (again.body, again.status) == ("", "done")  # done already: nothing to log or count
    assert keys(bucket, "outbox/") == [key]


def test_the_same_key_put_again_is_another_job(bucket: Bucket) -> None:
    put(bucket, "drop/invert/a.png")
    work = handler(bucket)
    for sequencer in ("01", "02"):
        dropped(work, json.dumps({"Records": [put_of("drop/invert/a.png", bucket, sequencer)]}))
    assert len(keys(bucket, "outbox/")) == 2


def test_one_record_twice_in_one_event_is_one_job(bucket: Bucket) -> None:
    put(bucket, "drop/invert/a.png")
    record = put_of("drop/invert/a.png", bucket)
    reply = dropped(handler(bucket), json.dumps({"Records": [record, record]}))
    assert reply.body.count("outbox/") == 1


@pytest.mark.parametrize(
    "body",
    [
        '{"Type": "SubscriptionConfirmation", "Message": "You have chosen"}',
        '{"detail-type": "EC2 Instance State-change", "source": "aws.ec2", "detail": {}}',
        '{"key": "drop/invert/a.png"}',
        '[{"key": "drop/invert/a.png"}]',
    ],
)
def test_other_machines_json_is_answered_to_nobody(bucket: Bucket, body: str) -> None:
    with pytest.raises(NobodyToAnswerError):
        handler(bucket, plain_error="no luck").work(plain(body))
