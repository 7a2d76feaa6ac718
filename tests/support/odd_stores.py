"""Stores that are not Amazon's and lack something, in process: moto behind hooks of botocore."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from labapp.cloud.session import Cloud
from labapp.settings import Settings

#: Where such a store is.
ADDRESS = "http://store.example"

#: The headers of conditions.
CONDITIONS = ("If-Match", "If-None-Match")

#: An answer: its status, its error code and what it says.
Refusal = tuple[int, str, str]


def odd_cloud(monkeypatch: pytest.MonkeyPatch, bucket: str = "lab") -> Cloud:
    """Return a cloud at a store's own address; its bucket is made unless it is there."""
    monkeypatch.setenv("MOTO_S3_CUSTOM_ENDPOINTS", ADDRESS)
    cloud = Cloud(Settings(cloud="aws", region="us-east-1", bucket=bucket, endpoint_url=ADDRESS))
    cloud.s3.create_bucket(Bucket=bucket)
    return cloud


def ignore(cloud: Cloud, headers: Collection[str] = CONDITIONS) -> None:
    """Have the store ignore headers."""

    def drop(request: Any, **_: object) -> None:
        for name in headers:
            del request.headers[name]

    cloud.s3.meta.events.register("before-sign.s3", drop)


def refuse(
    client: Any,
    which: Callable[[Any], bool],
    answer: Refusal,
    headers: dict[str, str] | None = None,
) -> list[str]:
    """Have a service refuse requests; return the operations refused, as they come.

    Args:
        client: of the service.
        which: names them by their signed requests.
        answer: what it answers.
        headers: what comes with it: `x-amz-bucket-region`.
    """
    status, code, text = answer
    refused: list[str] = []
    region = f"<Region>{headers['x-amz-bucket-region']}</Region>" if headers else ""
    document = f"<Error><Code>{code}</Code><Message>{text}</Message>{region}</Error>".encode()

    def answered(request: Any, event_name: str, **_: object) -> AWSResponse | None:
        if not which(request):
            return None
        refused.append(event_name.rpartition(".")[2])
        url, request.url = request.url, "http://nowhere.invalid/"  # so that moto does nothing of it
        raw = io.BytesIO(document)
        setattr(raw, "stream", lambda *_, **__: iter([raw.read()]))  # noqa: B010
        return AWSResponse(url, status, HTTPHeaders.from_dict(dict(headers)), raw)

    client.meta.events.register_first("before-send", answered)
    return refused
