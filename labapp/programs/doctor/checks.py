"""All that a program's doctor looks at, in the order in which it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from labapp.cloud import roles
from labapp.cloud.doctor import (
    abilities,
    bucket,
    credentials,
    endpoints,
    local,
    notification,
    permissions,
    queues,
)
from labapp.cloud.doctor.examination import Check
from labapp.cloud.doctor.finding import Finding
from labapp.cloud.doctor.patient import Lab, Patient
from labapp.cloud.provision import reply_queue_name
from labapp.cloud.roles import Permission
from labapp.cloud.session import Cloud
from labapp.dataset import layouts
from labapp.errors import SettingError
from labapp.jobs import kinds, lab, lab_queues, slots
from labapp.jobs.permissions import names_of
from labapp.jobs.picture_kind import OUTBOX, PROBES
from labapp.programs.doctor import machine
from labapp.programs.doctor.workers import look_at_workers
from labapp.programs.shell.context import Context
from labapp.programs.shell.parsing import again
from labapp.settings import LOG_EACH, Settings, user_name
from labapp.worker import reports

#: The roles whose work each program is, the first one's first.
ROLES = {
    "client.py": ("client", "labeller", "uploader"),
    "server.py": ("worker",),
    "admin.py": ("admin",),
}

#: What the name of a check is called, that others need.
CLOUD, KEYS, AREA, TRUST, SQS, S3, SESSION, REGION, BUCKET = (
    *("cloud", "credentials", "region", "certificates", "SQS address", "S3 address"),
    *("session", "region of the lab", "bucket"),
)

#: What is looked at only where a dialect, or other logs than usual, are chosen; and how checks of
#: queues are called.
DIALECT, LOGS, QUEUE = "dialect", "logs", "queue "

#: What it means for the user where a check ends by an error.
_MEANINGS = {
    CLOUD: "nothing can be done",
    KEYS: "nothing can be asked of AWS",
    AREA: "Amazon has no address for it",
    TRUST: "no server can be trusted, and none is asked",
    SQS: "no job can be sent, taken or answered",
    S3: "no picture, label, result or log can be read or stored",
    "identity": "AWS does not say whose the credentials are",
    SESSION: "nothing that this user asks for is done",
    DIALECT: "no program starts, and no worker serves a lab's own clients",
    "queue": "no job and no answer passes through it",
    BUCKET: "pictures, labels, results and logs have no place",
    "a drop arrives": "whether dropped pictures are processed is not known",
    "conditional writes": "whether labels are safe when two people label at once is not known",
    "workers": "who is at work is not known",
    "reply queue": "answers cannot be read",
}

#: Seconds that the probe of the notification may take, and to remove it; and that the some dozen
#: calls for permissions may.
_DROP, _PERMISSIONS = 25.0, 20.0


def patient_of(context: Context, stop: threading.Event) -> Patient:
    """Return whom the doctor looks at: this program's user."""
    settings = context.settings
    role = ROLES[context.program][0]
    try:
        queues = lab_queues.all_queues(settings)
    except SettingError:  # which its own check tells; all else is looked at as without one
        settings = replace(settings, dialect="")
        queues = lab_queues.all_queues(settings)
    drops = [(kind.request_queue_name(settings), kind.drops)
             for kind in kinds.all_kinds() if kind.drops]  # fmt: skip

    def opened() -> Cloud:
        cloud = Cloud(settings, hurried=True)
        if cloud.is_local:
            lab.require(cloud)  # as any other command
        return cloud

    return Patient(
        settings,
        Lab(
            role,
            [queue.name for queue in queues if queue.takes_requests],
            [queue.name for queue in queues],
            [queue.name for queue in queues if queue.waits],
            lab_queues.buckets(settings),
            _own_queue,
            drops,
            PROBES,
            _own_prefix(settings, role),
            reports.count_or_none,
            lab.lifecycle_rules(settings),
            _permissions,
        ),
        opened,
        stop,
    )


def checks_of(context: Context, patient: Patient) -> list[Check]:
    """Return all that is looked at for a program's user."""
    found = [*_of_machine(context), *_of_cloud(patient), *_of_lab(context, patient)]
    return [replace(one, meaning=_meaning_of(one.name)) for one in found]


def _meaning_of(name: str) -> str:
    """Return what it means for the user where a check ends by an error."""
    one_of_many = name.startswith((QUEUE, f"{BUCKET} "))
    return _MEANINGS.get(name.partition(" ")[0] if one_of_many else name, "")


