"""What must exist in the cloud for jobs of every kind: buckets and queues, a dialect's too.

`up` makes what is missing and adopts what is there exactly as it is: a lab's own queues keep their
own attributes, a bucket that a setting names its own protection. On the local cloud it is called on
first use; on AWS only by `admin.py cloud up`, so that nothing appears in anybody's account by
accident.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from dataclasses import replace
from functools import partial

from labapp import utc
from labapp.cloud import lifecycle, new_queues, notifications, provision
from labapp.cloud.other_bucket import with_bucket
from labapp.cloud.patience import PATIENT, Patience
from labapp.cloud.provision import Resource
from labapp.cloud.queue_names import dead_letters_of
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, ForbiddenError, MissingResourceError, UnreachableError
from labapp.jobs import kinds, lab_queues
from labapp.jobs.picture_kind import INBOX, OUTBOX
from labapp.settings import Settings

#: Where workers' reports lie in the bucket, each written over every half minute.
REPORTS = "workers/"

#: Seconds since a queue was made, in which the rest of its lab may not be
#: known yet: `up` waits a minute at most for what others need, and one for these others.
RECENT = 120.0

#: What a queue is called that is not for dead letters.
QUEUE = "queue"


def up(cloud: Cloud, *, dry: bool = False, patience: Patience = PATIENT) -> Iterator[Resource]:
    """Make what is missing, one thing after another.

    With `dry` it only says what would be made: everything is looked at, and nothing is changed.

    Args:
        cloud: where.
        dry: whether nothing is changed.
        patience: waits for what services know a moment after it was made.

    Yields:
        Each resource, once it is there: what was made has been read back.

    Raises:
        CloudError: a resource can neither be found nor made; or the bucket could not be protected
            in every way, which is said last, when all else is there.
    """
    failed: dict[str, CloudError] = {}
    there, made = yield from _bucket(cloud, failed, dry=dry, patience=patience)
    if not cloud.is_local:  # see `set_up`
        yield from _bound_growth(cloud, failed, dry=dry, there=there, patience=patience)
    unprotected = [(cloud, failed)]
    for other in _other_buckets(cloud):
        unprotected.append((other, {}))
        for one in _bucket(*unprotected[-1], dry=dry, patience=patience):
            is_it = one.kind == "bucket"
            yield one if is_it else replace(one, name=f"{one.name} of {other.bucket_name}")
    yield from _queues(cloud, dry=dry, patience=patience)
    absent = waiting(cloud)
    for kind in kinds.all_kinds():
        inbox = kind.request_queue_name(cloud.settings)
        if kind.drops and inbox not in absent:
            admitted = notifications.admit(cloud, inbox, dry=dry, patience=patience)
            yield Resource("policy", f"S3 may send to {inbox}", admitted)
            is_new: bool | None = made  # a bucket that is not there tells nobody
            if there or not dry:
                is_new = notifications.notify(cloud, inbox, kind.drops, dry=dry, patience=patience)
            yield provision.had("notification", f"{kind.drops}* to {inbox}", is_new)
    for of, errors in unprotected:
        if errors:
            raise provision.protection_error(of, errors)


def _bucket(
    cloud: Cloud, failed: dict[str, CloudError], *, dry: bool, patience: Patience
) -> Generator[Resource, None, tuple[bool, bool]]:
    """Make a cloud's bucket if it is missing, and protect it; what could not be is put in `failed`.

    Returns:
        Whether it was there before, and whether it was made.
    """
    there = provision.bucket_exists(cloud)
    made = not there
    if not (there or dry):
        made = provision.make_bucket(cloud, patience)
        there = not made
    yield Resource("bucket", cloud.bucket_name, made)
    # One of the derived name is ours alone: what an earlier run could not set is set now.
    if made or cloud.bucket_owner:
        yield from provision.protect_bucket(cloud, failed, dry=dry, there=there, patience=patience)
    return there, made


def _other_buckets(cloud: Cloud) -> list[Cloud]:
    """Return the cloud with each bucket that the dialect names beside the lab's own."""
    others = (with_bucket(cloud, name) for name in lab_queues.buckets(cloud.settings))
    return [other for other in others if other is not cloud]


