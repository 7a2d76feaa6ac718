"""Stores that are not Amazon's and lack something, in process: moto behind hooks of botocore."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Collection, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from labapp.cloud.abilities import Abilities
from labapp.cloud.session import Cloud
from labapp.settings import Settings

#: Where such a store is.
ADDRESS = "http://store.example"

#: The headers of conditions.
CONDITIONS = ("If-Match", "If-None-Match")

#: An answer: its status, its error code and what it says.
Refusal = tuple[int, str, str]

#: The hooks of the last test.
_hooks: list[tuple[Any, str, Callable[..., Any]]] = []


def odd_cloud(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """Return a cloud at a store's own address, of which nothing is known; its bucket is made."""
    monkeypatch.setenv("MOTO_S3_CUSTOM_ENDPOINTS", ADDRESS)
    cloud = _clients()
    while _hooks:
        client, event, hook = _hooks.pop()
        client.meta.events.unregister(event, hook)
    cloud.abilities.__dict__.update(Abilities().__dict__)  # which the client's own hooks hold
    cloud.s3.create_bucket(Bucket=cloud.bucket_name)
    return cloud


@cache
def _clients() -> Cloud:
    """Make the clients once; they cost more time than most tests."""
    cloud = Cloud(Settings(cloud="aws", region="us-east-1", bucket="lab", endpoint_url=ADDRESS))
    endpoint: Any = cloud.s3._endpoint  # type: ignore[attr-defined]
    ask, alone = endpoint._do_get_response, threading.Lock()

    def ask_alone(*asked: Any) -> Any:
        with alone:  # moto throws an object away that another request is reading
            return ask(*asked)

    endpoint._do_get_response = ask_alone
    return cloud


def another(cloud: Cloud) -> Cloud:
    """Return the cloud as another program has it: by the same clients, and knowing nothing."""
    other = Cloud(cloud.settings)
    other._clients = {"s3": cloud.s3}
    return other


def on(client: Any, event: str, hook: Callable[..., Any]) -> None:
    """Have a client call a hook, before its own, until the next test."""
    client.meta.events.register_first(event, hook)
    _hooks.append((client, event, hook))


def ignore(cloud: Cloud, headers: Collection[str] = CONDITIONS) -> None:
    """Have the store ignore headers."""

    def drop(request: Any, **_: object) -> None:
        for name in headers:
            del request.headers[name]

    on(cloud.s3, "before-sign.s3", drop)


def refuse(
    client: Any,
    which: Callable[[Any], bool],
    answer: Refusal,
    headers: Mapping[str, str] = MappingProxyType({}),
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

    on(client, "before-send", answered)
    return refused
