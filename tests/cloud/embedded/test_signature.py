"""Signatures that botocore makes are verified, and nothing else is."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from hypothesis import given
from hypothesis import strategies as st

from labapp.cloud.embedded.refusals import RefusedError
from labapp.cloud.embedded.signature import (
    EXPIRED,
    MISMATCH,
    SKEWED,
    Signed,
    Verifier,
    is_presigned,
    read_signed,
)

ID, SECRET = "LABAPPAAAAAAAAAAAAAA", "S" * 40
URL = "http://127.0.0.1:4566"

#: Any text that a key, a prefix or a body may be.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
KEYS = TEXTS | st.sampled_from(
    ["..", "../x", "a/../b", "a//b", "/a", "./a", "a b", "a+b", "é/ü", "%2e%2e/x", "a\\b", "~!*'()"]
)

Sent = tuple[str, bytes, bytes, dict[bytes, bytes], bytes]


class Wire:
    """A boto3 client whose requests go nowhere, and are kept as they would be sent."""

    def __init__(self, service: str, **config: Any) -> None:
        self.client: Any = boto3.client(
            service,  # type: ignore[call-overload] # a plain str, not one of its literals
            endpoint_url=URL,
            region_name="eu-west-1",
            aws_access_key_id=ID,
            aws_secret_access_key=SECRET,
            config=Config(parameter_validation=False, **config),
        )
        self.client.meta.events.register("before-send", self._keep)

    def _keep(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        self.request = request
        body = b"{}" if b"json" in request.headers.get("Content-Type", b"") else b""
        return AWSResponse(request.url, 200, HTTPHeaders(), _Raw(body))

    def sends(self, call: Callable[[Any], Any]) -> Sent:
        call(self.client)
        request = self.request
        given: Any = request.body or b""
        body = given if isinstance(given, bytes) else given.read()
        return as_sent(request.method, request.url, dict(request.headers.items()), body)


class _Raw(io.BytesIO):
    """The body of an answer, as urllib3 gives it."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


def as_sent(method: str, url: str, headers: dict[str, Any], body: bytes = b"") -> Sent:
    """Return a request as it arrives."""
    parts = urlsplit(url)
    found = {b"host": parts.netloc.encode()}
    for name, value in headers.items():
        told = value if isinstance(value, bytes) else str(value).encode()
        found[name.lower().encode()] = told
    return method, parts.path.encode(), parts.query.encode(), found, body


@cache
def wire(service: str, *, signed: bool = True, version: str = "s3v4") -> Wire:
    if service != "s3":
        return Wire(service)
    s3 = {"addressing_style": "path", "payload_signing_enabled": signed}
    return Wire(service, s3=s3, signature_version=version)


def fault_of(sent: Sent, secret: str = SECRET, now: Callable[[], float] = time.time) -> str:
    """Return the code of what is wrong with a request; empty where nothing is."""
    method, path, query, headers, body = sent
    signed = read_signed(headers, query)
    if signed is None:
        return "unsigned"
    assert signed.key_id == ID
    verifier = Verifier(secret, now, iter([0.0, 100.0]).__next__)
    payload = signed.payload(headers) or sha256(body).hexdigest()
    try:
        if refusal := verifier.at_a_bad_time(signed):
            raise refusal
        verifier.verify(signed, method, path, query, headers, payload)
    except RefusedError as error:
        return error.code
    return ""


@given(KEYS, st.booleans())
def test_an_object_of_any_key_is_put_with_a_good_signature(key: str, whole: bool) -> None:
    there = wire("s3", signed=whole)
    sent = there.sends(
        lambda s3: s3.put_object(Bucket="labapp", Key=key, Body=b"x", Metadata={"a": " b  c "})
    )
    assert fault_of(sent) == ""
    assert fault_of(sent, "another's") == MISMATCH


@given(KEYS, TEXTS)
def test_a_listing_of_any_prefix_and_a_copy_have_a_good_signature(prefix: str, more: str) -> None:
    there = wire("s3")
    listed = there.sends(
        lambda s3: s3.list_objects_v2(Bucket="labapp", Prefix=prefix, StartAfter=more, Delimiter="")
    )
    copied = there.sends(
        lambda s3: s3.copy_object(
            Bucket="labapp", Key=prefix, CopySource={"Bucket": "labapp", "Key": more}
        )
    )
    assert (fault_of(listed), fault_of(copied)) == ("", "")


