"""A lab in moto's account, in this process: made once by `cloud up`, then laid there as a copy.

To make it takes some forty calls, more time than most tests have for all else. What is copied is
what moto holds of buckets and queues, the locks of queues made anew.
"""

from __future__ import annotations

import copy
import threading
from typing import Any

from moto.backends import get_backend
from moto.core.models import DEFAULT_ACCOUNT_ID

from labapp.cloud.session import Cloud
from labapp.jobs import kinds, lab

#: What moto holds of a lab that was made: buckets and queues, by the names of its queues.
_made: dict[tuple[str, ...], tuple[dict[str, Any], dict[str, Any]]] = {}


def lay(cloud: Cloud) -> None:
    """Lay the lab of a cloud, whose account in moto is empty, as `cloud up` makes it."""
    names = tuple(kinds.queue_names(cloud.settings))
    buckets, queues = _held(cloud)
    if names not in _made:
        for _ in lab.up(cloud):
            pass
        # moto reads no conditions: it takes 'nobody without TLS' for 'nobody'.
        cloud.s3.delete_bucket_policy(Bucket=cloud.bucket_name)
        cloud.made_queues.clear()  # another program made them
        _made[names] = _copied(buckets, queues)
        return
    new_buckets, new_queues = _copied(*_made[names])
    buckets.update(new_buckets)
    queues.update(new_queues)
    for name, bucket in new_buckets.items():
        owner = (bucket.partition, bucket.account_id)
        get_backend("s3").bucket_accounts[name] = owner  # type: ignore[attr-defined]


def _held(cloud: Cloud) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return where moto holds buckets and queues."""
    s3: Any = get_backend("s3")[DEFAULT_ACCOUNT_ID]["aws"]
    sqs: Any = get_backend("sqs")[DEFAULT_ACCOUNT_ID][cloud.place.region]
    return s3.buckets, sqs.queues


def _copied(
    buckets: dict[str, Any], queues: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    locks = {id(queue._messages_lock): threading.Condition() for queue in queues.values()}
    # Together, since a queue knows that of its dead letters.
    return copy.deepcopy((dict(buckets), dict(queues)), locks)
