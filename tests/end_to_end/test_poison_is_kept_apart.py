"""Poison kept apart: what nobody can be answered for goes to the dead letters, and work goes on."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from labapp.jobs.wire import Request
from tests.end_to_end.lab import Lab

GOOD = "good"


def _text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}


#: Attributes beside our mark that no program of ours sends, each with a word of the reason it is
#: put aside for.
HOSTILE: list[tuple[dict[str, Any], str]] = [
    ({"job": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}, "client": _text("tester")}, "job"),
    ({"job": {"DataType": "Number", "StringValue": "7"}, "client": _text("tester")}, "job"),
    ({"job": _text("j1"), "client": _text("../x")}, "'../x'"),
    ({"job": _text("j2"), "client": _text("Tester")}, "'Tester'"),
    ({"job": _text("j3"), "client": _text("dlq")}, "'dlq'"),
    ({"job": _text("j4"), "client": _text("x" * 41)}, "x'"),
    ({"job": _text("../../labels/a"), "client": _text("tester")}, "labels"),
    ({"job": _text("a\nb"), "client": _text("tester")}, r"a\x0ab"),
    ({"job": _text("only-a-job")}, "client is missing"),
    ({"client": _text("tester")}, "job is missing"),
]


def test_hostile_attributes_are_put_aside_with_a_reason_and_good_jobs_go_on(lab: Lab) -> None:
    lab.make_queue("responseQueue-tester")
    worker = lab.server()
    sqs, url = lab.cloud.sqs, lab.queue("requestQueue").url

    for number, (attributes, _) in enumerate(HOSTILE):
        marked = {"labapp": _text("1"), **attributes}
        sqs.send_message(QueueUrl=url, MessageBody=f"{number},1", MessageAttributes=marked)
    lab.send(Request("1,2", GOOD, "tester"))

    letters = lab.take("requestQueue-dlq", len(HOSTILE))
    reasons = {letter.body: letter.attributes["reason"] for letter in letters}
    for number, (_, word) in enumerate(HOSTILE):
        assert word in reasons[f"{number},1"]
    assert [reply.job for reply in lab.replies("tester")] == [GOOD]
    lab.wait_until_empty()
    assert len([job for job in worker.jobs(len(HOSTILE) + 1) if job["status"] == "done"]) == 1
    assert worker.events("fault") == []


def test_an_empty_job_id_and_ten_strange_attributes_do_no_harm(lab: Lab) -> None:
    lab.make_queue("responseQueue-tester")
    worker = lab.server()
    sqs, url = lab.cloud.sqs, lab.queue("requestQueue").url
    empty = {"labapp": _text("1"), "job": _text(""), "client": _text("tester")}
    strange = {f"strange{n}": {"DataType": "Number.int", "StringValue": "1"} for n in range(10)}

    taken = True
    try:
        sqs.send_message(QueueUrl=url, MessageBody="5", MessageAttributes=empty)  # type: ignore[arg-type]
    except ClientError:  # as Amazon answers
        taken = False
    sqs.send_message(QueueUrl=url, MessageBody="6", MessageAttributes=strange)  # type: ignore[arg-type]
    lab.send(Request("1,2", GOOD, "tester"))

    assert [m.body.partition(" maximum")[0] for m in lab.take("responseQueue")] == ["minimum is 6"]
    assert [reply.job for reply in lab.replies("tester")] == [GOOD]
    if taken:
        assert "the attribute job is ''" in lab.take("requestQueue-dlq")[0].attributes["reason"]
    lab.wait_until_empty()
    assert worker.events("fault") == []


def test_odd_bodies_are_answered_or_refused_and_never_harm(lab: Lab) -> None:
    lab.make_queue("responseQueue-tester")
    worker = lab.server()
    bodies = {
        "oversized": "1," * 120_000,
        "tabs": "1\t2\r\n3",
        "emoji": "🍣,🌭",
        "digits": "\u0661,\u0662",
        "override": "\u202e1,2",
        "separator": "1\u20282\u00a03",
        "printed": "[1, 2, 3]",
        "separators": ",;, ;",
        "huge": "9" * 4000,
        "json": '{"Records": []}',
    }

    for job, body in bodies.items():
        lab.send(Request(body, job, "tester"))

    replies = {reply.job: reply for reply in lab.replies("tester", len(bodies))}
    assert {job for job, reply in replies.items() if reply.status == "done"} == {
        "tabs", "printed",
    }  # fmt: skip
    assert {reply.status for reply in replies.values()} == {"done", "refused"}
    assert "the message has 240000 characters" in replies["oversized"].body
    assert replies["separators"].body.startswith("the list is empty")
    assert "U+00A0 (NO-BREAK SPACE) may group its digits" in replies["separator"].body
    assert "does not fit 64 bits" in replies["huge"].body
    assert all(reply.body.isprintable() for reply in replies.values())
    lab.wait_until_empty()
    logs = lab.logs()
    assert len(logs) == len(bodies)
    assert all(len(text.splitlines()) == 16 for text in logs.values())
    assert worker.events("fault") == []
