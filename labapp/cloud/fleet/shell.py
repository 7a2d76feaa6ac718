"""How to get a shell on an instance: by Session Manager, without a key and without an open port."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from labapp.cloud.roles import partition_of

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: Where the console is, by the part of AWS.
_CONSOLES = {
    "aws": "https://{region}.console.aws.amazon.com",
    "aws-cn": "https://{region}.console.amazonaws.cn",
    "aws-us-gov": "https://{region}.console.amazonaws-us-gov.com",
}

#: The programs that a session takes on this machine.
NEEDED = ("aws", "session-manager-plugin")


def command(cloud: Cloud, instance: str) -> list[str]:
    """Return the command that opens a shell on an instance."""
    profile = cloud.credential_source.profile
    named = ["--profile", profile] if profile and profile != "default" else []
    asked = ["aws", "ssm", "start-session", "--target", instance]
    return [*asked, "--region", cloud.place.region, *named]


def lacking() -> tuple[str, ...]:
    """Return which of the programs that it takes this machine has not."""
    return tuple(one for one in NEEDED if shutil.which(one) is None)


def address(cloud: Cloud, instance: str) -> str:
    """Return the address at which the console opens a shell on an instance, in a browser."""
    region = cloud.place.region
    console = _CONSOLES.get(partition_of(region), _CONSOLES["aws"]).format(region=region)
    return f"{console}/systems-manager/session-manager/{instance}?region={region}"
