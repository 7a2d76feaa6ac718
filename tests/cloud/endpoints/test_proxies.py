"""A proxy is asked for every address but this machine's, unless NO_PROXY says otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest

from labapp.cloud.aws_errors import translated
from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.errors import SettingError, UnreachableError
from labapp.settings import Settings
from tests.support.serving import serving

pytestmark = pytest.mark.usefixtures("keys")


class Proxy(ThreadingHTTPServer):
    """Answers plain requests itself, and lets nobody through to TLS without a user."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.hosts: list[str] = []

    @property
    def url(self) -> str:
        return f"http://anna:secret@127.0.0.1:{self.server_port}"


class Asked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.hosts.append(urlsplit(self.path).netloc)
        self.send_response(200)
        self.send_header("ETag", '"e"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_PUT = answer  # noqa: N815 - names of http.server's

    def do_CONNECT(self) -> None:
        self.server.hosts.append(self.path)
        self.send_response(407, "Proxy Authentication Required")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """Have a proxy set, and no exception from it."""
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        for variable in (name, name.upper()):
            monkeypatch.delenv(variable, raising=False)
    with serving(Proxy()) as server:
        monkeypatch.setenv("HTTP_PROXY", server.url)
        monkeypatch.setenv("HTTPS_PROXY", server.url)
        yield server


def cloud_at(url: str) -> Cloud:
    settings = Settings(cloud="aws", region="us-east-1", bucket="lab", endpoint_url=url)
    return Cloud(settings, hurried=True)


def ask(cloud: Cloud) -> None:
    """Ask SQS, S3 by boto3 and S3 by the direct way, where there is one."""
    with translated("look"):
        cloud.sqs.list_queues()
        cloud.s3.list_objects_v2(Bucket="lab")
    Bucket(cloud).put_text("a", "1")


@pytest.mark.parametrize("url", ["http://lab.example:4566", "http://10.0.0.7:9000"])
def test_every_way_to_an_address_elsewhere_asks_the_proxy(url: str, proxy: Proxy) -> None:
    ask(cloud_at(url))
    assert proxy.hosts == [urlsplit(url).netloc] * 3


def test_variables_in_small_letters_are_heard(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.delenv("HTTP_PROXY")
    ask(cloud_at("http://lab.example"))
    assert proxy.hosts == ["lab.example"] * 3


@pytest.mark.parametrize(
    ("url", "variable", "names"),
    [
        ("http://s3.lab.invalid", "NO_PROXY", "other.example,.lab.invalid"),
        ("http://lab.invalid:4566", "no_proxy", "lab.invalid"),
        ("http://192.0.2.7", "NO_PROXY", "192.0.2.0/24"),
        ("http://192.0.2.7", "no_proxy", "192.0.2.0/24"),
        ("http://lab.invalid", "NO_PROXY", "*"),
    ],
)
def test_what_is_named_as_an_exception_is_asked_past_the_proxy(
    url: str, variable: str, names: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, names)
    client: Any = cloud_at(url).sqs
    # Nothing is sent: nobody knows how long this network looks for those hosts.
    assert client._endpoint.http_session._proxy_config.proxy_url_for(url) is None
    assert proxy.hosts == []


def test_this_machine_is_asked_past_the_proxy(proxy: Proxy) -> None:
    with serving(Proxy()) as here:
        ask(cloud_at(f"http://localhost:{here.server_port}"))
        assert len(here.hosts) == 3
    assert proxy.hosts == []


def test_a_proxy_that_refuses_is_told_as_that_and_without_its_password(proxy: Proxy) -> None:
    with pytest.raises(UnreachableError) as caught, translated("look"):
        cloud_at("https://lab.example").sqs.list_queues()
    assert proxy.hosts == ["lab.example:443"]
    told = f"cannot look: the proxy at 127.0.0.1:{proxy.server_port} refuses (407 Proxy Auth"
    assert caught.value.message.startswith(told)
    assert "secret" not in str(caught.value)
    assert "NO_PROXY" in caught.value.remedy


@pytest.mark.parametrize(
    "address", ["http://proxy:99999", "socks5://proxy:1080", "http://[", "http://anna:secret@x:y"]
)
def test_a_proxy_that_is_none_is_a_wrong_setting(
    address: str, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)
    with pytest.raises(SettingError, match="the proxy for https is") as caught:
        assert cloud_at("https://lab.example").sqs
    assert "secret" not in str(caught.value)
    assert "HTTPS_PROXY takes" in caught.value.remedy
    assert cloud_at("http://lab.example").sqs, "which is asked by another"
    assert proxy.hosts == []


def test_a_proxy_that_does_not_answer_is_told_as_that(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(Proxy()) as gone:
        monkeypatch.setenv("HTTP_PROXY", gone.url)
    with pytest.raises(UnreachableError) as caught, translated("look"):
        cloud_at("http://lab.example").sqs.list_queues()
    assert f"the proxy at 127.0.0.1:{gone.server_port} does not answer" in caught.value.message
    assert proxy.hosts == []
