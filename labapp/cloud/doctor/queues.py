"""Each queue: whether it is there, and whether its attributes are such that no job is lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from labapp.cloud import policies
from labapp.cloud.doctor.finding import Finding, span
from labapp.cloud.doctor.patient import Patient
from labapp.cloud.queue_names import dead_letters_of
from labapp.cloud.queues import Queue
from labapp.errors import ForbiddenError, MissingResourceError

if TYPE_CHECKING:
    from types_boto3_sqs.literals import QueueAttributeNameType

#: Seconds for which a queue should keep messages: a night in which no worker runs.
LEAST_KEPT = 12 * 3600

#: What it means that a queue is waited for.
_AWAITED = "workers take from it, or answer on it, once it is there"

#: What `aws` is told to set an attribute.
_SET = "Set it: aws sqs set-queue-attributes --queue-url {url} --attributes {attributes}"


def look_at_queue(patient: Patient, name: str) -> Iterator[Finding]:
    """Tell of one of the lab's queues.

    Raises:
        CloudError: it is not there, or may not be used.
    """
    check, queue = f"queue {name}", Queue(patient.cloud, name)
    try:
        url = queue.url
    except ForbiddenError:
        if patient.lab.role != "client":
            raise
        yield Finding(check, "note", "not yours to use, as for who labels and sends no jobs")
        return
    except MissingResourceError as error:
        if name in patient.lab.awaited:
            yield Finding(check, "note", "not there yet: the lab's client makes it", _AWAITED)
            return
        raise MissingResourceError(f"{name} is not there", patient.remedy(error.remedy)) from error
    try:
        found = queue.attributes("read the attributes of", "All")
    except ForbiddenError:
        if patient.lab.role != "client":
            raise
        yield Finding(check, "holds", f"{url}; its attributes are not yours to read")
        return
    yield Finding(check, "holds", f"{_counts(found)}, {_times(found)}")
    yield from _look_at_times(patient, check, url, found)
    yield from _look_at_encryption(patient, check, url, found)
    if name in patient.lab.requests:
        yield from _look_at_redrive(patient, queue, found)


def _counts(found: Mapping[str, str]) -> str:
    waiting, hidden = (
        found.get(f"ApproximateNumberOfMessages{more}", "0") for more in ("", "NotVisible")
    )
    return f"{waiting} waiting, {hidden} in flight"


def _times(found: Mapping[str, str]) -> str:
    kept, hidden, wait = (_seconds(found, one) for one in _TIMES)
    return f"kept {span(kept)}, hidden {span(hidden)}, long polling {span(wait)}"


#: For how long a message is kept, hidden once it is received, and waited for.
_TIMES: tuple[QueueAttributeNameType, ...] = (
    "MessageRetentionPeriod",
    "VisibilityTimeout",
    "ReceiveMessageWaitTimeSeconds",
)


def _seconds(found: Mapping[str, str], name: str) -> int:
    text = found.get(name, "")
    return int(text) if text.isdecimal() else 0


def _look_at_times(
    patient: Patient, check: str, url: str, found: Mapping[str, str]
) -> Iterator[Finding]:
    kept, hidden, wait = (_seconds(found, one) for one in _TIMES)
    ours = patient.settings.visibility_timeout
    if kept < LEAST_KEPT:
        attributes = "MessageRetentionPeriod=345600"
        yield Finding(
            check, "note", f"messages are kept for {span(kept)} only",
            "what no worker takes within that time is gone, and nobody is told",
            _SET.format(url=url, attributes=attributes),
        )  # fmt: skip
    if not wait:
        yield Finding(
            check, "note", "no long polling",
            "workers ask for it themselves; other programs pay for each poll that finds nothing",
            _SET.format(url=url, attributes="ReceiveMessageWaitTimeSeconds=20"),
        )  # fmt: skip
    if hidden != ours and check.removeprefix("queue ") in patient.lab.requests:
        yield Finding(
            check, "note", f"hides a received message for {span(hidden)}, and workers for {ours} s",
            "workers say their own time with each poll; it counts for programs that say none",
        )  # fmt: skip


def _look_at_encryption(
    patient: Patient, check: str, url: str, found: Mapping[str, str]
) -> Iterator[Finding]:
    encrypted = found.get("SqsManagedSseEnabled") == "true" or found.get("KmsMasterKeyId")
    if encrypted or not patient.cloud.place.endpoints.sqs.is_amazons:
        return  # other services than Amazon's need not know of it
    remedy = _SET.format(url=url, attributes="SqsManagedSseEnabled=true")
    yield Finding(check, "note", "not encrypted at rest", "who has SQS's disks could read", remedy)


def _look_at_redrive(patient: Patient, queue: Queue, found: Mapping[str, str]) -> Iterator[Finding]:
    """Tell whether what cannot be done goes to the dead letters, and to which."""
    check, dead = f"redrive {queue.name}", dead_letters_of(queue.name)
    policy = policies.read(found.get("RedrivePolicy", ""), queue.name)
    target = str(policy.get("deadLetterTargetArn", "")).rpartition(":")[2]
    most = str(policy.get("maxReceiveCount", ""))
    if not target:
        yield Finding(
            check, "note" if queue.name in patient.lab.awaited else "broken",
            "it has no redrive policy",
            "a message that kills its worker comes back for as long as it is kept, and no dead"
            " letter tells of it",
            _SET.format(url=queue.url, attributes="file://redrive.json") + ", with"
            f' {{"RedrivePolicy": "{{\\"deadLetterTargetArn\\": \\"<ARN of {dead}>\\",'
            f' \\"maxReceiveCount\\": {patient.settings.max_receives}}}"}} in that file.',
        )  # fmt: skip
        return
    told = f"after {most} receives to {target}"
    if target != dead:
        meaning = f"'admin.py queues dead' looks in {dead}"
        yield Finding(check, "note", told, meaning, "Let its redrive policy name that queue.")
        return
    try:
        of_dead = Queue(patient.cloud, dead).attributes("read the attributes of", _TIMES[0])
    except MissingResourceError:
        meaning = "SQS has nowhere to move what cannot be done, and it comes back again and again"
        remedy = "Run 'python admin.py cloud up', which makes it."
        yield Finding(check, "broken", f"{told}, which is not there", meaning, remedy)
        return
    if most.isdecimal() and int(most) < 2:
        meaning = "one lost connection of a worker is enough for a job to be given up"
        yield Finding(check, "note", told, meaning, "Let maxReceiveCount be 2 or more.")
        return
    kept = _seconds(of_dead, _TIMES[0])
    told = f"{told}, kept there {span(kept)}"
    if kept <= _seconds(found, _TIMES[0]):
        meaning = "SQS counts from when a message was first sent: a dead letter may be gone at once"
        remedy = "Let MessageRetentionPeriod of the dead letters' queue be 1209600, 14 days."
        yield Finding(check, "note", told, meaning, remedy)
        return
    yield Finding(check, "holds", told)


def look_at_replies(patient: Patient) -> Iterator[Finding]:
    """Tell of the queue on which this user is answered, which is made at the first job.

    Raises:
        CloudError: it may not be looked for.
    """
    check, name = "reply queue", patient.lab.replies(patient.cloud)
    if not name:
        yield Finding(check, "holds", "none yet: the first job from this machine makes it")
    elif Queue(patient.cloud, name).exists():
        yield Finding(check, "holds", f"{name} is there")
    else:
        yield Finding(check, "holds", f"{name} is not there: the next job makes it")