def set_up(cloud: Cloud, *, dry: bool = False, patience: Patience = PATIENT) -> Iterator[Resource]:
    """Make what is missing as `up` does, for who asks for it: on the local cloud bound growth too.

    The local cloud is made by whichever program comes first. Nothing in it expires by that alone.
    Arguments, results and errors as of `up`.
    """
    there = not cloud.is_local or provision.bucket_exists(cloud)
    yield from up(cloud, dry=dry, patience=patience)
    failed: dict[str, CloudError] = {}
    if cloud.is_local:
        yield from _bound_growth(cloud, failed, dry=dry, there=there, patience=patience)
    for error in failed.values():
        raise error


def lifecycle_rules(settings: Settings) -> tuple[lifecycle.Rule, ...]:
    """Return the lifecycle rules that the lab's own bucket should have."""
    from labapp.jobs.logbook import PREFIX as LOGS  # which few commands read or write

    # Kept for ever is what lies below images/ and labels/.
    return lifecycle.rules_for(settings.keep_days, (INBOX, OUTBOX, LOGS), REPORTS)


def _bound_growth(
    cloud: Cloud,
    failed: dict[str, CloudError],
    *,
    dry: bool,
    there: bool,
    patience: Patience,
) -> Iterator[Resource]:
    """Set the bucket's lifecycle rules; that they could not be set is put in `failed`.

    A bucket that a setting names has them if it was made here, and has kept one since.
    """
    is_ours = bool(cloud.bucket_owner) or (cloud.is_local and not cloud.settings.bucket)
    if there and not is_ours:
        try:
            if not lifecycle.has_ours(cloud):
                return
        except CloudError:  # nobody need be let look into a bucket of others
            return
    rules = lifecycle_rules(cloud.settings)
    if cloud.is_local:  # which keeps no versions
        rules = tuple(rule for rule in rules if not rule.is_for_versions)
    try:
        before = lifecycle.keep(cloud, rules, there=there, dry=dry, patience=patience)
    except CloudError as error:
        failed["set lifecycle rules of"] = error
        return
    for one in before or ():
        yield Resource("lifecycle", one.rule.name, not one.holds, one.is_there and not one.holds)


def _queues(cloud: Cloud, *, dry: bool, patience: Patience) -> Iterator[Resource]:
    found = list(_found_queues(cloud))
    if dry:
        yield from found
        return
    told = {queue.name: queue.attributes for queue in lab_queues.all_queues(cloud.settings)}
    made: dict[str, Mapping[str, str] | None] = {}
    stopped: CloudError | None = None
    # All are made before the first is waited for: they become known side by side. Those for dead
    # letters come first, as no queue is to be without.
    for resource in sorted(found, key=lambda one: one.kind == QUEUE):
        if resource.made:
            try:
                made[resource.name] = _make_queue(cloud, resource, told, patience)
            except CloudError as error:
                stopped = error
                break
    for resource in found:
        if resource.name in made:
            attributes = made[resource.name]
            new_queues.read_back(cloud, resource.name, attributes or {}, patience)
            yield replace(resource, made=attributes is not None)
        elif not resource.made:
            yield resource
    if stopped:
        raise stopped


def _found_queues(cloud: Cloud) -> Iterator[Resource]:
    """Yield each queue, `made` where it is to be: it is not there."""
    for queue in lab_queues.all_queues(cloud.settings):
        name, dead = queue.name, dead_letters_of(queue.name)
        dead_there, there = Queue(cloud, dead).exists(), Queue(cloud, name).exists()
        if there:
            yield Resource(QUEUE, name, made=False)
        if dead_there or not (there or queue.waits):
            # One that is there keeps its own redrive, or none.
            yield Resource("dead-letter queue", dead, made=not dead_there)
        if not there:
            yield Resource(QUEUE, name, made=not queue.waits, awaited=queue.waits)


def _make_queue(
    cloud: Cloud, resource: Resource, told: Mapping[str, Mapping[str, str]], patience: Patience
) -> Mapping[str, str] | None:
    """Make a queue, with what the dialect tells of it by name, or one for dead letters.

    Results and errors as of `new_queues.make`.
    """
    name = resource.name
    if resource.kind == QUEUE:
        dead = dead_letters_of(name)
        return new_queues.make(cloud, name, told[name], dead_letters=dead, patience=patience)
    retention = new_queues.DEAD_LETTER_RETENTION
    return new_queues.make(cloud, name, retention=retention, patience=patience)


