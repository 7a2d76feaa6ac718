"""When the instances of a fleet were launched, and with which code: the group does not tell."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from labapp.cloud.aws_errors import translated
from labapp.cloud.fleet.group import Group
from labapp.cloud.fleet.model import Instance
from labapp.cloud.fleet.unseen import unless_unseen

if TYPE_CHECKING:
    from types_boto3_ec2 import EC2Client

    from labapp.cloud.session import Cloud

#: How the code's key stands in the user data that an instance boots by.
_CODE = re.compile(r"deploy/code-([0-9a-f]{8})[0-9a-f]{8}\.zip")


def told(cloud: Cloud, found: Group) -> tuple[Instance, ...]:
    """Return a group's instances with when they were launched and with which code.

    What one may not see is left out.
    """
    if not found.instances:
        return ()
    since: Mapping[str, float] = unless_unseen(lambda: _times(cloud, found.instances), {})
    codes: Mapping[tuple[str, str], str] = unless_unseen(
        lambda: _codes(cloud, found.versions.values()), {}
    )
    return tuple(
        replace(
            one,
            since=since.get(one.id),
            code=codes.get(found.versions.get(one.id, ("", "")), ""),
        )
        for one in found.instances
    )


def _times(cloud: Cloud, instances: Iterable[Instance]) -> dict[str, float]:
    ec2: EC2Client = cloud.client("ec2")
    with translated("look at the instances"):
        answer = ec2.describe_instances(InstanceIds=[one.id for one in instances])
    return {
        one["InstanceId"]: one["LaunchTime"].timestamp()
        for reservation in answer["Reservations"]
        for one in reservation["Instances"]
        if "LaunchTime" in one
    }


def _codes(cloud: Cloud, versions: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    ec2: EC2Client = cloud.client("ec2")
    codes = {}
    for template, version in sorted(set(versions)):
        with translated("look at the launch template"):
            answer = ec2.describe_launch_template_versions(
                LaunchTemplateId=template, Versions=[version]
            )
        for one in answer["LaunchTemplateVersions"]:
            codes[template, version] = _code(one["LaunchTemplateData"].get("UserData", ""))
    return codes


def _code(user_data: str) -> str:
    """Return the first digits of the code that user data fetches; empty where there are none."""
    try:
        text = base64.b64decode(user_data).decode(errors="replace")
    except (binascii.Error, ValueError):
        return ""
    found = _CODE.search(text)
    return found[1] if found else ""
