"""The age of each queue's oldest message, where it can be learnt without touching that.

SQS itself does not tell: to look at a message is to receive it, which hides it from the workers and
counts towards its dead-lettering. Amazon keeps the age in CloudWatch alone
(ApproximateAgeOfOldestMessage), so on AWS nothing is known here. The local cloud tells, however
many messages wait.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError

from labapp import foreign
from labapp.cloud.embedded.state import AGES_PATH
from labapp.errors import CloudError

#: Bytes of the answer: a name and a number for each of a thousand queues.
_MOST = 1_000_000

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud


def ages(cloud: Cloud, waiting: Mapping[str, int]) -> dict[str, int]:
    """Return for each queue in which a message waits how many seconds the oldest has waited.

    Args:
        cloud: the cloud; on any but the local one nothing is known.
        waiting: how many messages each queue holds; nobody is asked where there are none.

    Returns:
        Ages by the queue's name; a queue of which nothing is known is left out.
    """
    if not cloud.is_local or not any(waiting.values()):
        return {}
    request = AWSRequest("GET", cloud.place.endpoint + AGES_PATH)
    client: Any = cloud.sqs
    try:
        SigV4Auth(cloud.credentials(), "sqs", cloud.place.region).add_auth(request)
        content = client._endpoint.http_session.send(request.prepare()).content
        found = foreign.read_object(content, _MOST)
        return {str(name): round(float(age)) for name, age in found.items()}
    except (BotoCoreError, CloudError, ValueError, TypeError, AttributeError):
        return {}  # it is a convenience: the counts are there without it
