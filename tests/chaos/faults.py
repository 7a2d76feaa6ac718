"""Which fault a request meets, decided by the seed and by how many requests came before it.

The same seed gives the same row of faults; which program's request meets which of them depends on
how the processes happen to run.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

#: What can happen to one request between a program and the cloud.
REFUSED = "refused"  # the connection is reset, and the cloud never hears of it
CUT = "cut"  # the cloud does it; the connection is reset in the middle of the answer
LOST = "lost"  # the cloud does it; not a byte of the answer arrives
ERROR = "error"  # 500, not done
SLOW_DOWN = "slow down"  # 503 SlowDown of S3, a throttling error of SQS; not done
LATE = "late"  # done after a spike of latency
TWICE = "twice"  # a message is delivered twice, as SQS may at any time

ALL = (REFUSED, CUT, LOST, ERROR, SLOW_DOWN, LATE, TWICE)

#: Seconds of a spike of latency, from and to.
SPIKE = (0.1, 1.5)


@dataclass
class Faults:
    """The faults in force; a scenario may change each attribute at any time.

    Attributes:
        seed: what the row of faults is drawn from.
        rate: the part of requests that meets a fault, 0 to 1.
        kinds: which faults are drawn.
        delay: seconds added to every request, as a network does.
        down: whether every connection is reset at once: the network is gone.
        silent: whether nothing is answered any more: packets vanish.
        expired: access keys that have run out.
        ended: access keys whose lab session is over: they are denied all but to ask who they are.
        ahead: seconds by which the cloud's clock is ahead of this machine's.
        dropped: actions of SQS, such as DeleteMessageBatch, that are said to be done and are not.
        denied: actions of SQS, or methods of S3 such as PUT, that the key may not do.
        ignored: names of headers, in small letters, that the cloud does not know: as a store that
            ignores conditions.
        counts: how often each fault struck.
    """

    seed: int = 0
    rate: float = 0.0
    kinds: tuple[str, ...] = ALL
    delay: float = 0.0
    down: bool = False
    silent: bool = False
    expired: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)
    ahead: float = 0.0
    dropped: set[str] = field(default_factory=set)
    denied: set[str] = field(default_factory=set)
    ignored: frozenset[str] = frozenset()
    counts: dict[str, int] = field(default_factory=dict)
    _asked: int = 0

    def draw(self) -> tuple[str, float]:
        """Return the fault that the next request meets, '' for none, and seconds for a spike."""
        self._asked += 1
        if self.rate <= 0:
            return "", 0.0
        drawn = random.Random(f"{self.seed}:{self._asked}")
        if drawn.random() >= self.rate:
            return "", 0.0
        return drawn.choice(self.kinds), drawn.uniform(*SPIKE)

    def struck(self, fault: str) -> None:
        """Note that a fault struck."""
        self.counts[fault] = self.counts.get(fault, 0) + 1
