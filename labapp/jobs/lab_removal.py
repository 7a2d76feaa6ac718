"""The end of a lab: its queues, those of dead letters and of clients' answers, and its bucket.

For who is done with it; nothing of it can be had again. Buckets that a dialect names besides are
others', and stay.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from labapp.cloud import bucket_removal, provision, queues
from labapp.cloud.queue_names import dead_letters_of
from labapp.cloud.queues import Queue
from labapp.errors import MissingResourceError
from labapp.jobs import lab_queues
from labapp.jobs.wire import is_client_id

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud


def queues_of(cloud: Cloud) -> list[str]:
    """Return the names of the lab's queues that are there.

    Raises:
        CloudError: they cannot be listed.
    """
    named = list(lab_queues.names(cloud.settings))
    named += [dead_letters_of(name) for name in named]
    answers = provision.reply_queue_name(cloud.settings, "")
    there = queues.names(cloud)
    of_clients = [
        name
        for name in there
        if name.startswith(answers) and is_client_id(name.removeprefix(answers))
    ]
    return [name for name in dict.fromkeys((*named, *of_clients)) if name in there]


def remove(cloud: Cloud) -> Iterator[str]:
    """Delete the lab's queues, then its bucket with every version of what is in it.

    Yields:
        What is gone, as it goes.

    Raises:
        CloudError: something cannot be deleted; what was told is gone.
    """
    for name in queues_of(cloud):
        with contextlib.suppress(MissingResourceError):
            Queue(cloud, name).delete_queue()
        yield f"queue {name}"
    cloud.made_queues.clear()
    versions = sum(bucket_removal.remove(cloud))
    yield f"bucket {cloud.bucket_name}, {versions:,} versions of objects in it"
