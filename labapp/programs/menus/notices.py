"""Notices of what happens behind the open page: shown for a while, and kept for the help."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from labapp import utc
from labapp.console import figures
from labapp.console.accessible import mode
from labapp.console.stage import Kind, Notice

#: Seconds for which a notice stays on the screen: what went wrong is worth a longer look. All can
#: be read again in the help of any page.
SECONDS: Mapping[Kind, float] = {"info": 8.0, "done": 20.0, "warning": 30.0, "failed": 60.0}

#: Notices that are kept; older ones are dropped.
MOST = 20


@dataclass(frozen=True)
class _Told:
    """A notice, what it is about, and when it was told: by a clock that is never set, and ours."""

    notice: Notice
    about: str
    since: float
    told_at: float
    lasts: bool = False
    dismissed: bool = False

    def seconds_left(self) -> float:
        """Return the seconds for which it is still fresh; none or less: it is no longer.

        Where it is said once, as somebody asks what is new, it waits for that.
        """
        if mode.is_on() or self.lasts:
            return math.inf
        return self.since + SECONDS[self.notice.kind] - time.monotonic()

    @property
    def is_shown(self) -> bool:
        """Whether it stands on the pages now."""
        return not self.dismissed and self.seconds_left() > 0


class Notices:
    """The notices of one menu.

    Args:
        lasting: what is true for as long as the menu is open; empty if nothing.
    """

    def __init__(self, lasting: str = "") -> None:
        self._lasting = [Notice(lasting, "warning")] if lasting else []
        self._told: deque[_Told] = deque(maxlen=MOST)
        #: For whoever changes them: several threads tell what happens.
        self._lock = threading.Lock()

    def add(self, notice: Notice, about: str = "", *, lasts: bool = False) -> None:
        """Add a notice; it replaces the last one about the same, and the same one told before.

        One that lasts is shown until what it is about is over, which `drop` says.
        """
        told = _Told(notice, about, time.monotonic(), utc.seconds(), lasts)
        with self._lock:
            self._keep(lambda one: one.notice != notice and not (about and one.about == about))
            self._told.append(told)

    def drop(self, about: str) -> None:
        """Show what was told about something no longer: it is over."""
        with self._lock:
            self._keep(lambda one: one.about != about)

    def dismiss(self) -> None:
        """Show none of them any longer, until new ones come."""
        self._lasting = []
        with self._lock:
            self._told = deque(
                (replace(one, dismissed=True) if one.is_shown else one for one in self._told),
                maxlen=MOST,
            )

    def is_known(self, notice: Notice) -> bool:
        """Tell whether such a notice is shown, or was taken off the page by hand."""
        known = [one.notice for one in list(self._told) if one.dismissed or one.seconds_left() > 0]
        return notice in known or notice in self._lasting

    def current(self) -> list[Notice]:
        """Return what lasts, and the notices that are still fresh."""
        return self._lasting + [one.notice for one in list(self._told) if one.is_shown]

    def earlier(self) -> list[str]:
        """Return what is shown no longer, with its time, the newest first."""
        gone = [one for one in list(self._told) if not one.is_shown]
        return [f"{figures.moment(one.told_at)}: {one.notice.text}" for one in reversed(gone)]

    def seconds_left(self) -> float | None:
        """Return the seconds until a notice that is shown now is no longer fresh; None: none is."""
        left = [one.seconds_left() for one in list(self._told) if one.is_shown]
        return min((one for one in left if one < math.inf), default=None)

    def _keep(self, wanted: Callable[[_Told], bool]) -> None:
        """Keep those that are wanted; for who has the lock."""
        self._told = deque(filter(wanted, self._told), maxlen=MOST)
