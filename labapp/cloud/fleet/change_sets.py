"""Change sets of the fleet's stack: what AWS would do, to be looked at before it is executed.

The first one of a stack makes the stack too, in the status REVIEW_IN_PROGRESS, with nothing in it:
whoever discards that change set deletes that stack.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from labapp import utc
from labapp.cloud.aws_errors import code_of, translated
from labapp.cloud.fleet import failures, stack
from labapp.cloud.fleet.model import LAB, Change
from labapp.cloud.patience import PATIENT, Patience
from labapp.errors import CloudError

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: What the names of our change sets begin with.
OURS = "labapp-"

#: Seconds for which is waited until AWS has worked out what a change set would do.
PLANNING = 180.0

#: What is done to a resource, by CloudFormation's word for it.
_ACTIONS = {
    "Add": "add",
    "Modify": "change",
    "Remove": "remove",
    "Import": "add",
    "Dynamic": "change",
}

#: The states of a change set that somebody has executed.
_EXECUTED = ("EXECUTE_IN_PROGRESS", "EXECUTE_COMPLETE", "EXECUTE_FAILED")

#: What it says of a change set that is in no state for what is asked of it.
NO_STATE = "InvalidChangeSetStatus"

#: What it says where a change set would change nothing.
_NO_CHANGES = ("didn't contain changes", "No updates are to be performed")


@dataclass(frozen=True)
class ChangeSet:
    """What AWS would do.

    Attributes:
        id: the change set's ARN; empty: nothing would change, and there is none.
        changes: what would be done to which resource.
        is_new: whether it makes the stack.
        stack: the stack's ARN.
    """

    id: str
    changes: tuple[Change, ...]
    is_new: bool
    stack: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not self.id


def plan(
    cloud: Cloud,
    body: str | None,
    parameters: Mapping[str, str],
    *,
    clears: bool = True,
    patience: Patience = PATIENT,
) -> ChangeSet:
    """Have AWS work out what would change, and change nothing.

    Args:
        cloud: where.
        body: the template; None: the stack's own, as for a roll back.
        parameters: all of them, by name.
        clears: whether what an earlier run left to be looked at is discarded first. Who only looks
            leaves it: it may be what somebody else is asked about just now.
        patience: waits until it is worked out.

    Raises:
        CloudError: the stack is in no state for it, or it is refused; then nothing of it stays.
    """
    found = stack.describe(cloud)
    failures.check_changeable(found, cloud)
    is_new = found is None or not found.is_there
    if clears and found is not None:
        discard_left(cloud)
    name = f"{OURS}{utc.now():%Y%m%d%H%M%S}-{secrets.token_hex(3)}"
    asked: dict[str, Any] = {
        "StackName": LAB,
        "ChangeSetName": name,
        "ChangeSetType": "CREATE" if is_new else "UPDATE",
        "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
        "Tags": [{"Key": failures.TAG, "Value": LAB}],
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        **({"UsePreviousTemplate": True} if body is None else {"TemplateBody": body}),
        # A first one that fails leaves nothing, so that it can be tried again.
        **({"OnStackFailure": "DELETE"} if is_new else {}),
    }
    try:
        with stack.changing(f"plan the stack {LAB}"):
            made = stack.client(cloud).create_change_set(**asked)
    except CloudError:
        # A stack to be looked at, with nothing to look at, may have come of it all the same.
        with contextlib.suppress(CloudError):
            discard(cloud, ChangeSet("", (), is_new), patience=patience)
        raise
    planned = ChangeSet(made["Id"], (), is_new, made.get("StackId", ""))
    return _worked_out(cloud, planned, patience)


def left(cloud: Cloud) -> list[str]:
    """Return the ARNs of change sets of ours that nobody executed, as of a run that was killed.

    Raises:
        CloudError: they cannot be listed.
    """
    with translated(f"list the change sets of the stack {LAB}"):
        pages = stack.client(cloud).get_paginator("list_change_sets").paginate(StackName=LAB)
        try:
            found = [one for page in pages for one in page.get("Summaries", ())]
        except ClientError as error:
            if stack.is_none(error):
                return []
            raise
    return [
        one["ChangeSetId"]
        for one in found
        if one["ChangeSetName"].startswith(OURS) and one.get("ExecutionStatus") not in _EXECUTED
    ]


def discard(cloud: Cloud, planned: ChangeSet, *, patience: Patience = PATIENT) -> None:
    """Delete a change set, and the stack that there is for its sake alone: another admin may plan.

    Raises:
        CloudError: it cannot be deleted.
    """
    if planned.id:
        _delete(cloud, planned.id)
    if not planned.is_new:
        return
    found = stack.describe(cloud)
    is_reviewed = found is not None and found.status == stack.REVIEWED
    if is_reviewed and not [one for one in left(cloud) if one != planned.id]:
        stack.remove(cloud)
        patience.until(lambda: _is_gone(cloud), f"CloudFormation frees the name {LAB}")


def discard_left(cloud: Cloud) -> int:
    """Delete what a run that was killed left to be looked at; return how many change sets.

    Raises:
        CloudError: one cannot be deleted.
    """
    found = left(cloud)
    for one in found:
        _delete(cloud, one)
    return len(found)


def execute(cloud: Cloud, planned: ChangeSet) -> None:
    """Have AWS do what a change set says. It goes on by itself, whoever ends this program.

    Raises:
        CloudError: it is not taken, as where somebody else has planned or changed it since.
    """
    with stack.changing(f"change the stack {LAB}"):
        try:
            stack.client(cloud).execute_change_set(ChangeSetName=planned.id, StackName=LAB)
        except ClientError as error:
            if not (stack.is_none(error) or code_of(error) == NO_STATE):
                raise
            if not _is_executed(cloud, planned):
                raise CloudError(
                    f"the stack {LAB} was planned or changed anew since this was planned",
                    "Run 'admin.py deploy up' again: it shows what is left to change.",
                ) from error


def _worked_out(cloud: Cloud, planned: ChangeSet, patience: Patience) -> ChangeSet:
    """Wait until AWS has worked out a change set; return it with its changes."""
    status, reason, changes = "", "", list[Change]()

    def is_done() -> bool:
        nonlocal status, reason, changes
        status, reason, changes = _read(cloud, planned.id)
        return status in ("CREATE_COMPLETE", "FAILED")

    waits = replace(patience, seconds=max(patience.seconds, PLANNING))
    done = waits.until(is_done, "CloudFormation works out what would change")
    if done and status == "CREATE_COMPLETE":
        return replace(planned, changes=tuple(changes))
    discard(cloud, planned, patience=patience)
    if not done:
        raise CloudError(
            f"CloudFormation has not worked out in {PLANNING:.0f} seconds what would change",
            "Try again.",
        )
    if any(words in reason for words in _NO_CHANGES):
        return ChangeSet("", (), planned.is_new, planned.stack)
    raise failures.error_of(f"cannot plan the stack {LAB}", reason)


def _read(cloud: Cloud, id_: str) -> tuple[str, str, list[Change]]:
    """Return a change set's status, its reason, and its changes; without any where it is new."""
    with translated(f"read the change set of the stack {LAB}"):
        pages = stack.client(cloud).get_paginator("describe_change_set").paginate(ChangeSetName=id_)
        status, reason, changes = "", "", list[Change]()
        try:
            for page in pages:
                status, reason = page.get("Status", ""), page.get("StatusReason", "")
                changes += [_change(one) for one in page.get("Changes", ())]
        except ClientError as error:
            if stack.is_none(error):  # made a moment ago: not all of AWS knows it yet
                return "", "", []
            raise
    return status, reason, changes


