"""Whether a request carries the signature of a key: AWS Signature Version 4, or an address of 2.

After AWS's documentation: "Create a signed AWS API request" (IAM User Guide) and, where S3 differs,
"Authenticating Requests (AWS Signature Version 4)" (S3 API Reference): in the header
`Authorization`, or in the query of a presigned address. botocore signs, but verifies nothing, and
takes 20 MB to import. Signatures of single chunks, which `STREAMING-…` payloads carry beside that
of the request, are not looked at.

Version 2 is looked for in an address alone: boto3 presigns so for S3 unless told otherwise. After
"Signing and authenticating REST requests (AWS signature version 2)" (S3 API Reference), in the form
"Query string request authentication alternative".
"""

from __future__ import annotations

import base64
import calendar
import hmac
import re
import time
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

from labapp.cloud.embedded.refusals import RefusedError

Headers = Mapping[bytes, bytes]

#: Seconds that the clocks of who signs and of who verifies may differ, as on Amazon.
SKEW_SECONDS = 900

#: Seconds that a presigned address may be good for at most, as on Amazon: seven days.
MOST_EXPIRY = 604_800

#: What stands for the hash of a body that is not signed, which S3 alone takes.
UNSIGNED, STREAMING = "UNSIGNED-PAYLOAD", "STREAMING-"

#: The codes by which S3 and SQS tell what is wrong.
MISMATCH, SKEWED, EXPIRED = "SignatureDoesNotMatch", "RequestTimeTooSkewed", "RequestExpired"

_SHA_HEADER = b"x-amz-content-sha256"
_ALGORITHM = "AWS4-HMAC-SHA256"
_SCOPE = r"([^/,\s]+)/(\d{8})/([^/,\s]+)/([^/,\s]+)/aws4_request"
_AUTHORIZATION = re.compile(
    rf"{_ALGORITHM}\s+Credential={_SCOPE},\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{{64}})"
)
_CREDENTIAL = re.compile(_SCOPE)
_HASH = re.compile(r"[0-9a-f]{64}")

#: Where the parts of a signature stand in the query of a presigned address.
_IN_QUERY = ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")

#: The parameters that name what is asked for, and so are signed; the others are not.
_SIGNED_PARAMETERS = frozenset(
    (
        *(b"accelerate", b"acl", b"analytics", b"cors", b"defaultObjectAcl", b"delete"),
        *(b"inventory", b"lifecycle", b"location", b"logging", b"metrics", b"notification"),
        *(b"object-lock", b"partNumber", b"policy", b"replication", b"requestPayment"),
        *(b"response-cache-control", b"response-content-disposition"),
        *(b"response-content-encoding", b"response-content-language"),
        *(b"response-content-type", b"response-expires", b"restore", b"select"),
        *(b"select-type", b"storageClass", b"tagging", b"torrent", b"uploadId", b"uploads"),
        *(b"versionId", b"versioning", b"versions", b"website"),
    )
)

#: Digits of a time that is too far away to be one.
_DIGITS = 12


class Signed(NamedTuple):
    """What a request says of its own signature; a tuple, since each request makes one.

    Attributes:
        key_id: the access key id.
        date: of the credential, `20261127`.
        region: that it was signed for.
        service: such as `s3`.
        names: the headers that are signed.
        signature: in hex digits.
        stamp: when it was signed, `20261127T072016Z`.
        expires: seconds for which a presigned address is good; 0 for a signature in a header.
    """

    key_id: str
    date: str
    region: str
    service: str
    names: tuple[bytes, ...]
    signature: str
    stamp: str
    expires: int = 0

    def payload(self, headers: Headers) -> str:
        """Return what stands for the body in what is signed; empty where its hash does."""
        found = headers.get(_SHA_HEADER, b"").decode("latin-1")
        return found or (UNSIGNED if self.expires and self.service == "s3" else "")


def read_signed(headers: Headers, query: bytes) -> Signed | None:
    """Return what a request says of its signature; None where it has none of this version."""
    given = headers.get(b"authorization")
    if given is not None:
        found = _AUTHORIZATION.fullmatch(given.decode("latin-1").strip())
        if found is None or b"X-Amz-Signature" in query:
            return None
        key_id, date, region, service, names, signature = found.groups()
        stamp = headers.get(b"x-amz-date", b"").decode("latin-1")
        return Signed(key_id, date, region, service, _names(names), signature, stamp)
    return _presigned(query) if b"X-Amz-Signature" in query else None


