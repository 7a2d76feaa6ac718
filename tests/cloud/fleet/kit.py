"""What tests of the fleet's engine share: code, parameters, a stack that is made and followed."""

from __future__ import annotations

import functools
import time

from labapp.cloud.fleet import (
    change_sets,
    following,
    network,
    parameters,
    stack,
    template,
)
from labapp.cloud.fleet.change_sets import ChangeSet
from labapp.cloud.fleet.following import Look
from labapp.cloud.fleet.model import Code, Event, Wishes
from labapp.cloud.fleet.stack import Stack
from labapp.cloud.session import Cloud
from labapp.jobs import permissions
from labapp.settings import Settings

CODE = Code("deploy/code-0123456789abcdef.zip", "0123456789abcdef" * 4)
OTHER = Code("deploy/code-fedcba9876543210.zip", "fedcba9876543210" * 4)

#: MiniStack's account.
ACCOUNT = "000000000000"


@functools.cache
def body() -> str:
    """Return the template for a lab of the default settings."""
    return template.body(permissions.names_of(Settings(), "us-east-1", ACCOUNT))


def asked(cloud: Cloud, wishes: Wishes | None = None, code: Code = CODE) -> dict[str, str]:
    """Return the parameters for wishes over those of the stack that is there."""
    held = stack.describe(cloud)
    whole = parameters.whole(wishes or Wishes(), parameters.wishes_of(held))
    found = network.find(cloud, whole, str(whole.type))
    return parameters.of(cloud, whole, code, found, held=held.parameters if held else None)


def planned(cloud: Cloud, wishes: Wishes | None = None, code: Code = CODE) -> ChangeSet:
    return change_sets.plan(cloud, body(), asked(cloud, wishes, code))


def followed(cloud: Cloud, of: str, after: str = "") -> tuple[Stack, list[Look]]:
    """Follow what MiniStack does, which takes it no time; return the end, and all looks."""
    looks = []
    going = following.follow(cloud, of, after, sleep=lambda _: time.sleep(0.002))
    while True:
        try:
            looks.append(next(going))
        except StopIteration as end:
            return end.value, looks


def events(looks: list[Look]) -> tuple[Event, ...]:
    return tuple(event for look in looks for event in look.events)


def made(cloud: Cloud, wishes: Wishes | None = None, code: Code = CODE) -> Stack:
    """Make the stack, or change it; return it as it is then."""
    change_set = planned(cloud, wishes, code)
    change_sets.execute(cloud, change_set)
    ended, _ = followed(cloud, change_set.stack)
    return ended
