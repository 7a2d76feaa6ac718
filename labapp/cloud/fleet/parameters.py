"""The parameters of the fleet's template: from what is asked of it, and read back from its stack.

An update keeps what is not asked anew: what the stack was made with is read back as wishes, over
which the new ones are laid. What the settings of this checkout say of the worker goes along, as far
as it differs from the defaults, so that a job is done there as it is here.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from labapp.cloud.fleet import artifact
from labapp.cloud.fleet.model import LAB, MOST_INSTANCES, TYPES, Code, Wishes
from labapp.cloud.fleet.network import Network
from labapp.cloud.fleet.stack import Stack
from labapp.errors import SettingError, UsageError
from labapp.settings_table import Settings

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: What is wished where neither anybody says so nor a fleet is there.
DEFAULTS = Wishes(1, 3, "t3.micro", False, "", "", "", "", "", (), False)

#: The public parameter of Systems Manager that names the newest Amazon Linux 2023, by architecture.
_IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{}"

#: Settings that a worker works by; the others are of people's programs, or parameters of their own.
WORKERS = (
    *("max_integers", "allow_negative", "visibility_timeout", "wait_seconds", "max_receives"),
    *("grace_seconds", "concurrency", "processes", "report_seconds", "log"),
    *("picture_processes", "picture_seconds", "picture_memory_mb"),
    *("max_source_mb", "max_megapixels", "max_side", "max_frames"),
    *("default_pipeline", "plain_source_prefix", "plain_result_prefix", "plain_error", "dialect"),
)

#: What a value cannot hold that goes to the instances as a word between blanks.
_NOT_A_WORD = re.compile(r"[\s\"'$`\\]")

#: The widest network that may be let in to port 22: 256 addresses.
_WIDEST_SSH = 24

#: Parameters that are kept as they stand in the stack, since nothing here asks for them.
_KEPT = ("BacklogPerInstance", "NumbersPerPicture")

#: The wishes that are texts, by the parameters that hold them.
_TEXTS = {
    "type": "InstanceType",
    "email": "AlarmEmail",
    "ssh_cidr": "SshCidr",
    "key_name": "KeyName",
    "profile": "ExistingInstanceProfile",
    "vpc": "VpcId",
}


def of(
    cloud: Cloud,
    wishes: Wishes,
    code: Code,
    network: Network,
    *,
    wheels: str = "",
    held: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Return all parameters of a fleet.

    Args:
        cloud: whose bucket and settings they are for.
        wishes: what is asked, whole: see `whole`.
        code: what the instances run.
        network: where they stand.
        wheels: the key of the packages in the bucket; empty: from PyPI.
        held: the parameters of the stack that is there, for those that nothing here asks for.

    Raises:
        SettingError: a setting of the worker's cannot be had there.
    """
    settings = cloud.settings
    texts = {name: str(getattr(wishes, wish) or "") for wish, name in _TEXTS.items()}
    kept = {name: (held or {})[name] for name in _KEPT if name in (held or {})}
    return {
        **kept,
        **texts,
        "Lab": LAB,
        "BucketName": cloud.bucket_name,
        "RequestQueue": settings.request_queue,
        "ResponseQueue": settings.response_queue,
        "ImageInbox": settings.image_inbox,
        "ImageOutbox": settings.image_outbox,
        "WorkerSettings": worker_settings(settings),
        "CodeKey": code.key,
        "CodeSha256": code.sha256,
        "WheelsKey": wheels,
        "AmiId": image_of(texts["InstanceType"]),
        "VpcId": network.vpc,
        "SubnetIds": ",".join(network.subnets),
        "MinSize": str(wishes.least),
        "MaxSize": str(wishes.most),
        "UseSpot": "true" if wishes.is_spot else "false",
    }


def with_code(found: Stack, code: Code) -> dict[str, str]:
    """Return the parameters of a stack as they are, but for other code: those of a roll back."""
    # Some stores tell which image a parameter named, instead of the parameter.
    image = image_of(found.parameters.get("InstanceType", ""))
    return {**found.parameters, "AmiId": image, "CodeKey": code.key, "CodeSha256": code.sha256}


