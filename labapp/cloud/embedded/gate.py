"""Access control of the local cloud: each request is checked before anything else is done.

- Nobody by another name than loopback's. A page in a browser can reach any port of this machine
  through a DNS name of its own that resolves to 127.0.0.1; the browser then names that in `Host`,
  and leaves out all by which a page is otherwise known.
- No page at all: a browser says in `Origin` or `Sec-Fetch-Site` that a page asks. What a page can
  ask for without either, GET, changes nothing: actions are taken by POST alone.
- Nothing beside S3, SQS and STS: MiniStack has much more behind the same port.
- Nobody without the cloud's own key, proved by a signature, unless the cloud is shared.

What can be refused by its headers alone is refused before its body is read.
"""

from __future__ import annotations

import hmac
import ipaddress
import os
import re
from collections import deque
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_to_bytes

from labapp.cloud.embedded.refusals import PREFIX, TARGET, RefusedError
from labapp.cloud.embedded.signature import (
    STREAMING,
    UNSIGNED,
    Headers,
    Verifier,
    is_hash,
    is_presigned,
    read_signed,
)
from labapp.cloud.embedded.state import (
    CHALLENGE_HEADER,
    HEALTH,
    NONCE_BYTES,
    NONCE_HEADER,
    OWNERS_KEY,
    PID_HEADER,
    PROOF_HEADER,
    STOP,
    TROUBLE_HEADER,
    Key,
    State,
    proof,
)

Scope = MutableMapping[str, Any]

#: Bytes of a body that has to be read before its signature is known to be good: SQS takes messages
#: of 1 MiB in all, and a form escapes some of them.
MOST_UNPROVED = 4 * 1024 * 1024

#: Challenges that are remembered; each is good for one request.
CHALLENGES = 256

#: What is served.
_SERVICES = frozenset({"s3", "sqs", "sts"})

#: Paths at which MiniStack's front answers for something else, whoever signed for what.
_BESIDE = re.compile(
    r"/_|/health$|/v2(/|$)|/iceberg|/oauth2/|/log(in|out)$|/saml2/|/\.well-known/|/[^/]+/\.well-known/"
    r"|/(Execute|BeginTransaction|CommitTransaction|RollbackTransaction|BatchExecute)$"
    r"|/restapis/|/v20180820/"
)

_BUCKET_ON_LOCALHOST = re.compile(r"(?:[a-z0-9][a-z0-9-]{1,61}[a-z0-9]\.)?localhost")
_NONCE = re.compile(rb"[0-9a-f]{32}")


@dataclass(frozen=True)
class Passing:
    """A request that passes, once its body is what was signed.

    Attributes:
        most: bytes of body that may be read for it; None for any number.
        check: says whether the body is good, by a `RefusedError` if not.
    """

    most: int | None
    check: Callable[[bytes], None]


