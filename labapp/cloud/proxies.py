"""The proxy by which a client asks: which it is, and whether it is one at all."""

from __future__ import annotations

from typing import Any

from labapp import addresses
from labapp.errors import SettingError


def proxy_of(client: Any) -> str:
    """Return the address of the proxy by which a client of boto3's asks; empty: by none."""
    # botocore tells nobody which proxies it found.
    way = client._endpoint.http_session._proxy_config
    return str(way.proxy_url_for(client.meta.endpoint_url) or "")


def check(client: Any) -> None:
    """See to it that the proxy of a client is an address: botocore would call it an outage.

    Raises:
        SettingError: it is none, or of a kind that botocore does not know, such as SOCKS.
    """
    url = proxy_of(client)
    bare = addresses.masked(url, "")
    fault = addresses.fault(bare) if url else ""
    if not fault and addresses.split(bare).path.strip("/"):
        fault = "it is no proxy of http"
    if fault:
        scheme = addresses.split(client.meta.endpoint_url).scheme
        raise SettingError(
            f"the proxy for {scheme} is {addresses.masked(url)!r}",
            f"{scheme.upper()}_PROXY takes an address such as http://proxy.example:3128: {fault}.",
        )
