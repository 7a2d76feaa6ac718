"""What must exist in the cloud for jobs of every kind: the bucket and their queues.

`up` makes what is missing and adopts what is there exactly as it is: a lab's own queues keep their
own attributes, a bucket that a setting names its own protection. On the local cloud it is called on
first use; on AWS only by `admin.py cloud up`, so that nothing appears in anybody's account by
accident.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from labapp.cloud import lifecycle, notifications, provision
from labapp.cloud.provision import Resource
from labapp.cloud.queues import DEAD_LETTER_SUFFIX, Queue
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, ForbiddenError, MissingResourceError
from labapp.jobs import kinds
from labapp.jobs.logbook import PREFIX as LOGS
from labapp.jobs.picture_kind import INBOX, OUTBOX
from labapp.settings import Settings

#: Where workers' reports lie in the bucket, each written over every half minute.
REPORTS = "workers/"

#: What is kept for `keep_days`: pictures that were sent, results, and logs. What lies below images/
#: and labels/ is for ever.
EXPIRING = (INBOX, OUTBOX, LOGS)


def up(cloud: Cloud, *, dry: bool = False) -> Iterator[Resource]:
    """Make what is missing, one thing after another.

    With `dry` it only says what would be made: everything is looked at, and nothing is changed.

    Yields:
        Each resource, once it is there.

    Raises:
        CloudError: a resource can neither be found nor made; or the bucket could not be protected
            in every way, which is said last, when all else is there.
    """
    there = provision.bucket_exists(cloud)
    if not (there or dry):
        provision.make_bucket(cloud)
    yield Resource("bucket", cloud.bucket_name, not there)
    failed: dict[str, CloudError] = {}
    # One of the derived name is ours alone: what an earlier run could not set is set now.
    if not there or cloud.bucket_owner:
        yield from provision.protect_bucket(cloud, failed, dry=dry, there=there)
    yield from bound_growth(cloud, failed, dry=dry, there=there)
    yield from _queues(cloud, dry=dry)
    for kind in kinds.all_kinds():
        if kind.drops:
            inbox = kind.request_queue_name(cloud.settings)
            admitted = notifications.admit(cloud, inbox, dry=dry)
            yield Resource("policy", f"S3 may send to {inbox}", admitted)
            is_new = not there  # a bucket that is not there tells nobody
            if there or not dry:
                is_new = notifications.notify(cloud, inbox, kind.drops, dry=dry)
            yield Resource("notification", f"{kind.drops}* to {inbox}", is_new)
    if failed:
        raise provision.protection_error(cloud, failed)


def set_up(cloud: Cloud, *, dry: bool = False) -> Iterator[Resource]:
    """Make what is missing as `up` does, for who asks for it: on the local cloud bound growth too.

    The local cloud is made by whichever program comes first. Nothing in it expires by that alone.
    Arguments, results and errors as of `up`.
    """
    there = not cloud.is_local or provision.bucket_exists(cloud)
    yield from up(cloud, dry=dry)
    failed: dict[str, CloudError] = {}
    if cloud.is_local:
        yield from _set_rules(cloud, failed, dry=dry, there=there)
    for error in failed.values():
        raise error


def lifecycle_rules(settings: Settings) -> tuple[lifecycle.Rule, ...]:
    """Return the lifecycle rules that the lab's own bucket should have."""
    return lifecycle.rules_for(settings.keep_days, EXPIRING, REPORTS)


def bound_growth(
    cloud: Cloud, failed: dict[str, CloudError], *, dry: bool, there: bool
) -> Iterator[Resource]:
    """Set the bucket's lifecycle rules; that they could not be set is put in `failed`.

    A bucket that a setting names has them if it was made here, and has kept one since.
    """
    if not cloud.is_local:  # see `set_up`
        yield from _set_rules(cloud, failed, dry=dry, there=there)


def _set_rules(
    cloud: Cloud, failed: dict[str, CloudError], *, dry: bool, there: bool
) -> Iterator[Resource]:
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
        before = lifecycle.keep(cloud, rules, there=there, dry=dry)
    except CloudError as error:
        failed["set lifecycle rules of"] = error
        return
    for one in before or ():
        yield Resource("lifecycle", one.rule.name, not one.holds, one.is_there and not one.holds)


def _queues(cloud: Cloud, *, dry: bool) -> Iterator[Resource]:
    for name in kinds.queue_names(cloud.settings):
        dead = name + DEAD_LETTER_SUFFIX
        dead_there = Queue(cloud, dead).exists()
        if Queue(cloud, name).exists():
            yield Resource("queue", name, made=False)
            if dead_there:
                yield Resource("dead-letter queue", dead, made=False)
            continue
        if not (dead_there or dry):
            provision.make_queue(cloud, dead, retention=provision.DEAD_LETTER_RETENTION)
        yield Resource("dead-letter queue", dead, not dead_there)
        if not dry:
            provision.make_queue(cloud, name, dead_letters=dead)
        yield Resource("queue", name, made=True)


def missing(cloud: Cloud) -> list[str]:
    """Return the names of what does not exist: bucket and queues.

    Raises:
        CloudError: one cannot be looked for.
    """
    return [name for name, exists in _looks(cloud) if not exists()]


def _looks(cloud: Cloud, *, bucket_only: bool = False) -> Iterator[tuple[str, Callable[[], bool]]]:
    """Yield the names of bucket and queues, each with what looks whether it exists."""
    yield cloud.bucket_name, partial(provision.bucket_exists, cloud)
    if not bucket_only:
        for name in kinds.queue_names(cloud.settings):
            yield name, Queue(cloud, name).exists


def _is_lacking(exists: Callable[[], bool]) -> bool:
    """Return whether a thing is seen not to exist; who may not look will meet it, or not need it.

    A person's own permissions need not be for the whole bucket, nor for queues of others' jobs.
    """
    try:
        return not exists()
    except ForbiddenError:
        return False


def require(cloud: Cloud, *, bucket_only: bool = False) -> None:
    """See to it that all that programs use is there; or the bucket only, if no more is used.

    On the local cloud everybody may do everything, and all is looked for.

    Raises:
        MissingResourceError: on AWS, with the names and the command that makes them.
    """
    looks = _looks(cloud, bucket_only=bucket_only and not cloud.is_local)
    lacking = [name for name, exists in looks if _is_lacking(exists)]
    if lacking and cloud.is_local:
        for _ in up(cloud):
            pass
    elif lacking:
        raise MissingResourceError(
            f"not there in {cloud.place.region}: {', '.join(lacking)}",
            "Run 'python admin.py cloud up', which makes what is missing.",
        )