class Gate:
    """Says who may pass.

    Args:
        state: of this instance, by which programs know it.
        key: the cloud's own.
        shared: tells whether any key will do.
    """

    def __init__(self, state: State, key: Key, shared: Callable[[], bool] = lambda: False) -> None:
        self._state = state
        self._key = key
        self._shared = shared
        self._verifier = Verifier(key.secret)
        self._challenges: deque[bytes] = deque(maxlen=CHALLENGES)

    def headers(self, scope: Scope) -> dict[bytes, bytes]:
        """Return a request's headers, each once, if it comes from where requests may come from.

        Raises:
            RefusedError: it does not, or a page has made it.
        """
        if scope.get("http_version", "1.1") not in ("1.1", "1.0"):
            raise RefusedError(400, "", "only HTTP/1.1 is spoken here")
        headers: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name not in headers:
                headers[name] = value
            elif name in _ONCE or name.startswith(b"x-amz-"):
                raise RefusedError(400, "", "a header that may be there once is there twice")
            else:
                headers[name] += b"," + value
        if not is_loopback(headers.get(b"host", b"")):
            text = "this cloud is of this machine alone: it answers to localhost and 127.0.0.1"
            raise RefusedError(403, "", text)
        if b"origin" in headers or headers.get(b"sec-fetch-site", b"none") != b"none":
            raise RefusedError(403, "", "web pages are refused")
        _names_one_thing(scope, in_host=headers[b"host"].lower().count(b".localhost") > 0)
        return headers

    def passing(self, scope: Scope, headers: Headers) -> Passing:
        """Return how a request for S3, SQS or STS passes.

        Raises:
            RefusedError: it does not.
        """
        query = scope.get("query_string", b"")
        signed = read_signed(headers, query)
        service = signed.service if signed else ""
        _is_offered(scope, headers, query, service)
        if signed is None and self._is_presigned(scope, query, headers):
            return Passing(None, lambda body: None)
        if signed is None or signed.key_id != self._key.id:
            return self._foreign(signed.key_id if signed else _key_id(headers, query), service)
        if refusal := self._verifier.at_a_bad_time(signed):
            raise refusal
        payload, path = signed.payload(headers), _raw_path(scope)
        if service == "s3":
            if not payload:
                raise RefusedError(
                    403, "AccessDenied", "the header x-amz-content-sha256 is missing"
                )
            self._verifier.verify(signed, scope["method"], path, query, headers, payload)
            return Passing(None, _is_whole(payload))

        def check(body: bytes) -> None:
            found = sha256(body).hexdigest()
            if payload and payload != found:
                raise RefusedError(400, "SignatureDoesNotMatch", "the body is not what was signed")
            self._verifier.verify(signed, scope["method"], path, query, headers, found)

        return Passing(MOST_UNPROVED, check)

    def health(self, headers: Headers, trouble: str) -> list[tuple[bytes, bytes]] | None:
        """Return the proof that this is the instance that wrote `cloud.json`, as headers.

        None where no program asks for it.
        """
        nonce = headers.get(NONCE_HEADER.encode(), b"")
        if not _NONCE.fullmatch(nonce):
            return None
        challenge = os.urandom(NONCE_BYTES).hex()
        self._challenges.append(challenge.encode())
        state, told = self._state, quote(trouble, errors="surrogateescape")
        facts = (nonce.decode(), state.pid, state.port, challenge, told)
        shown = {PID_HEADER: str(state.pid), CHALLENGE_HEADER: challenge,
                 PROOF_HEADER: proof(state.secret, HEALTH, *facts)}  # fmt: skip
        if told:
            shown[TROUBLE_HEADER] = told
        return [(name.encode(), value.encode()) for name, value in shown.items()]

    def may_stop(self, headers: Headers) -> bool:
        """Tell whether a request to stop is by who knows the instance's secret; each is so once."""
        challenge = headers.get(CHALLENGE_HEADER.encode(), b"")
        if challenge not in self._challenges:
            return False
        state = self._state
        wanted = proof(state.secret, STOP, challenge.decode(), state.pid, state.port).encode()
        if not hmac.compare_digest(wanted, headers.get(PROOF_HEADER.encode(), b"")):
            return False
        self._challenges.remove(challenge)
        return True

    def is_owners(self, scope: Scope, headers: Headers) -> bool:
        """Tell whether a request of our own, without a body, is signed with the cloud's key."""
        query = scope.get("query_string", b"")
        signed = read_signed(headers, query)
        if signed is None or signed.key_id != self._key.id or self._verifier.at_a_bad_time(signed):
            return False
        try:
            payload = signed.payload(headers) or _EMPTY
            self._verifier.verify(
                signed, scope["method"], _raw_path(scope), query, headers, payload
            )
        except RefusedError:
            return False
        return True

    def _foreign(self, key_id: str, service: str) -> Passing:
        """Return how a request passes that does not show the cloud's own key, if it is shared."""
        if key_id == self._key.id:
            text = (
                "the request is not signed as AWS has it, by Signature Version 4, or no more good"
            )
            raise RefusedError(403, "SignatureDoesNotMatch", text)
        if key_id and self._shared():
            return Passing(None, lambda body: None)
        if key_id:
            named = key_id[:40] if key_id.isascii() and key_id.isprintable() else "shown"
            text = f"the access key {named} is not known: {OWNERS_KEY}"
            raise RefusedError(403, "InvalidAccessKeyId", text)
        code = "MissingAuthenticationToken" if service in ("sqs", "sts") else "AccessDenied"
        raise RefusedError(403, code, f"the request is not signed: {OWNERS_KEY}")

    def _is_presigned(self, scope: Scope, query: bytes, headers: Headers) -> bool:
        """Tell whether the address is presigned in the older way, in which boto3 does it for S3."""
        if b"AWSAccessKeyId" not in query or b"authorization" in headers:
            return False
        bucket = headers[b"host"].lower().partition(b".localhost")
        path = (b"/" + bucket[0] if bucket[1] else b"") + _raw_path(scope)
        key = self._key
        return is_presigned(key.id, key.secret, scope["method"], path, query, headers)


