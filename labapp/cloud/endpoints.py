"""Where S3, SQS and STS are, by AWS's own precedence; and what follows from an address.

Our own setting `endpoint_url` is for all of them, and stronger than what AWS's tools know. Where it
is empty, each service's address is looked for as they do it: `AWS_ENDPOINT_URL_SQS`, then
`AWS_ENDPOINT_URL`, then `endpoint_url` of the service in the profile's `services` section, then the
profile's own. `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`, or its line in the profile, has none of these
heard. What is found nowhere is Amazon's.

Nothing here imports boto3, so that a menu's header can ask before the cloud is open.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labapp import addresses
from labapp.errors import SettingError
from labapp.settings import Settings
from labapp.settings_table import excerpt

#: What AWS's tools call the services that only the fleet asks, by what boto3 calls them.
OF_THE_FLEET = {
    "autoscaling": "auto_scaling",
    "cloudformation": "cloudformation",
    "cloudwatch": "cloudwatch",
    "ec2": "ec2",
    "iam": "iam",
    "ssm": "ssm",
}


@dataclass(frozen=True)
class Endpoint:
    """Where one service is.

    Attributes:
        url: its address; empty: Amazon's own, in the region.
        origin: where that was set, as an error says it; empty where nobody did.
    """

    url: str = ""
    origin: str = ""

    @property
    def host(self) -> str:
        """The name or the IP address; empty where nobody set it."""
        return addresses.split(self.url).hostname or ""

    @property
    def where(self) -> str:
        """Host and port as they are shown; empty where it is Amazon's own."""
        return "" if self.is_amazons else addresses.split(self.url).netloc

    @property
    def is_amazons(self) -> bool:
        """Whether it is one of Amazon's own: by no setting, or virtual, dualstack, FIPS or VPC."""
        return not self.url or addresses.is_amazons(self.host)

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine, or the near end of a tunnel: no proxy would find it."""
        return addresses.is_loopback(self.host)

    @property
    def is_plain(self) -> bool:
        """Whether requests go without TLS."""
        return self.url.lower().startswith("http:")

    @property
    def wants_paths(self) -> bool:
        """Whether buckets are named in the path, since their names as hosts would not be found.

        A VPC endpoint's certificate and name are for paths, as all AWS tools use it.
        """
        return bool(self.url) and (not self.is_amazons or addresses.is_vpc_endpoint(self.host))


@dataclass(frozen=True)
class Endpoints:
    """Where the services are that labapp asks: `rest` by boto3's names, for the fleet alone."""

    s3: Endpoint = Endpoint()
    sqs: Endpoint = Endpoint()
    sts: Endpoint = Endpoint()
    rest: Mapping[str, Endpoint] = field(default_factory=dict)

    def of(self, service: str) -> Endpoint:
        """Return where a service is, by boto3's name of it."""
        own = {"s3": self.s3, "sqs": self.sqs, "sts": self.sts}
        return own.get(service) or self.rest.get(service, Endpoint())

    @property
    def url(self) -> str:
        """The address of both S3 and SQS as it was set; where they differ, both."""
        if self.s3.url == self.sqs.url:
            return self.s3.url
        return f"s3 {self.s3.url or 'Amazon'}, sqs {self.sqs.url or 'Amazon'}"

    @property
    def where(self) -> str:
        """Hosts and ports as a header shows them; nothing of what is Amazon's own."""
        if self.s3.where == self.sqs.where:
            return self.s3.where
        both = (("SQS", self.sqs.where), ("S3", self.s3.where))
        return ", ".join(f"{name} {where}" for name, where in both if where)

    @property
    def are_amazons(self) -> bool:
        """Whether both S3 and SQS are Amazon's own."""
        return self.s3.is_amazons and self.sqs.is_amazons

    @property
    def touch_amazon(self) -> bool:
        """Whether S3 or SQS is Amazon's own."""
        return self.s3.is_amazons or self.sqs.is_amazons

    @property
    def have_sts(self) -> bool:
        """Whether there is an STS that may know these keys: Amazon's knows none for elsewhere."""
        return bool(self.sts.url) or self.touch_amazon

    @property
    def are_loopback(self) -> bool:
        """Whether both are on this machine: another's local cloud, or one through a tunnel."""
        return self.s3.is_loopback and self.sqs.is_loopback


