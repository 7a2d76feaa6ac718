"""Each permission that a program's role has by its policy, tried by a call that harms nothing.

Any answer but that it is forbidden says that it is allowed. Amazon documents no order in which it
looks at permissions and at what else is wrong with a call; services that enforce IAM look at
permissions first, as far as was seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fnmatch import fnmatchcase

from botocore.exceptions import ClientError

from labapp.cloud import roles
from labapp.cloud.aws_errors import OBJECT_CODES, code_of, from_response, translated
from labapp.cloud.doctor.attempts import ATTEMPTS
from labapp.cloud.doctor.finding import Finding
from labapp.cloud.doctor.patient import Patient
from labapp.cloud.other_bucket import with_bucket
from labapp.cloud.roles import Permission
from labapp.cloud.session import Cloud
from labapp.errors import ClockError, CredentialsError, ForbiddenError, MissingResourceError

#: Permissions tried at once.
AT_ONCE = 8

#: What stands before another bucket than the lab's own; and the action that is for a bucket.
_S3, _LISTS = "s3://", "s3:ListBucket"

#: How actions on the lab's own things begin: its queues and buckets.
_LAB = ("s3:", "sqs:")

#: How a permission was found on a thing: given, refused, or not tried.
_GIVEN, _REFUSED, _UNTRIED = "given", "refused", "untried"

#: What it means not to have one.
MEANINGS: Mapping[str, str] = {
    "sqs:GetQueueUrl": "the queue is not found",
    "sqs:GetQueueAttributes": "messages are not counted, and the redrive policy is not known",
    "sqs:SendMessage": "nothing can be sent there: no job, no answer, no dead letter",
    "sqs:ReceiveMessage": "no message is received there",
    "sqs:DeleteMessage": "what is done cannot be deleted: it comes again, and is done again, until"
    " it lies among the dead letters",
    "sqs:ChangeMessageVisibility": "a job that takes longer than the visibility timeout is done"
    " twice, and jobs are not handed back",
    "sqs:CreateQueue": "no reply queue can be made, so that nobody is answered",
    "sqs:ListQueues": "the clients' reply queues are not listed",
    "s3:ListBucket": "nothing is listed, and what is not there looks as if it were forbidden",
    "s3:GetObject": "nothing is read there",
    "s3:PutObject": "nothing is stored there",
    "s3:AbortMultipartUpload": "parts of large uploads that failed stay, and are paid for",
    "s3:DeleteObject": "what is no longer needed stays there",
}


@dataclass(frozen=True)
class Tried:
    """One action of a role, and how it was found on each thing that it is for."""

    action: str
    found: Mapping[str, str]

    def on(self, how: str) -> list[str]:
        """Return the things on which it was found so."""
        return [one for one, found in self.found.items() if found == how]


def look_at_roles(patient: Patient, names: Sequence[str]) -> Iterator[Finding]:
    """Tell of each role's permissions whether the user has them.

    Of several roles a user need not have all: those of which nearly nothing is given are noted,
    unless none is.

    Raises:
        CloudError: a service does not answer.
    """
    tried = {role: _try_all(patient, role) for role in names}
    had = [role for role, found in tried.items() if _is_had(found)]
    for role, found in tried.items():
        if role in had or not had:
            for one in found:
                yield from _findings(patient, role, one)
            yield from _untried(role, found)
        else:
            lacking = ", ".join(one.action for one in found if one.on(_REFUSED))
            told = f"not had: {lacking} are denied"
            remedy = f"Nothing, unless this user {_does(role)}; {_remedy(role)}"
            yield Finding(f"role {role}", "note", told, f"this user is no {role}", remedy)


def _is_had(found: Sequence[Tried]) -> bool:
    """Return whether more of a role's permissions are given than refused."""
    given = sum(len(one.on(_GIVEN)) for one in found)
    return given > sum(len(one.on(_REFUSED)) for one in found)


def _findings(patient: Patient, role: str, one: Tried) -> Iterator[Finding]:
    """Tell of one action, if it could be tried on anything."""
    if refused := one.on(_REFUSED):
        told = f"{role}: denied on {_listed(refused)}"
        who = f" for {patient.arn}" if patient.arn else ""
        remedy = f"Have {one.action} allowed{who}: {_remedy(role)}"
        yield Finding(one.action, "broken", told, MEANINGS.get(one.action, ""), remedy)
    if given := one.on(_GIVEN):
        yield Finding(one.action, "holds", f"{role}: allowed on {_listed(given)}")