@given(TEXTS)
def test_a_message_is_sent_with_a_good_signature_by_todays_sdk(body: str) -> None:
    sent = wire("sqs").sends(lambda sqs: sqs.send_message(QueueUrl=f"{URL}/0/q", MessageBody=body))
    assert fault_of(sent) == ""
    method, path, query, headers, old = sent
    assert fault_of((method, path, query, headers, old + b" ")) == MISMATCH


@given(KEYS, st.sampled_from(["get_object", "put_object"]))
def test_a_presigned_address_is_good_for_its_method_and_key_alone(key: str, action: str) -> None:
    url = wire("s3").client.generate_presigned_url(
        action, Params={"Bucket": "labapp", "Key": key}, ExpiresIn=60
    )
    method = "GET" if action == "get_object" else "PUT"
    sent = as_sent(method, url, {}, b"any body")
    assert fault_of(sent) == ""
    assert fault_of(("DELETE", *sent[1:])) == MISMATCH
    assert fault_of((method, sent[1] + b"x", *sent[2:])) == MISMATCH
    assert fault_of(sent, now=lambda: time.time() + 62) == EXPIRED
    assert fault_of(sent, now=lambda: time.time() - 1000) == SKEWED


@given(KEYS, st.sampled_from(["get_object", "put_object", "delete_object"]))
def test_an_address_presigned_in_boto3s_own_way_is_good_for_its_method_and_key_alone(
    key: str, action: str
) -> None:
    client = wire("s3", version="s3").client
    wish: dict[str, Any] = {"Bucket": "labapp", "Key": key}
    wish |= {"ContentType": "image/png", "Metadata": {"a": "b"}} if action == "put_object" else {}
    url = client.generate_presigned_url(action, Params=wish, ExpiresIn=60)
    method, path, query, headers, _ = as_sent(action.partition("_")[0].upper(), url, {})
    assert is_presigned(ID, SECRET, method, path, query, headers)
    assert not is_presigned(ID, SECRET, "POST", path, query, headers)
    assert not is_presigned(ID, SECRET, method, path + b"x", query, headers)
    assert not is_presigned(ID, SECRET, method, path, query + b"&acl", headers)
    assert not is_presigned(ID, "another's", method, path, query, headers)
    assert not is_presigned("another", SECRET, method, path, query, headers)
    copied = headers | {b"x-amz-copy-source": b"/b/k"}
    assert not is_presigned(ID, SECRET, method, path, query, copied)
    late = query.replace(b"Expires=", b"Expires=0")
    assert not is_presigned(ID, SECRET, method, path, late, headers)
    assert not is_presigned(ID, SECRET, method, path, query + b"&Expires=9999999999", headers)


def test_an_address_presigned_in_the_older_way_expires() -> None:
    client = wire("s3", version="s3").client
    wish = {"Bucket": "labapp", "Key": "k"}
    url = client.generate_presigned_url("get_object", Params=wish, ExpiresIn=-1)
    assert not is_presigned(ID, SECRET, *as_sent("GET", url, {})[:4])


def put(key: str = "k") -> Sent:
    return wire("s3").sends(lambda s3: s3.put_object(Bucket="labapp", Key=key, Body=b"x"))


def test_nothing_of_what_is_signed_can_be_changed() -> None:
    method, path, query, headers, body = put()
    other = {
        "method": ("DELETE", path, query, headers, body),
        "path": (method, b"/labapp/other", query, headers, body),
        "query": (method, path, b"acl", headers, body),
        "host": (method, path, query, headers | {b"host": b"127.0.0.1:4567"}, body),
        "payload": (method, path, query, headers | {b"x-amz-content-sha256": b"0" * 64}, body),
        "a header more": (method, path, query, headers | {b"x-amz-copy-source": b"/b/k"}, body),
        "a header less": (
            method, path, query, {n: v for n, v in headers.items() if n != b"x-amz-date"}, body,
        ),
    }  # fmt: skip
    assert {name: fault_of(sent) for name, sent in other.items()} == dict.fromkeys(other, MISMATCH)
    assert fault_of((method, path, query, headers | {b"user-agent": b"another"}, body)) == ""


