"""The fleet's stack in CloudFormation: what there is of it, its events, and its end.

AWS goes on with what it was told to do whoever ends this program, so that what was killed on the
way is picked up: `describe` tells how far it came, `change_sets.plan` clears away what nobody
executed, and `following.follow` goes on with what AWS is at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from labapp.cloud.aws_errors import code_of, translated
from labapp.cloud.fleet import failures
from labapp.cloud.fleet.model import LAB, Event

if TYPE_CHECKING:
    from types_boto3_cloudformation import CloudFormationClient

    from labapp.cloud.session import Cloud

#: The status of a stack that has a change set to look at and nothing else.
REVIEWED = "REVIEW_IN_PROGRESS"

#: Events that one look reads at most; CloudFormation answers pages of some 100.
MOST_EVENTS = 1_000

#: What CloudFormation says of a stack, or a change set, that there is none.
_NONE = ("does not exist", "ChangeSetNotFound")


@dataclass(frozen=True)
class Stack:
    """The stack as AWS tells of it.

    Attributes:
        id: its ARN, by which it is found for 90 days after its end too.
        status: in AWS's words, such as `CREATE_COMPLETE`.
        reason: why it is in that status, where AWS says so.
        parameters: their values by name.
        tags: likewise.
    """

    id: str
    status: str
    reason: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_there(self) -> bool:
        """Whether it has, or had, anything in it; one that is only reviewed has not."""
        return self.status not in (REVIEWED, "DELETE_COMPLETE")

    @property
    def is_busy(self) -> bool:
        """Whether AWS is at it now."""
        return self.status.endswith("_IN_PROGRESS") and self.is_there


def client(cloud: Cloud) -> CloudFormationClient:
    """Return CloudFormation's client, the one of the credentials that are in force now."""
    found: CloudFormationClient = cloud.client("cloudformation")
    return found


def describe(cloud: Cloud, of: str = LAB) -> Stack | None:
    """Return the stack by its name, or by its ARN one that is gone too; None where there is none.

    Raises:
        CloudError: it cannot be asked for.
    """
    with translated(f"find the stack {LAB}"):
        try:
            found = client(cloud).describe_stacks(StackName=of)["Stacks"]
        except ClientError as error:
            if is_none(error):
                return None
            raise
    return _stack(found[0]) if found else None


def events(cloud: Cloud, after: str = "", of: str = LAB) -> list[Event]:
    """Return what happened to the stack, the oldest first.

    Args:
        cloud: where.
        after: the id of the last event that is known: only later ones are returned.
        of: the stack's ARN, by which events of one that is gone are found too.

    Raises:
        CloudError: they cannot be asked for.
    """
    found: list[Event] = []
    with translated(f"read the events of the stack {LAB}"):
        try:
            for page in client(cloud).get_paginator("describe_stack_events").paginate(StackName=of):
                for one in page["StackEvents"]:
                    if one["EventId"] == after or len(found) == MOST_EVENTS:
                        return found[::-1]
                    found.append(_event(one))
        except ClientError as error:
            if not is_none(error):
                raise
    return found[::-1]


def newest_event(cloud: Cloud) -> str:
    """Return the id of the stack's newest event, after which what is done next will come.

    Raises:
        CloudError: it cannot be asked for.
    """
    with translated(f"read the events of the stack {LAB}"):
        try:
            found = client(cloud).describe_stack_events(StackName=LAB)["StackEvents"]
        except ClientError as error:
            if is_none(error):
                return ""
            raise
    return found[0]["EventId"] if found else ""


def remove(cloud: Cloud) -> Stack | None:
    """Have AWS remove the stack and all that is in it, none of which is data.

    Returns:
        The stack as it was; None where there was none. It is gone once it is DELETE_COMPLETE.

    Raises:
        CloudError: it is not taken.
    """
    found = describe(cloud)
    if found is None or found.status == "DELETE_COMPLETE":
        return None
    failures.check_ours(found, cloud)
    with changing(f"remove the stack {LAB}"):
        client(cloud).delete_stack(StackName=LAB)
    return found


@contextmanager
def changing(doing: str) -> Iterator[None]:
    """Translate what CloudFormation says of a change: with what to do, where it does not take it.

    Raises:
        CloudError: or one of its kinds, with `doing` in its message.
    """
    with translated(doing):
        try:
            yield
        except ClientError as error:
            text = error.response.get("Error", {}).get("Message", "")
            if told := failures.refused(doing, code_of(error), text):
                raise told from error
            raise


def is_none(error: ClientError) -> bool:
    """Whether CloudFormation says that there is no such stack or change set."""
    return any(words in f"{code_of(error)} {error}" for words in _NONE)


def _stack(found: Mapping[str, Any]) -> Stack:
    return Stack(
        id=found.get("StackId", ""),
        status=found["StackStatus"],
        reason=found.get("StackStatusReason", ""),
        parameters=_pairs(found.get("Parameters", ()), "Parameter"),
        tags=_pairs(found.get("Tags", ()), ""),
    )


def _pairs(found: Sequence[Mapping[str, Any]], of: str) -> dict[str, str]:
    return {one[f"{of}Key"]: str(one.get(f"{of}Value", "")) for one in found}


def _event(found: Mapping[str, Any]) -> Event:
    return Event(
        id=found["EventId"],
        at=found["Timestamp"].timestamp(),
        name=found.get("LogicalResourceId", ""),
        kind=found.get("ResourceType", ""),
        status=found.get("ResourceStatus", ""),
        reason=found.get("ResourceStatusReason", ""),
    )
