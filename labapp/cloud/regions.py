"""Names of regions: one that there is not would be waited for like a network that is down."""

from __future__ import annotations

import difflib
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from labapp.cloud.proxies import proxy_of
from labapp.errors import SettingError

if TYPE_CHECKING:
    import boto3


def check(session: boto3.Session, client: Any) -> None:
    """See to it that the region of a client of Amazon's is one.

    boto3 takes any name of the right letters. One that its list has not may be newer than the list:
    then its hosts are found. Behind a proxy nobody here looks up names, and none is refused.

    Raises:
        SettingError: boto3 does not know it, and its host is not found.
    """
    region, host = client.meta.region_name, urlsplit(client.meta.endpoint_url).hostname or ""
    remedy = remedy_of_unknown(session, region)
    if remedy and not (proxy_of(client) or _is_found(host)):
        raise SettingError(
            f"there is no region {region!r}: boto3 does not know it, and {host} is not found",
            remedy,
        )


def remedy_of_unknown(session: boto3.Session, region: str) -> str:
    """Return what helps where boto3 does not know a region; empty where it does."""
    known = [name for partition in session.get_available_partitions()
             for name in session.get_available_regions("sqs", partition)]  # fmt: skip
    if region in known:
        return ""
    # Of two letters that changed places, difflib knows nothing: 'us-esat-1' is nearer to us-west-1.
    swapped = [one for one in known if sorted(one) == sorted(region)]
    near = difflib.get_close_matches(region, swapped or known, 1)
    meant = f"Did you mean {near[0]}? " if near else ""
    return f"{meant}Name yours with --region, AWS_REGION or in the profile."


def _is_found(host: str) -> bool:
    try:
        socket.getaddrinfo(host, 443)
    except OSError:
        return False
    return True
