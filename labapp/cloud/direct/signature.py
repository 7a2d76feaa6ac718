"""Signature Version 4, with the signing key of the day kept.

Source: AWS, "Create a signed AWS API request". Paths come as they are sent: S3's are signed as they
are, SQS's is `/` alone.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Mapping
from functools import lru_cache

from labapp.cloud.aws_setup import Keys


@lru_cache(4)  # of one second come many requests
def stamp(second: int) -> str:
    """Return a moment, in whole seconds since 1970, as signatures have it: `20260101T120000Z`."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(second))


@lru_cache(64)  # a few keys, regions and services, and a new day now and then
def _signer_of_day(secret: str, day: str, region: str, service: str) -> hmac.HMAC:
    """Return what signs a text once it is copied: `hmac.digest` would give up the GIL each time.

    Of thirty threads under way that costs more than the signature.
    """
    key = b"AWS4" + secret.encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.new(key, digestmod="sha256")


def digest(body: bytes) -> str:
    """Return a body's SHA-256 in hex digits."""
    return hashlib.sha256(body).hexdigest()


def authorization(
    keys: Keys,
    scope: tuple[str, str],
    request: tuple[str, str, str],
    headers: Mapping[str, str],
    body_digest: str,
) -> str:
    """Return the header `authorization` of a request.

    Args:
        keys: who signs.
        scope: the region and the service.
        request: method, path and query, the latter two encoded and in their canonical form.
        headers: those that are signed, `host` and `x-amz-date` among them, by their names in small
            letters.
        body_digest: the body's `digest`.
    """
    region, service = scope
    at = headers["x-amz-date"]
    names = sorted(headers)
    lines = "".join([f"{name}:{' '.join(headers[name].split())}\n" for name in names])
    signed = ";".join(names)
    canonical = "\n".join((*request, lines, signed, body_digest))
    credential = f"{at[:8]}/{region}/{service}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{at}\n{credential}\n{digest(canonical.encode())}"
    signer = _signer_of_day(keys.secret_key, at[:8], region, service).copy()
    signer.update(text.encode())
    return (
        f"AWS4-HMAC-SHA256 Credential={keys.access_key}/{credential}, SignedHeaders={signed},"
        f" Signature={signer.hexdigest()}"
    )
