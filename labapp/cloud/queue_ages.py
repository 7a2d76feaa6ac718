"""How long the oldest message of each queue has waited: by the local cloud, or by CloudWatch.

SQS itself does not tell: to look at a message is to receive it, which hides it from the workers and
counts towards its dead-lettering. The local cloud knows at once. Amazon tells CloudWatch once a
minute, where it is known some minutes later, to whom that is permitted: all queues are one request
at most once a minute, however often a page is drawn. It is a convenience, so whatever goes wrong
leaves ages out and is not tried again while the program runs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from labapp import utc
from labapp.cloud import local_cloud
from labapp.cloud.aws_errors import translated
from labapp.errors import CredentialsError, ForbiddenError

if TYPE_CHECKING:
    from types_boto3_cloudwatch.client import CloudWatchClient
    from types_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

    from labapp.cloud.session import Cloud

#: Seconds between two questions: CloudWatch knows nothing new sooner, and each metric asked for is
#: paid ($0.01 for a thousand).
EVERY = 60.0

#: Seconds for which an answer is waited; one that comes later is there for the next look. Networks
#: without a way to CloudWatch drop what is sent to it.
PATIENCE = 3.0

#: How far back a value is looked for: SQS tells it every minute, and CloudWatch some minutes late.
LOOKED_BACK = timedelta(minutes=15)

#: Metrics that one request may ask for.
MOST = 500


@dataclass
class _Asked:
    """What CloudWatch said of one cloud's queues, and when it was asked."""

    at: float = float("-inf")
    ages: dict[str, int] = field(default_factory=dict)
    in_vain: bool = False
    asking: threading.Lock = field(default_factory=threading.Lock)


_asked: WeakKeyDictionary[Cloud, _Asked] = WeakKeyDictionary()


def queue_ages(cloud: Cloud, waiting: Mapping[str, int]) -> dict[str, int]:
    """Return for each queue in which a message waits how many seconds the oldest has waited.

    A queue of which nothing is known is left out.

    Args:
        cloud: the cloud.
        waiting: how many messages each queue holds; nobody is asked where there are none.
    """
    if cloud.is_local:
        return local_cloud.queue_ages(cloud, waiting)
    names = [name for name, count in waiting.items() if count]
    places = cloud.place.endpoints
    # Amazon's CloudWatch knows neither queues that are elsewhere nor their keys.
    if not names or not (places.of("cloudwatch").url or places.sqs.is_amazons):
        return {}
    told = _asked.setdefault(cloud, _Asked())
    if not told.in_vain and time.monotonic() - told.at >= EVERY:
        thread = threading.Thread(target=_ask, args=(cloud, names[:MOST], told), daemon=True)
        thread.start()
        thread.join(PATIENCE)
    return {name: told.ages[name] for name in names if name in told.ages}


def _ask(cloud: Cloud, names: Sequence[str], told: _Asked) -> None:
    """Ask CloudWatch, unless somebody does; keep what it says, or that it says nothing."""
    if not told.asking.acquire(blocking=False):
        return
    try:
        told.ages = _of_cloudwatch(cloud.client("cloudwatch"), names)
    except Exception as error:  # noqa: BLE001 - an answer of whatever kind leaves ages out alone
        told.ages = {}
        # Whoever renews credentials that ended renews them for this too.
        has_ended = isinstance(error, CredentialsError) and not isinstance(error, ForbiddenError)
        told.in_vain = not has_ended
    finally:
        told.at = time.monotonic()
        told.asking.release()


def _of_cloudwatch(client: CloudWatchClient, names: Sequence[str]) -> dict[str, int]:
    """Return the last age that CloudWatch knows of each queue.

    Raises:
        CloudError: it cannot be asked.
    """
    queries: list[MetricDataQueryTypeDef] = [
        {
            "Id": f"q{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SQS",
                    "MetricName": "ApproximateAgeOfOldestMessage",
                    "Dimensions": [{"Name": "QueueName", "Value": name}],
                },
                "Period": 60,
                "Stat": "Maximum",
            },
        }
        for number, name in enumerate(names)
    ]
    end = utc.now()
    with translated("read the ages of messages from CloudWatch"):
        answer = client.get_metric_data(
            MetricDataQueries=queries,
            StartTime=end - LOOKED_BACK,
            EndTime=end,
            ScanBy="TimestampDescending",
        )
    return {
        names[int(one["Id"][1:])]: round(one["Values"][0])
        for one in answer.get("MetricDataResults", ())
        if one.get("Values")
    }
