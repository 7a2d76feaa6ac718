"""What other programs need to use the local cloud: its address, and the one key that it takes.

labapp's own programs need nothing of it on this machine: they read the key where it lies, and on
the local cloud they look at no variable of AWS's.
"""

from __future__ import annotations

import re
import shlex
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from labapp.cloud.session import Cloud

#: The variables, in the order in which they are printed.
NAMES = (
    *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"),
    *("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "LABAPP_BUCKET"),
    *("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SQS", "AWS_ENDPOINT_URL_STS"),
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
)

#: How it can be written: for `eval` in a POSIX shell, for PowerShell, or as a file of settings.
BASH, POWERSHELL, DOTENV = FORMATS = ("bash", "powershell", "dotenv")

#: The format for the shell that most people here type in.
DEFAULT = POWERSHELL if sys.platform == "win32" else BASH

#: Each ends a text in single quotes in PowerShell, the curly ones too; doubled, it is one of it.
_QUOTES = re.compile("['\u2018\u2019\u201a\u201b]")


def variables(cloud: Cloud) -> dict[str, str | None]:
    """Return the variables to set for the local cloud; None for those that have to go.

    A session token would be sent beside a key that it does not belong to. A profile that is not
    there ends boto3 and `aws`, and one that is may name another address. A service's own address
    would be stronger than this one.
    """
    key = cloud.credentials()
    region, endpoint = cloud.place.region, cloud.place.endpoint
    values = (key.access_key, key.secret_key, None, None, region, region, endpoint)
    gone = (None,) * 4  # the addresses of single services, and what has none heard
    return dict(zip(NAMES, (*values, cloud.bucket_name, *gone), strict=True))


def lines(found: Mapping[str, str | None], form: str) -> list[str]:
    """Return the lines that set, or take away, the variables.

    Args:
        found: from `variables`.
        form: one of `FORMATS`.
    """
    if form == POWERSHELL:
        return [_powershell(name, value) for name, value in found.items()]
    if form == DOTENV:
        # An empty token counts as none. An empty profile would be taken for the name of one.
        kept = {name: value for name, value in found.items() if name != "AWS_PROFILE"}
        return [f"{name}={_dotenv(value or '')}" for name, value in kept.items()]
    return [
        f"unset {name}" if value is None else f"export {name}={shlex.quote(value)}"
        for name, value in found.items()
    ]


def _powershell(name: str, value: str | None) -> str:
    if value is None:
        return f"Remove-Item Env:{name} -ErrorAction SilentlyContinue"
    quoted = _QUOTES.sub(r"\g<0>\g<0>", value)
    return f"$env:{name} = '{quoted}'"


def _dotenv(value: str) -> str:
    # Not every reader of such files takes quotes off, and most values need none.
    return value if shlex.quote(value) == value or not value else f'"{value}"'
