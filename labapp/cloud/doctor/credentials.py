"""Credentials: which they are and from where, whose, whether they still count; and the clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from labapp.cloud.aws_errors import from_response, translated
from labapp.cloud.doctor.finding import Finding, span
from labapp.cloud.doctor.patient import Patient
from labapp.errors import CloudError, CredentialsError, ForbiddenError

#: Where boto3 found credentials, by its own word for it.
_SOURCES = {
    "env": "the environment",
    "shared-credentials-file": "the credentials file",
    "config-file": "the config file",
    "iam-role": "the role of this machine",
    "container-role": "the role of this container",
    "assume-role": "a role that the profile assumes",
    "assume-role-with-web-identity": "a role that is assumed by a web identity",
    "sso": "AWS IAM Identity Center",
    "custom-process": "a program that the profile names",
    "login": "a login by 'aws login'",
}

#: Seconds before their end at which credentials that nobody renews are worth a word.
SOON = 1800

#: Seconds by which a clock may be wrong before it is worth a word; and AWS's own limit, beyond
#: which SQS and STS take no request (5 minutes; S3 takes 15).
ODD, TOO_FAR = 30, 300


def look_for_credentials(patient: Patient) -> Iterator[Finding]:
    """Tell which credentials are in force, from where, and until when.

    Raises:
        CredentialsError: there are none.
    """
    name, cloud = "credentials", patient.cloud
    found = cloud.credentials()
    with translated("read the credentials"):
        key = found.get_frozen_credentials()
    if cloud.is_local:
        yield Finding(name, "holds", "the local cloud's own key, which does not end")
        return
    profile = patient.settings.profile
    source = _SOURCES.get(found.method, found.method)
    told = (
        f"{source}{f' (profile {profile})' if profile else ''}, key {_short(key.access_key or '')}"
    )
    ends: datetime | None = getattr(found, "_expiry_time", None)
    if ends is None:
        for_a_time = ", temporary: when they end is not told with them" if key.token else ""
        yield Finding(name, "holds", told + for_a_time)
        return
    left = (ends - datetime.now(UTC)).total_seconds()
    told = f"{told}, until {ends.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    renews = found.method not in ("env", "shared-credentials-file")
    if left < SOON and not renews:
        remedy = "Start the session again, and put its new credentials there."
        yield Finding(name, "note", told, f"they end in {max(0, left) / 60:.0f} minutes", remedy)
    else:
        yield Finding(name, "holds", told)


def _short(key_id: str) -> str:
    """Return an access key's id as far as it may be shown: enough to tell two apart."""
    return f"{key_id[:6]}...{key_id[-2:]}" if len(key_id) > 8 else "..."


def look_whose(patient: Patient) -> Iterator[Finding]:
    """Tell whose credentials they are; not every store but Amazon's can tell.

    Raises:
        CredentialsError: AWS does not know them.
    """
    name, cloud = "identity", patient.cloud
    if cloud.is_local:
        yield Finding(name, "holds", "whoever runs programs in this account of this machine")
        return
    try:
        with translated("ask AWS who we are"):
            found = cloud.sts.get_caller_identity()
    except CloudError as error:
        if isinstance(error, CredentialsError) or not patient.cloud.place.endpoint:
            raise
        told = f"the cloud at {cloud.place.endpoint} does not tell ({error.message})"
        yield Finding(
            name, "note", told, "nothing, unless the bucket's name is to hold the account"
        )
        return
    patient.arn = found["Arn"]
    yield Finding(name, "holds", f"{patient.arn} of account {found['Account']}")


def look_whether_they_count(patient: Patient) -> Iterator[Finding]:
    """Tell whether S3 and SQS take the credentials at all, whatever each thing's leave may be.

    Raises:
        CredentialsError: they do not: expired, ended, signed by a wrong clock.
    """
    for service in ("SQS", "S3"):
        error = patient.answers[service].error if service in patient.answers else None
        told = from_response(error, f"use {service}") if error else None
        if told and isinstance(told, CredentialsError) and not isinstance(told, ForbiddenError):
            raise told
    yield Finding("session", "holds", "S3 and SQS take the credentials")


def look_at_the_clock(patient: Patient) -> Iterator[Finding]:
    """Tell by how much this machine's clock is off, from the times that answers say."""
    name = "clock"
    told = [one.ahead for one in patient.answers.values() if one.ahead is not None]
    if not told:
        yield Finding(name, "cannot tell", "no service said what time it is")
        return
    ahead = min(told, key=abs)  # what an answer took is in it
    off = span(abs(ahead))
    where = "behind" if ahead > 0 else "ahead"
    if abs(ahead) < ODD:
        told_off = "right" if abs(ahead) < 2 else f"{off} {where}, which AWS takes"
        yield Finding(name, "holds", told_off)
    elif abs(ahead) < TOO_FAR:
        yield Finding(name, "note", f"{off} {where}", "AWS takes up to five minutes", _SET)
    else:
        meaning = "AWS refuses what is signed with such a time, as it would an old request"
        yield Finding(name, "broken", f"{off} {where}", meaning, _SET)


_SET = (
    "Set this machine's clock, or have it set by itself (Windows: Settings, Time, Sync now; WSL:"
    " 'wsl --shutdown'; Linux: 'timedatectl set-ntp true')."
)
