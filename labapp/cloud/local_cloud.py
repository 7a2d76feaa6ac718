"""What the local cloud alone tells: how long its queues' oldest messages have waited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from labapp import foreign
from labapp.cloud import boto
from labapp.cloud.embedded.state import AGES_PATH
from labapp.errors import CloudError

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
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest

    request = AWSRequest("GET", cloud.place.endpoint + AGES_PATH)
    client: Any = cloud.sqs
    try:
        key: Any = cloud.credentials()
        SigV4Auth(key, "sqs", cloud.place.region).add_auth(request)
        content = client._endpoint.http_session.send(request.prepare()).content
        found = foreign.read_object(content, _MOST)
        return {str(name): round(float(age)) for name, age in found.items()}
    except (boto.BotoCoreError, CloudError, ValueError, TypeError, AttributeError):
        return {}  # it is a convenience: the counts are there without it