def _presigned(query: bytes) -> Signed | None:
    found: dict[str, str] = {}
    for pair in _pairs(query):
        name, value = (unquote_to_bytes(each).decode("latin-1") for each in pair)
        known = name.removeprefix("X-Amz-")
        if name.startswith("X-Amz-") and known in _IN_QUERY:
            if known in found:
                return None
            found[known] = value
    if len(found) != len(_IN_QUERY) or found["Algorithm"] != _ALGORITHM:
        return None
    scope, expires = _CREDENTIAL.fullmatch(found["Credential"]), found["Expires"]
    if scope is None or not is_hash(found["Signature"]):
        return None
    if not re.fullmatch(r"[0-9]{1,6}", expires) or not int(expires):
        return None
    names = _names(found["SignedHeaders"])
    key_id, date, region, service = scope.groups()
    more = names, found["Signature"], found["Date"], int(expires)
    return Signed(key_id, date, region, service, *more)


class Verifier:
    """Verifies the signatures of one key.

    Args:
        secret: of the key.
        now: the time in seconds since 1970.
        since: a clock that nobody sets. What was signed before this verifier began is refused: a
            false listener at the port may have heard it while there was none.
    """

    def __init__(
        self,
        secret: str,
        now: Callable[[], float] = time.time,
        since: Callable[[], float] = time.monotonic,
    ) -> None:
        self._now, self._since = now, since
        self._began = since()
        self._key = lru_cache(maxsize=64)(lambda *scope: _signing_key(secret, *scope))

    def at_a_bad_time(self, signed: Signed) -> RefusedError | None:
        """Return what is wrong with the time of a signature; None if nothing is."""
        at = _seconds(signed.stamp)
        if at is None or not signed.stamp.startswith(signed.date):
            return _fault(MISMATCH, "the request does not say when it was signed, as X-Amz-Date")
        age = self._now() - at
        if signed.expires:
            if signed.expires > MOST_EXPIRY or age > signed.expires:
                return _fault(EXPIRED, "the address has expired")
            return _fault(SKEWED, _CLOCKS) if age < -SKEW_SECONDS else None
        if abs(age) > SKEW_SECONDS:
            return _fault(SKEWED, _CLOCKS)
        if age > self._since() - self._began + 1:  # stamps are of whole seconds
            return _fault(SKEWED, "the request was signed before this local cloud began; try again")
        return None

    def verify(
        self, signed: Signed, method: str, path: bytes, query: bytes, headers: Headers, payload: str
    ) -> None:
        """See to it that a signature, its time aside, is that of a request.

        Args:
            signed: what the request says of it.
            method: of HTTP.
            path: as it was sent, with its escapes.
            query: likewise.
            headers: each name once, in small letters.
            payload: the body's SHA-256 in hex digits, or what stands for it.

        Raises:
            RefusedError: it is not.
        """
        names = signed.names
        if b"host" not in names or not headers.keys() >= set(names):
            raise _fault(MISMATCH, "not all headers that it names as signed are there")
        if [name for name in headers if name[:6] == b"x-amz-" and name not in names]:
            raise _fault(MISMATCH, "there are headers x-amz-… that are not signed")
        key = self._key(signed.date, signed.region, signed.service)
        head = f"{_ALGORITHM}\n{signed.stamp}\n{signed.date}/{signed.region}/{signed.service}"
        tail = _canonical_headers(names, headers) + payload.encode("latin-1", "replace")
        for where in _canonical_places(signed, path, query):
            whole = sha256(b"%s\n%s\n%s" % (method.encode("latin-1"), where, tail)).hexdigest()
            text = f"{head}/aws4_request\n{whole}".encode("latin-1")
            if hmac.compare_digest(hmac.digest(key, text, "sha256").hex(), signed.signature):
                return
        raise _fault(MISMATCH, "the signature is not that of this request by this key")


def is_hash(payload: str) -> bool:
    """Tell whether what stands for a body is its SHA-256."""
    return _HASH.fullmatch(payload) is not None


_CLOCKS = "the clocks differ by more than 15 minutes"
_fault = partial(RefusedError, 403)


def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode("latin-1"), "sha256")
    return key


