"""Addresses of services: what is wrong with one, and whose the host of one is.

Where a request may go by a proxy, how a bucket is named in it and who starts a cloud that is down
all hang on what the address is, not on where it was set.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

#: The variable of every AWS tool for all services' addresses, and the one that has none heard.
GENERAL, IGNORE = "AWS_ENDPOINT_URL", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"

#: The ends of the names of Amazon's hosts, VPC endpoints included.
_AMAZONS = (
    *(".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws"),
    *(".api.amazonwebservices.com.cn", ".c2s.ic.gov", ".sc2s.sgov.gov"),
)

#: Names of this machine: `localhost` by RFC 6761, and LocalStack's, which its DNS gives 127.0.0.1.
_LOOPBACK_NAMES = ("localhost", "localhost.localstack.cloud")

#: A host's name as botocore takes it: labels of letters, digits and hyphens (RFC 1123).
_NAME = re.compile(r"(?!.{254})((?!-)[A-Za-z0-9-]{1,63}(?<!-)\.)*(?!-)[A-Za-z0-9-]{1,63}(?<!-)")

#: A user and a password in front of a host.
_USER = re.compile(r"(?:(?<=//)|^)[^/?#]*@")

#: What an address is, in words for who has to write one.
TAKES = "an address such as http://127.0.0.1:4566 or https://s3.example.com"


def fault(text: str) -> str:
    """Return what is wrong with the address of a service, as an end of a sentence; empty: nothing.

    What botocore would refuse much later, or in words that name no setting, is found here.
    """
    if re.search(r"[\s\x00-\x1f\x7f]", text):
        return "it has a blank in it"
    if not re.match(r"https?://", text, re.IGNORECASE):
        return "it begins neither with http:// nor with https://"
    try:
        parts = urlsplit(text)
    except ValueError:  # brackets that are no IPv6 address
        return "it has no host"
    if not _has_port(parts):
        return "its port is no number from 1 to 65535"
    if "@" in parts.netloc:
        return "it holds a user or a password, and requests are signed with keys instead"
    if parts.query or parts.fragment:
        return "it ends in a ? or a # with words behind it"
    return _fault_of_host(parts.hostname or "")


def are_ignored(environment: Mapping[str, str]) -> bool:
    """Tell whether the environment has addresses ignored that are set as AWS's tools know them."""
    return environment.get(IGNORE, "").lower() == "true"


def masked(text: str, mask: str = "***@") -> str:
    """Return an address as it is shown: without the user and the password that it may hold."""
    return _USER.sub(mask, text.encode(errors="backslashreplace").decode())


def is_amazons(host: str) -> bool:
    """Tell whether a host is one of Amazon's own."""
    return host.lower().rstrip(".").endswith(_AMAZONS)


def is_vpc_endpoint(host: str) -> bool:
    """Tell whether a host is one of Amazon's in somebody's own network (AWS PrivateLink)."""
    return is_amazons(host) and ".vpce." in host.lower()


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine itself, so that no proxy would find it."""
    name = host.lower().rstrip(".")
    if any(name == own or name.endswith(f".{own}") for own in _LOOPBACK_NAMES):
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified  # to connect to 0.0.0.0 is to come here


def is_in_networks(host: str, networks: str) -> bool:
    """Tell whether a host is an IP address in one of some networks, `10.0.0.0/8,192.168.0.0/16`.

    So most programs read NO_PROXY; Python's own reading, which botocore's is, knows names alone.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    for word in networks.split(","):
        try:
            if "/" in word and address in ipaddress.ip_network(word.strip(), strict=False):
                return True
        except ValueError:  # it names something else
            continue
    return False


def split(text: str) -> SplitResult:
    """Return the parts of an address; of what is none, parts that are empty."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return urlsplit("")
    return parts


def _has_port(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def _fault_of_host(host: str) -> str:
    if not host:
        return "it has no host"
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if re.fullmatch(r"[0-9.]+", host):
            return "its host is no IP address"
        if not host.isascii():
            return "its host has letters beyond a to z: write its name as DNS has it, xn--..."
        if not _NAME.fullmatch(host.removesuffix(".")):
            return "its host is no name of letters, digits, hyphens and dots"
    return ""
