"""The labs' own clients put a bare body in the queue and read a bare body, without a change."""

from __future__ import annotations

from typing import Any

from tests.end_to_end.lab import Lab


def test_a_bare_list_gets_a_bare_answer_on_the_shared_queue(lab: Lab) -> None:
    lab.server()
    sqs = lab.cloud.sqs
    request = sqs.get_queue_url(QueueName="requestQueue")["QueueUrl"]
    response = sqs.get_queue_url(QueueName="responseQueue")["QueueUrl"]

    sqs.send_message(QueueUrl=request, MessageBody="1,12,55,4")

    messages: list[Any] = []
    while not messages:
        answer = sqs.receive_message(
            QueueUrl=response, WaitTimeSeconds=5, MessageAttributeNames=["All"]
        )
        messages = list(answer.get("Messages", ()))
    assert [m["Body"] for m in messages] == [
        "minimum is 1 maximum is 55 average is 18 median is 8 sum is 72"
    ]
    assert "MessageAttributes" not in messages[0]
    text = next(iter(lab.logs().values()))
    assert "client: plain\n" in text
    assert "request: '1,12,55,4'\n" in text


def test_a_wrong_bare_list_gets_the_error_as_its_answer(lab: Lab) -> None:
    lab.server()

    lab.send_plain("1,-12,55,4")
    lab.send_plain("one, two")
    lab.send_plain(",".join("1" * 11))

    answers = sorted(message.body for message in lab.take("responseQueue", 3))
    assert answers[0].startswith("'one' is not an integer")
    assert answers[1].startswith("all integers must be positive or zero, and -12 is not")
    assert answers[2].startswith("at most 10 integers are taken, and the list has 11")
    lab.wait_until_empty()
