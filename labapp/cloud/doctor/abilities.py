"""What not every service does that stands in for Amazon's: conditional writes, message groups."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from botocore.exceptions import ClientError

from labapp.cloud import conditions
from labapp.cloud.abilities import LACKING, Ability
from labapp.cloud.aws_errors import code_of, translated
from labapp.cloud.doctor import probe
from labapp.cloud.doctor.finding import Finding
from labapp.cloud.doctor.patient import Patient
from labapp.cloud.queues import Queue
from labapp.errors import ForbiddenError

#: The message that is sent to one's own reply queue, where no client takes it for an answer.
_BODY = "A probe of labapp's doctor."

#: Receives until a message that was sent just now must have come.
_RECEIVES = 3


def look_at_conditions(patient: Patient) -> Iterator[Finding]:
    """Tell whether the store heeds If-None-Match and If-Match, by a probe that is removed.

    Raises:
        CloudError: the store cannot be asked.
    """
    check, cloud = "conditional writes", patient.cloud
    key = probe.new_key(patient.lab.own)
    try:
        with probe.removed_after(cloud, key):
            heeded = conditions.probe(cloud, key)
    except ForbiddenError:
        yield Finding(check, "note", f"not tried: you may not write below {patient.lab.own}")
        return
    if heeded:
        yield Finding(check, "holds", "If-None-Match and If-Match are heeded")
        return
    told = "If-None-Match or If-Match is ignored: a write that must fail was taken"
    meaning = f"{LACKING[Ability.CONDITIONS]}. Programs that know nothing of that lose answers"
    remedy = "Take a store that heeds them, such as Amazon S3, where others write to it too."
    yield Finding(check, "broken", told, meaning, remedy)


def look_at_groups(patient: Patient) -> Iterator[Finding]:
    """Tell whether SQS takes MessageGroupId on a standard queue, by a message to one's own queue.

    Raises:
        CloudError: SQS cannot be asked.
    """
    check, name = "message groups", patient.lab.replies(patient.cloud)
    queue = Queue(patient.cloud, name)
    if not (name and queue.exists()) or queue.counts().all:
        yield Finding(check, "note", "not tried: your own reply queue is not there, or not empty")
        return
    try:
        with translated(f"send to {queue.name}"):
            patient.cloud.sqs.send_message(
                QueueUrl=queue.url, MessageBody=_BODY, MessageGroupId="doctor"
            )
    except ForbiddenError:
        yield Finding(check, "note", "not tried: you may not send to your own reply queue")
        return
    except Exception as error:
        cause = error.__cause__
        if not isinstance(cause, ClientError) or "Group" not in str(cause) + code_of(cause):
            raise
        meaning = "messages go without it, and who sends many may delay the others"
        yield Finding(check, "note", "this service takes no MessageGroupId", meaning)
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
