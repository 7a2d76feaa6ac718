"""Who passes the local cloud's gate: by which name, from where, with what, and how it is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.cloud.embedded import gate
from labapp.cloud.embedded.gate import is_loopback
from labapp.cloud.embedded.gateway import Gateway
from labapp.cloud.embedded.state import HEALTH_PATH, OWNERS_KEY, Key
from tests.cloud.embedded.gateway_kit import KEY, STUDENT, Call, Queues, signature, standing

ANOTHERS = Key("AKIAIOSFODNN7EXAMPLE", "another's secret")

FORM = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
JSON = {"content-type": "application/x-amz-json-1.0"}
TARGET = {"x-amz-target": "AmazonSQS.ListQueues", **JSON}


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LocalHost:4566", "127.0.0.1", "127.0.0.1:4566", "127.8.9.10:1"),
        *("[::1]", "[::1]:4566", "[0:0:0:0:0:0:0:1]", "labapp.localhost:4566", "a-b.localhost"),
    ],
)
def test_names_and_addresses_of_loopback_are_let_in(host: str) -> None:
    assert is_loopback(host.encode())


@pytest.mark.parametrize(
    "host",
    [
        *("", " ", ":4566", "evil.test", "localhost.evil.test", "127.0.0.1.nip.io", "a.localhost."),
        *("localhost.", "127.0.0.1.", "localhost:", "localhost:x", "localhost:4566:1", "a,b"),
        *("user@localhost", "localhost@evil.test", "http://localhost", "localhost/", "localhost?"),
        *("127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "127.0.0.1%00", "127.0.0.256"),
        *("0.0.0.0", "10.0.0.1", "::1", "[::]", "[::2]", "[::1", "[::1%lo]", "[::ffff:10.0.0.1]"),
        *("[127.0.0.1]", "x.y.localhost", ".localhost", "-a.localhost", "a_b.localhost"),
        *("localhost\xa0", "localhost6.evil", "127.0.0.1\t", "\uff1127.0.0.1"),
    ],
)  # fmt: skip
def test_no_other_name_is(host: str) -> None:
    assert not is_loopback(host.encode())


@given(st.binary(max_size=30))
def test_any_bytes_may_stand_for_a_name(host: bytes) -> None:
    assert (
        not is_loopback(host)
        or b"localhost" in host.lower()
        or host[:4] in (b"127.", b"[::1", b"[0:0")
    )


class Asked:
    """One request to a gateway in front of a stand-in, as it was answered."""

    def __init__(
        self,
        method: str = "GET",
        path: str = "/labapp/k",
        headers: dict[str, str] | None = None,
        *,
        shared: bool = False,
        body: bytes = b"",
        more: Iterable[tuple[bytes, bytes]] = (),
        without: Iterable[bytes] = (),
        **scope: Any,
    ) -> None:
        self.inner = Queues()
        gateway = Gateway(self.inner, standing(shared=shared))
        bare, _, query = path.partition("?")
        self.call = Call(gateway, bare, method=method, headers=headers, body=body)
        self.call.scope.update({"query_string": query.encode(), **scope})
        pairs = [pair for pair in self.call.scope["headers"] if pair[0] not in set(without)]
        self.call.scope["headers"] = [*pairs, *more]
        asyncio.run(self.call.done())

    @property
    def passed(self) -> bool:
        return bool(self.inner.bodies)

    @property
    def text(self) -> str:
        return b"".join(one.get("body", b"") for one in self.call.sent[1:]).decode()

    @property
    def code(self) -> str:
        """The code of the error, in whichever form it is told."""
        kind = self.call.headers[b"content-type"]
        if kind == b"application/x-amz-json-1.0":
            code = str(self.call.answer["__type"]).rpartition("#")[2]
            assert self.call.headers[b"x-amzn-query-error"] == f"{code};Sender".encode()
            return code
        if kind == b"text/plain":
            return ""
        return ElementTree.fromstring(self.text).findtext(".//Code") or ""


def signed(method: str, path: str, body: bytes = b"", **more: Any) -> dict[str, str]:
    return signature(method, path, body, **more)


def test_the_owners_key_passes_in_each_service_and_nobody_elses_unless_it_is_shared() -> None:
    for service, method, more in (("s3", "GET", {}), ("sqs", "POST", JSON), ("sts", "POST", FORM)):
        path = "/labapp/k" if service == "s3" else "/"
        for key, shared, passes in (
            (KEY, False, True),
            (ANOTHERS, False, False),
            (ANOTHERS, True, True),
        ):
            headers = {**signed(method, path, service=service, key=key), **more}
            asked = Asked(method, path, headers, shared=shared)
            assert asked.passed is passes, (service, key.id, shared)
            if not passes:
                assert (asked.call.status, asked.code) == (403, "InvalidAccessKeyId")
                assert OWNERS_KEY.replace("'", "&apos;") in asked.text or OWNERS_KEY in asked.text


@pytest.mark.parametrize("shared", [False, True])
def test_a_signature_by_another_secret_is_none_also_where_the_cloud_is_shared(shared: bool) -> None:
    forged = Key(KEY.id, "guessed")
    for method, more, service in (("GET", {}, "s3"), ("POST", JSON, "sqs"), ("POST", FORM, "sqs")):
        headers = {**signed(method, "/", service=service, key=forged), **more}
        asked = Asked(method, "/", headers, shared=shared)
        assert (asked.passed, asked.call.status, asked.code) == (
            False,
            403,
            "SignatureDoesNotMatch",
        )
    for bare in (f"AWS {KEY.id}:c2ln", f"AWS4-HMAC-SHA256 Credential={KEY.id}/x"):
        assert not Asked("GET", "/", {"authorization": bare}, shared=shared).passed


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize(
    ("headers", "code"),
    [({}, "AccessDenied"), (TARGET, "AccessDenied"), (FORM, "AccessDenied")],
)
def test_who_signs_nothing_is_told_the_remedy(
    headers: dict[str, str], code: str, shared: bool
) -> None:
    asked = Asked("POST", "/", headers, shared=shared, without=[b"authorization"])
    assert (asked.passed, asked.call.status, asked.code) == (False, 403, code)
    assert "admin.py cloud env" in asked.text


@pytest.mark.parametrize(
    ("path", "authorization", "passes"),
    [
        ("/b/k", "AWS student:c2ln", True),
        ("/b/k", STUDENT, True),
        ("/b/k?X-Amz-Credential=student%2F2026", "", True),
        ("/b/k?AWSAccessKeyId=student&Signature=x", "", True),
        ("/b/k?AWSAccessKeyId=", "", False),
        ("/b/k", "Bearer x", False),
    ],
)
def test_in_a_shared_cloud_any_key_will_do_however_it_is_named(
    path: str, authorization: str, passes: bool
) -> None:
    assert Asked("GET", path, {"authorization": authorization}, shared=True).passed is passes


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/?Action=PurgeQueue&QueueUrl=x", {}),
        ("/000000000000/q?Action=SendMessage&MessageBody=1", {}),
        ("/?x=1&%41ction=PurgeQueue", {}),
        ("/?A%63tion=PurgeQueue", {}),
        ("/", TARGET),
        ("/000000000000/q", {}),
    ],
)
def test_actions_are_taken_by_post_alone(
    path: str, headers: dict[str, str], method: str, shared: bool
) -> None:
    bare = path.partition("?")[0]
    asked = Asked(method, path, {**signed(method, bare), **headers}, shared=shared)
    assert (asked.passed, asked.call.status) == (False, 405)


def test_an_action_in_the_address_is_none_by_post_either() -> None:
    asked = Asked("POST", "/?Action=PurgeQueue&QueueUrl=x", {**signed("POST", "/"), **FORM})
    assert (asked.passed, asked.call.status) == (False, 405)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/_ministack/config", {}),
        ("GET", "/_ministack/ready", {}),
        ("POST", "/_ministack/health", {}),
        ("DELETE", HEALTH_PATH, {}),
        ("GET", "/_localstack/health", {}),
        ("GET", "/_labapp/stop", {}),
        ("POST", "/_labapp/ages", {}),
        ("GET", "/_aws/execute-api/x/y", {}),
        ("GET", "/health", {}),
        ("GET", "/v2/", {}),
        ("GET", "/v2/x/tags/list", {}),
        ("POST", "/iceberg/v1/config", {}),
        ("POST", "/Execute", {}),
        ("GET", "/login", {}),
        ("POST", "/oauth2/token", {}),
        ("GET", "/pool/.well-known/jwks.json", {}),
        ("GET", "/restapis/x/y", {}),
        ("DELETE", "/v20180820/tags/arn", {}),
        ("POST", "/", {"x-amz-target": "DynamoDB_20120810.PutItem"}),
        ("POST", "/", {"x-amz-target": "AmazonSQS"}),
        ("GET", "/", {"authorization": STUDENT.replace("/sqs/", "/lambda/")}),
    ],
)
def test_what_ministack_has_beside_s3_sqs_and_sts_is_not_offered(
    method: str, path: str, headers: dict[str, str], shared: bool
) -> None:
    if "/lambda/" in headers.get("authorization", ""):
        headers = {
            "authorization": f"{headers['authorization']}, SignedHeaders=host, Signature={'0' * 64}"
        }
    asked = Asked(method, path, {**signed(method, path, service="s3"), **headers}, shared=shared)
    assert (asked.passed, asked.call.status) == (False, 404)


@pytest.mark.parametrize(
    ("more", "without"),
    [
        ([(b"host", b"127.0.0.1")], []),
        ([(b"host", b"evil.test")], [b"host"]),
        ([], [b"host"]),
        ([(b"authorization", b"x")], []),
        ([(b"x-amz-date", b"a"), (b"x-amz-date", b"b")], []),
        ([(b"origin", b"null")], []),
        ([(b"origin", b"http://127.0.0.1:4566")], []),
        ([(b"sec-fetch-site", b"cross-site")], []),
    ],
)
def test_odd_names_doubled_headers_and_pages_are_refused_also_where_it_is_shared(
    more: list[tuple[bytes, bytes]], without: list[bytes]
) -> None:
    for path in ("/labapp/k", HEALTH_PATH):
        asked = Asked("GET", path, shared=True, more=more, without=without)
        assert not asked.passed
        assert asked.call.status in (400, 403)


@pytest.mark.parametrize(
    ("path", "raw"),
    [
        ("//labapp/k", b"//labapp/k"),
        ("http://evil.test/labapp/k", b"http://evil.test/labapp/k"),
        ("*", b"*"),
        ("", b""),
        ("/labapp/k", b"/labapp%2fk"),
        ("/labapp/k", b"/labapp%2Fk"),
        ("/labapp/\ufffd", b"/labapp/%ff"),
        ("/labapp/\ufffd\ufffd", b"/labapp/%c0%af"),
    ],
)
def test_a_path_that_would_be_taken_for_another_is_refused(path: str, raw: bytes) -> None:
    asked = Asked("PUT", path, shared=True, raw_path=raw)
    assert (asked.passed, asked.call.status) == (False, 400)


@pytest.mark.parametrize(
    ("path", "raw", "host"),
    [
        ("/labapp//k", b"/labapp//k", "localhost"),
        ("/labapp/a/b", b"/labapp/a%2Fb", "localhost"),
        ("/labapp/\ufffd", b"/labapp/%EF%BF%BD", "localhost"),
        ("//k", b"//k", "labapp.localhost:4566"),
        ("/a/b", b"/a%2Fb", "labapp.localhost:4566"),
    ],
)
def test_a_path_that_names_one_key_passes(path: str, raw: bytes, host: str) -> None:
    assert Asked("PUT", path, {"host": host}, shared=True, raw_path=raw).passed


def test_only_http_of_the_first_version_is_spoken() -> None:
    assert Asked("GET", shared=True, http_version="1.0").passed
    assert Asked("GET", shared=True, http_version="2").call.status == 400


def test_a_body_is_what_was_signed() -> None:
    good = signed("PUT", "/labapp/k", b"x", service="s3")
    assert Asked("PUT", "/labapp/k", good, body=b"x").passed
    other = Asked("PUT", "/labapp/k", good, body=b"y")
    assert (other.passed, other.code) == (False, "XAmzContentSHA256Mismatch")
    for service, code in (("sqs", "SignatureDoesNotMatch"), ("sts", "SignatureDoesNotMatch")):
        headers = signed("POST", "/", b"x", service=service)
        assert Asked("POST", "/", headers, body=b"x").passed
        assert Asked("POST", "/", headers, body=b"y").code == code


def test_what_is_refused_by_its_headers_is_refused_before_its_body_is_read() -> None:
    """Five gigabytes of a stranger's would else be in memory first."""
    unsigned: dict[str, str] = {"authorization": ""}
    forged = signed("PUT", "/labapp/k", service="s3", key=Key(KEY.id, "guessed"))
    unhashed = signed("PUT", "/labapp/k", service="s3") | {"x-amz-content-sha256": ""}
    chunks = 10_000
    for headers in (
        unsigned,
        forged,
        unhashed,
        signed("PUT", "/labapp/k", service="s3", key=ANOTHERS),
    ):
        read = pulled("PUT", "/labapp/k", headers, chunks)
        assert read * 10_000 <= 64 * 1024 + 10_000
    read = pulled("POST", "/", signed("POST", "/"), chunks)
    assert read * 10_000 <= gate.MOST_UNPROVED + 20_000


