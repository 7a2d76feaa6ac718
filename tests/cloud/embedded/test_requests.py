"""What is asked of SQS is understood in both of its protocols."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

import pytest

from labapp.cloud.embedded.requests import Asked, asked, json_object

URL = "http://127.0.0.1:4566/000000000000/q"
FORM = {b"content-type": b"application/x-www-form-urlencoded; charset=utf-8"}


def test_todays_sdks_name_the_action_in_a_header() -> None:
    body = json.dumps({"QueueUrl": URL, "WaitTimeSeconds": 20}).encode()
    wish = asked({b"x-amz-target": b"AmazonSQS.ReceiveMessage"}, "/", body)
    assert wish == Asked("ReceiveMessage", {"QueueUrl": URL, "WaitTimeSeconds": 20})
    assert (wish.url, wish.queue, wish.is_form) == (URL, "q", False)
    assert json.loads(wish.look()) == {"QueueUrl": URL, "WaitTimeSeconds": 0}
    answer = {"Messages": [{"ReceiptHandle": "a"}, {"ReceiptHandle": "b"}, {}]}
    assert wish.handles(json.dumps(answer).encode()) == ["a", "b", ""]
    assert wish.handles(b"{}") == []


def test_those_of_before_send_a_form_and_get_xml() -> None:
    body = b"Action=ReceiveMessage&QueueUrl=http%3A%2F%2Fh%2F0%2Fq&WaitTimeSeconds=20&Empty="
    wish = asked(FORM, "/", body)
    assert wish is not None
    assert (wish.action, wish.url, wish.queue) == ("ReceiveMessage", "http://h/0/q", "q")
    assert wish.request["Empty"] == ""
    assert wish.is_form
    short = parse_qs(wish.look().decode(), keep_blank_values=True)
    assert short["WaitTimeSeconds"] == ["0"]
    assert short["Action"] == ["ReceiveMessage"]
    answer = b"<R><ReceiptHandle>a</ReceiptHandle>\xff<ReceiptHandle>b</ReceiptHandle></R>"
    assert wish.handles(answer) == ["a", "b"]


def test_a_form_without_an_address_is_for_the_queue_of_its_path() -> None:
    wish = asked(FORM, "/000000000000/q", b"Action=SendMessage")
    assert wish is not None
    assert (wish.url, wish.queue) == ("/000000000000/q", "q")


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, b"Action=SendMessage"),
        ({b"content-type": b"text/plain"}, b"Action=SendMessage"),
        (FORM, b"action=SendMessage"),
        (FORM, b"\xff"),
        ({b"x-amz-target": b"AmazonSSM.GetParameter"}, b"{}"),
    ],
)
def test_what_asks_nothing_of_sqs_is_none(headers: dict[bytes, bytes], body: bytes) -> None:
    assert asked(headers, "/", body) is None


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"1", b"\xff\xfe\xff"])
def test_what_is_no_json_object_is_an_empty_one(body: bytes) -> None:
    assert json_object(body) == {}
    wish = asked({b"x-amz-target": b"AmazonSQS.ListQueues"}, "/", body)
    assert wish is not None
    assert (wish.request, wish.url, wish.queue) == ({}, "", "")
