"""Follow what AWS does to the fleet's stack until it is done, through outages and new credentials.

A change takes minutes, in which a lab session may end and a laptop sleep. AWS goes on meanwhile, so
neither is a reason to give up: who follows is told of the trouble, and hears the rest once the
credentials are renewed. Nothing here changes anything, so that Ctrl-C or Esc end the following and
not the change.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass

from labapp.cloud.fleet import activities, failures, stack
from labapp.cloud.fleet.model import LAB, Event
from labapp.cloud.fleet.stack import Stack
from labapp.cloud.fleet.unseen import unless_unseen
from labapp.cloud.identity import credential_stamps
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, CredentialsError, ForbiddenError, UnreachableError
from labapp.waits import delay

#: Seconds between two looks, about the pace at which CloudFormation tells of events.
EVERY = 5.0

#: Seconds for which is waited until what AWS was told to do shows.
BEGINNING = 30.0

#: Seconds between two looks at a credentials file that is to be renewed.
RENEWAL = 1.0

#: Seconds for which trouble is borne: who pastes a lab's new credentials starts the lab before.
MOST_TROUBLE = 3_600.0

#: The ends of what is done to a stack that are as they were wished.
_GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")

#: The states of a stack in which instances are to come up.
_LAUNCHING = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS")

#: What is left of a change that failed, by the stack's status.
_LEFT = {
    "DELETE_COMPLETE": "nothing of it is left",
    "UPDATE_ROLLBACK_COMPLETE": "the fleet is as it was",
}

#: Where credentials come from that this program reads once only: waiting does not renew them.
_FIXED = ("env", "explicit")


@dataclass(frozen=True)
class Look:
    """What was seen of a stack at one moment.

    Attributes:
        status: the stack's, in AWS's words; of before where nothing could be seen.
        events: what happened since the look before, the oldest first; launches that failed too.
        trouble: why nothing could be seen; None where all is well.
    """

    status: str
    events: tuple[Event, ...] = ()
    trouble: CloudError | None = None


#: Looks, one after the other; in the end the stack as it is then.
Following = Generator[Look, None, Stack]


def follow(
    cloud: Cloud,
    of: str = LAB,
    after: str = "",
    *,
    sleep: Callable[[float], object] = time.sleep,
    every: float = EVERY,
) -> Following:
    """Look at the stack until AWS is done with it; see `check` for what has come of it.

    Args:
        cloud: where; it is refreshed when credentials were renewed.
        of: the stack's ARN, by which the end of one that is removed is seen too.
        after: the id of the last event of before, as of `stack.newest_event`: then AWS has been
            told to do something, and is waited for until it has begun. Empty: what it is at is told
            from its beginning on.
        sleep: waits between looks; what it raises ends the following.
        every: seconds between two looks.

    Yields:
        A look, each time.

    Raises:
        CloudError: trouble that no waiting mends, or that lasted for an hour.
    """
    trouble, seen, waited = _Trouble(cloud), _Seen(cloud, of, after), 0.0
    while True:
        try:
            found, news = seen.look()
        except CloudError as error:
            pause = trouble.seconds(error)
            yield Look(seen.status, (), error)
            trouble.wait(pause, sleep)
            continue
        trouble.end()
        yield Look(seen.status, news)
        if not (found and found.status.endswith("_IN_PROGRESS")):
            if seen.has_begun or waited >= BEGINNING:
                return found or Stack(of, "DELETE_COMPLETE")
            waited += every
        sleep(every)


def check(ended: Stack, events: tuple[Event, ...], doing: str, *, removed: bool = False) -> None:
    """See to it that what was done to the stack went well.

    Args:
        ended: the stack as it is in the end.
        events: all that happened meanwhile.
        doing: what was to be done, as in `make the fleet`.
        removed: whether the stack was to go.

    Raises:
        CloudError: it did not; says why it failed first, and what to do.
    """
    if ended.status in (("DELETE_COMPLETE",) if removed else _GOOD):
        return
    first = failures.first_failure(failures.last_operation(events, removed=removed))
    reason = f"{first.name}: {first.reason}" if first else ended.reason
    left = _LEFT.get(ended.status, f"the stack is in {ended.status}")
    raise failures.error_of(f"cannot {doing}", reason, left)


class _Seen:
    """What was seen of the stack so far, and of what its group tried."""

    def __init__(self, cloud: Cloud, of: str, after: str) -> None:
        self._cloud, self._of = cloud, of
        self._after = self._last = after
        #: When the first event was that was told; before it, launches are others'.
        self._since: float | None = None
        self._launches: set[str] = set()
        #: The stack's status when it was last seen.
        self.status = ""
        #: Whether what AWS was told to do shows: a moment ago, it may not; nor a stack just made.
        self.has_begun = False

    def look(self) -> tuple[Stack | None, tuple[Event, ...]]:
        """Return the stack, and what happened since the look before.

        Raises:
            CloudError: it cannot be seen.
        """
        found = stack.describe(self._cloud, self._of)
        news = stack.events(self._cloud, self._last, self._of)
        if not self._last:
            is_ending = found is not None and found.status.startswith("DELETE")
            news = list(failures.last_operation(news, removed=is_ending))
        failed = self._failed_launches(found, news)
        if found is None:
            self.has_begun = bool(self.status)
        else:
            self.status = found.status
            self.has_begun = bool(news) or not self._after or self._last != self._after
        if news:
            self._last = news[-1].id
            self._since = news[0].at if self._since is None else self._since
        self._launches |= {one.id for one in failed}
        return found, tuple(sorted([*news, *failed], key=lambda one: one.at))

    def _failed_launches(self, found: Stack | None, news: list[Event]) -> list[Event]:
        """Return launches that failed and were not told yet, while instances are to come up."""
        since = self._since if self._since is not None else news[0].at if news else None
        if since is None or found is None or found.status not in _LAUNCHING:
            return []
        tried: list[Event] = unless_unseen(lambda: activities.failed(self._cloud, since), [])
        return [one for one in tried if one.id not in self._launches]


class _Trouble:
    """What keeps a look from being taken, and how long that is borne."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._began: float | None = None
        self._attempt = 0
        self._stamps = credential_stamps()

    def seconds(self, error: CloudError) -> float:
        """Return how long to wait for the next look after an error, or raise it."""
        now = time.monotonic()
        self._began = now if self._began is None else self._began
        self._attempt += 1
        has_ended = isinstance(error, CredentialsError) and not isinstance(error, ForbiddenError)
        is_fixed = self._cloud.credential_source.method in _FIXED
        if now - self._began > MOST_TROUBLE or (has_ended and is_fixed):
            raise error
        if has_ended:
            return RENEWAL
        if isinstance(error, UnreachableError):
            return delay(self._attempt)
        raise error

    def wait(self, seconds: float, sleep: Callable[[float], object]) -> None:
        """Wait, and take the credentials anew where somebody renewed them."""
        sleep(seconds)
        if (stamps := credential_stamps()) != self._stamps:
            self._stamps = stamps
            try:
                self._cloud.refresh()
            except CloudError:  # a file that is just being written: the next look tells of it
                self._stamps = []

    def end(self) -> None:
        """Forget it: a look was taken."""
        self._began, self._attempt = None, 0
