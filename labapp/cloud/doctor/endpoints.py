"""Where requests go and by which way: region, addresses in force, proxy, certificates."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from typing import Any

import boto3

from labapp import addresses
from labapp.cloud import regions
from labapp.cloud.aws_errors import code_of
from labapp.cloud.doctor.finding import Finding
from labapp.cloud.doctor.patient import Patient
from labapp.cloud.endpoints import Endpoint
from labapp.cloud.proxies import proxy_of
from labapp.errors import CertificateError, CloudError

#: The variables that name a proxy, and hosts that none is used for; either case counts.
_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")


def look_at_the_region(patient: Patient) -> Iterator[Finding]:
    """Tell which region is in force, and whether Amazon has one of that name.

    Raises:
        SettingError: it has none.
    """
    name, cloud = "region", patient.cloud
    region = cloud.place.region
    if cloud.is_local:
        yield Finding(name, "holds", f"{region}, which means nothing on the local cloud")
        return
    with contextlib.suppress(CertificateError):  # which the check of certificates tells
        _ = cloud.sqs, cloud.s3  # making one looks for the region, too
    remedy = regions.remedy_of_unknown(boto3.Session(), region)
    if not remedy:
        yield Finding(name, "holds", region)
    else:
        told = f"{region}, which this version of boto3 does not know"
        yield Finding(name, "note", told, "nothing, if there is one of this name", remedy)


def look_at_sqs(patient: Patient) -> Iterator[Finding]:
    """Tell at which address SQS is, and whether it answers.

    Raises:
        CloudError: it does not.
    """
    client = patient.cloud.sqs
    call: Callable[[], Any] = lambda: client.get_queue_url(QueueName=patient.lab.queues[0])  # noqa: E731
    yield from _look(patient, "SQS", patient.cloud.place.endpoints.sqs, client, call)


def look_at_s3(patient: Patient) -> Iterator[Finding]:
    """Tell at which address S3 is, and whether it answers.

    Raises:
        CloudError: it does not.
    """
    client, bucket = patient.cloud.s3, patient.cloud.known_bucket
    if bucket:
        call: Callable[[], Any] = lambda: client.list_objects_v2(Bucket=bucket, MaxKeys=1)  # noqa: E731
    else:
        call = client.list_buckets
    yield from _look(patient, "S3", patient.cloud.place.endpoints.s3, client, call)


def _look(
    patient: Patient, service: str, endpoint: Endpoint, client: Any, call: Callable[[], Any]
) -> Iterator[Finding]:
    where = client.meta.endpoint_url
    answer = patient.ask(service, f"reach {service} at {where}", call)
    if answer.error and code_of(answer.error).isdigit():  # a status alone, as no call here gets
        raise CloudError(
            f"what answers at {where} does not speak as {service} does (status"
            f" {code_of(answer.error)})",
            "Check the address, and whether a proxy or another server answers in its place.",
        )
    whose = "" if endpoint.is_amazons else ", not Amazon's own"
    whose = ", the local cloud" if patient.cloud.is_local else whose
    origin = f" (from {endpoint.origin})" if endpoint.origin else ""
    took = f"answers in {answer.seconds * 1000:.0f} ms"
    yield Finding(f"{service} address", "holds", f"{where}{whose}{origin}, {took}")


def look_at_the_proxy(patient: Patient) -> Iterator[Finding]:
    """Tell by which proxy S3 and SQS are asked, if by any."""
    name, used = "proxy", {}
    for service, client in (("SQS", patient.cloud.sqs), ("S3", patient.cloud.s3)):
        used[service] = proxy_of(client)
    told = [
        f"{variable}={addresses.masked(value)}"  # which may have no http:// before a password
        for variable in _PROXIES
        if (value := _variable(variable))
    ]
    by = [f"{service} by {proxy}" for service, proxy in used.items() if proxy]
    if by:
        yield Finding(name, "holds", "; ".join([*by, *told]))
    elif told:
        why = "none is used for these addresses"
        yield Finding(name, "holds", f"{why}, though there is {'; '.join(told)}")
    else:
        yield Finding(name, "holds", "none")


def _variable(name: str) -> str:
    return os.environ.get(name.lower()) or os.environ.get(name) or ""


def look_at_certificates(patient: Patient) -> Iterator[Finding]:
    """Tell by whose certificates the services are trusted.

    Raises:
        CertificateError: the file of them cannot be used.
    """
    check = "certificates"
    clients: tuple[Any, ...] = (patient.cloud.sqs, patient.cloud.s3)  # which look into the file
    if all(client.meta.endpoint_url.startswith("http:") for client in clients):
        yield Finding(check, "holds", "none are used: the addresses are http")
        return
    trusted = clients[0]._endpoint.http_session._verify  # or else those that botocore brings
    own = f"servers are trusted by {trusted}"
    theirs = "servers are trusted by what comes with botocore"
    yield Finding(check, "holds", own if isinstance(trusted, str) else theirs)