def test_who_escapes_less_than_the_rules_and_signs_as_they_say_is_understood() -> None:
    signed_as = put("a:b@c=d")
    assert b"%3A" in signed_as[1]
    as_it_came = (signed_as[0], b"/labapp/a:b@c=d", *signed_as[2:])
    assert fault_of(as_it_came) == ""
    listed = wire("s3").sends(lambda s3: s3.list_objects_v2(Bucket="labapp", Prefix="a/b c"))
    query = b"&".join(reversed(listed[2].replace(b"%2F", b"/").split(b"&")))
    assert fault_of((*listed[:2], query, *listed[3:])) == ""


@pytest.mark.parametrize("after", [-901, 901])
def test_clocks_may_differ_by_15_minutes(after: int) -> None:
    sent = put()
    closer = after - 2 if after > 0 else after + 2
    assert fault_of(sent, now=lambda: time.time() + after) == SKEWED
    verifier = Verifier(SECRET, lambda: time.time() + closer, iter([0.0, 5000.0]).__next__)
    signed = read_signed(sent[3], sent[2])
    assert signed
    assert verifier.at_a_bad_time(signed) is None


def test_what_was_signed_before_the_cloud_began_is_no_good() -> None:
    """Who had the port meanwhile may have heard it."""
    signed = read_signed(put()[3], b"")
    assert signed
    now = datetime.strptime(signed.stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    for age, runs, good in ((10, 8.0, False), (10, 10.0, True), (0, 0.0, True)):
        verifier = Verifier(SECRET, lambda age=age: now + age, iter([0.0, runs]).__next__)  # type: ignore[misc]
        found = verifier.at_a_bad_time(signed)
        assert (found is None) is good
        assert found is None or found.code == SKEWED


@pytest.mark.parametrize(
    "change",
    [{"stamp": ""}, {"stamp": "20261127"}, {"stamp": "20269927T000000Z"}, {"date": "20200101"}],
)
def test_a_time_that_is_none_is_told(change: dict[str, str]) -> None:
    signed = read_signed(put()[3], b"")
    assert signed
    found = Verifier(SECRET).at_a_bad_time(signed._replace(**change))  # type: ignore[arg-type]
    assert found is not None
    assert found.code == MISMATCH


GOOD_QUERY = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=K%2F20261127%2Fr%2Fs3%2Faws4_request"
    f"&X-Amz-Date=20261127T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature={'a' * 64}"  # noqa: E501
)


@pytest.mark.parametrize(
    "query",
    [
        *(GOOD_QUERY.replace(part, part[:-1]) for part in ("SHA256", "aws4_request", "Expires")),
        GOOD_QUERY + "&X-Amz-Expires=9",
        GOOD_QUERY.replace("=60", "=0"),
        GOOD_QUERY.replace("=60", "=-1"),
        GOOD_QUERY.replace("=60", "=1e3"),
        GOOD_QUERY.replace("a" * 64, "%e9" * 64),
        GOOD_QUERY.replace("a" * 64, "A" * 64),
        "",
    ],
)
def test_a_query_that_is_no_presigned_one_says_nothing(query: str) -> None:
    assert read_signed({}, GOOD_QUERY.encode()) is not None
    assert read_signed({}, query.encode()) is None


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_whatever_is_sent_is_looked_at_without_an_error(header: bytes, query: bytes) -> None:
    found = read_signed({b"authorization": b"AWS4-HMAC-SHA256 " + header}, query)
    assert found is None or isinstance(found, Signed)
    found = read_signed({}, query + b"&X-Amz-Signature=1")
    assert found is None


def test_an_address_is_not_good_for_more_than_a_week() -> None:
    url = wire("s3").client.generate_presigned_url(
        "get_object", Params={"Bucket": "labapp", "Key": "k"}, ExpiresIn=604_801
    )
    assert fault_of(as_sent("GET", url, {})) == EXPIRED


def test_both_ways_of_signing_at_once_are_none() -> None:
    method, path, _, headers, body = put()
    assert fault_of((method, path, GOOD_QUERY.encode(), headers, body)) == "unsigned"