def waiting(cloud: Cloud) -> list[str]:
    """Return the names of queues that a lab's client is to make, and has not made yet.

    Raises:
        CloudError: one cannot be looked for.
    """
    return [
        queue.name
        for queue in lab_queues.all_queues(cloud.settings)
        if queue.waits and not Queue(cloud, queue.name).exists()
    ]


def check_made(cloud: Cloud, name: str) -> None:
    """See to it that nobody waits in vain for a queue that labapp does not make.

    Raises:
        MissingResourceError: a lab's own client is to make it, and has not made it yet.
    """
    if name in waiting(cloud):
        raise MissingResourceError(
            f"the queue {name} is not there yet: the dialect leaves it to the lab's own client",
            "Start that client first.",
        )


def missing(cloud: Cloud) -> list[str]:
    """Return the names of what does not exist: buckets and queues, less those waited for.

    Raises:
        CloudError: one cannot be looked for.
    """
    return [name for name, exists in _looks(cloud) if not exists()]


def _looks(cloud: Cloud, *, bucket_only: bool = False) -> Iterator[tuple[str, Callable[[], bool]]]:
    """Yield the names of buckets and queues, each with what looks whether it exists."""
    yield cloud.bucket_name, partial(provision.bucket_exists, cloud)
    if not bucket_only:
        for other in _other_buckets(cloud):
            yield other.bucket_name, partial(provision.bucket_exists, other)
        for queue in lab_queues.all_queues(cloud.settings):
            if not queue.waits:
                yield queue.name, Queue(cloud, queue.name).exists


def _is_lacking(exists: Callable[[], bool]) -> bool:
    """Return whether a thing is seen not to exist; who may not look will meet it, or not need it.

    A person's own permissions need not be for the whole bucket, nor for queues of others' jobs.
    """
    try:
        return not exists()
    except ForbiddenError:
        return False


def _is_found(queue: Queue) -> bool:
    """Return whether a queue is there, or nobody says that it is not; False where all is looked at.

    Raises:
        UnreachableError: nobody answers, and nobody would for the rest.
    """
    try:
        return queue.exists()
    except ForbiddenError:
        return True
    except UnreachableError:
        raise
    except CloudError:  # met again by the first of all that is looked for, and told of that
        return False


def require(
    cloud: Cloud, *, bucket_only: bool = False, patience: Patience = PATIENT, enough: str = ""
) -> None:
    """See to it that all that programs use is there; or the bucket only, if no more is used.

    On the local cloud everybody may do everything, and all is looked for.
    On AWS, where another program is making it all, it is waited for.

    Args:
        cloud: where.
        bucket_only: whether the bucket is all that is used.
        patience: waits for what another program makes.
        enough: the one queue that is used; where it is there, nothing else is looked for.

    Raises:
        MissingResourceError: on AWS, with the names and the command that makes them.
    """
    if enough and _is_found(Queue(cloud, enough)):
        return

    def look() -> list[str]:
        looks = _looks(cloud, bucket_only=bucket_only and not cloud.is_local)
        return [name for name, exists in looks if _is_lacking(exists)]

    lacking = look()
    if lacking and cloud.is_local:
        for _ in up(cloud):
            pass
    elif lacking and not (
        _is_being_made(cloud, lacking)
        and patience.until(lambda: not look(), f"AWS knows {', '.join(lacking)}")
    ):
        raise MissingResourceError(
            f"not there in {cloud.place.region}: {', '.join(lacking)}",
            "Run 'python admin.py cloud up', which makes what is missing.",
        )


def _is_being_made(cloud: Cloud, lacking: Collection[str]) -> bool:
    """Return whether a queue of the lab is so new that the rest may only not be known yet."""
    for name in lab_queues.names(cloud.settings):
        if name not in lacking:
            with contextlib.suppress(CloudError):  # who may not look waits for nothing
                if abs(utc.seconds() - Queue(cloud, name).made_at()) < RECENT:
                    return True
    return False
