"""The bucket: whether it is there, ours and in our region, and how it is protected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from labapp.cloud import lifecycle, provision
from labapp.cloud.aws_errors import NO_BUCKET_CODES, code_of, translated
from labapp.cloud.doctor.finding import Finding
from labapp.cloud.doctor.patient import Patient
from labapp.cloud.other_bucket import with_bucket
from labapp.cloud.provision import Protection
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, CredentialsError, ForbiddenError, MissingResourceError

#: The header by which S3 tells where a bucket is, in refusals too.
_REGION = "x-amz-bucket-region"

#: What is found of what a user may not look at.
_NOT_YOURS = "not yours to look at"

_UP = "Run 'python admin.py cloud up', which {}."


def look_at_lab_region(patient: Patient) -> Iterator[Finding]:
    """Tell whether the lab is in the region in force, by where its bucket is.

    Who has another region in force finds no queue there, and would make others.
    """
    check, cloud = "region of the lab", patient.cloud
    here = cloud.place.region
    try:
        name = cloud.bucket_name
        there = _region_of(cloud) or _region_of_another(cloud)
        if there in ("", here) or cloud.is_local:
            yield Finding(check, "holds", f"{here}, as far as the bucket tells")
            return
        has_queues = Queue(cloud, patient.lab.queues[0]).exists()
    except CloudError as error:  # which other checks tell
        yield Finding(check, "note", f"not told: {error.message}")
        return
    told = f"the region in force is {here}, and the bucket {name} is in {there}"
    if cloud.bucket_owner:
        told = f"the region in force is {here}, and there is a bucket of a lab in {there}"
    remedy = f"Say --region {there} or AWS_REGION={there}, or set it in the profile."
    if has_queues:
        meaning = "S3 tells no queue of another region of what is dropped; all else takes longer"
        yield Finding(check, "note", told, meaning, remedy)
        return
    patient.elsewhere = there
    yield Finding(check, "broken", told, f"the lab is looked for in {here}, and not found", remedy)


def look_at_bucket(patient: Patient) -> Iterator[Finding]:
    """Tell whether the bucket is there, and whose it is.

    Raises:
        CloudError: it is not there, another's, or may not be used.
    """
    check, cloud = "bucket", patient.cloud
    name = cloud.bucket_name
    try:
        there = provision.bucket_exists(cloud)
    except CredentialsError:
        if patient.lab.role != "client":
            raise
        yield Finding(check, "note", f"{name} may not be listed, which a client need not")
        return
    if not there:
        raise MissingResourceError(f"{name} is not there", patient.remedy(_UP.format("makes it")))
    whose = f", of account {cloud.bucket_owner}, as it must be" if cloud.bucket_owner else ""
    yield Finding(check, "holds", f"{name}{whose}")


def look_at_other(patient: Patient, name: str) -> Iterator[Finding]:
    """Tell whether a bucket is there that the lab uses beside its own; it may be another's.

    Raises:
        CloudError: it is not there, or may not be used.
    """
    check = f"bucket {name}"
    try:
        there = provision.bucket_exists(with_bucket(patient.cloud, name))
    except ForbiddenError:
        if patient.lab.role != "client":
            raise
        yield Finding(check, "note", "not yours to look at, which a client need not")
        return
    if not there:
        raise MissingResourceError(f"{name} is not there", patient.remedy(_UP.format("makes it")))
    yield Finding(check, "holds", "there, as the dialect names it")


def _region_of(cloud: Cloud) -> str:
    """Return the bucket's region as S3 tells it, also where it refuses; empty where it does not."""
    name = cloud.bucket_name
    with translated(f"find the bucket {name}"):
        try:
            told: Any = cloud.s3.head_bucket(Bucket=name)
        except ClientError as error:
            if code_of(error) in NO_BUCKET_CODES:
                return ""
            told = error.response
    headers = told.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    region = headers.get(_REGION, "") or told.get("Error", {}).get("Region", "")
    return cloud.abilities.bucket_region or str(region)


def _region_of_another(cloud: Cloud) -> str:
    """Return a region in which the account has a bucket whose name was derived likewise."""
    prefix = cloud.bucket_name.removesuffix(cloud.place.region)
    if not cloud.bucket_owner:
        return ""
    try:
        found = [one.get("Name", "") for one in cloud.s3.list_buckets().get("Buckets", ())]
    except ClientError:
        return ""  # not everybody may list them, and it is a hint only
    regions = [one.removeprefix(prefix) for one in found if one.startswith(prefix)]
    return "" if cloud.place.region in regions else next(iter(regions), "")


def look_at_protections(patient: Patient) -> Iterator[Finding]:
    """Tell which protections the bucket has of those that `cloud up` gives to one of its own."""
    applying = [one for one in provision.PROTECTIONS if one.applies(patient.cloud)]
    found = [_look_at(patient, one) for one in applying]
    if patient.lab.role != "admin" and {one.found for one in found} == {_NOT_YOURS}:
        yield Finding("bucket: protections", "note", _NOT_YOURS)
    else:
        yield from found