def wishes_of(found: Stack | None) -> Wishes:
    """Return what a stack was asked for; nothing where there is none."""
    held = found.parameters if found and found.is_there else {}
    if not held:
        return Wishes()
    texts = {wish: held.get(name) for wish, name in _TEXTS.items()}
    return Wishes(
        least=_number(held.get("MinSize")),
        most=_number(held.get("MaxSize")),
        is_spot=held.get("UseSpot") == "true",
        subnets=tuple(one for one in held.get("SubnetIds", "").split(",") if one),
        is_vendored=bool(held.get("WheelsKey")),
        **texts,
    )


def code_of(found: Stack | None) -> Code | None:
    """Return what the instances of a stack run; None where that does not stand in it."""
    held = found.parameters if found else {}
    key, sha256 = held.get("CodeKey", ""), held.get("CodeSha256", "")
    return Code(key, sha256) if key and sha256 else None


def whole(wishes: Wishes, held: Wishes) -> Wishes:
    """Return wishes with what they leave open: as it is in the fleet, else by default.

    Raises:
        UsageError: they do not go together, or are none that a fleet can have.
    """
    kept = {
        field.name: next(
            one for one in (getattr(place, field.name) for place in (wishes, held, DEFAULTS))
            if one is not None
        )
        for field in dataclasses.fields(Wishes)
    }  # fmt: skip
    if wishes.vpc is not None and wishes.subnets is None:
        kept["subnets"] = ()  # those of the network of before are not of this one
    made = Wishes(**kept)
    _check(made)
    return made


def image_of(type_: str) -> str:
    """Return the parameter that names the machine image for a type of instance."""
    return _IMAGE.format("arm64" if type_.startswith("t4g.") else "x86_64")


def worker_settings(settings: Settings) -> str:
    """Return the worker's settings that are not the defaults, as the template takes them.

    Raises:
        SettingError: one of them cannot be had by a fleet.
    """
    if settings.exact:
        raise SettingError(
            "the setting exact is true, and a fleet's workers have no scikit-image, which it takes",
            "Leave it out for the fleet: pictures differ by one grey level at most.",
        )
    words = []
    for name in WORKERS:
        value = getattr(settings, name)
        if value == getattr(Settings, name) or name in artifact.SENTENCES:
            continue
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if name == "dialect" and artifact.dialect_file(text):
            text = artifact.PLACED
        if _NOT_A_WORD.search(text):
            raise SettingError(
                f"the setting {name} is {text!r}, which cannot be told to the fleet's workers",
                "It may hold no blanks, quotes, dollar signs or backslashes there.",
            )
        words.append(f"LABAPP_{name.upper()}={text}")
    return " ".join(words)


def _check(wishes: Wishes) -> None:
    """See to it that a fleet can have what is wished; the template's own patterns say it worse."""
    least, most = wishes.least or 0, wishes.most or 0
    if not 0 <= least <= most <= MOST_INSTANCES or most < 1:
        raise UsageError(
            f"a fleet of {least} to {most} instances cannot be",
            f"--min takes 0 or more, --max {MOST_INSTANCES} at most, and not less than --min.",
        )
    if wishes.type not in TYPES:
        raise UsageError(
            f"the type {wishes.type} is none of a fleet's", f"--type takes {', '.join(TYPES)}."
        )
    if wishes.email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", wishes.email):
        raise UsageError(f"{wishes.email!r} is no e-mail address", "--email takes one: a@b.org.")
    if wishes.ssh_cidr:
        _check_cidr(wishes.ssh_cidr)
        if not wishes.key_name:
            raise UsageError("SSH takes a key pair too", "Name one of EC2's with --key.")


def _check_cidr(text: str) -> None:
    try:
        found = ipaddress.IPv4Network(text)
    except ValueError as error:
        told = f"{text!r} is no network of IPv4 addresses: {error}"
        raise UsageError(told, "--ssh takes one such as 198.51.100.7/32.") from error
    if found.prefixlen < _WIDEST_SSH:
        raise UsageError(
            f"{text} lets {found.num_addresses:,} addresses in to port 22",
            f"--ssh takes a /{_WIDEST_SSH} at most: your own address and /32.",
        )


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None
