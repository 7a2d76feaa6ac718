"""What S3 deletes of a bucket by itself: lifecycle rules of ours beside those that others set.

S3 keeps one document for all rules of a bucket, so it is read, merged by the rules' ids, and set
again; who may not read it sets none, or those of others were lost. What was set is read back: a
store that takes the document and forgets it has no rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from labapp.cloud import boto
from labapp.cloud.aws_errors import code_of, translated
from labapp.cloud.patience import PATIENT, Patience, until_bucket_is_free, until_bucket_is_known
from labapp.cloud.session import Cloud
from labapp.errors import CloudError

#: What our rules' ids begin with.
OURS = "labapp-"

#: Days until S3 deletes the parts of an upload that nobody finished: botocore's own retries take
#: minutes, and who goes on after a day begins anew.
PARTS_DAYS = 1

#: Days for which S3 keeps a version that was written over or deleted: time to notice a mistake.
VERSIONS_DAYS = 7

#: Days of one that is written anew all the time: a report each 30 s is 2,880 versions a day.
REWRITTEN_DAYS = 1

#: The action that ends old versions.
_OLD = "NoncurrentVersionExpiration"

#: What S3 says where a bucket has no rules.
_NO_RULES = "NoSuchLifecycleConfiguration"


@dataclass(frozen=True)
class Rule:
    """One lifecycle rule of ours.

    Attributes:
        id: by which it is known in the bucket's document.
        name: what it does, as people are told.
        prefix: of the keys that it is for; empty: of all.
        actions: what S3 does, in the words of its API; empty: the rule is not to be there.
    """

    id: str
    name: str
    prefix: str
    actions: Mapping[str, Any]

    @property
    def is_for_versions(self) -> bool:
        """Whether it is for old versions of objects."""
        return _OLD in self.actions

    @property
    def is_for_age(self) -> bool:
        """Whether it is the setting `keep_days` that decides what it does."""
        return bool(self.prefix) and not self.is_for_versions

    @property
    def document(self) -> dict[str, Any]:
        """The rule as S3 takes it."""
        filtered = {"ID": self.id, "Filter": {"Prefix": self.prefix}, "Status": "Enabled"}
        return {**filtered, **self.actions}


@dataclass(frozen=True)
class Standing:
    """How a rule stands in the bucket.

    Attributes:
        rule: as it should be.
        holds: whether it is.
        is_there: whether the bucket has one of its id.
        instead: what that does, as people are told, where another `keep_days` was in force when the
            rules were set; else empty.
    """

    rule: Rule
    holds: bool
    is_there: bool
    instead: str = ""


def rules_for(keep_days: int, expiring: Sequence[str], rewritten: str) -> tuple[Rule, ...]:
    """Return the rules of a bucket.

    Args:
        keep_days: days for which objects below `expiring` are kept; 0: for ever.
        expiring: prefixes, with their slash.
        rewritten: the prefix of objects that are written over all the time.
    """
    found = [
        Rule(
            f"{OURS}uploads",
            f"parts of unfinished uploads end after {_days(PARTS_DAYS)}",
            "",
            {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": PARTS_DAYS}},
        ),
        Rule(
            f"{OURS}versions",
            f"old versions end after {_days(VERSIONS_DAYS)}",
            "",
            {
                _OLD: {"NoncurrentDays": VERSIONS_DAYS},
                # Of an object that was deleted, once its versions have ended.
                "Expiration": {"ExpiredObjectDeleteMarker": True},
            },
        ),
        # Of two rules for one version, S3 goes by the shorter.
        Rule(
            f"{OURS}versions-{rewritten.strip('/')}",
            f"old versions below {rewritten} end after {_days(REWRITTEN_DAYS)}",
            rewritten,
            {_OLD: {"NoncurrentDays": REWRITTEN_DAYS}},
        ),
    ]
    actions = {"Expiration": {"Days": keep_days}} if keep_days else {}
    for prefix in expiring:
        told = _ending(prefix, keep_days)
        found.append(Rule(f"{OURS}{prefix.strip('/')}", told, prefix, actions))
    return tuple(found)


def _ending(prefix: str, days: int) -> str:
    return f"{prefix} expires after {_days(days)}" if days else f"{prefix} never expires"


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def standings(cloud: Cloud, rules: Sequence[Rule]) -> list[Standing]:
    """Return how each of our rules stands in the bucket.

    Raises:
        CloudError: they cannot be read; see `is_unknown_to` for a store that has none.
    """
    with translated(f"read the lifecycle rules of the bucket {cloud.bucket_name}"):
        return _standings(_read(cloud).get("Rules", ()), rules)


def has_ours(cloud: Cloud) -> bool:
    """Return whether the bucket has a rule of ours: then it was labapp that made the bucket.

    Raises:
        CloudError: the rules cannot be read.
    """
    with translated(f"read the lifecycle rules of the bucket {cloud.bucket_name}"):
        found = _read(cloud).get("Rules", ())
    return any(str(one.get("ID", "")).startswith(OURS) for one in found)


def keep(
    cloud: Cloud,
    rules: Sequence[Rule],
    *,
    there: bool = True,
    dry: bool = False,
    patience: Patience = PATIENT,
) -> list[Standing] | None:
    """Set those of the rules that the bucket lacks or has otherwise, beside those of others.

    With `dry` it is only looked. A bucket that was not `there` before has none.

    Returns:
        How each stood before; None where this store has no such thing.

    Raises:
        CloudError: they cannot be read or set.
    """
    name = cloud.bucket_name
    try:
        with translated(f"read the lifecycle rules of the bucket {name}"):
            document = _read(cloud) if there else {}
        before = _standings(document.get("Rules", ()), rules)
        if dry or all(one.holds for one in before):
            return before
        with translated(f"set the lifecycle rules of the bucket {name}"):
            early = until_bucket_is_free(name) if there else until_bucket_is_known(name)
            patience.retry(lambda: _put(cloud, document, rules), early)
    except CloudError as error:
        if not is_unknown_to(cloud, error):
            raise
        return None
    return before if _is_kept(cloud, rules, patience) else None


def is_unknown_to(cloud: Cloud, error: CloudError) -> bool:
    """Tell whether an error says that a store other than Amazon's has no rules, or none of these.

    Such stores say so in many ways. What may pass, or wants a permission, is an error of its own.
    """
    if cloud.place.endpoints.s3.is_amazons:
        return False
    cause = error.__cause__
    unknown = isinstance(cause, boto.ClientError) and code_of(cause) == "NotImplemented"
    return unknown or type(error) is CloudError


def _read(cloud: Cloud) -> Mapping[str, Any]:
    try:
        return cloud.s3.get_bucket_lifecycle_configuration(Bucket=cloud.bucket_name)
    except boto.ClientError as error:
        if code_of(error) != _NO_RULES:
            raise
        return {}


def _put(cloud: Cloud, document: Mapping[str, Any], rules: Sequence[Rule]) -> None:
    ids = {rule.id for rule in rules}
    others = [one for one in document.get("Rules", ()) if one.get("ID") not in ids]
    ours: list[Any] = [rule.document for rule in rules if rule.actions]
    # It is of the whole document, for transitions that others may have among their rules.
    least = "TransitionDefaultMinimumObjectSize"
    more: Any = {least: document[least]} if document.get(least) else {}
    cloud.s3.put_bucket_lifecycle_configuration(
        Bucket=cloud.bucket_name, LifecycleConfiguration={"Rules": [*others, *ours]}, **more
    )


def _is_kept(cloud: Cloud, rules: Sequence[Rule], patience: Patience) -> bool:
    """Return whether the bucket has the rules that were set; only Amazon's may show them late.

    Raises:
        CloudError: Amazon does not show them in time.
    """

    def holds() -> bool:
        return all(one.holds for one in standings(cloud, rules))

    if not cloud.place.endpoints.s3.is_amazons:
        return holds()
    taken = f"S3 took the document of lifecycle rules of the bucket {cloud.bucket_name}"
    patience.show(holds, "S3 shows the lifecycle rules", taken)
    return True


def _standings(found: Sequence[Any], rules: Sequence[Rule]) -> list[Standing]:
    by_id = {one.get("ID"): one for one in found}
    result = [_standing(rule, by_id.get(rule.id)) for rule in rules]
    if any(one.is_there for one in result):
        return result
    return [replace(one, instead="") for one in result]  # none was ever set


def _standing(rule: Rule, found: Any) -> Standing:
    if found is None or not rule.actions:
        holds = (found is None) == (not rule.actions)
    else:
        holds = _meaning(found) == _meaning(rule.document)
    instead = "" if holds or not rule.is_for_age else _instead(rule, found)
    return Standing(rule, holds, found is not None, instead)


def _instead(rule: Rule, found: Any) -> str:
    """Return what the bucket does by another `keep_days`; empty where more than that differs."""
    if found is None:
        return _ending(rule.prefix, 0)
    days = found.get("Expiration", {}).get("Days", 0)
    ours = {**rule.document, "Expiration": {"Days": days}}
    return _ending(rule.prefix, days) if days and _meaning(found) == _meaning(ours) else ""


def _meaning(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a rule says, however it is written: the prefix may stand outside the filter."""
    known = {name: value for name, value in rule.items() if value and name != "ID"}
    filters = dict(known.pop("Filter", {}))
    prefix = known.pop("Prefix", "") or filters.pop("Prefix", "")
    filters.pop("Prefix", None)
    return {**known, "Prefix": prefix, "Filter": filters}
