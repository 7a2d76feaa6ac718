"""The fleet as it is: for the command and the page alike; nothing here changes anything."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labapp.cloud.bucket import Bucket
from labapp.cloud.fleet import artifact, failures, fleet, stack
from labapp.cloud.fleet import drift as drifts
from labapp.cloud.fleet.model import LAB, Code, Event, Fleet
from labapp.cloud.fleet.unseen import unless_unseen
from labapp.errors import MissingResourceError, UsageError
from labapp.jobs import permissions
from labapp.programs.fleet import steps
from labapp.programs.fleet.table import LAST, is_well

if TYPE_CHECKING:
    from labapp.cloud.patience import Patience
    from labapp.cloud.session import Cloud
    from labapp.programs.fleet.steps import Told
    from labapp.settings import Settings

#: What is said where there is no fleet to do something with.
NONE_THERE = f"there is no fleet {LAB}"


@dataclass(frozen=True)
class Found:
    """A fleet, the key of this checkout's code, and the last events where AWS is at it."""

    fleet: Fleet
    own: str
    events: list[Event]


def only_on_aws(settings: Settings) -> None:
    """Refuse the local cloud, which has no instances.

    Raises:
        UsageError: it is the cloud that the settings name.
    """
    if settings.cloud == "local":
        raise UsageError("the fleet is for AWS: say --cloud aws")


def look(cloud: Cloud) -> Found:
    """Look at the fleet.

    Raises:
        CloudError: AWS cannot be asked.
    """
    settings = cloud.settings
    # The account is no part of what queues are called, and would have to be asked for.
    found = fleet.look(cloud, permissions.names_of(settings, cloud.place.region, account=""))
    events = stack.events(cloud)[-LAST:] if found.is_busy else []
    if not is_well(found):
        found = replace(found, reason=_first_reason(cloud, found))
    return Found(found, own_key(settings), events)


def _first_reason(cloud: Cloud, found: Fleet) -> str:
    """Return why a stack is not as it was wished: what failed first, else what it says itself."""
    events: list[Event] = unless_unseen(lambda: stack.events(cloud), [])
    is_removal = found.status.startswith("DELETE")
    first = failures.first_failure(failures.last_operation(events, removed=is_removal))
    return f"{first.name}: {first.reason}" if first else found.reason


@functools.cache
def own_key(settings: Settings) -> str:
    """Return the key of this checkout's code, which does not change while a program runs."""
    return artifact.build(settings=settings).key


def existing(cloud: Cloud) -> Fleet:
    """Return the fleet, for what can only be done to one that is there.

    Raises:
        MissingResourceError: there is none.
    """
    found = fleet.look(cloud)
    if not found.is_there:
        raise MissingResourceError(
            f"{NONE_THERE} in {found.region}", "'admin.py deploy up' makes one."
        )
    return found


def code_before(cloud: Cloud, found: Fleet) -> tuple[Code, str]:
    """Return the code to go back to, and what is said of it.

    Raises:
        MissingResourceError: none is kept but the one in use.
    """
    bucket = Bucket(cloud)
    in_use = found.code.key if found.code else ""
    code = artifact.previous(artifact.stored(bucket), in_use)
    if code is None:
        raise MissingResourceError(
            "there is no code to go back to: the bucket keeps none but the one in use",
            "Take the checkout that you want, and run 'admin.py deploy up' there.",
        )
    dates = [f" of {one.modified:%Y-%m-%d}" for one in bucket.list(code.key)]
    return code, f"back to code {code.short}{''.join(dates[:1])}"


def drift(cloud: Cloud, patience: Patience) -> list[str]:
    """Return what was changed by hand, a line for each resource.

    Raises:
        CloudError: AWS cannot tell.
    """
    found = drifts.look(cloud, patience=patience)
    return [f"{one.name} {one.status}, {', '.join(one.properties)}".rstrip(", ") for one in found]


def follow(cloud: Cloud) -> Iterator[Told]:
    """Tell of what AWS does to the fleet until it is done."""
    if (found := stack.describe(cloud)) is not None and found.is_busy:
        yield from steps.follow(cloud, found.id, steps.patient)
