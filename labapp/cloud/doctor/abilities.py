"""What not every service does that stands in for Amazon's: conditional writes, message groups."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from botocore.exceptions import ClientError

from labapp.cloud import conditions
from labapp.cloud.abilities import LACKING, Ability
from labapp.cloud.aws_errors import translated
from labapp.cloud.doctor import probe
from labapp.cloud.doctor.attempts import put_never
from labapp.cloud.doctor.finding import Finding
from labapp.cloud.doctor.patient import Patient
from labapp.cloud.queues import Queue
from labapp.errors import CloudError, ForbiddenError

#: The message that is sent to one's own reply queue, where no client takes it for an answer.
_BODY = "A probe of labapp's doctor."

#: Receives until a message that was sent just now must have come.
_RECEIVES = 3


def look_at_conditions(patient: Patient) -> Iterator[Finding]:
    """Tell whether the store heeds If-None-Match and If-Match, by a probe that is removed.

    Who may not delete versions tries If-Match alone, by a write that leaves nothing where it is
    heeded.

    Raises:
        CloudError: the store cannot be asked.
    """
    check, cloud = "conditional writes", patient.cloud
    if patient.lab.own is None:
        yield Finding(check, "note", "not tried: nothing is written in a lab's own layout")
        return
    key = probe.new_key(patient.lab.own)
    whole = patient.lab.role == "admin" and probe.leaves_nothing(cloud, key)
    try:
        with probe.removed_after(cloud, key):
            heeded = conditions.probe(cloud, key) if whole else _never_writes(patient, key)
    except ForbiddenError:
        yield Finding(check, "note", f"not tried: you may not write below {patient.lab.own}")
        return
    if heeded:
        which = "If-None-Match and If-Match are" if whole else "If-Match is"
        yield Finding(check, "holds", f"{which} heeded")
        return
    told = "If-None-Match or If-Match is ignored: a write that must fail was taken"
    meaning = f"{LACKING[Ability.CONDITIONS]}. Programs that know nothing of that lose answers"
    remedy = "Take a store that heeds them, such as Amazon S3, where others write to it too."
    yield Finding(check, "broken", told, meaning, remedy)


def _never_writes(patient: Patient, key: str) -> bool:
    with translated(f"write s3://{patient.cloud.bucket_name}/{key}"):
        try:
            put_never(patient.cloud, key)
        except ClientError as error:
            if not conditions.has_lost(error):
                raise
            return True
    return False


def look_at_groups(patient: Patient) -> Iterator[Finding]:
    """Tell whether SQS takes MessageGroupId on a standard queue, by a message to one's own queue.

    Raises:
        CloudError: SQS cannot be asked.
    """
    check, name = "message groups", patient.lab.replies(patient.cloud)
    queue = Queue(patient.cloud, name)
    try:
        if not name or not queue.exists():
            yield Finding(check, "note", "not tried: you have no reply queue yet")
            return
        with translated(f"send to {queue.name}"):
            patient.cloud.sqs.send_message(
                QueueUrl=queue.url, MessageBody=_BODY, MessageGroupId="doctor"
            )
    except ForbiddenError:
        yield Finding(check, "note", "not tried: you may not send to your own reply queue")
        return
    except CloudError as error:
        cause = error.__cause__
        if not isinstance(cause, ClientError) or "Group" not in str(cause):
            raise
        yield Finding(check, "note", "no MessageGroupId is taken", LACKING[Ability.GROUPS])
        return
    _take_back(queue)
    yield Finding(check, "holds", "MessageGroupId is taken")


def _take_back(queue: Queue) -> None:
    """Receive the probe from one's own reply queue and delete it; answers are given back."""
    with contextlib.suppress(ForbiddenError):
        for _ in range(_RECEIVES):
            found = queue.receive(wait=1)
            ours = [message.receipt for message in found if message.body == _BODY]
            queue.hide([one.receipt for one in found if one.receipt not in ours], 0)
            if ours:
                queue.delete(ours)
                return
