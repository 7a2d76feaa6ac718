"""Since when the oldest message of each queue waits, where that can be learnt without touching it.

SQS itself does not tell: to look at a message is to receive it, which hides it from the workers and
counts towards its dead-lettering. Amazon keeps the age in CloudWatch alone
(ApproximateAgeOfOldestMessage), so on AWS nothing is known here. The local cloud lets one look.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.request import ProxyHandler, build_opener

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: MiniStack's own way to list every message; it changes nothing.
PATH = "/_ministack/sqs/messages"

#: Messages beyond which nobody looks: the list holds their bodies too, and takes time to make.
MOST = 1000

#: Seconds that the list may take.
SECONDS = 2.0


def ages(cloud: Cloud, waiting: Mapping[str, int]) -> dict[str, int]:
    """Return for each queue in which a message waits how many seconds the oldest has waited.

    Args:
        cloud: the cloud; on any but the local one nothing is known.
        waiting: how many messages each queue holds.

    Returns:
        Ages by the queue's name; a queue of which nothing is known is left out.
    """
    if not cloud.is_local or not 0 < sum(waiting.values()) <= MOST:
        return {}
    try:
        with build_opener(ProxyHandler({})).open(cloud.place.endpoint + PATH, None, SECONDS) as got:
            found = json.load(got)
        return _oldest(found["messages"])
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}  # it is a convenience: the counts are there without it


def _oldest(accounts: Mapping[str, Any]) -> dict[str, int]:
    now = time.time()
    sent: dict[str, float] = {}
    for regions in accounts.values():
        for queues in regions.values():
            for address, messages in queues.items():
                times = [float(one["SentTimestamp"]) for one in messages if one["IsVisible"]]
                if times:
                    sent[address.rpartition("/")[2]] = min(times)
    return {name: max(0, round(now - at)) for name, at in sent.items()}
