"""What another program's message came with is kept, shown, and sent back whole; on moto."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from tests.security.wire_kit import NUMBER_QUEUE, Worker
from tests.support.commands import admin

Capture = pytest.CaptureFixture[str]

GIVEN: dict[str, Any] = {
    "trace": {"DataType": "String", "StringValue": "00-4bf9"},
    "size": {"DataType": "Number.int", "StringValue": "42"},
    "blob": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
}
TOLD = "blob Binary 'AP8=', size Number.int '42', trace String '00-4bf9'"
LISTED = [
    {"name": "blob", "type": "Binary", "value": "AP8="},
    {"name": "size", "type": "Number.int", "value": "42"},
    {"name": "trace", "type": "String", "value": "00-4bf9"},
]


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for the last, empty look: moto overlooks nothing."""
    monkeypatch.setattr(Queue, "sure", 0)


def send(cloud: Cloud, body: str, **more: Any) -> None:
    url = Queue(cloud, NUMBER_QUEUE).url
    cloud.sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes={**GIVEN, **more})


def listed(capsys: Capture, *words: str) -> Any:
    capsys.readouterr()
    assert admin(*words, "--json") == 0
    return json.loads(capsys.readouterr().out)


def values(message: Any) -> dict[str, Any]:
    """Return attributes as SQS gives them, less what it adds itself."""
    return {
        name: {key: one[key] for key in ("DataType", "StringValue", "BinaryValue") if key in one}
        for name, one in message["MessageAttributes"].items()
    }


@pytest.mark.parametrize("many", [0, 7])
def test_one_that_the_worker_put_aside(cloud: Cloud, capsys: Capture, many: int) -> None:
    more = {f"m{i}": {"DataType": "String", "StringValue": f"{i}"} for i in range(many)}
    send(cloud, '{"Records": []}', **more)
    Worker(cloud).work()
    (letter,) = listed(capsys, "queues", "dead")
    assert "JSON that a program wrote" in letter["reason"]
    assert [one for one in letter["attributes"] if one["name"] not in more] == LISTED
    assert len(letter["attributes"]) == 3 + many
    assert admin("queues", "dead") == 0
    assert "size Number.int '42'" in capsys.readouterr().out

    assert admin("queues", "redrive", NUMBER_QUEUE) == 0
    queue = cloud.sqs.receive_message(
        QueueUrl=Queue(cloud, NUMBER_QUEUE).url, MessageAttributeNames=["All"]
    )
    (message,) = queue["Messages"]
    assert message["Body"] == '{"Records": []}'
    came = values(message)
    came.pop("redriven", None)
    assert came == {**GIVEN, **more}


def test_one_that_sqs_moved(cloud: Cloud, capsys: Capture) -> None:
    send(cloud, "1,2")
    for _ in range(6):
        Queue(cloud, NUMBER_QUEUE).receive(visibility=0)
    (letter,) = listed(capsys, "queues", "dead")
    assert letter["attributes"] == LISTED


def test_the_log_of_a_job_repeats_them(cloud: Cloud, capsys: Capture) -> None:
    send(cloud, "1,2,3")
    Worker(cloud).work()
    (log,) = listed(capsys, "logs")
    assert (log["status"], log["attributes"]) == ("done", TOLD)
    text = cloud.s3.get_object(Bucket=cloud.bucket_name, Key=log["key"])["Body"].read().decode()
    assert f"\nattributes: {TOLD}\n" in text
    assert admin("logs") == 0
    assert capsys.readouterr().out.rstrip("\n").endswith(f"\t{TOLD}")


def test_what_is_put_aside_without_a_dead_letter_queue_is_logged_with_them(
    cloud: Cloud, capsys: Capture
) -> None:
    cloud.sqs.delete_queue(QueueUrl=Queue(cloud, f"{NUMBER_QUEUE}-dlq").url)
    send(cloud, '{"Records": []}')
    Worker(cloud).work()
    (log,) = listed(capsys, "logs")
    assert "put aside" in log["outcome"]
    assert log["attributes"] == TOLD


def test_a_message_of_labapps_own_has_no_such_line(cloud: Cloud, capsys: Capture) -> None:
    url = Queue(cloud, NUMBER_QUEUE).url
    cloud.sqs.send_message(QueueUrl=url, MessageBody="1,2,3")
    Worker(cloud).work()
    (log,) = listed(capsys, "logs")
    assert log["attributes"] is None
