"""How boto3's clients behave: how long they wait, how they find the way, and what a call costs."""

from __future__ import annotations

from typing import Any

from botocore.config import Config

from labapp import __version__
from labapp.cloud import endpoints
from labapp.cloud.endpoints import Endpoint
from labapp.cloud.time_limits import CONNECTIONS, HURRIED, PATIENT

#: Bodies are not hashed a second time for the signature: TLS keeps them whole, or loopback does. It
#: is 10 ms of CPU time for a picture of 3.5 MB.
_UNSIGNED = {"payload_signing_enabled": False}


def client_config(endpoint: Endpoint, style: str, *, hurried: bool) -> Config:
    """Timeouts, retries, and what makes a call cost half of botocore's default CPU time.

    The user agent is a constant, since botocore otherwise builds it anew for each request; our own
    typed callers make parameter validation needless; checksums that S3 does not ask for are left.

    Args:
        endpoint: where the service is.
        style: how the profile has buckets named, `path` or `virtual`; else by the address.
        hurried: whether it is for a look that gives up soon.
    """
    # On AWS, 'virtual' is what botocore does by itself, except that it then signs addresses of the
    # bucket's own region, where the direct way would else meet a redirect.
    if style not in ("path", "virtual"):
        style = "path" if endpoint.wants_paths else "virtual"
    place: Any = {"s3": {"addressing_style": style, **_UNSIGNED}}
    place["ignore_configured_endpoint_urls"] = True  # `endpoints` has found them
    if endpoints.passes_proxies(endpoint):  # else botocore looks for proxies itself
        place["proxies"] = {}
    connect, read, attempts = HURRIED if hurried else PATIENT
    return Config(
        user_agent=f"labapp/{__version__}",
        parameter_validation=False,
        tcp_keepalive=True,
        connect_timeout=connect,
        read_timeout=read,
        max_pool_connections=CONNECTIONS,
        retries={"mode": "standard", "total_max_attempts": attempts},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        **place,
    )
