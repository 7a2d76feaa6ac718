"""A service that does not know an attribute of queues is asked for those that it knows."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from labapp.cloud.abilities import Abilities, Ability
from labapp.cloud.queue_attributes import ENCRYPTED, create, read
from tests.support.aws_answers import refusal


class Service:
    """SQS that knows two attributes, and refuses a call that names another as it is told to."""

    def __init__(self, code: str = "InvalidAttributeName", text: str = "Unknown Attribute") -> None:
        self.refusal = refusal(code, message=text)
        self.calls: list[Any] = []

    def create_queue(self, **asked: Any) -> dict[str, str]:
        self.calls.append(sorted(asked["Attributes"]))
        if ENCRYPTED in asked["Attributes"]:
            raise self.refusal
        return {"QueueUrl": "url"}

    def get_queue_attributes(self, **asked: Any) -> dict[str, Any]:
        self.calls.append(asked["AttributeNames"])
        has = {"QueueArn": "arn", "Policy": "{}"}
        if not {*asked["AttributeNames"]} <= {*has, "All"}:
            raise self.refusal
        return {"Attributes": has}


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("InvalidAttributeName", "Unknown Attribute SqsManagedSseEnabled."),
        ("InvalidAttributeValue", ""),
        ("InvalidParameterValue", "SqsManagedSseEnabled is not supported"),
    ],
)
def test_a_queue_is_made_without_the_encryption_that_is_not_known(code: str, text: str) -> None:
    service, known = Service(code, text), Abilities()
    attributes = {ENCRYPTED: "true", "VisibilityTimeout": "30"}
    assert create(service, "q", attributes, known) == "url"
    assert attributes == {"VisibilityTimeout": "30"}
    assert known.lacks(Ability.QUEUE_ATTRIBUTES)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("InvalidParameterValue", "the name is odd"),
        ("InvalidAttributeValue", "RedrivePolicy is invalid. Reason: odd target"),
    ],
)
def test_a_queue_that_cannot_be_made_for_another_reason_is_told(code: str, text: str) -> None:
    service = Service(code, text)
    with pytest.raises(ClientError, match="odd"):
        create(service, "q", {ENCRYPTED: "true"}, Abilities())
    assert len(service.calls) == 1


def test_a_queue_that_does_not_know_an_attribute_is_asked_for_all_from_then_on() -> None:
    service, known = Service(), Abilities()
    assert read(service, "url", ["QueueArn"], known)["QueueArn"] == "arn"
    for _ in range(2):
        assert read(service, "url", ["QueueArn", "Odd"], known) == {"QueueArn": "arn"}
    assert service.calls == [["QueueArn"], ["QueueArn", "Odd"], ["All"], ["All"]]


def test_a_queue_that_may_not_be_asked_is_told() -> None:
    service = Service("AccessDenied", "no")
    with pytest.raises(ClientError, match="AccessDenied"):
        read(service, "url", ["Odd"], Abilities())
