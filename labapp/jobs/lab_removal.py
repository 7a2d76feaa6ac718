"""The end of a lab: its bucket, its queues, those of dead letters and of clients' answers.

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
from labapp.errors import MissingResourceError, RefusedError
from labapp.jobs import lab, lab_queues, permissions
from labapp.jobs.logbook import PREFIX as LOGS
from labapp.jobs.picture_kind import DROP, INBOX, OUTBOX
from labapp.jobs.wire import is_client_id, quoted
from labapp.labels.layout import REMOVED

if TYPE_CHECKING:
    from labapp.cloud.session import Cloud

#: Where a fleet's code, packages and logs of boots lie; and what an admin decides of a dataset,
#: wherever its label files are.
DEPLOYED, LABELS = "deploy/", "labels/"


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


def strangers(cloud: Cloud) -> list[str]:
    """Return keys and folders of the bucket that are none of labapp's: whoever put them there.

    A bucket that a setting names may be a lab's own, with other things in it, or with pictures that
    labapp only reads.

    Raises:
        CloudError: it cannot be listed.
    """
    names = permissions.names_in(cloud)
    patterns = (*names.kept_pictures, *names.kept_labels, *names.kept_aside)
    used = (one.removeprefix(f"{cloud.bucket_name}/") for one in (*names.read, *names.written))
    own = (
        *(INBOX, OUTBOX, DROP, LOGS, lab.REPORTS, REMOVED, DEPLOYED, LABELS),
        *(one.removesuffix("*") for one in patterns),
        *(names.plain_sources, names.plain_results, *used),
    )
    return list(_strange(cloud, "", own))


def _strange(cloud: Cloud, prefix: str, own: tuple[str, ...]) -> Iterator[str]:
    for one in bucket_removal.folders(cloud, prefix):
        if one.startswith(own):
            continue
        if any(each.startswith(one) for each in own):  # some of it is ours
            yield from _strange(cloud, one, own)
        else:
            yield one


def check_own(cloud: Cloud) -> None:
    """See to it that nothing but the lab's would go with it.

    Raises:
        RefusedError: the bucket has other things in it.
    """
    if found := strangers(cloud):
        more = f" and {len(found) - 1:,} more" if len(found) > 1 else ""
        first = f"{quoted(found[0])}{more}"
        raise RefusedError(
            f"the bucket {cloud.bucket_name} has what is none of labapp's: {first}",
            "Take that out first, or remove by hand what is to go: the bucket stays as it is.",
        )


def remove(cloud: Cloud) -> Iterator[str]:
    """Delete the lab's bucket with every version of what is in it, then its queues.

    The bucket is first, as it is what few may delete: who may not has all else left.

    Yields:
        What is gone, as it goes.

    Raises:
        RefusedError: the bucket has other things in it than the lab's; then nothing is deleted.
        CloudError: something cannot be deleted; what was told is gone.
    """
    check_own(cloud)
    names = queues_of(cloud)
    versions = sum(bucket_removal.remove(cloud))
    yield f"bucket {cloud.bucket_name}, {versions:,} versions of objects in it"
    for name in names:
        with contextlib.suppress(MissingResourceError):
            Queue(cloud, name).delete_queue()
        yield f"queue {name}"
    cloud.made_queues.clear()
    cloud.found_queues.clear()
