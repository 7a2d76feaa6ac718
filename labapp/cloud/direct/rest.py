"""When the direct way rests: what does not work is not tried twice for each call.

After two faults in a row, or one where nobody is there, or some refusals, all goes botocore's way
for a while, longer each time, until a request is answered well again.
"""

from __future__ import annotations

import time

#: Seconds of the first rest, and of the longest.
FIRST, LONGEST = 2.0, 30.0

#: Refusals in a row that say nothing of the way yet: one thing or another is not allowed.
PATIENCE = 3


class Rest:
    """The rests of one way; shared by threads, which may each be a little late to know."""

    def __init__(self) -> None:
        self._until = 0.0
        self._faults = self._refusals = 0

    @property
    def is_on(self) -> bool:
        """Whether the way rests now."""
        return time.monotonic() < self._until

    def note_well(self) -> None:
        """Note a good answer."""
        self._faults = self._refusals = 0

    def note_refused(self) -> None:
        """Note that a request was refused: mostly for what it asks, or by whose keys."""
        if not self.is_on:
            self._refusals += 1
            self._begin(self._refusals - PATIENCE)

    def note_fault(self, *, is_away: bool = False) -> None:
        """Note that no answer came, or a fault of the service; or that nobody is there.

        Those of requests that were on their way when a rest began add nothing.
        """
        if not self.is_on:
            self._faults = max(self._faults + 1, 2 * is_away)
            self._begin(self._faults - 1)

    def note_renewed(self) -> None:
        """Note that there are new keys: those before were refused, and an outage goes on."""
        if not self._faults:
            self._until = 0.0
        self._refusals = 0

    def _begin(self, times: int) -> None:
        """Begin the rest that is the first, second, third of some; none before the first."""
        if times > 0:
            self._until = time.monotonic() + min(FIRST * 2 ** min(times - 1, 10), LONGEST)
