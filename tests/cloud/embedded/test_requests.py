"""What is asked of SQS is understood in both of its protocols."""

from __future__ import annotations

import json
from urllib.parse import parse_qs

import pytest

from labapp.cloud.embedded.requests import SqsRequest, json_object, sqs_request

URL = "http://127.0.0.1:4566/000000000000/q"
FORM = {b"content-type": b"application/x-www-form-urlencoded; charset=utf-8"}


def test_todays_sdks_name_the_action_in_a_header() -> None:
    body = json.dumps({"QueueUrl": URL, "WaitTimeSeconds": 20}).encode()
    request = sqs_request({b"x-amz-target": b"AmazonSQS.ReceiveMessage"}, "/", body)
    assert request == SqsRequest("ReceiveMessage", {"QueueUrl": URL, "WaitTimeSeconds": 20})
    assert (request.url, request.queue, request.is_form) == (URL, "q", False)
    assert json.loads(request.look()) == {"QueueUrl": URL, "WaitTimeSeconds": 0}
    answer = {"Messages": [{"ReceiptHandle": "a"}, {"ReceiptHandle": "b"}, {}]}
    assert request.handles(json.dumps(answer).encode()) == ["a", "b", ""]
    assert request.handles(b"{}") == []


def test_those_of_before_send_a_form_and_get_xml() -> None:
    body = b"Action=ReceiveMessage&QueueUrl=http%3A%2F%2Fh%2F0%2Fq&WaitTimeSeconds=20&Empty="
    request = sqs_request(FORM, "/", body)
    assert request is not None
    assert (request.action, request.url, request.queue) == ("ReceiveMessage", "http://h/0/q", "q")
    assert request.parameters["Empty"] == ""
    assert request.is_form
    short = parse_qs(request.look().decode(), keep_blank_values=True)
    assert short["WaitTimeSeconds"] == ["0"]
    assert short["Action"] == ["ReceiveMessage"]
    answer = b"<R><ReceiptHandle>a</ReceiptHandle>\xff<ReceiptHandle>b</ReceiptHandle></R>"
    assert request.handles(answer) == ["a", "b"]


def test_a_form_without_an_address_is_for_the_queue_of_its_path() -> None:
    request = sqs_request(FORM, "/000000000000/q", b"Action=SendMessage")
    assert request is not None
    assert (request.url, request.queue) == ("/000000000000/q", "q")


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
    assert sqs_request(headers, "/", body) is None


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"1", b"\xff\xfe\xff"])
def test_what_is_no_json_object_is_an_empty_one(body: bytes) -> None:
    assert json_object(body) == {}
    request = sqs_request({b"x-amz-target": b"AmazonSQS.ListQueues"}, "/", body)
    assert request is not None
    assert (request.parameters, request.url, request.queue) == ({}, "", "")