def at(url: str, origin: str = "") -> Endpoints:
    """Return one address for all services."""
    one = Endpoint(url, origin)
    return Endpoints(one, one, one, dict.fromkeys(OF_THE_FLEET, one))


def configured(
    setting: str,
    environment: Mapping[str, str],
    profile: Mapping[str, Any],
    sections: Mapping[str, Any],
    config_file: str = "the AWS config file",
) -> Endpoints:
    """Return where the services are.

    Args:
        setting: our own setting `endpoint_url`.
        environment: the variables.
        profile: what the AWS config file says of the profile in force.
        sections: its `[services x]` sections, by x.
        config_file: the file, as an error names it.

    Raises:
        SettingError: an address is none, or a section is not there; says where that stands.
    """
    if setting:
        return at(_checked(setting, "the setting endpoint_url"), "the setting endpoint_url")
    if _are_ignored(environment, profile):
        return Endpoints()

    def look(called: str) -> Endpoint:
        for name in (f"{addresses.GENERAL}_{called.upper()}", addresses.GENERAL):
            if url := environment.get(name):
                origin = f"the variable {name}"
                break
        else:
            url, origin = _in_file(called, profile, sections, config_file)
        return Endpoint(_checked(url, origin), origin) if url else Endpoint()

    rest = {service: look(called) for service, called in OF_THE_FLEET.items()}
    return Endpoints(look("s3"), look("sqs"), look("sts"), rest)


def known(settings: Settings) -> Endpoints:
    """Return where the services are as far as no file of AWS's tools has a say; none are checked.

    Nothing is said of the local cloud, which has an address of its own.
    """
    if settings.cloud == "local":
        return Endpoints()
    try:
        return configured(settings.endpoint_url, os.environ, {}, {})
    except SettingError:  # told when the cloud is opened
        return Endpoints()


def are_in_files() -> bool:
    """Tell whether a file of AWS's tools may say an address, without reading it as they do."""
    files = (("AWS_CONFIG_FILE", "~/.aws/config"), ("AWS_SHARED_CREDENTIALS_FILE",
             "~/.aws/credentials"))  # fmt: skip
    for variable, usual in files:
        with contextlib.suppress(OSError, RuntimeError, ValueError):  # none, or no home
            path = Path(os.path.expandvars(os.environ.get(variable) or usual)).expanduser()
            if b"endpoint_url" in path.read_bytes():
                return True
    return False


def passes_proxies(endpoint: Endpoint) -> bool:
    """Tell whether an address is reached past any proxy, for what botocore does not see itself.

    It reads HTTP_PROXY, HTTPS_PROXY and NO_PROXY as Python does, in which loopback is no exception
    and NO_PROXY has no networks.
    """
    if endpoint.is_loopback:
        return True
    networks = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    return addresses.is_in_networks(endpoint.host, networks)


def _are_ignored(environment: Mapping[str, str], profile: Mapping[str, Any]) -> bool:
    if environment.get(addresses.IGNORE):
        return addresses.are_ignored(environment)
    return str(profile.get(addresses.IGNORE.removeprefix("AWS_").lower(), "")).lower() == "true"


def _in_file(
    service: str, profile: Mapping[str, Any], sections: Mapping[str, Any], file: str
) -> tuple[str, str]:
    """Return the address of a service that the AWS config file says, and where it stands there."""
    if name := profile.get("services"):
        section = sections.get(str(name))
        if not section:
            raise SettingError(
                f"the profile in force names [services {name}], which is not in {file}",
                "Write that section, or take the line 'services' out of the profile.",
            )
        origin = f"endpoint_url of {service} in [services {name}] of {file}"
        lines = section.get(service, {})
        if not isinstance(lines, Mapping):
            raise SettingError(
                f"{origin} stands on no line of its own",
                f"Write '{service} =', and below it, indented, 'endpoint_url = ...'.",
            )
        if url := lines.get("endpoint_url"):
            return str(url), origin
    return str(profile.get("endpoint_url") or ""), f"endpoint_url of the profile in {file}"


def _checked(url: str, origin: str) -> str:
    if fault := addresses.fault(url):
        raise SettingError(
            f"{origin} is {excerpt(addresses.masked(url))}", f"It takes {addresses.TAKES}: {fault}."
        )
    return url
