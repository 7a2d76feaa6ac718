"""Credentials: which they are and from where, whose, whether they still count; and the clock."""

from __future__ import annotations

from collections.abc import Iterator

from labapp import utc
from labapp.cloud import clock, identity
from labapp.cloud.aws_errors import from_response
from labapp.cloud.doctor.finding import Finding, span
from labapp.cloud.doctor.patient import Patient
from labapp.errors import ClockError, CloudError, CredentialsError, ForbiddenError

#: Seconds before their end at which credentials that nobody renews are worth a word.
SOON = 1800

#: Seconds by which a clock may be wrong before it is worth a word; and those that what answers
#: take, in whole seconds, cannot tell from none.
ODD, EXACT = 30, 2


def look_for_credentials(patient: Patient) -> Iterator[Finding]:
    """Tell which credentials are in force, from where, and until when.

    Raises:
        CredentialsError: there are none.
    """
    name, cloud = "credentials", patient.cloud
    found = cloud.credentials()
    if cloud.is_local:
        yield Finding(name, "holds", "the local cloud's own key, which does not end")
        return
    source = cloud.credential_source
    told = f"{identity.place_of(source)}, key {_short(source.key)}"
    ends = identity.expiry(found)
    if ends is None:
        temporary = ", temporary: nobody tells until when" if source.has_token else ""
        yield Finding(name, "holds", told + temporary)
        return
    left = (ends - utc.now()).total_seconds()
    told = f"{told}, until {utc.format_time(ends)}"
    if left < SOON and not source.own_renewal:
        remedy = f"Begin a new session and {source.renewal}."
        yield Finding(name, "note", told, f"they end in {span(max(0, left))}", remedy)
    else:
        yield Finding(name, "holds", told)


def _short(key_id: str) -> str:
    """Return an access key's id as far as it may be shown: enough to tell two apart."""
    return f"{key_id[:6]}...{key_id[-2:]}" if len(key_id) > 10 else "..."


def look_whose(patient: Patient) -> Iterator[Finding]:
    """Tell whose credentials they are; not every store but Amazon's can tell.

    Raises:
        CredentialsError: AWS does not know them.
        ClockError: AWS refuses this machine's time.
    """
    name, cloud = "identity", patient.cloud
    if cloud.is_local:
        yield Finding(name, "holds", "whoever runs programs in this account of this machine")
        return
    try:
        found = identity.identity(cloud)
    except CloudError as error:
        places = cloud.place.endpoints
        asked = places.have_sts and places.sts.is_amazons
        if isinstance(error, CredentialsError | ClockError) or asked:
            raise
        where = places.sts.where
        told = f"{where} does not tell ({error.message})" if where else error.message
        meaning = "nothing, unless the bucket's name is to hold the account"
        yield Finding(name, "note", told, meaning)
        return
    patient.arn = found.arn
    lab = ", of a lab session" if found.is_lab else ""
    yield Finding(name, "holds", f"{found.arn} of account {found.account}{lab}")


def look_whether_they_count(patient: Patient) -> Iterator[Finding]:
    """Tell whether S3 and SQS take the credentials at all, whatever each thing's leave may be.

    Raises:
        CredentialsError: they do not: expired, ended, revoked.
        ClockError: they refuse this machine's time.
    """
    for service in ("SQS", "S3"):
        error = patient.answers[service].error if service in patient.answers else None
        told = from_response(error, f"use {service}") if error else None
        is_right = isinstance(told, ForbiddenError)  # one that lacks; others may be given
        if isinstance(told, CredentialsError | ClockError) and not is_right:
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
    off, corrected = utc.off(ahead), utc.correction()
    if abs(ahead) < ODD:
        told_off = "right" if abs(ahead) < EXACT else f"{off}, which AWS takes"
        yield Finding(name, "holds", told_off)
    elif abs(ahead) < clock.TOLERATED:
        yield Finding(name, "note", off, "AWS takes up to five minutes", _SET)
    else:
        meaning = "AWS refuses what is signed with such a time"
        if corrected:
            meaning += "; labapp signs with AWS's time instead, other programs do not"
        yield Finding(name, "broken", off, meaning, _SET)


_SET = (
    "Set this machine's clock, or have it set by itself (Windows: Settings, Time, Sync now; WSL:"
    " 'wsl --shutdown'; Linux: 'timedatectl set-ntp true')."
)
