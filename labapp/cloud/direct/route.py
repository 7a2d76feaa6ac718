"""Whether there is a direct way to a service of a cloud, and where it leads.

It is for what is plain: the local cloud, an address that somebody set, Amazon's own hosts. Whatever
only botocore knows closes it, and its way is taken: a proxy, FIPS, dual stack, other partitions,
buckets with addresses of their own kind. Nothing here imports it.
"""

from __future__ import annotations

import importlib.util
import os
import re
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from labapp.cloud.aws_setup import Keys
from labapp.cloud.direct.connections import Address, Connections
from labapp.cloud.embedded.state import leads_home
from labapp.cloud.endpoints import Endpoint, passes_proxies
from labapp.cloud.time_limits import PATIENT
from labapp.errors import CloudError

if TYPE_CHECKING:
    import ssl

    from labapp.cloud.session import Cloud

#: The regions of Amazon's public partition, as its list of partitions has it.
_REGION = re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+")

#: Buckets whose names stand in their hosts', and those whose stand in the path alone.
_HOSTABLE, _BUCKET = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"), re.compile(r"[\w.-]{3,63}")

#: Buckets that are reached by other rules, as their names end: directories, access points.
_ODD_BUCKET = re.compile(r".*(--[a-z0-9]+-s3|-s3alias)")

#: Variables by which requests go or are signed in another way, and values that change nothing.
_VARIABLES = {
    "AWS_USE_FIPS_ENDPOINT": "false",
    "AWS_USE_DUALSTACK_ENDPOINT": "false",
    "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT": "legacy",
    "AWS_SIGV4A_SIGNING_REGION_SET": "",
    "AWS_AUTH_SCHEME_PREFERENCE": "",
    "AWS_DATA_PATH": "",
    "BOTOCORE_EXPERIMENTAL__PLUGINS": "",
}

#: The same of the lines of a profile.
_LINES = {
    "use_fips_endpoint": "false",
    "use_dualstack_endpoint": "false",
    "s3_us_east_1_regional_endpoint": "legacy",
    "sigv4a_signing_region_set": "",
    "auth_scheme_preference": "",
    "api_versions": "",
}

#: Lines of a profile's `s3` that change nothing here: `addressing_style` is read, the others are
#: for large objects.
_S3_LINES = frozenset(
    {
        "addressing_style",
        "max_bandwidth",
        "max_concurrent_requests",
        "max_queue_size",
        "multipart_chunksize",
        "multipart_threshold",
    }
)


@dataclass(frozen=True)
class Route:
    """The way to one service, good for one generation of clients.

    Attributes:
        generation: of the cloud.
        scope: region and service, for signatures.
        host: as the header has it.
        base: what every path begins with; a bucket's ends in a slash.
        connections: those to the host.
        keys: returns what to sign with.
    """

    generation: int
    scope: tuple[str, str]
    host: str
    base: str
    connections: Connections
    keys: Callable[[], Keys]


def find(cloud: Cloud, service: str, bucket: str = "") -> Route | None:
    """Return the direct way to a service, and there to a bucket; None where there is none."""
    generation = cloud.generation  # a refresh meanwhile makes what is found here stale
    if cloud.is_hurried or _is_answered_in_process():
        return None
    endpoint, region = cloud.place.endpoints.of(service), cloud.region_of(service)
    if not cloud.is_local and (
        _is_changed(os.environ, _VARIABLES)
        or _is_changed(cloud.profile_lines, _LINES)
        or Path(os.path.expanduser("~/.aws/models")).exists()  # noqa: PTH111 - which never raises
    ):
        return None
    place = _place(endpoint, service, region)
    if place is None:
        return None
    scheme, host = place
    base = "/"
    if service == "s3":
        found = _bucket_at(cloud, endpoint, host, bucket)
        if found is None:
            return None
        host, base = found
    if not cloud.is_local and not passes_proxies(endpoint) and _has_proxy(scheme):
        return None
    try:
        keys = _keys_of(cloud)
    except CloudError:  # which botocore's way says again
        return None
    where = urlsplit(f"//{host}")
    secure = scheme == "https"
    address = Address(
        where.hostname or "",
        where.port or (443 if secure else 80),
        partial(_trusting, _authorities(cloud)) if secure else None,
        _prover(cloud.home) if cloud.is_local else None,
    )
    return Route(generation, (region, service), host, base, Connections(address, PATIENT), keys)


