"""Signers that sign with the right time where this machine's clock is off: see `clock`."""

from __future__ import annotations

from typing import Any

from botocore import auth

from labapp import utc
from labapp.cloud import clock


class _RightTime:
    """What a signer of botocore's signs with the right time by, if it comes before it."""

    def _modify_request_before_signing(self, request: Any) -> None:
        if utc.correction():
            request.context["timestamp"] = utc.now().strftime(clock.STAMP)
        super()._modify_request_before_signing(request)  # type: ignore[misc] # the signer's own


class S3Signer(_RightTime, auth.S3SigV4Auth):
    """Signs requests to S3."""


class _S3QuerySigner(_RightTime, auth.S3SigV4QueryAuth):
    pass


class _Signer(_RightTime, auth.SigV4Auth):
    pass


class _QuerySigner(_RightTime, auth.SigV4QueryAuth):
    pass


def register() -> None:
    """Have botocore sign with the right time in this process.

    It looks a signer up by its name for each request. These do the same as its own as long as
    nothing is known of the clock.
    """
    auth.AUTH_TYPE_MAPS.update(
        {"v4": _Signer, "v4-query": _QuerySigner, "s3v4": S3Signer, "s3v4-query": _S3QuerySigner}
    )
