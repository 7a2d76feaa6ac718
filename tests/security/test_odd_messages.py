"""Anybody who may send messages sends what no program of ours would: jobs, events, dead letters.

Each is refused or put aside with words, and takes nobody longer than its bytes need.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import Message, Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.errors import JobFailedError, RefusedError
from labapp.jobs import events
from labapp.jobs.wire import decode_request
from labapp.settings import Settings
from labapp.worker.handlers import NumbersHandler
from tests.support.commands import admin
from tests.worker.picture_kit import handler

CREATED = "ObjectCreated:Put"


def record(bucket: Any, key: Any, **more: Any) -> dict[str, Any]:
    put = {"bucket": {"name": bucket}, "object": {"key": key, **more}}
    return {"eventName": CREATED, "s3": put}


def event(*records: Any) -> str:
    return json.dumps({"Records": records})


DEEP = "[" * 200_000


def envelope(message: str) -> str:
    return json.dumps({"Type": "Notification", "Message": message})


BODIES = {
    "nested": DEEP,
    "objects in objects": '{"a":' * 100_000,
    "a nested event": '{"Records": ' + DEEP,
    "a huge number": "[" + "9" * 200_000 + "]",
    "a number beyond floats": '{"Records": 1e999}',
    "half a character": r'{"Records": [{"eventName": "\ud800"}]}',
    "a NUL": "\x00",
    "a million blanks": " " * 1_000_000,
    "a million characters": "x" * 1_000_000,
    "envelopes": envelope(envelope(envelope(DEEP))),
}

ODD: list[Any] = [None, True, 7, 1.5, "", "x", [], [[]], {}, {"name": {}}, {"key": []}]


def message(body: str, **attributes: str) -> Message:
    return Message("sqs-id", body, attributes, frozenset(), "r", 1, 0.0, 0.0)


@pytest.mark.parametrize(
    "attributes", [{}, {"labapp": "1", "job": "a", "client": "ada"}], ids=["plain", "ours"]
)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_worker_refuses_any_body(
    bare_bucket: Bucket, body: str, attributes: dict[str, str]
) -> None:
    request = decode_request(message(body, **attributes))
    for work in (NumbersHandler(Settings()).work, handler(bare_bucket).work):
        with pytest.raises((RefusedError, JobFailedError)) as refused:
            work(request)
        assert len(str(refused.value)) < 3_000
        assert len(str(refused.value).encode()) < 9_000


@pytest.mark.parametrize("steps", [*BODIES.values(), r'[{"op": "\ud800"}]'], ids=[*BODIES, "half"])
def test_a_worker_refuses_any_pipeline(bare_bucket: Bucket, steps: str) -> None:
    request = decode_request(message("inbox/a.png", job="a", client="ada", pipeline=steps))
    with pytest.raises(RefusedError) as refused:
        handler(bare_bucket).work(request)
    assert len(str(refused.value).encode()) < 9_000


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_an_event_of_any_types_tells_of_nothing(value: object) -> None:
    good = record("lab", "drop/blur/a.png")
    bodies = [
        event(value, good),
        event({"eventName": value, "s3": value}, good),
        event({"eventName": CREATED, "s3": {"bucket": value, "object": value}}, good),
        event({"eventName": CREATED, "s3": {"bucket": {"name": "lab"}, "object": value}}, good),
    ]
    for body in bodies:
        found = events.read(body)
        assert found is not None
        assert [one.key for one in found] == ["drop/blur/a.png"]
    bridged = {"detail-type": "Object Created", "source": "aws.s3", "detail": value}
    assert events.read(json.dumps(bridged)) == []
    events.read(json.dumps({"Records": value}))
    events.read(json.dumps({"Type": "Notification", "Message": value}))


def test_of_an_event_of_many_records_a_bounded_number_is_taken() -> None:
    body = event(*(record("lab", f"drop/blur/{number}.png") for number in range(5_000)))
    found = events.read(body)
    assert found is not None
    assert len(found) == events.MOST_RECORDS
    assert events.read(event(record("lab", "x" * 100_000))) == []


def test_dead_letters_of_anything_are_listed_sent_back_and_thrown_away(
    cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    dead = Queue(cloud, "requestQueue-dlq")
    bodies = [body[:200_000] for body in BODIES.values() if "\x00" not in body]
    for body in bodies:
        dead.send(Outgoing(body.strip() or "x", {"job": "[" * 1000, "client": "\u202e"}))
    assert admin("queues", "dead", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)) == len(bodies)
    assert admin("queues", "dead") == 0
    assert admin("queues", "redrive", "requestQueue", "--reason", "nothing like this") in {0, 1}
    assert "Traceback" not in capsys.readouterr().err
