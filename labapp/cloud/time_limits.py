"""How long one attempt of a request may take, whoever sends it."""

from __future__ import annotations

from typing import NamedTuple


class TimeLimits(NamedTuple):
    """The waits of a request.

    Attributes:
        connect: seconds to wait for a connection, before the attempt counts as failed.
        read: seconds to wait for an answer, or for the next part of one.
        attempts: attempts of one call by botocore itself, the first included.
    """

    connect: float
    read: float
    attempts: int


#: 30 s are 10 beyond the longest poll. The worker waits out longer outages than three attempts.
PATIENT = TimeLimits(connect=5, read=30, attempts=3)

#: The same for who only looks: what does not answer is soon said not to.
HURRIED = TimeLimits(connect=3, read=4, attempts=1)

#: Connections kept open to each service; more threads than these would open and close theirs.
CONNECTIONS = 64