def _is_answered_in_process() -> bool:
    """Tell whether something in this process answers for AWS, as moto does by a hook of botocore's.

    Its own builtin hooks never answer a request that is to be sent.
    """
    handlers = sys.modules.get("botocore.handlers")
    hooks = getattr(handlers, "BUILTIN_HANDLERS", ())
    return any(
        str(hook[0]).startswith("before-send") and getattr(hook[1], "enabled", True)
        for hook in hooks
    )


def _is_changed(given: Mapping[str, Any], usual: Mapping[str, str]) -> bool:
    return any(
        given.get(name) and str(given[name]).lower() != value for name, value in usual.items()
    )


def _place(endpoint: Endpoint, service: str, region: str) -> tuple[str, str] | None:
    """Return the scheme and the host of a service; None for what is not known here."""
    if not endpoint.url:
        host = f"{service}.{region}.amazonaws.com"
        if service == "s3" and region == "us-east-1":
            host = "s3.amazonaws.com"
        return ("https", host) if _REGION.fullmatch(region) else None
    parts = urlsplit(endpoint.url)
    if parts.path not in ("", "/") or parts.query:
        return None
    scheme, name = parts.scheme.lower(), parts.hostname or ""
    shown = f"[{name}]" if ":" in name else name
    usual = parts.port in (None, 443 if scheme == "https" else 80)
    return scheme, shown if usual else f"{shown}:{parts.port}"


def _bucket_at(cloud: Cloud, endpoint: Endpoint, host: str, bucket: str) -> tuple[str, str] | None:
    """Return the host and the path of a bucket; None for what is not known here."""
    lines = cloud.profile_lines.get("s3") or {}
    style = lines.get("addressing_style", "") if isinstance(lines, dict) else "?"
    if style not in ("", "auto", "path", "virtual") or not _S3_LINES.issuperset(lines):
        return None
    if not _BUCKET.fullmatch(bucket) or not bucket.isascii() or _ODD_BUCKET.fullmatch(bucket):
        return None
    if endpoint.url:
        if endpoint.is_amazons or style == "virtual":
            return None
        return host, f"/{bucket}/"
    if style != "path" and _HOSTABLE.fullmatch(bucket):
        return f"{bucket}.{host}", "/"
    return host, f"/{bucket}/"


def _has_proxy(scheme: str) -> bool:
    """Tell whether a proxy is set for a scheme, in the environment or in the system's settings."""
    name = f"{scheme}_proxy"
    if any(value and each.lower() == name for each, value in os.environ.items()):
        return True
    return bool(_system_proxies())


def _system_proxies() -> Mapping[str, str]:
    """Return the proxies that the system's own settings name, where it has any."""
    if sys.platform not in ("win32", "darwin"):
        return {}
    from urllib.request import getproxies  # takes 30 ms

    return getproxies()


def _keys_of(cloud: Cloud) -> Callable[[], Keys]:
    """Return what gives the keys in force; errors of whoever renews them come through."""
    found = cloud.credentials()
    if isinstance(found, Keys):
        return lambda: found

    def keys() -> Keys:
        now = found.get_frozen_credentials()
        return Keys(now.access_key or "", now.secret_key or "", now.token)

    return keys


def _authorities(cloud: Cloud) -> str | None:
    """Return the file of trusted authorities that is named, in botocore's order; None: none is."""
    lines = cloud.profile_lines
    for given, name in ((os.environ, "AWS_CA_BUNDLE"), (lines, "ca_bundle")):
        if name in given:
            return str(given[name])
    return os.environ.get("REQUESTS_CA_BUNDLE")


def _trusting(file: str | None) -> ssl.SSLContext:
    """Return what checks certificates by a file's authorities, or those that botocore trusts."""
    import ssl

    if file is None:
        try:
            from certifi import where

            file = where()
        except ImportError:
            found = importlib.util.find_spec("botocore")  # which is not imported by that
            file = str(Path(found.origin or "").with_name("cacert.pem")) if found else ""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(file)
    return context


def _prover(home: Path) -> Callable[[socket.socket], None]:
    """Return what lets a connection lead to the local cloud of a folder alone."""

    def prove(connection: socket.socket) -> None:
        if not leads_home(home, connection):
            raise ConnectionError("what answers is not the local cloud")

    return prove