_ONCE = frozenset({b"host", b"authorization", b"content-type", b"content-length", b"origin"})
_EMPTY = sha256().hexdigest()


@lru_cache(maxsize=64)
def is_loopback(host: bytes) -> bool:
    """Tell whether a `Host` header names this machine itself, by a name or an address of loopback.

    Names below localhost are loopback's too (RFC 6761, 6.3): SDKs put the bucket there.
    """
    match = re.fullmatch(r"(\[[^\]]*\]|[^:]*)(?::[0-9]{1,5})?", host.decode("latin-1"))
    name = match[1].lower() if match else ""
    try:
        if name.startswith("["):
            address = ipaddress.IPv6Address(name[1:-1])
            return address == ipaddress.IPv6Address(1) and "%" not in name
        return ipaddress.IPv4Address(name).is_loopback
    except ValueError:
        return _BUCKET_ON_LOCALHOST.fullmatch(name) is not None


def _raw_path(scope: Scope) -> bytes:
    """Return the path as it was sent."""
    return scope.get("raw_path") or quote(scope["path"]).encode()


def _names_one_thing(scope: Scope, *, in_host: bool) -> None:
    """Refuse a path that would be taken for another: what is acknowledged is kept under its name.

    A byte that is no UTF-8 would become a sign that stands for any; a slash that is doubled at the
    beginning, or escaped within a bucket's name, would make another of two.

    Args:
        scope: the request.
        in_host: whether the bucket's name stands in the host's, so that the path is the key.
    """
    path: str = scope["path"]
    sent: bytes = scope.get("raw_path") or b""
    bucket = sent.split(b"/", 2)[1] if sent.startswith(b"/") else b""
    odd = not in_host and (path.startswith("//") or b"%2f" in bucket.lower())
    if odd or not path.startswith("/"):
        raise RefusedError(400, "InvalidURI", "a request names a path, and in it one bucket")
    if "\ufffd" in path:
        try:
            unquote_to_bytes(sent).decode()
        except UnicodeDecodeError:
            raise RefusedError(400, "InvalidURI", "a key is text in UTF-8") from None


def _is_offered(scope: Scope, headers: Headers, query: bytes, service: str) -> None:
    """Refuse what is not S3, SQS or STS, and actions by anything but POST."""
    target = headers.get(TARGET, b"").decode("latin-1")
    foreign = (service and service not in _SERVICES) or (target and not target.startswith(PREFIX))
    if foreign or (_BESIDE.match(scope["path"]) and not _is_tags(scope)):
        raise RefusedError(404, "", "not offered here")
    looked_at = b"Action" in query or b"%" in query  # which may be how its name is written
    names_action = looked_at and any(name == "Action" for name, _ in _decoded(query))
    if names_action or (scope["method"] != "POST" and (target or service in ("sqs", "sts"))):
        text = "actions are taken by POST, and named in its headers or its body"
        raise RefusedError(405, "InvalidAction", text)


def _is_tags(scope: Scope) -> bool:
    """Tell whether a request reads a bucket's tags, as S3 Control has it."""
    return scope["path"].startswith("/v20180820/") and scope["method"] in ("GET", "HEAD")


def _is_whole(payload: str) -> Callable[[bytes], None]:
    """Return the check of S3's body against what was signed for it."""

    def check(body: bytes) -> None:
        if is_hash(payload):
            if sha256(body).hexdigest() != payload:
                text = "the body does not have the SHA-256 that was signed"
                raise RefusedError(400, "XAmzContentSHA256Mismatch", text)
        elif payload != UNSIGNED and not payload.startswith(STREAMING):
            raise RefusedError(400, "InvalidRequest", "x-amz-content-sha256 is no SHA-256")

    return check


def _key_id(headers: Mapping[bytes, bytes], query: bytes) -> str:
    """Return the access key that a request names without a signature that is known here."""
    given = headers.get(b"authorization", b"").decode("latin-1")
    found = re.match(r"AWS ([^:\s]+):|.*?Credential=([^/,\s]+)/", given)
    if found:
        return found[1] or found[2]
    named = dict(_decoded(query))
    return named.get("X-Amz-Credential", "").split("/")[0] or named.get("AWSAccessKeyId", "")


def _decoded(query: bytes) -> list[tuple[str, str]]:
    return parse_qsl(query.decode("latin-1"), keep_blank_values=True)