def _look_at(patient: Patient, one: Protection) -> Finding:
    cloud, check = patient.cloud, f"bucket: {one.name}"
    try:
        with translated(f"look at the {one.name} of the bucket"):
            try:
                there = one.is_set(cloud, cloud.bucket_name)
            except ClientError as error:
                code = code_of(error)
                if code == "NotImplemented" and not cloud.place.endpoints.s3.is_amazons:
                    return Finding(check, "note", "this store has no such thing")
                if code not in provision.NEVER_SET:
                    raise
                there = False
    except CloudError as error:
        return _unknown(patient, check, error)
    if there:
        return Finding(check, "holds", "set")
    ours = bool(cloud.bucket_owner)
    meaning = f"the bucket lacks what 'cloud up' gives to a bucket of its own: {one.verb} it"
    if not ours:
        return Finding(check, "note", "not set; the bucket is one that a setting names", meaning)
    return Finding(check, "broken", "not set", meaning, _UP.format("sets it"))


def _unknown(patient: Patient, check: str, error: CloudError) -> Finding:
    """Return what is said of what may not be looked at: only an admin has to."""
    if error.exit_code == 4:
        needed = patient.lab.role == "admin"
        remedy = error.remedy if needed else ""
        return Finding(check, "note", _NOT_YOURS, error.message if needed else "", remedy)
    return Finding(check, "cannot tell", error.message, "", error.remedy)


def look_at_lifecycle(patient: Patient) -> Iterator[Finding]:
    """Tell whether S3 deletes by itself what would else grow for ever."""
    check, cloud = "bucket: lifecycle", patient.cloud
    try:
        found = lifecycle.standings(cloud, patient.lab.lifecycle)
    except CloudError as error:
        if lifecycle.is_unknown_to(cloud, error):
            told, meaning = "this store has no lifecycle rules", "what is old stays in the bucket"
            yield Finding(check, "note", told, meaning, "Delete what is old from time to time.")
        else:
            yield _unknown(patient, check, error)
        return
    lacking = _lacking(cloud, found)
    others = [one.instead for one in found if one.instead]
    if not lacking and others:
        days = patient.settings.keep_days
        meaning = f"'cloud up' was run with another keep_days than here, where it is {days}"
        remedy = "Set keep_days to the bucket's; or have 'python admin.py cloud up' run anew."
        yield Finding(check, "note", "; ".join(others), meaning, remedy)
        return
    if not lacking:
        yield Finding(check, "holds", "; ".join(one.rule.name for one in found if one.holds))
        return
    is_ours = bool(cloud.bucket_owner) or any(one.is_there for one in found)
    meaning = "what is no longer needed is kept and paid for, for ever"
    told = f"not set: {'; '.join(lacking)}"
    if is_ours:
        yield Finding(check, "broken", told, meaning, _UP.format("sets it"))
    else:
        told += "; the bucket is one that a setting names"
        yield Finding(check, "note", told, meaning, "Set such rules, if that is not wanted.")


def _lacking(cloud: Cloud, found: list[lifecycle.Standing]) -> list[str]:
    """Return the rules that are not there and should be, by name; `keep_days` decides on others."""
    lacking = [one.rule for one in found if not one.holds and not one.instead]
    if any(rule.is_for_versions for rule in lacking) and not _has_versions(cloud):
        lacking = [rule for rule in lacking if not rule.is_for_versions]
    return [rule.name for rule in lacking]


def _has_versions(cloud: Cloud) -> bool:
    """Return whether the bucket keeps old versions, or did once, as far as S3 tells."""
    try:
        return bool(cloud.s3.get_bucket_versioning(Bucket=cloud.bucket_name).get("Status"))
    except ClientError:
        return True


def look_at_the_way_without_tls(patient: Patient) -> Iterator[Finding]:
    """Tell whether the bucket's rule against requests without TLS locks this program out."""
    check, cloud = "bucket: way in", patient.cloud
    address = cloud.s3.meta.endpoint_url
    if not address.startswith("http:"):
        yield Finding(check, "holds", f"over TLS, by {address}")
        return
    try:
        with translated("read the bucket's policy"):
            locked = provision.requires_tls(cloud, cloud.bucket_name)
    except CloudError as error:
        yield _unknown(patient, check, error)
        return
    if locked:
        meaning = "a store that heeds it refuses all that we ask for"
        remedy = "Delete the statement DenyWithoutTLS of its policy, or give an address of https."
        found = f"the bucket lets nobody in without TLS, and {address} is without"
        yield Finding(check, "broken", found, meaning, remedy)
    else:
        yield Finding(check, "holds", f"without TLS, by {address}, which the bucket allows")
