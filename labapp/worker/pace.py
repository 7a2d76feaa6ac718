"""How long quick jobs take, and how many of a flood to have in hand while others ask.

Where jobs wait for a network, many at once are done sooner. Where they wait for each other, at the
processors that worker and cloud share, many at once take as long as one after another, and whoever
comes next waits for all of them. Which of the two it is shows in a job's time against the least
that it ever took, as in TCP Vegas (Brakmo, O'Malley, Peterson: TCP Vegas, 1994) and the gradient
limits of Netflix's concurrency-limits.
"""

from __future__ import annotations

#: The weight of the newest jobs in the running mean of a job's seconds.
NEWEST = 0.3

#: Times the least that a job takes beyond which jobs are in each other's way.
CROWDED = 2.0

#: Jobs of a flood in hand at least: one is worked on, one is stored, one travels.
LEAST = 3

#: How much the number of jobs in hand changes at most with each measured time, down and up.
SLOWER, FASTER = 0.5, 1.1

#: How much the least time is forgotten with each measured time: clouds and machines change.
FORGOTTEN = 1.0002


class Pace:
    """What is learnt from the times of jobs; one of two times that come at once may be lost.

    Args:
        most: jobs of a flood in hand at most while others ask.

    Attributes:
        seconds: the running mean of a job's time; 0 before the first.
    """

    def __init__(self, most: int) -> None:
        self.seconds = 0.0
        self._most = most
        self._least_seconds = float("inf")
        self._flood = float(most)

    @property
    def flood(self) -> int:
        """How many jobs of a flood are worth having in hand while others ask."""
        return int(self._flood)

    def learn(self, seconds: float) -> None:
        """Take in how long a job took."""
        self.seconds += NEWEST * (seconds - self.seconds)
        self._least_seconds = max(min(self._least_seconds * FORGOTTEN, seconds), 1e-9)
        room = CROWDED * self._least_seconds / max(seconds, 1e-9)
        wanted = self._flood * min(FASTER, max(SLOWER, room))
        self._flood = min(float(self._most), max(min(LEAST, self._most), wanted))
