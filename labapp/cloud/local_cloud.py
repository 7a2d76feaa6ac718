"""What the local cloud alone tells: how long its queues' oldest messages have waited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from labapp import foreign
from labapp.cloud.embedded.state import AGES_PATH

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: Bytes of an answer with ages: a name and a number for each of a thousand queues.
_MOST = 1_000_000


def queue_ages(cloud: Cloud, waiting: Mapping[str, int]) -> dict[str, int]:
    """Return for each queue in which a message waits how many seconds the oldest has waited.

    The local cloud tells, however many messages wait. A queue of which nothing is known is left
    out. For all clouds see `queue_ages`.

    Args:
        cloud: the cloud; on any but the local one nothing is known.
        waiting: how many messages each queue holds; nobody is asked where there are none.
    """
    if not cloud.is_local or not any(waiting.values()):
        return {}
    told = cloud.direct_sqs.get(AGES_PATH, _MOST)
    try:
        found = foreign.read_object(told or b"", _MOST)
        return {str(name): round(float(age)) for name, age in found.items()}
    except (ValueError, TypeError, AttributeError):
        return {}  # it is a convenience: the counts are there without it
