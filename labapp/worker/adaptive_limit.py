"""An adaptive limit of concurrency: how many jobs of one client's flood to have in flight.

Where jobs wait for a network, many at once are done sooner. Where they wait for each other, at the
processors that worker and cloud share, many at once take as long as one after another, and whoever
comes next waits for all of them. Which of the two it is shows in what jobs take now against the
least that they ever took, as in TCP Vegas (Brakmo, O'Malley, Peterson, 1994) and in the gradient
limits of Netflix's concurrency-limits. Both are taken from several jobs: one that was quick by
chance, or late in the network, says nothing.
"""

from __future__ import annotations

from collections import deque

#: The weight of the newest jobs in the running mean of a job's seconds.
NEWEST = 0.3

#: Measured times of which the middle one is what jobs take now, and the second the least.
RECENT = 16

#: Times the least that a job takes beyond which jobs are in each other's way.
CROWDED = 2.0

#: Jobs of a flood in flight at least: more of them than travel at once.
LEAST = 3

#: How much the number of jobs in flight changes at most with each measured time. Down soon, up
#: slow: what the recent times say is late by half of them.
SLOWER, FASTER = 0.8, 1.02

#: How much the least time is forgotten with each measured time: clouds and machines change.
FORGOTTEN = 1.0002


class AdaptiveLimit:
    """A limit learnt from the times of jobs; of two that come at once, one may be lost.

    Args:
        most: jobs of a flood in flight at most while others ask.

    Attributes:
        seconds: the running mean of a job's time; 0 before the first.
        most: jobs of a flood in flight at most while others ask.
    """

    def __init__(self, most: int) -> None:
        self.seconds = 0.0
        self.most = most
        self._recent: deque[float] = deque(maxlen=RECENT)
        self._least = float("inf")
        self._flood = float(most)

    @property
    def flood(self) -> int:
        """How many jobs of a flood are worth having in flight while others ask."""
        return int(self._flood)

    def learn(self, seconds: float) -> None:
        """Take in how long a job took that was done and stored."""
        self.seconds += NEWEST * (seconds - self.seconds)
        self._recent.append(seconds)
        recent = sorted(self._recent)
        self._least = min(self._least * FORGOTTEN, recent[min(1, len(recent) - 1)])
        present = recent[len(recent) // 2]
        room = CROWDED * self._least / present if present > 0 else FASTER
        wanted = self._flood * min(FASTER, max(SLOWER, room))
        self._flood = min(float(self.most), max(min(LEAST, self.most), wanted))