def _of_machine(context: Context) -> list[Check]:
    chosen, logs = context.settings.dialect, context.settings.log != LOG_EACH
    return [
        Check("Python", machine.look_at_python),
        Check("libraries", machine.look_at_libraries),
        Check("folders", machine.look_at_folders),
        Check("settings", partial(machine.look_at_settings, context)),
        *([Check(DIALECT, partial(machine.look_at_dialect, context.settings))] if chosen else []),
        *([Check(LOGS, partial(machine.look_at_logs, context.settings))] if logs else []),
        Check("terminal", machine.look_at_terminal),
    ]


def _of_cloud(patient: Patient) -> list[Check]:
    """Return what is looked at before any queue or bucket: the way there, and who we are."""

    def check(name: str, look: Callable[[Patient], Iterable[Finding]], *needs: str) -> Check:
        return Check(name, partial(look, patient), needs or (CLOUD,))

    own = [check("disk", local.look_at_disk)] if patient.settings.cloud == "local" else []
    return [
        # The local cloud takes its time to come up where a virus scanner reads it first.
        Check(CLOUD, partial(local.look_at_cloud, patient), seconds=60.0),
        *own,
        check(KEYS, credentials.look_for_credentials),
        check(AREA, endpoints.look_at_the_region, KEYS),
        check(TRUST, endpoints.look_at_certificates, AREA),
        check("proxy", endpoints.look_at_the_proxy, TRUST),
        check(SQS, endpoints.look_at_sqs, TRUST),
        check(S3, endpoints.look_at_s3, TRUST),
        check("identity", credentials.look_whose, TRUST),
        check("clock", credentials.look_at_the_clock, SQS, S3),
        check(SESSION, credentials.look_whether_they_count, SQS, S3),
    ]


def _of_lab(context: Context, patient: Patient) -> list[Check]:
    """Return what is looked at of the lab: its queues and bucket, permissions, workers."""
    told = patient.lab
    found = [Check(REGION, partial(bucket.look_at_lab_region, patient), (SESSION,))]
    found += [
        Check(f"{QUEUE}{name}", partial(queues.look_at_queue, patient, name), (REGION,))
        for name in told.queues
    ]
    found += [
        Check(f"{BUCKET} {name}", partial(bucket.look_at_other, patient, name), (REGION,))
        for name in told.buckets
    ]
    inboxes = [f"{QUEUE}{queue}" for queue, _ in told.drops]

    def check(name: str, look: Callable[[Patient], Iterable[Finding]], *needs: str) -> Check:
        return Check(name, partial(look, patient), needs or (BUCKET,))

    elsewhere = patient.settings.cloud != "local"
    arrives = check("a drop arrives", notification.look_whether_drops_arrive, BUCKET, *inboxes)
    found += [
        check(BUCKET, bucket.look_at_bucket, REGION),
        check("protections", bucket.look_at_protections),
        # The local cloud keeps all, unless somebody asked for rules there.
        *([check("lifecycle", bucket.look_at_lifecycle)] if elsewhere else []),
        check("way in", bucket.look_at_the_way_without_tls),
        check("notification", notification.look_at_rules, BUCKET, *inboxes),
        replace(arrives, seconds=_DROP),
        check("conditional writes", abilities.look_at_conditions),
        Check("workers", partial(look_at_workers, patient, again(context.loaded)), (BUCKET,)),
    ]
    if told.role == "client":  # who alone has a queue of his own
        found.append(check("reply queue", queues.look_at_replies, SESSION))
        found.append(check("message groups", abilities.look_at_groups, "reply queue"))
    if elsewhere:  # on the local cloud one key may do everything
        look = partial(permissions.look_at_roles, patient, ROLES[context.program])
        found.append(Check("permissions", look, (SESSION,), _PERMISSIONS))
    return found


def _permissions(cloud: Cloud, role: str) -> tuple[Permission, ...]:
    """Return what a role of this user's name may do."""
    person = slots.name_in_ids(user_name(cloud.settings))
    # Of ARNs the names count alone, so that nobody need be asked for the account.
    names = names_of(cloud.settings, cloud.place.region, "0" * 12)
    return roles.permissions(role, names, person)


def _own_prefix(settings: Settings, role: str) -> str | None:
    """Return where a first role may write, and nobody takes an object for anything; or None."""
    if role == "worker":
        return OUTBOX
    try:
        layout = layouts.layout_of(settings)
    except SettingError:  # which another check tells
        return None
    return None if layout.why_read_only else layout.label_folder


def _own_queue(cloud: Cloud) -> str:
    """Return the queue on which this machine's first client is answered; empty before its first."""
    known = slots.known(cloud.home, user_name(cloud.settings))
    return reply_queue_name(cloud.settings, known[0]) if known else ""
