"""Whether a store heeds If-Match and If-None-Match, found out by writing one small object.

A store that ignores them answers 200 to everybody who writes at once, and keeps what the last one
wrote; another refuses the headers, or lets no write through. Only trying tells. The object is
always the same, so who tries at the same time changes nothing for the others.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from labapp.cloud import boto
from labapp.cloud.abilities import Ability
from labapp.cloud.aws_errors import OBJECT_CODES, code_of, status_of, translated

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud
    from labapp.settings import Settings

#: What the object is called that is tried on: as no label file, so that nothing lists or counts it.
#: It lies among them, where whoever labels may write, and stays, as not all of them may delete.
PROBE_NAME = ".conditions"

#: What it holds, for who comes upon it; and as some stores take no object without bytes.
_BODY = b"labapp tries here whether this store heeds If-Match and If-None-Match.\n"

#: An ETag that no object has.
NO_ETAG = f'"{"0" * 32}"'

#: Times that a write with the right ETag may be lost to others who try too.
_ATTEMPTS = 3

#: Statuses of a conditional write that lost: the object changed (412), or is changing (409).
_LOST_STATUSES = frozenset({409, 412})

#: Error codes of a store that does not take a condition's header.
_REFUSALS = frozenset({"NotImplemented", "InvalidRequest", "InvalidArgument", "400", "501"})


class _Outcome(Enum):
    """What became of a write: it is stored; its condition does not hold; its header is refused."""

    STORED = auto()
    LOST = auto()
    REFUSED = auto()


_STORED, _LOST = _Outcome.STORED, _Outcome.LOST


def heeds(cloud: Cloud, *, anew: bool = False) -> bool:
    """Tell whether conditions are heeded, so that of several writers none overwrites another.

    It is found out once, and needs no asking of Amazon's own service and of the local cloud unless
    `anew` says so, as a write has lost too often to believe.

    Raises:
        CloudError: the store cannot be asked.
    """
    abilities = cloud.abilities
    if (known := abilities.holds(Ability.CONDITIONS)) is not None and not anew:
        return known
    if not anew and is_trusted(cloud):
        return True
    with abilities.probing:
        known = abilities.holds(Ability.CONDITIONS)
        if known is None or (known and anew):
            known = probe(cloud)
            abilities.note(Ability.CONDITIONS, holds=known)
    return known


def is_trusted(cloud: Cloud) -> bool:
    """Tell whether conditions are heeded for sure: by Amazon's own S3, and the local cloud."""
    return cloud.is_local or cloud.place.endpoints.s3.is_amazons


def probe_key(settings: Settings) -> str:
    """Return the key of the object that is tried on: `labels/.conditions`."""
    folder, slash, _ = settings.labels_key.partition("{")[0].rpartition("/")
    return f"{folder}{slash}{PROBE_NAME}"


def probe(cloud: Cloud, key: str = "") -> bool:
    """Try conditions on an object that nobody else needs; three or four small writes.

    Needs no more than who labels may do: to write where label files lie, and to read there.

    Args:
        cloud: whose bucket it is.
        key: the object's, if not the usual one.

    Raises:
        CloudError: the store cannot be asked.
    """
    key = key or probe_key(cloud.settings)
    with translated(
        f"find out on s3://{cloud.bucket_name}/{key} whether this store heeds If-Match"
    ):
        outcome = _write(cloud, key, IfNoneMatch="*")
        if outcome is _STORED:  # it was not there, or the store does not care
            outcome = _write(cloud, key, IfNoneMatch="*")
        if outcome is not _LOST or _write(cloud, key, IfMatch=NO_ETAG) is not _LOST:
            return False
        return any(_is_let_through(cloud, key) for _ in range(_ATTEMPTS))


def has_lost(error: boto.ClientError) -> bool:
    """Tell whether a write on a condition failed since the object is no longer what was read."""
    return status_of(error) in _LOST_STATUSES or code_of(error) == "NoSuchKey"


def refuses_header(error: boto.ClientError) -> bool:
    """Tell whether a refusal may be one of the header that has a condition."""
    return status_of(error) == 501 or (status_of(error) == 400 and code_of(error) in _REFUSALS)


def _is_let_through(cloud: Cloud, key: str) -> bool:
    """Tell whether a write with the right ETag passes: there are stores that let none."""
    try:
        etag = cloud.s3.head_object(Bucket=cloud.bucket_name, Key=key)["ETag"]
    except boto.ClientError as error:
        if code_of(error) not in OBJECT_CODES:
            raise
        return False  # that it exists was a lie
    return _write(cloud, key, IfMatch=etag) is _STORED


def _write(cloud: Cloud, key: str, **condition: str) -> _Outcome:
    """Write the object on a condition; return what became of it."""
    given: Any = condition
    try:
        cloud.s3.put_object(Bucket=cloud.bucket_name, Key=key, Body=_BODY, **given)
    except boto.ClientError as error:
        if has_lost(error):
            return _LOST
        if refuses_header(error):
            return _Outcome.REFUSED
        raise
    return _STORED
