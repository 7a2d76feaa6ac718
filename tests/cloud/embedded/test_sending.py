"""The local cloud takes of a message what SQS takes, and refuses the rest in its words."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from ministack.services import sqs as ministack_sqs

from tests.cloud.embedded.served_kit import client, served

TOLD = "Number of message attributes [11] exceeds the allowed maximum [10]."


def attributes(count: int) -> dict[str, dict[str, str]]:
    return {f"a{number}": {"DataType": "String", "StringValue": "x"} for number in range(count)}


def test_more_than_ten_attributes_are_refused_of_a_batch_that_entry(tmp_path: Path) -> None:
    with served(tmp_path / "local") as gateway:
        ministack_sqs.reset()
        sqs = client(gateway, "sqs")
        url = sqs.create_queue(QueueName="requests")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="x", MessageAttributes=attributes(10))
        with pytest.raises(ClientError) as error:
            sqs.send_message(QueueUrl=url, MessageBody="x", MessageAttributes=attributes(11))
        assert error.value.response["Error"]["Code"] == "InvalidParameterValue"
        assert error.value.response["Error"]["Message"] == TOLD
        entries = [
            {"Id": f"{count}", "MessageBody": f"{count}", "MessageAttributes": attributes(count)}
            for count in (10, 11)
        ]
        found = sqs.send_message_batch(QueueUrl=url, Entries=entries)
        assert [one["Id"] for one in found["Successful"]] == ["10"]
        (failed,) = found["Failed"]
        assert (failed["Id"], failed["Code"]) == ("11", "InvalidParameterValue")
        assert (failed["Message"], failed["SenderFault"]) == (TOLD, True)
        assert len(sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]) == 2
