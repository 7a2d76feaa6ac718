"""What a stack that cannot be changed, or that failed, means and what to do about it.

Pure: it goes by what AWS says. A stack that failed tells so in its own reason with few words; the
first event that failed has the cause, and those after it only that they were cancelled for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labapp.cloud.fleet.model import LAB, Event
from labapp.errors import CloudError, ForbiddenError, SessionEndedError

if TYPE_CHECKING:
    from labapp.cloud.fleet.stack import Stack
    from labapp.cloud.session import Cloud

#: The tag by which a stack is known to be a fleet's; its value is the lab's name.
TAG = "labapp"

#: The type of the stack itself in its events.
_STACK = "AWS::CloudFormation::Stack"

#: The status of a launch that failed, as it is told among a stack's events: see `activities`.
LAUNCH_FAILED = "LAUNCH_FAILED"

#: What CloudFormation says of a group whose instances do not come up, whatever they lack.
_NO_SIGNAL = re.compile(r"SUCCESS signal|Failed to receive|did not stabilize", re.IGNORECASE)

#: What CloudFormation says of a resource that failed only since another one did.
_CANCELLED = re.compile(r"cancelled|canceled", re.IGNORECASE)

#: The codes of what CloudFormation does not take, for a reason that its text tells.
_REFUSING = ("ValidationError", "LimitExceededException", "OperationInProgressException")

#: How an action of IAM stands in a refusal of AWS's.
_ACTION = re.compile(r"(?:perform:|API:) ([a-z0-9-]+:[A-Za-z*]+)")


@dataclass(frozen=True)
class Cause:
    """Why something failed, by a pattern of what AWS says, and what to do about it."""

    pattern: str
    remedy: str
    kind: type[CloudError] = CloudError


#: The causes that are known, those that decide first.
CAUSES = (
    Cause(
        r"voc-cancel-cred",
        "The lab session is over: start the lab again, paste its new credentials, and run"
        " 'admin.py deploy up' once more, which goes on from here.",
        SessionEndedError,
    ),
    Cause(
        r"VcpuLimitExceeded|MaxSpotInstanceCountExceeded|vCPU capacity",
        "The account may run no more of this type: take a smaller --type or a smaller --max, or"
        " ask AWS for more in the console under Service Quotas, Amazon EC2.",
    ),
    Cause(
        r"InsufficientInstanceCapacity|InsufficientCapacity|no Spot capacity|UnfulfillableCapacity"
        r"|do not have sufficient",
        "AWS has none of this type free there at the moment: try again later, or take another"
        " --type, a --subnet in another zone, or leave --spot out.",
    ),
    Cause(
        r"assumed-role/voclabs/",
        "AWS Academy does not allow this: take --instance-profile LabInstanceProfile and a type up"
        " to large.",
        ForbiddenError,
    ),
    Cause(
        r"is not authorized to perform|AccessDenied|UnauthorizedOperation|not authorized",
        "",  # names the action, see `error_of`
        ForbiddenError,
    ),
    Cause(
        r"TerminationProtection",
        "Somebody protects the stack from that: take the protection off in the console of"
        " CloudFormation, then try again.",
    ),
    Cause(
        r"_IN_PROGRESS (state|status)|while in status \w*_IN_PROGRESS|OperationInProgress",
        "AWS is still at the stack: 'admin.py deploy status' shows it; try again when it is done.",
    ),
    Cause(
        r"LimitExceeded",
        "The account may have no more of these: remove some, or ask AWS for more in the console"
        " under Service Quotas.",
    ),
    Cause(
        r"PendingVerification|account is currently blocked",
        "AWS still looks at this new account: it takes some hours at most; then try again.",
    ),
    Cause(
        r"InvalidKeyPair|key pair .* does not exist",
        "Name a key pair of this region with --key, or leave it out: Session Manager needs none.",
    ),
    Cause(
        r"Invalid Iam ?Instance ?Profile|instance profile .*(not exist|cannot be found)",
        "Name one that exists with --instance-profile; 'aws iam list-instance-profiles' lists"
        " them.",
    ),
    Cause(
        r"already exists|AlreadyExists",
        "Something of this name was made by hand or by another stack: remove or rename it, then try"
        " again.",
    ),
    Cause(
        r"(SUCCESS|FAILURE) signal|MinSuccessfulInstancesPercent|Failed to receive|TIMEOUT"
        r"|CREATION_POLICY|failed to signal",
        "An instance did not come up: 'admin.py deploy logs' shows how its boot went.",
    ),
    Cause(
        r"InvalidAMIID|UnsupportedOperation|not supported in your requested Availability Zone"
        r"|InvalidParameterCombination|currently not supported|not eligible for Free Tier",
        "Take another --type, or a --subnet in a zone that has it.",
    ),
    Cause(
        r"Throttling|Rate exceeded|RequestLimitExceeded|ServiceUnavailable|InternalFailure",
        "AWS was too busy: try again in a minute.",
    ),
)


def check_ours(found: Stack, cloud: Cloud) -> None:
    """See to it that a stack of the fleet's name is this lab's fleet.

    Raises:
        CloudError: somebody else's stack has the name, or the fleet of another bucket.
    """
    is_ours = found.tags.get(TAG) == LAB or "CodeKey" in found.parameters
    # Of one that is only reviewed AWS may tell neither, and there is nothing in it.
    if not is_ours and (found.is_there or found.parameters):
        raise CloudError(
            f"there is a stack {LAB} in this account that labapp did not make",
            "It is left alone. Remove or rename it, or take another region with --region.",
        )
    bucket = found.parameters.get("BucketName", "")
    if bucket and bucket != cloud.bucket_name:
        raise CloudError(
            f"the fleet {LAB} in this region works for another bucket, {bucket}",
            f"Name that one with --bucket {bucket}, or take another region with --region.",
        )


def check_changeable(found: Stack | None, cloud: Cloud) -> None:
    """See to it that a stack can be made or changed now.

    Raises:
        CloudError: it is not ours, AWS is at it, or it is in a state that only its removal ends.
    """
    if found is None or found.status == "DELETE_COMPLETE":
        return
    check_ours(found, cloud)
    if found.is_busy:
        raise CloudError(
            f"AWS is still at the stack {LAB} ({found.status})",
            "'admin.py deploy status' shows it; try again when it is done.",
        )
    if remedy := _STUCK.get(found.status):
        why = f": {found.reason.rstrip('.')}" if found.reason else ""
        raise CloudError(f"the stack {LAB} is in {found.status}{why}", remedy)


def last_operation(found: Sequence[Event], *, removed: bool = False) -> Sequence[Event]:
    """Return the events since somebody last began to make or change the stack, or to remove it.

    Args:
        found: those that are known, the oldest first.
        removed: whether the stack was to go; else its end is that of a making that failed.
    """
    begun = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", *(["DELETE_IN_PROGRESS"] * removed))
    at = [
        place
        for place, one in enumerate(found)
        if one.kind == _STACK and one.name == LAB and one.status in begun
    ]
    return found[at[-1] :] if at else found


def first_failure(found: Iterable[Event]) -> Event | None:
    """Return the event that failed first, the oldest being first; None where none did.

    Where instances did not come up, since they could not be launched, that is the one.
    """
    failed = [one for one in found if one.is_failure and one.reason]
    launches = [one for one in failed if one.status == LAUNCH_FAILED]
    others = [one for one in failed if one.status != LAUNCH_FAILED]
    own = [one for one in others if not _CANCELLED.search(one.reason)]
    first = next(iter(own or others), None)
    if launches and (first is None or _NO_SIGNAL.search(first.reason)):
        return launches[-1]
    return first


def refused(doing: str, code: str, text: str) -> CloudError | None:
    """Return the error for what CloudFormation does not take as it stands; None for other ones."""
    return (
        error_of(f"cannot {doing}", f"{text.rstrip('.')} ({code})") if code in _REFUSING else None
    )


def error_of(doing: str, reason: str, left: str = "") -> CloudError:
    """Return the error for what AWS says of a failure, with what to do about it.

    Args:
        doing: what was to be done, as in `cannot make the fleet`.
        reason: what AWS says.
        left: what has come of it.
    """
    what = f"{doing}: {reason.strip().rstrip('.') or 'AWS does not say why'}"
    what = f"{what}; {left}" if left else what
    for cause in CAUSES:
        if re.search(cause.pattern, reason, re.IGNORECASE | re.DOTALL):
            return cause.kind(what, cause.remedy or _asking(reason))
    return CloudError(what, _MEND)


def where_it_was(error: CloudError, cloud: Cloud) -> CloudError:
    """Return an error of a stack; of an emulator's, where nothing else helps, that it is one."""
    place = cloud.place.endpoints.of("cloudformation")
    if error.remedy != _MEND or place.is_amazons:
        return error
    return type(error)(
        error.message,
        f"{place.where} is not Amazon's own, and no emulator is known that makes all of a fleet:"
        " 'help fleet' tells what they lack.",
    )


