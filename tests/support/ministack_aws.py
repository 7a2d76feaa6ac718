"""MiniStack as AWS, in this process and without a socket: for what moto knows nothing of.

CloudFormation is what it is for: change sets, updates, deletes. boto3's requests are handed to
MiniStack as they are made, in a loop of its own, where it goes on with a stack meanwhile. It knows
no permissions and no drift, and its instances never come up. Alarms by metric math it has not: here
they are made, and watch nothing.
"""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders

from labapp.cloud.direct import route
from labapp.cloud.session import Cloud
from labapp.settings import Settings
from tests.support.clock import Clock

#: Where nobody is: whoever asks there by another way than boto3 gets no answer.
ADDRESS = "http://127.0.0.1:9"

#: The newest images of Amazon Linux 2023, by their parameters; this MiniStack has none.
IMAGES = {
    f"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{kind}": f"ami-{digit * 17}"
    for kind, digit in (("x86_64", "0"), ("arm64", "1"))
}


class _Body:
    """An answer's bytes, read as urllib3's are."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self._data

    def read(self, *_: object, **__: object) -> bytes:
        data, self._data = self._data, b""
        return data


def alarm(logical_id: str, properties: dict[str, Any], stack: str) -> Any:
    """Make an alarm; one by metric math as if by a metric."""
    from ministack.services.cloudformation import provisioners

    plain = {name: value for name, value in properties.items() if name != "Metrics"}
    if "Metrics" in properties:
        plain |= {"MetricName": "math", "Namespace": "labapp"}
    return provisioners._cw_metric_alarm_create(logical_id, plain, stack)


@functools.cache
def _loop() -> asyncio.AbstractEventLoop:
    """Return the loop in which MiniStack is at work, as long as this process is."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True, name="ministack").start()
    return loop


async def _ask(request: AWSPreparedRequest) -> AWSResponse:
    from ministack.app import app

    where = urlsplit(str(request.url))
    given: Any = request.body or b""
    body = given.read() if hasattr(given, "read") else given
    body = body.encode() if isinstance(body, str) else bytes(body)
    named = {name.lower(): value for name, value in request.headers.items()}
    named.setdefault("host", where.netloc)
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": request.method,
        "scheme": where.scheme,
        "path": where.path or "/",
        "raw_path": (where.path or "/").encode(),
        "query_string": where.query.encode(),
        "headers": [
            (name.encode(), value if isinstance(value, bytes) else str(value).encode())
            for name, value in named.items()
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    begun: dict[str, Any] = {}
    parts: list[bytes] = []
    asked = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def receive() -> dict[str, Any]:
        return next(asked, {"type": "http.disconnect"})

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            begun.update(message)
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    headers = HTTPHeaders()
    for name, value in begun["headers"]:
        headers[name.decode()] = value.decode()
    return AWSResponse(request.url, begun["status"], headers, _Body(b"".join(parts)))


def answer(request: AWSPreparedRequest, **_: object) -> Any:
    """Answer a request of boto3's; its event `before-send`."""
    return asyncio.run_coroutine_threadsafe(_ask(request), _loop()).result()


async def _reset() -> None:
    from ministack import app

    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    app._reset_all_state()


#: The clients, made once; they cost more time than most tests.
_clients: dict[str, Any] = {}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """Give an empty AWS account that has CloudFormation; commands in this process act on it too."""
    connect, make = Cloud._connect, Cloud._make

    def connected(cloud: Cloud, *, start: bool) -> None:
        connect(cloud, start=start)
        cloud._session.events.register("before-send", answer)

    def made_once(cloud: Cloud, service: str) -> Any:
        if service not in _clients:
            _clients[service] = make(cloud, service)
        return _clients[service]

    monkeypatch.setattr(Cloud, "_connect", connected)
    monkeypatch.setattr(Cloud, "_make", made_once)
    monkeypatch.setattr(route, "find", lambda *_: None)  # as with any hook of botocore's
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_ENDPOINT_URL": ADDRESS,
        "AWS_REGION": "us-east-1",
        "LABAPP_CLOUD": "aws",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("labapp.cloud.patience.time", Clock())
    from ministack.services.cloudformation import provisioners

    alarms = provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"]
    monkeypatch.setitem(alarms, "create", alarm)
    asyncio.run_coroutine_threadsafe(_reset(), _loop()).result()
    cloud = Cloud(Settings(cloud="aws", region="us-east-1"))
    for name, image in IMAGES.items():
        cloud.client("ssm").put_parameter(Name=name, Value=image, Type="String")
    return cloud
