"""A fleet, a plan and what is drawn of them, for tests of pages."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from labapp.cloud.fleet import parameters, prices
from labapp.cloud.fleet.account import Account
from labapp.cloud.fleet.change_sets import ChangeSet
from labapp.cloud.fleet.model import Change, Code, Fleet, Instance, Wishes
from labapp.console import theme
from labapp.programs.fleet.plan import Plan

if TYPE_CHECKING:
    from rich.console import RenderableType

CODE = Code("deploy/code-089585b0aaaaaaaa.zip", "089585b0" + "a" * 56)

INSTANCES = tuple(
    Instance(
        f"i-{number:017x}", f"eu-central-1{zone}", "t3.micro", state, "Healthy", 0.0, "089585b0"
    )
    for number, zone, state in ((1, "a", "InService"), (2, "b", "InService"), (3, "c", "Pending"))
)

FLEET = Fleet(
    "labapp", "UPDATE_COMPLETE", "eu-central-1", code=CODE, least=1, most=3, desired=3,
    instances=INSTANCES, backlog=12.34, alarms=("labapp-dead-requestQueue",),
)  # fmt: skip

CHANGES = tuple(Change("add", f"Resource{number}", "AWS::IAM::Role") for number in range(18))


def plan(changes: tuple[Change, ...] = CHANGES, *, academy: bool = False) -> Plan:
    """Return a plan of a new fleet."""
    profile = "LabInstanceProfile" if academy else ""
    whole = replace(parameters.whole(Wishes(), Wishes()), profile=profile)
    return Plan(
        Account("123456789012", "arn:aws:iam::123456789012:user/eva", academy, profile),
        "eu-central-1",
        whole,
        CODE,
        ChangeSet("arn" if changes else "", changes, is_new=True),
        prices.monthly("t3.micro", 1, 3),
    )


def drawn(body: RenderableType, columns: int = 80) -> list[str]:
    """Return the lines of a body, less colours."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", theme.current().ansi(body, columns))
    return [line.rstrip() for line in text.splitlines()]
