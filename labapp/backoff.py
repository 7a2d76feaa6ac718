"""How long to wait before the next attempt: exponential, capped, with jitter.

Chance spreads those who failed together over time. Source: AWS Architecture Blog, "Exponential
Backoff And Jitter".
"""

from __future__ import annotations

import random

#: Seconds before the second attempt, at most.
FIRST = 0.5

#: Seconds between attempts at most: an outage's end is noticed well within half a minute.
MOST = 10.0


def delay(attempt: int, first: float = FIRST, most: float = MOST, *, steady: float = 0.5) -> float:
    """Return the seconds to wait after an attempt that failed.

    Args:
        attempt: its number, from 1.
        first: seconds at most after the first one; they double with each.
        most: seconds at most after any.
        steady: the part that is not left to chance. Half of it keeps a broken network from being
            asked twice at once; none parts best those who write the same object.
    """
    whole = min(most, first * 2.0 ** min(attempt - 1, 30))
    return whole * random.uniform(steady, 1.0)
