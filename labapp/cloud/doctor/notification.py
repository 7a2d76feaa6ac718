"""Whether what is dropped in the bucket really arrives: told by a probe that is dropped there.

An event that S3 sends can be had from the inbox queue alone, where jobs wait, and to receive a job
counts towards its dead-lettering. So who takes the event depends on who is there:

- where workers are at work, one of them takes it: by its key it knows a probe, does nothing of it
  and deletes the object, which is what the doctor looks for. It proves the whole way.
- where none is and the queue is empty, the doctor receives the event itself, and deletes it.
- where none is and messages wait, nothing is dropped: only the rule and the leave are looked at.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from urllib.parse import unquote_plus

from labapp.cloud import local_cloud, notifications
from labapp.cloud.aws_errors import translated
from labapp.cloud.doctor import probe
from labapp.cloud.doctor.attempts import may_take
from labapp.cloud.doctor.finding import Finding
from labapp.cloud.doctor.patient import Patient
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import ForbiddenError

#: Seconds within which an event should arrive; S3 takes one or two as a rule.
ARRIVES = 12.0

#: Seconds for which it is looked for once nobody waits any more.
LAST = 2.0

#: What S3 calls the event that it sends to a queue which it is to tell of new objects, as soon as
#: that is set; and seconds within which a queue is set up after it was made.
_TEST, SET_UP = '"s3:TestEvent"', 10.0

#: Seconds between two looks for what has become of a probe.
LOOK = 0.5

_UP = "Run 'python admin.py cloud up', which sets it."


def look_at_rules(patient: Patient) -> Iterator[Finding]:
    """Tell whether the bucket tells the inbox of drops, and the inbox lets it."""
    for queue, prefix in patient.lab.drops:
        try:
            unset = notifications.notify(patient.cloud, queue, prefix, dry=True)
            shut = notifications.admit(patient.cloud, queue, dry=True)
        except ForbiddenError as error:
            if patient.lab.role == "admin":
                yield Finding("notification", "note", "not yours to look at", error.message)
            else:
                yield Finding("notification", "note", "not yours to look at")
            continue
        meaning = f"what is put below {prefix} lies there, and nobody is told"
        if unset:
            told = f"the bucket does not tell {queue} of what is put below {prefix}"
            yield Finding("notification", "broken", told, meaning, _UP)
        elif unset is None:
            told = f"S3 cannot tell {queue}: it tells only queues of its own region, or none"
            yield Finding("notification", "note", told, meaning)
        elif shut:
            told = f"{queue} does not let the bucket's events in, as its policy is"
            yield Finding("notification", "broken", told, meaning, _UP)
        else:
            told = f"what is put below {prefix} is told to {queue}, which lets it in"
            yield Finding("notification", "holds", told)


def look_whether_drops_arrive(patient: Patient) -> Iterator[Finding]:
    """Tell whether a probe that is dropped in the bucket arrives, and remove it.

    Raises:
        CloudError: the queue or the bucket cannot be used.
    """
    check, cloud, lab = "a drop arrives", patient.cloud, patient.lab
    name = next(queue for queue, prefix in lab.drops if lab.dropped.startswith(prefix))
    queue, workers = Queue(cloud, name), lab.workers(cloud)
    try:
        held = queue.counts().all
    except ForbiddenError:
        yield Finding(check, "note", "not tried: you may not look into the queue, and need not")
        return
    if not workers and held and not _is_test_event(cloud, queue, held):
        waiting = "1 message waits" if held == 1 else f"{held} messages wait"
        told = f"not tried: {waiting} in {name}, and no worker is at work"
        meaning = "to look for the probe's event would count against the jobs that wait"
        yield Finding(check, "note", told, meaning, "Start a worker, and ask the doctor again.")
        return
    if not (workers or may_take(cloud, name)):
        told = f"not tried: no worker is at work, and you may not take the event out of {name}"
        yield Finding(check, "note", told, "", "Start a worker, and ask the doctor again.")
        return
    key = probe.new_key(lab.dropped)
    left = "" if probe.leaves_nothing(cloud, key) else "; its version stays until a rule ends it"
    with probe.removed_after(cloud, key):
        try:
            with translated(f"write s3://{cloud.bucket_name}/{key}"):
                cloud.s3.put_object(Bucket=cloud.bucket_name, Key=key, Body=probe.BODY)
        except ForbiddenError:
            yield Finding(check, "note", "not tried: you may not write there, and need not")
            return
        began = time.monotonic()
        by_worker = bool(workers)
        arrived = _is_taken(patient, key) if by_worker else _is_received(patient, queue, key)
        took = time.monotonic() - began
    if arrived:
        who = "a worker took its event and removed it" if by_worker else "its event was received"
        told = f"a probe below {lab.dropped}: {who}, after {took:.1f} s{left}"
        yield Finding(check, "holds", told)
    elif not patient.stop.is_set():
        yield _not_arrived(check, name, by_worker)


def _not_arrived(check: str, queue: str, by_worker: bool) -> Finding:
    if by_worker:
        told = f"no worker removed the probe within {ARRIVES:.0f} s"
        meaning = (
            "its event did not come; or the workers are of an older version, are paused or busy,"
            " or may not delete there"
        )
        remedy = "See 'python admin.py workers', and whether the check of the notification holds."
        return Finding(check, "cannot tell", told, meaning, remedy)
    told = f"no event of the probe came to {queue} within {ARRIVES:.0f} s"
    meaning = "pictures that are dropped are not processed"
    remedy = f"{_UP} If it is set, wait a minute: S3 may not know yet that it may send there."
    return Finding(check, "broken", told, meaning, remedy)


def _is_taken(patient: Patient, key: str) -> bool:
    """Wait until a worker has removed the probe; return whether one did."""
    until = time.monotonic() + ARRIVES
    while time.monotonic() < until and not patient.stop.wait(LOOK):
        if probe.is_gone(patient.cloud, key):
            return True
    return False


def _is_received(patient: Patient, queue: Queue, key: str) -> bool:
    """Receive the probe's event from a queue that was empty, and delete it.

    A job that comes meanwhile is given back at once. Also where nobody waits for what is found any
    more the event is looked for, a little, so as not to leave it.
    """
    until = time.monotonic() + ARRIVES
    while (now := time.monotonic()) < until:
        if patient.stop.is_set():
            until = min(until, now + LAST)
        for message in queue.receive(wait=1):
            if key in unquote_plus(message.body):
                queue.delete([message.receipt])
                return True
            if _TEST in message.body:  # which a worker would drop as well
                queue.delete([message.receipt])
            else:
                queue.hide([message.receipt], 0)
    return False


def _is_test_event(cloud: Cloud, queue: Queue, held: int) -> bool:
    """Return whether the one message of a queue is what S3 sent when the queue was set up.

    It is as old as the queue, then; how old it is, is known on the local cloud alone.
    """
    age = local_cloud.queue_ages(cloud, {queue.name: held}).get(queue.name)
    if held != 1 or age is None:
        return False
    made = queue.attributes("read the attributes of", "CreatedTimestamp").get("CreatedTimestamp")
    return abs(time.time() - float(made or 0) - age) < SET_UP
