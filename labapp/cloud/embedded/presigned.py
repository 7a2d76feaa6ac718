"""Whether an address is presigned by a key as boto3 does it unless told otherwise: Version 2.

After AWS's documentation: "Signing and authenticating REST requests (AWS signature version 2)" (S3
API Reference), in the form "Query string request authentication alternative". boto3 makes such
addresses for S3 where no signature version is set; requests it signs by `signature`.
"""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

#: The parameters that name what is asked for, and so are signed; the others are not.
_SIGNED = frozenset(
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


def is_presigned(
    key_id: str, secret: str, method: str, path: bytes, query: bytes, headers: Mapping[bytes, bytes]
) -> bool:
    """Tell whether a request has the signature of a key in its query, and is still good.

    Args:
        key_id: of the key.
        secret: of the key.
        method: of HTTP.
        path: bucket and key as they were sent, with their escapes.
        query: likewise.
        headers: each name once, in small letters.
    """
    pairs = [pair.partition(b"=")[::2] for pair in query.split(b"&")]
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
    asked = sorted((name, unquote_to_bytes(value)) for name, value in pairs if name in _SIGNED)
    named = b"&".join(name + b"=" + value if value else name for name, value in asked)
    return path + b"?" + named if named else path
