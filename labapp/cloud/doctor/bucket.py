"""The bucket: whether it is there, ours and in our region, and how it is protected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from labapp.cloud import lifecycle, provision
from labapp.cloud.aws_errors import code_of, from_response, translated
from labapp.cloud.doctor.finding import Finding
from labapp.cloud.doctor.patient import Patient
from labapp.cloud.provision import Protection
from labapp.errors import CloudError, MissingResourceError

#: The header by which S3 tells where a bucket is, in refusals too.
_REGION = "x-amz-bucket-region"

_UP = "Run 'python admin.py cloud up', which {}."


def look_at_bucket(patient: Patient) -> Iterator[Finding]:
    """Tell whether the bucket is there, whose it is and in which region.

    Raises:
        CloudError: it is not there, in another region, another's, or may not be used.
    """
    check, cloud = "bucket", patient.cloud
    name, region = cloud.bucket_name, _region_of(patient)
    if region and region != cloud.place.region and not cloud.is_local:
        raise CloudError(
            f"{name} is in {region}, and the region in force is {cloud.place.region}",
            f"Say --region {region} (or AWS_REGION={region}), where the lab's queues will be too;"
            " or name another bucket with --bucket.",
        )
    if not provision.bucket_exists(cloud):
        raise MissingResourceError(f"{name} is not there{_others(patient)}", _UP.format("makes it"))
    whose = f", of account {cloud.bucket_owner}, as it must be" if cloud.bucket_owner else ""
    where = f" in {region}" if region else ""
    yield Finding(check, "holds", f"{name}{where}{whose}")


def _region_of(patient: Patient) -> str:
    """Return the bucket's region as S3 tells it, also where it refuses; empty where it does not."""
    cloud = patient.cloud
    name = cloud.bucket_name
    with translated(f"find the bucket {name}"):
        try:
            told: Any = cloud.s3.head_bucket(Bucket=name)
        except ClientError as error:
            told = error.response
    headers = told.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return str(headers.get(_REGION, "") or told.get("Error", {}).get("Region", ""))


def _others(patient: Patient) -> str:
    """Return which buckets of a like name there are, which tell where else the lab may be."""
    cloud = patient.cloud
    owner = cloud.bucket_owner
    try:
        found = [one.get("Name", "") for one in cloud.s3.list_buckets().get("Buckets", ())]
    except ClientError:
        return ""  # not everybody may list them, and it is a hint only
    prefix = f"labapp-{owner}-"
    regions = [one.removeprefix(prefix) for one in found if owner and one.startswith(prefix)]
    if not regions:
        return ""
    return f"; there is {prefix}{regions[0]}: is the lab in {regions[0]} (--region {regions[0]})?"


def look_at_protections(patient: Patient) -> Iterator[Finding]:
    """Tell which protections the bucket has of those that `cloud up` gives to one of its own."""
    for one in provision.PROTECTIONS:
        if one.applies(patient.cloud):
            yield _look_at(patient, one)


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
                told = from_response(error, f"look at the {one.name} of the bucket")
                if code not in provision.UNSET or told.exit_code == 4:
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
        told = "not yours to look at"
        needed = patient.lab.role == "admin"
        remedy = error.remedy if needed else ""
        return Finding(check, "note", told, error.message if needed else "", remedy)
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
    lacking = [one.rule.name for one in found if not one.holds]
    if not lacking:
        yield Finding(check, "holds", "; ".join(one.rule.name for one in found))
        return
    is_ours = bool(cloud.bucket_owner) or any(one.is_there for one in found)
    meaning = "what is no longer needed is kept and paid for, for ever"
    told = f"not set: {'; '.join(lacking)}"
    if is_ours:
        yield Finding(check, "broken", told, meaning, _UP.format("sets it"))
    else:
        told += "; the bucket is one that a setting names"
        yield Finding(check, "note", told, meaning, "Set such rules, if that is not wanted.")


def look_at_the_way_without_tls(patient: Patient) -> Iterator[Finding]:
    """Tell whether the bucket's rule against requests without TLS locks this program out."""
    check, cloud = "bucket: our own way in", patient.cloud
    address = cloud.s3.meta.endpoint_url
    if not address.startswith("http:"):
        yield Finding(check, "holds", f"over TLS, by {address}")
        return
    tls_only = next(one for one in provision.PROTECTIONS if one.name == "TLS only")
    try:
        with translated("read the bucket's policy"):
            locked = tls_only.is_set(cloud, cloud.bucket_name)
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
