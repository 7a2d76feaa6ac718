"""Events of S3 are understood however they come, and known by what they tell of."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labapp.jobs.events import Created, is_machine_made, read

RECORD = {
    "eventVersion": "2.1",
    "eventSource": "aws:s3",
    "eventTime": "2026-11-21T10:00:00.123Z",
    "eventName": "ObjectCreated:Put",
    "s3": {
        "bucket": {"name": "lab"},
        "object": {"key": "drop/invert/a+b.png", "size": 7, "sequencer": "0055AED6DCD90281E5"},
    },
}
DIRECT = {"Records": [RECORD]}
BRIDGED = {
    "version": "0",
    "detail-type": "Object Created",
    "source": "aws.s3",
    "time": "2026-11-21T10:00:00Z",
    "detail": {
        "bucket": {"name": "lab"},
        "object": {"key": "drop/invert/a b.png", "sequencer": "0055AED6DCD90281E5"},
        "reason": "PutObject",
    },
}
TEST = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "lab"}


def by_sns(event: Any) -> dict[str, str]:
    return {"Type": "Notification", "TopicArn": "arn:x", "Message": json.dumps(event)}


def changed(record: dict[str, Any], **put: object) -> dict[str, Any]:
    s3: Any = record["s3"]
    return {**record, "s3": {**s3, "object": {**s3["object"], **put}}}


@pytest.mark.parametrize("event", [DIRECT, by_sns(DIRECT), by_sns(by_sns(DIRECT))])
def test_an_event_is_read_by_itself_and_by_way_of_sns(event: object) -> None:
    found = read(json.dumps(event))
    assert found == [Created("lab", "drop/invert/a+b.png", True, "0055AED6DCD90281E5")]


@pytest.mark.parametrize("event", [BRIDGED, by_sns(BRIDGED)])
def test_eventbridge_names_keys_as_they_are(event: object) -> None:
    found = read(json.dumps(event))
    assert found == [Created("lab", "drop/invert/a b.png", False, "0055AED6DCD90281E5")]


def test_one_put_is_one_job_whichever_way_it_is_told() -> None:
    (direct,), (bridged,) = read(json.dumps(DIRECT)) or [], read(json.dumps(BRIDGED)) or []
    assert direct.job("drop/invert/a b.png") == bridged.job(bridged.key)


def test_another_put_another_key_and_another_bucket_are_other_jobs() -> None:
    jobs = set()
    for put in ({}, {"sequencer": "1"}, {"sequencer": "", "versionId": "v1"}, {"key": "drop/x/b"}):
        (found,) = read(json.dumps({"Records": [changed(RECORD, **put)]})) or []
        jobs.add(found.job(found.key))
        assert found.mark
    assert len(jobs) == 4
    (nameless,) = read(json.dumps({"Records": [changed(RECORD, sequencer=None)]})) or []
    assert nameless.mark == ""


@pytest.mark.parametrize(
    "event",
    [
        TEST,
        by_sns(TEST),
        {"Records": []},
        {"Records": "x"},
        {"Records": [1, None, {"eventName": "ObjectCreated:Put"}]},
        {"Records": [{**RECORD, "eventName": "ObjectRemoved:Delete"}]},
        {"Records": [{**RECORD, "eventName": "s3:ObjectRemoved:DeleteMarkerCreated"}]},
        {**BRIDGED, "detail-type": "Object Deleted"},
        {**BRIDGED, "detail": {}},
        {**BRIDGED, "detail": None},
    ],
)
def test_what_tells_of_no_new_object_asks_for_nothing(event: object) -> None:
    assert read(json.dumps(event)) == []


@pytest.mark.parametrize(
    "event",
    [
        {"Type": "SubscriptionConfirmation", "Token": "x", "Message": "You have chosen"},
        by_sns("1,2"),
        by_sns({"a": 1}),
        {**by_sns(DIRECT), "Type": "UnsubscribeConfirmation"},
        {"Type": "Notification", "Message": 5},
        {**BRIDGED, "source": "aws.ec2"},
        {"Event": "x"},
        [],
        [DIRECT],
        "drop/invert/a.png",
    ],
)
def test_what_is_no_event_of_s3_is_none(event: object) -> None:
    assert read(json.dumps(event)) is None


def test_envelopes_without_end_are_not_opened() -> None:
    event: Any = DIRECT
    for _ in range(9):
        event = by_sns(event)
    assert read(json.dumps(event)) is None
    assert read('{"a":' * 50_000) is None


@pytest.mark.parametrize(
    "body", ['{"a": 1}', ' {"a"', "{}", '[{"a": 1}]', '["1"]', "[null]", "[true]", "[[1]]"]
)
def test_json_that_is_no_list_of_numbers_was_made_by_a_machine(body: str) -> None:
    assert is_machine_made(body)


@pytest.mark.parametrize("body", ["[1, 12, 55, 4]", "[]", "1,2", "{1, 2}", "[1,", "a.png", "", "{"])
def test_what_a_person_may_have_typed_was_not(body: str) -> None:
    assert not is_machine_made(body)
