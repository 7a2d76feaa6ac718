"""How long to wait before the next attempt: exponential, capped, with equal jitter.

Half of each delay is random, which spreads many workers over time. Source: AWS Architecture Blog,
"Exponential Backoff And Jitter".
"""

from __future__ import annotations

import random

#: Seconds before the second attempt, at most.
FIRST = 0.5

#: Seconds between attempts at most: an outage's end is noticed well within half a minute.
MOST = 10.0

#: Seconds for which a job that failed is hidden at most, before it is tried again.
MOST_HIDDEN = 300.0


def delay(attempt: int, first: float = FIRST, most: float = MOST) -> float:
    """Return the seconds to wait after failed attempt number `attempt` (from 1).

    Between half and the whole of `first` doubled with each attempt, up to `most`: the lower half is
    kept so that a broken network is never asked twice at once.
    """
    whole = min(most, first * 2.0 ** min(attempt - 1, 30))
    return whole * random.uniform(0.5, 1.0)