def remedy_of(status: str) -> str:
    """Return what to do about a stack in a state in which AWS takes no change; empty for others."""
    return _STUCK.get(status, "")


def _asking(reason: str) -> str:
    """Return what to do about an action that is refused."""
    found = _ACTION.search(reason)
    return (
        f"Ask for {found[1] if found else 'the permission'}: 'python admin.py cloud policies'"
        " prints what each role needs."
    )


#: What to do about what no cause is known for.
_MEND = "Mend what it says, then run 'admin.py deploy up' again."

_BEGIN_ANEW = (
    "Nothing of it can be changed: 'admin.py deploy down' removes what is left of it, none of which"
    " is data; then run 'admin.py deploy up' again."
)

#: What to do about a stack in a state in which AWS takes no change.
_STUCK = {
    "CREATE_FAILED": _BEGIN_ANEW,
    "ROLLBACK_COMPLETE": _BEGIN_ANEW,
    "ROLLBACK_FAILED": _BEGIN_ANEW,
    "DELETE_FAILED": "Run 'admin.py deploy down' again; if it fails once more, remove in the"
    " console what it names, then run it again.",
    "UPDATE_ROLLBACK_FAILED": "AWS could not go back to how it was: mend what 'admin.py deploy"
    f" status' names and run 'aws cloudformation continue-update-rollback --stack-name {LAB}'; or"
    " 'admin.py deploy down', then 'admin.py deploy up': no data is in it.",
    "UPDATE_FAILED": "Run 'aws cloudformation rollback-stack --stack-name"
    f" {LAB}', then 'admin.py deploy up' again.",
}