def _untried(role: str, found: Sequence[Tried]) -> Iterator[Finding]:
    """Tell in a line each which actions could not be tried, and why."""
    harmful = [one.action for one in found if one.action not in ATTEMPTS]
    absent = [
        one.action
        for one in found
        if one.action in ATTEMPTS and not (one.on(_GIVEN) or one.on(_REFUSED))
    ]
    for actions, why in (
        (harmful, "no call of it is without harm"),
        (absent, "what it is for is not there"),
    ):
        if actions:
            yield Finding(f"role {role}", "note", f"not tried, as {why}: {', '.join(actions)}")


def _listed(things: Sequence[str]) -> str:
    return ", ".join(one or "everything" for one in things)


def _remedy(role: str) -> str:
    return f"'python admin.py cloud policies --role {role}' prints what is needed."


def _does(role: str) -> str:
    return next(one.does for one in roles.ROLES if one.name == role)


def _try_all(patient: Patient, role: str) -> list[Tried]:
    """Try every action of a role on everything that its policy is for."""
    wanted: dict[str, list[str]] = {}
    for permission in patient.lab.permissions(patient.cloud, role):
        if not permission.action.startswith(_LAB):
            continue  # of the fleet, of which its own commands tell
        things = wanted.setdefault(permission.action, [])
        things += [one for one in _things(patient, permission) if one not in things]
    pairs = [(action, one) for action, things in wanted.items() for one in things]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(zip(pairs, pool.map(lambda pair: _try(patient, *pair), pairs), strict=True))
    return [
        Tried(action, {one: found[action, one] for one in things})
        for action, things in wanted.items()
    ]


def _things(patient: Patient, permission: Permission) -> list[str]:
    """Return the queues, or the prefixes of buckets, that a permission is for.

    Those of another bucket than the lab's own have it before them.
    """
    found = []
    for resource in permission.resources:
        _, is_of_s3, path = resource.partition(":s3:::")
        if not is_of_s3:
            found.append(_queue(patient, resource.rpartition(":")[2]))
            continue
        bucket, _, pattern = path.partition("/")
        where = f"{_S3}{bucket}/" if bucket in patient.lab.buckets else ""
        patterns = permission.prefixes or ("",) if permission.action == _LISTS else (pattern,)
        # What is one object alone is somebody's, and no probe.
        found += [where + _filled(one) for one in patterns if not one or "*" in one]
    return found


def _filled(pattern: str) -> str:
    """Return the prefix of a pattern of keys, as `inbox/anna-000000000000/`, or `labels/*.txt`."""
    return pattern.removesuffix("*").replace("?", "0")


def _queue(patient: Patient, pattern: str) -> str:
    """Return a queue that a pattern takes: of those of clients, this machine's own if it does."""
    own = patient.lab.replies(patient.cloud)
    if own and pattern != "*" and fnmatchcase(own, pattern):
        return own
    return "" if pattern == "*" else pattern


def _try(patient: Patient, action: str, on: str) -> str:
    """Return how a permission was found on one thing."""
    attempt = ATTEMPTS.get(action)
    if attempt is None or (action.startswith("sqs:") and set(on) & set("*?")):
        return _UNTRIED
    doing = f"try {action} on {on}"
    try:
        with translated(doing):
            try:
                attempt(*_place_of(patient.cloud, on))
            except ClientError as error:
                told = from_response(error, doing)
                if isinstance(told, ForbiddenError):
                    return _how_forbidden(action, error.operation_name)
                if isinstance(told, CredentialsError | ClockError):
                    raise
                # An object that is not there says that it might be read; a queue, nothing.
                absent = isinstance(told, MissingResourceError)
                return _UNTRIED if absent and code_of(error) not in OBJECT_CODES else _GIVEN
    except ForbiddenError as error:
        cause = error.__cause__
        name = cause.operation_name if isinstance(cause, ClientError) else ""
        return _how_forbidden(action, name)
    except MissingResourceError:
        return _UNTRIED
    return _GIVEN


def _place_of(cloud: Cloud, on: str) -> tuple[Cloud, str]:
    """Return a cloud whose own bucket is the one that is meant, and the prefix, or the queue."""
    if not on.startswith(_S3):
        return cloud, on
    bucket, _, prefix = on.removeprefix(_S3).partition("/")
    return with_bucket(cloud, bucket), prefix


def _how_forbidden(action: str, operation: str) -> str:
    """Return how a permission was found where a call of the attempt was forbidden.

    On the way to many a call the queue's address is asked for, which is a permission of its own.
    """
    on_the_way = operation == "GetQueueUrl" and action != "sqs:GetQueueUrl"
    return _UNTRIED if on_the_way else _REFUSED