def _delete(cloud: Cloud, id_: str) -> None:
    with translated(f"discard the change set of the stack {LAB}"):
        try:
            stack.client(cloud).delete_change_set(ChangeSetName=id_, StackName=LAB)
        except KeyError:  # MiniStack deletes it too, and leaves out of its answer what is empty
            pass
        except ClientError as error:
            # One that AWS is still working out cannot be deleted, and is never executed either.
            if not stack.is_none(error) and code_of(error) != NO_STATE:
                raise


def _is_executed(cloud: Cloud, planned: ChangeSet) -> bool:
    """Whether a change set is executed already, as where the answer to a first call was lost."""
    try:
        answer = stack.client(cloud).describe_change_set(ChangeSetName=planned.id, StackName=LAB)
    except ClientError as error:
        if stack.is_none(error):
            return False
        raise
    return answer.get("ExecutionStatus") in _EXECUTED


def _is_gone(cloud: Cloud) -> bool:
    found = stack.describe(cloud)
    return found is None or found.status == "DELETE_COMPLETE"


def _change(found: Mapping[str, Any]) -> Change:
    one = found.get("ResourceChange", {})
    action = _ACTIONS.get(one.get("Action", ""), "change")
    if action == "change" and one.get("Replacement") in ("True", "Conditional"):
        action = "replace"
    return Change(action, one.get("LogicalResourceId", ""), one.get("ResourceType", ""))