@lru_cache(maxsize=64)
def _seconds(stamp: str) -> int | None:
    """Return the seconds since 1970 of a time such as `20261127T072016Z`."""
    if not re.fullmatch(r"\d{8}T\d{6}Z", stamp, re.ASCII):
        return None
    try:
        return calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        return None


@lru_cache(maxsize=256)
def _names(names: str) -> tuple[bytes, ...]:
    return tuple(name.encode("latin-1", "replace") for name in names.split(";"))


def _canonical_headers(names: tuple[bytes, ...], headers: Headers) -> bytes:
    lines = b"".join([b"%s:%s\n" % (name, b" ".join(headers[name].split())) for name in names])
    return b"%s\n%s\n" % (lines, b";".join(names))


def _canonical_places(signed: Signed, path: bytes, query: bytes) -> Iterator[bytes]:
    """Yield path and query in the forms in which they may have been signed.

    Most programs sign what they send. Those that leave a character unescaped which the rules escape
    sign it as the rules have it; both forms name the same thing.
    """
    if signed.service == "s3":
        first, second = path, quote(unquote_to_bytes(path), safe="/-_.~").encode()
    else:
        first = second = _normalized(path)
    yield b"%s\n%s" % (first, _sorted(query, signed) if query else b"")
    yield b"%s\n%s" % (second, _canonical_query(query, signed))


def _normalized(path: bytes) -> bytes:
    """Return the path of any service but S3: without dot segments, escaped once more."""
    if path == b"/":
        return path
    kept: list[bytes] = []
    for part in path.split(b"/"):
        if part == b"..":
            del kept[-1:]
        elif part not in (b"", b"."):
            kept.append(part)
    ending = b"/" if kept and path.endswith(b"/") else b""
    return quote(b"/" + b"/".join(kept) + ending, safe="/-_.~").encode()


def _sorted(query: bytes, signed: Signed) -> bytes:
    return b"&".join(b"%s=%s" % pair for pair in sorted(_signed_pairs(query, signed)))


def _canonical_query(query: bytes, signed: Signed) -> bytes:
    pairs = (
        (quote(unquote_to_bytes(name), safe="-_.~"), quote(unquote_to_bytes(value), safe="-_.~"))
        for name, value in _signed_pairs(query, signed)
        if name
    )
    return "&".join(f"{name}={value}" for name, value in sorted(pairs)).encode()


def _signed_pairs(query: bytes, signed: Signed) -> list[tuple[bytes, bytes]]:
    """Return what of a query is signed: all but a signature that stands in it."""
    in_query = signed.expires > 0
    return [pair for pair in _pairs(query) if not (in_query and pair[0] == b"X-Amz-Signature")]


def _pairs(query: bytes) -> list[tuple[bytes, bytes]]:
    return [pair.partition(b"=")[::2] for pair in query.split(b"&")]


def is_presigned(
    key_id: str, secret: str, method: str, path: bytes, query: bytes, headers: Headers
) -> bool:
    """Tell whether a request has a key's signature of Version 2 in its query, and is still good.

    What it takes is as of `Verifier.verify`; the path begins with the bucket.
    """
    pairs = _pairs(query)
    given = {name: unquote_to_bytes(value) for name, value in pairs}
    expires, shown = given.get(b"Expires", b""), given.get(b"Signature", b"")
    if len(given) != len(pairs) or given.get(b"AWSAccessKeyId") != key_id.encode():
        return False
    if not (expires.isdigit() and len(expires) < _DIGITS and time.time() < int(expires)):
        return False
    told = {**headers, **given}  # botocore puts headers that are signed into the query
    custom = sorted(name for name in told if name.startswith(b"x-amz-"))
    lines = [
        *(method.encode(), told.get(b"content-md5", b""), told.get(b"content-type", b"")),
        *(expires, *(name + b":" + told[name] for name in custom), _resource(path, pairs)),
    ]
    wanted = base64.b64encode(hmac.digest(secret.encode(), b"\n".join(lines), "sha1"))
    return hmac.compare_digest(wanted, shown)


def _resource(path: bytes, pairs: list[tuple[bytes, bytes]]) -> bytes:
    asked = sorted(
        (name, unquote_to_bytes(value)) for name, value in pairs if name in _SIGNED_PARAMETERS
    )
    named = b"&".join(name + b"=" + value if value else name for name, value in asked)
    return path + b"?" + named if named else path
