"""What the environment and the files of AWS's tools say: read here where that is simple and sure.

botocore finds region, profile, addresses and credentials by a long chain; to import it alone takes
longer than a command that sends one list. Most people have keys in the environment or in the shared
files, and nothing else: that is read here, as botocore reads it. Whatever is not known to be so
simple is left to it: a role, IAM Identity Center, a process, a file that is no such file, a profile
that is not there, keys that are not whole, and any variable or line that is not named here. So what
is wrong is told in one place.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from labapp.settings import Settings

#: What keys and tokens are made of: a header takes nothing else.
SENDABLE = re.compile(r"[!-~]+")

#: The region where nobody names one.
REGION = "us-east-1"

#: The profile where nobody names one.
DEFAULT = "default"

#: botocore's names of the places where keys are found.
ENVIRONMENT, CREDENTIALS_FILE, CONFIG_FILE = "env", "shared-credentials-file", "config-file"

#: The variables of AWS's tools that are heeded here, or mean nothing to programs such as these;
#: beside those of addresses. With any other one botocore is asked.
_VARIABLES = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_CLI_AUTO_PROMPT",
        "AWS_CONFIG_FILE",
        "AWS_DEFAULT_OUTPUT",
        "AWS_DEFAULT_PROFILE",
        "AWS_DEFAULT_REGION",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_EXECUTION_ENV",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
        "AWS_PAGER",
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SHARED_CREDENTIALS_FILE",
    }
)
_ADDRESSES = "AWS_ENDPOINT_URL"

#: The lines of credentials; their variables are called alike.
_KEYS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")

#: The lines of a profile, likewise.
_LINES = frozenset(
    {
        *_KEYS,
        "cli_auto_prompt",
        "cli_pager",
        "endpoint_url",
        "ignore_configured_endpoint_urls",
        "output",
        "region",
    }
)


@dataclass(frozen=True)
class Keys:
    """Credentials that do not renew themselves, by the names that botocore has for their parts.

    `method` is botocore's name of where they were found.
    """

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(default=None, repr=False)
    method: str = "explicit"

    def get_frozen_credentials(self) -> Keys:
        """Return these, as botocore's own have it: they never change."""
        return self


@dataclass(frozen=True)
class Setup:
    """What is set for AWS's tools.

    Attributes:
        region: the region in force.
        profile: the profile in force, `default` where none is named.
        lines: what the files say of it.
        sections: the `[services x]` sections of the config file, by x.
        config_file: the config file, as an error names it.
        keys: the credentials; None where botocore is to find them.
    """

    region: str
    profile: str
    lines: Mapping[str, Any]
    sections: Mapping[str, Any]
    config_file: str
    keys: Keys | None = None


def read(settings: Settings, environment: Mapping[str, str] = os.environ) -> Setup | None:
    """Return what is set, with keys; None where botocore is to be asked.

    Args:
        settings: our own; `profile` and `region` count more than what AWS's tools know.
        environment: the variables.
    """
    if any(map(_is_strange, environment)):
        return None
    named = environment.get("AWS_DEFAULT_PROFILE", environment.get("AWS_PROFILE"))
    profile = settings.profile or named
    config_file = environment.get("AWS_CONFIG_FILE", "~/.aws/config")
    credentials_file = environment.get("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")
    try:
        config = _profiles(_sections(config_file))
        credentials = _sections(credentials_file)
    except (ValueError, OSError):
        return None
    name = DEFAULT if profile is None else profile
    lines = {**config.get(name, {}), **credentials.get(name, {})}
    is_there = name in config or name in credentials
    is_simple = lines.keys() <= _LINES and "\n" not in "".join(lines.values())
    if (profile is not None and not is_there) or not is_simple:
        return None
    keys = None
    if not settings.profile:  # one that is named to a program hides exported keys
        keys = _keys({line: environment.get(line.upper(), "") for line in _KEYS}, ENVIRONMENT)
        if keys is None and environment.get("AWS_ACCESS_KEY_ID"):
            return None
    if keys is None:
        keys = _first_keys(credentials.get(name, {}), config.get(name, {}))
    if keys is None:
        return None
    found = environment.get("AWS_DEFAULT_REGION", lines.get("region", ""))
    return Setup(settings.region or found or REGION, name, lines, {}, config_file, keys)


def _is_strange(variable: str) -> bool:
    """Return whether a variable may mean something that is not heeded here."""
    of_aws = variable.startswith("AWS_") and not variable.startswith(_ADDRESSES)
    return of_aws and variable not in _VARIABLES


def _first_keys(credentials: Mapping[str, str], config: Mapping[str, str]) -> Keys | None:
    """Return the keys of the first file that has any, if they are whole."""
    if "aws_access_key_id" in credentials:
        return _keys(credentials, CREDENTIALS_FILE)
    return _keys(config, CONFIG_FILE)


def _keys(lines: Mapping[str, str], method: str) -> Keys | None:
    """Return the keys that are written in lines; None where they are not whole, or no keys."""
    key, secret, token = (lines.get(line) for line in _KEYS)
    if not all(map(SENDABLE.fullmatch, filter(None, (key, secret, token)))):
        return None
    return Keys(key, secret, token or None, method) if key and secret else None


def _sections(file: str) -> dict[str, dict[str, str]]:
    """Return the sections of a file with their lines; none where there is no file.

    Raises:
        ValueError, OSError: it has no such form, or cannot be read.
    """
    path = Path(os.path.expanduser(os.path.expandvars(file)))  # noqa: PTH111 - as botocore does
    if not path.is_file():
        return {}
    import configparser  # takes 2 ms, and many have no file

    parser = configparser.RawConfigParser()
    try:
        parser.read([path])
        found = {name: dict(parser.items(name)) for name in parser.sections()}
    except configparser.Error as error:
        raise ValueError(str(error)) from error
    if any(_is_block_of_others(text) for lines in found.values() for text in lines.values()):
        raise ValueError(file)
    return found


def _is_block_of_others(text: str) -> bool:
    """Return whether a value is lines of its own, one of which is none: botocore refuses those."""
    lines = filter(str.strip, text.split("\n"))
    return text.startswith("\n") and not all("=" in line for line in lines)


def _profiles(sections: Mapping[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """Return the profiles of a config file, whose sections say that they are some.

    Raises:
        ValueError: a name is in quotes, or another thing that shells have a say in.
    """
    found = {}
    for section, lines in sections.items():
        if section == DEFAULT:
            found[section] = lines
        elif section.startswith("profile"):
            word, _, name = section.partition(" ")
            if word != "profile" or not re.fullmatch(r"[\w.@+-]+", name):
                raise ValueError(section)
            found[name] = lines
    return found
