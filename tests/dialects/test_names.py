"""Names and attributes are those that SQS and S3 take."""

from __future__ import annotations

import pytest

from labapp.dialects import loading
from tests.support.dialect_files import PATH, block, told, told_of_block

NUMBERS = 'numbers = "{body}"'


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("[request.queue.in]", "3: queue of request 1 is a table. How a queue is made stands in"),
        ("queue = 'in {body}'", "3: queue of request 1 has a placeholder. Write the name itself"),
        ("queue = 'in box'", '3: queue of request 1 is "in box": queues are called by letters'),
        ("queue = '.fifo'", '3: queue of request 1 is ".fifo": queues are called by'),
        (f"queue = '{'q' * 77}'", "76 characters, so that -dlq has room behind it. Take another"),
        (f"answer = '{'q' * 81}'", ": it may have 80 characters. Take another name."),
        ("bucket = 'My_Bucket'", '3: bucket of request 1 is "My_Bucket": buckets are called by 3'),
        ("bucket = '10.0.0.1'", '3: bucket of request 1 is "10.0.0.1": buckets are called by 3'),
        ("bucket = 'a..b'", '3: bucket of request 1 is "a..b": buckets are called by 3'),
        ("attributes = { 'AWS.a' = '1' }", '3: "AWS.a" in attributes of request 1: attributes are'),
        ("attributes = { 'a..b' = '1' }", '3: "a..b" in attributes of request 1: attributes are'),
    ],
)
def test_names_that_no_service_takes_are_told(row: str, fault: str) -> None:
    (found,) = told_of_block(NUMBERS, row)
    assert fault in found


def test_names_may_have_dots_and_be_of_fifo_queues() -> None:
    found = block(NUMBERS, "queue = 'lab.in.fifo'", f"answer = '{'a' * 75}.fifo'", "bucket = 'a.b'")
    assert found.queue == "lab.in.fifo"


def test_a_queue_has_its_attributes_as_sqs_takes_them() -> None:
    rules = loading.parse(
        """
        [queue."in.fifo"]
        DelaySeconds = 5
        VisibilityTimeout = "30"
        ContentBasedDeduplication = true
        FifoQueue = "true"
        Policy = { Version = "2012-10-17" }
        [queue.out]
        wait = true
        """,
        PATH,
    ).queues
    assert rules["in.fifo"].attributes == {
        "DelaySeconds": "5",
        "VisibilityTimeout": "30",
        "ContentBasedDeduplication": "true",
        "FifoQueue": "true",
        "Policy": '{"Version": "2012-10-17"}',
    }
    assert (rules["out"].wait, rules["out"].line) == (True, 8)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            "DelaySecond = 4",
            '2: [queue."q"] has the unknown key "DelaySecond". Did you mean DelaySeconds?',
        ),
        (
            "delayseconds = 4",
            '2: [queue."q"] has the unknown key "delayseconds". Did you mean DelaySeconds?',
        ),
        (
            "DelaySeconds = 901",
            '2: DelaySeconds of [queue."q"] is 901. It is a whole number from 0',
        ),
        (
            "DelaySeconds = 1.5",
            '2: DelaySeconds of [queue."q"] is 1.5. It is a whole number from 0',
        ),
        ("DelaySeconds = true", '2: DelaySeconds of [queue."q"] is true. It is a whole number fro'),
        ("VisibilityTimeout = -1", '2: VisibilityTimeout of [queue."q"] is -1. It is a whole'),
        ("SqsManagedSseEnabled = 1", '2: SqsManagedSseEnabled of [queue."q"] is 1. It is true or'),
        ("Policy = 'x'", '2: Policy of [queue."q"] is "x". It is a JSON object.'),
        ("KmsMasterKeyId = 1", '2: KmsMasterKeyId of [queue."q"] is 1. It is a text.'),
        ("FifoQueue = true", "2: FifoQueue is of FIFO queues, whose names end in .fifo. Leave it"),
        ("wait = 'yes'", '2: wait of [queue."q"] is "yes". It is true or false.'),
        (
            "answer = 'outbox'",
            '2: [queue."q"] has the unknown key "answer". It is a key of the [[request]] itself:'
            ' write it above [queue."q"], as parts come last.',
        ),
        ("DelaySeconds = 1\nwait = true", '3: [queue."q"] has attributes, and wait = true leaves'),
    ],
)
def test_attributes_that_sqs_does_not_take_are_told(rows: str, expected: str) -> None:
    (fault,) = told(f"[queue.q]\n{rows}")
    assert fault.startswith(expected)


def test_a_queue_with_a_name_that_cannot_be_is_told() -> None:
    assert told("[queue.'a b']")[0].startswith('1: [queue."a b"]: queues are called by letters')
