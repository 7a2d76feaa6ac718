"""Services whose answers are a script: for what AWS does and no emulator does.

Each call takes the next of its answers, and the last one for ever; what is an exception is raised.
A paginator's answer is its list of pages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from labapp.cloud.credential_errors import LAB_OVER, VERDICT, Source
from labapp.cloud.endpoints import Endpoints
from labapp.settings import Settings
from tests.support.aws_answers import refusal

#: The ARN of a stack, as all tests have it.
ARN = "arn:aws:cloudformation:us-east-1:123456789012:stack/labapp/1"

#: A stack of ours, but for its status.
_STACK = {"StackName": "labapp", "StackId": ARN, "Tags": [{"Key": "labapp", "Value": "labapp"}]}

#: What services say of a stack that there is none.
NO_STACK = refusal("ValidationError", 400, "Stack with id labapp does not exist", "DescribeStacks")


class Service:
    """One service: its answers by call, as boto3's methods are called."""

    def __init__(self, answers: dict[str, list[Any]]) -> None:
        self.answers = {call: list(several) for call, several in answers.items()}
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def _next(self, call: str, asked: dict[str, Any]) -> Any:
        self.calls.append((call, asked))
        script = self.answers[call]
        found = script.pop(0) if len(script) > 1 else script[0]
        if isinstance(found, BaseException):
            raise found
        return found

    def __getattr__(self, call: str) -> Callable[..., Any]:
        if call.startswith("_") or call not in self.answers:
            raise AttributeError(call)
        return lambda **asked: self._next(call, asked)

    def get_paginator(self, call: str) -> Any:
        def pages(**asked: Any) -> Iterator[Any]:
            yield from self._next(call, asked)

        return SimpleNamespace(paginate=pages)


class Cloud:
    """A cloud of such services, by boto3's names of them; it counts how often it was refreshed."""

    is_local = False
    bucket_name = "labapp-123456789012-us-east-1"
    generation = 0
    is_hurried = True  # which has no direct way: all that is asked comes to these services

    def __init__(self, **services: dict[str, list[Any]]) -> None:
        self.services = {name: Service(answers) for name, answers in services.items()}
        self.settings = Settings(cloud="aws", region="us-east-1")
        self.place = SimpleNamespace(region="us-east-1", endpoints=Endpoints())
        self.credential_source = Source("shared-credentials-file", "lab")
        self.refreshed = 0

    def client(self, service: str) -> Any:
        return self.services[service]

    def refresh(self) -> None:
        self.refreshed += 1

    def calls(self, service: str) -> list[str]:
        return [call for call, _ in self.services[service].calls]


def stacks(*statuses: str, **more: Any) -> list[Any]:
    """Return answers of DescribeStacks, one a status; `none` is that there is none."""
    return [
        NO_STACK if status == "none" else {"Stacks": [{**_STACK, "StackStatus": status, **more}]}
        for status in statuses
    ]


def event(number: int, name: str, status: str, reason: str = "") -> dict[str, Any]:
    """Return an event as CloudFormation tells of it."""
    kind = "AWS::CloudFormation::Stack" if name == "labapp" else "AWS::EC2::Anything"
    told = {"ResourceStatusReason": reason} if reason else {}
    return {
        "EventId": str(number),
        "Timestamp": datetime.fromtimestamp(1_795_000_000 + number, UTC),
        "LogicalResourceId": name,
        "ResourceType": kind,
        "ResourceStatus": status,
        **told,
    }


def pages(*events: dict[str, Any], each: int = 2) -> list[dict[str, Any]]:
    """Return events, given the oldest first, as pages of DescribeStackEvents: the newest first."""
    newest = list(events[::-1])
    return [{"StackEvents": newest[at : at + each]} for at in range(0, len(newest), each)]


def lab_over(operation: str) -> Exception:
    """Return what is raised once a lab's session has ended, as the probe of credentials has it."""
    error = refusal(
        "AccessDenied",
        403,
        "User: arn:aws:sts::123456789012:assumed-role/voclabs/user1=a is not authorized to perform:"
        f" cloudformation:{operation} on resource: {ARN} with an explicit deny in an identity-based"
        " policy: voc-cancel-cred",
        operation,
    )
    response: Any = error.response
    response[VERDICT] = (LAB_OVER, Source("shared-credentials-file", "lab"))
    return error
