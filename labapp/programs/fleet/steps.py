"""What is told of something that AWS does for minutes: steps, events, and trouble on the way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, TypeAlias

from labapp.cloud.fleet import failures, following
from labapp.cloud.fleet.model import Event
from labapp.errors import CloudError, LabappError

if TYPE_CHECKING:
    from labapp.cloud.fleet.stack import Stack
    from labapp.cloud.session import Cloud

#: What is said where nobody waits any more.
GOES_ON = "AWS goes on by itself; 'admin.py deploy' tells how it is"

#: Seconds between two ticks of a wait.
TICK = 1.0


class LeftError(LabappError):
    """Nobody waits for it any more; AWS goes on."""

    exit_code: ClassVar[int] = 130


@dataclass(frozen=True)
class Step:
    """One step: what it is called, and what came of it; None while it is under way."""

    name: str
    told: str | None = None


@dataclass(frozen=True)
class Trouble:
    """Why nothing can be seen of what AWS does just now; empty: it can again."""

    text: str


#: What is told on the way.
Told: TypeAlias = Step | Event | Trouble


def pause(seconds: float, stop: threading.Event, tick: Callable[[], object]) -> None:
    """Wait between two looks.

    Args:
        seconds: how long.
        stop: is set where nobody waits any more.
        tick: called each second, for who shows a clock.

    Raises:
        LeftError: nobody waits any more.
    """
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if stop.wait(min(left, TICK)):
            raise LeftError("left", f"{GOES_ON}.")
        tick()


def patient(seconds: float) -> None:
    """Wait between two looks for a command, which Ctrl-C alone ends."""
    pause(seconds, threading.Event(), lambda: None)


def follow(
    cloud: Cloud, of: str, pause: Callable[[float], object], after: str = ""
) -> Generator[Told, None, tuple[Stack, tuple[Event, ...]]]:
    """Tell of the stack's events until AWS is done with it.

    Args:
        cloud: where.
        of: the stack's ARN.
        pause: waits between two looks; what it raises ends the following, and not the change.
        after: the id of the last event of before.

    Returns:
        The stack as it is then, and the events.
    """
    looks = following.follow(cloud, of, after, sleep=pause)
    events: list[Event] = []
    trouble = ""
    while True:
        try:
            look = next(looks)
        except StopIteration as ended:
            return ended.value, tuple(events)
        now = str(look.trouble) if look.trouble else ""
        if now != trouble:
            trouble = now
            yield Trouble(now)
        events += look.events
        yield from look.events


def until_done(
    cloud: Cloud,
    of: str,
    pause: Callable[[float], object],
    doing: str,
    *,
    after: str = "",
    removed: bool = False,
) -> Generator[Told, None, None]:
    """Tell of the stack's events until it is as it was wished.

    Args:
        cloud: as of `follow`, with `of`, `pause` and `after`.
        of: the stack's ARN.
        pause: waits between two looks.
        doing: what AWS does, as in `make the fleet`.
        after: the id of the last event of before.
        removed: whether the stack is to go.

    Raises:
        CloudError: it failed, and was taken back.
    """
    ended, events = yield from follow(cloud, of, pause, after)
    try:
        following.check(ended, events, doing, removed=removed)
    except CloudError as error:
        raise failures.where_it_was(error, cloud) from error
