"""The direct way to S3 does what is plain or nothing; botocore's does what it could not."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest

from labapp.cloud.abilities import Ability
from labapp.cloud.bucket import TEXT, Bucket
from labapp.cloud.direct import sending
from labapp.cloud.direct.s3 import LOST, STORED, UNSURE, Object
from labapp.cloud.session import Cloud
from labapp.cloud.time_limits import PATIENT
from labapp.errors import CredentialsError, UnreachableError
from labapp.settings import Settings
from tests.support.serving import serving
from tests.support.waiting import PATIENCE


class Endpoint(ThreadingHTTPServer):
    """Notes each PUT and answers the next of `statuses`, then 200."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.puts: list[tuple[str, bytes, str]] = []
        self.headers: list[Message] = []
        self.statuses: list[int] = []
        self.tunnels: list[str] = []
        self.together: threading.Barrier | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Endpoint

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.headers.append(self.headers)
        self.server.puts.append((unquote(self.path), body, self.headers["user-agent"] or ""))
        assert "AWS4-HMAC-SHA256" in self.headers["authorization"]
        assert "/us-east-1/s3/aws4_request" in self.headers["authorization"]
        assert self.headers["content-type"] == "text/plain; charset=utf-8"
        if self.server.together:
            with contextlib.suppress(threading.BrokenBarrierError):
                self.server.together.wait(PATIENCE)
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.send_header("ETag", '"abc"')
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_CONNECT(self) -> None:
        self.server.tunnels.append(self.path)
        self.send_response(502)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving(Endpoint()) as server:
        yield server


def cloud_at(url: str) -> Cloud:
    return Cloud(Settings(cloud="aws", region="us-east-1", bucket="lab", endpoint_url=url))


@pytest.mark.usefixtures("keys")
def test_a_small_text_takes_one_put(endpoint: Endpoint) -> None:
    Bucket(cloud_at(endpoint.url)).put_text("logs/a b~é.txt", "grüße")
    ((path, body, _),) = endpoint.puts
    assert (path, body.decode()) == ("/lab/logs/a b~é.txt", "grüße")


@pytest.mark.usefixtures("keys")
@pytest.mark.parametrize("status", [500, 503, 307, 204])
def test_whatever_is_not_plain_success_goes_the_long_way(endpoint: Endpoint, status: int) -> None:
    endpoint.statuses = [status]
    Bucket(cloud_at(endpoint.url)).put_text("a", "b")
    assert [(path, body) for path, body, _ in endpoint.puts] == [("/lab/a", b"b")] * 2
    agents = [agent.endswith(" direct") for *_, agent in endpoint.puts]
    assert agents == [True, False], "the second time by botocore's client"


@pytest.mark.usefixtures("keys")
def test_refused_both_ways_the_cloud_does_not_answer() -> None:
    with socket.socket() as closed:  # bound, not listening: nobody else can have the port
        closed.bind(("127.0.0.1", 0))
        cloud = cloud_at(f"http://127.0.0.1:{closed.getsockname()[1]}")
        assert cloud.direct_s3.put(("lab", ""), "a", b"", "text/plain").status == UNSURE
        with pytest.raises(UnreachableError, match="cannot write s3://lab/a"):
            Bucket(cloud).put_text("a", "b")


@pytest.mark.usefixtures("keys")
def test_an_emulator_is_reached_although_a_proxy_is_set(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    Bucket(cloud_at(endpoint.url)).put_text("a", "b")
    assert len(endpoint.puts) == 1


def test_without_credentials_it_says_so(endpoint: Endpoint) -> None:
    with pytest.raises(CredentialsError):
        Bucket(cloud_at(endpoint.url)).put_text("a", "b")
    assert endpoint.puts == []


@pytest.mark.usefixtures("keys")
def test_the_way_is_found_once_and_anew_after_a_refresh(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = cloud_at(endpoint.url)
    bucket = Bucket(cloud)
    for body in ("1", "2"):
        bucket.put_text("a", body)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "renewed")
    cloud.refresh()
    bucket.put_text("a", "3")
    keys = [one["authorization"].partition("=")[2].split("/")[0] for one in endpoint.headers]
    assert keys == ["testing", "testing", "renewed"]


@pytest.mark.usefixtures("keys")
def test_what_may_replace_nothing_takes_one_put_that_says_so(endpoint: Endpoint) -> None:
    bucket = Bucket(cloud_at(endpoint.url))
    endpoint.statuses = [200, 412]
    assert bucket.put_text("a", "b", {"request": "mark"}, new=True) is True
    assert bucket.put_text("a", "b", new=True) is False
    assert len(endpoint.puts) == 2
    first, second = endpoint.headers
    assert (first["if-none-match"], first["x-amz-meta-request"]) == ("*", "mark")
    assert "if-none-match;" in first["authorization"]
    assert second["x-amz-meta-request"] is None


@pytest.mark.usefixtures("keys")
def test_a_checksum_comes_with_it_where_the_store_was_found_to_want_one(endpoint: Endpoint) -> None:
    bucket = Bucket(cloud_at(endpoint.url))
    bucket.put_text("a", "body")
    bucket.cloud.abilities.note(Ability.NO_CHECKSUM, holds=False)
    bucket.put_text("a", "body")
    assert len(endpoint.puts) == 2
    assert [one["content-md5"] for one in endpoint.headers] == [None, "hBotaJrYa9FhFEdFPCLG/A=="]


@pytest.mark.usefixtures("keys")
def test_a_condition_that_is_looked_at_just_now_goes_the_long_way(endpoint: Endpoint) -> None:
    endpoint.statuses = [409, 412]
    assert Bucket(cloud_at(endpoint.url)).put_text("a", "b", {"request": "m"}, new=True) is False
    assert [one["if-none-match"] for one in endpoint.headers] == ["*", "*"]
    assert [one["x-amz-meta-request"] for one in endpoint.headers] == ["m", "m"]


@pytest.mark.usefixtures("keys")
def test_objects_that_are_stored_together_are_all_sent_before_an_answer_is_read(
    endpoint: Endpoint,
) -> None:
    endpoint.together = threading.Barrier(3)
    objects = [Object(f"logs/{name}", name.encode(), TEXT) for name in "abc"]
    puts = cloud_at(endpoint.url).direct_s3.put_all(("lab", ""), objects)
    assert [put.status for put in puts] == [STORED] * 3
    assert sorted(body for _, body, _ in endpoint.puts) == [b"a", b"b", b"c"]


@pytest.mark.usefixtures("keys")
def test_of_objects_that_are_stored_together_each_has_its_own_answer(endpoint: Endpoint) -> None:
    endpoint.statuses = [412]
    objects = [Object("a", b"", TEXT), Object("\ud800", b"", TEXT), Object("b", b"", TEXT)]
    puts = cloud_at(endpoint.url).direct_s3.put_all(("lab", ""), objects)
    assert puts[1].status == UNSURE, "no key that could be sent"
    assert sorted([puts[0].status, puts[2].status]) == [STORED, LOST]


@pytest.mark.usefixtures("keys")
def test_of_objects_that_wait_in_vain_none_waits_after_another(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PATIENT", PATIENT._replace(read=0))
    endpoint.together = threading.Barrier(4)  # which never comes about
    objects = [Object(name, b"", TEXT) for name in "abc"]
    puts = cloud_at(endpoint.url).direct_s3.put_all(("lab", ""), objects)
    assert [put.status for put in puts] == [UNSURE] * 3
    endpoint.together.abort()