def pulled(method: str, path: str, headers: dict[str, str], chunks: int) -> int:
    """Return how many of the chunks of a body were read before the answer."""
    gateway = Gateway(Queues(), standing())
    call = Call(gateway, path, method=method, headers=headers, chunks=(b"x" * 10_000,) * chunks)
    asyncio.run(call.done())
    assert call.status in (403, 413)
    return chunks - len(call.pieces)


def test_a_hash_that_is_none_is_refused_and_streams_pass() -> None:
    for payload, passes in (
        ("UNSIGNED-PAYLOAD", True),
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", True),
        (sha256(b"").hexdigest(), True),
        ("neither", False),
    ):
        asked = Asked("PUT", "/labapp/k", _with_payload(payload))
        assert asked.passed is passes, payload


def _with_payload(payload: str) -> dict[str, str]:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    headers = {"x-amz-content-sha256": payload}
    request = AWSRequest("PUT", "http://127.0.0.1:4566/labapp/k", headers, b"")
    SigV4Auth(Credentials(KEY.id, KEY.secret), "s3", "us-east-1").add_auth(request)
    return {name.lower(): str(value) for name, value in request.headers.items()}


def test_a_key_of_odd_signs_is_told_without_them() -> None:
    for shown in ("\x00\x01", "é", "a" * 500):
        asked = Asked("GET", f"/b/k?AWSAccessKeyId={shown}".replace("\x00", "%00"))
        assert asked.code in ("InvalidAccessKeyId", "AccessDenied")
        assert len(asked.text) < 1000
    assert json.dumps(asked.text)
