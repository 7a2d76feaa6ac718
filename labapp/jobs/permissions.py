"""What a lab's things are called in the policies of its roles (see `cloud.roles`)."""

from __future__ import annotations

from labapp.cloud import roles
from labapp.cloud.roles import Names
from labapp.cloud.session import Cloud, account_bucket
from labapp.jobs import kinds
from labapp.settings import Settings


def names_of(settings: Settings, region: str, account: str) -> Names:
    """Return what things are called in an account's region, asking nobody."""
    every = kinds.all_kinds()
    requests = (kind.request_queue_name(settings) for kind in every)
    plain_answers = (kind.plain_replies_name(settings) for kind in every)
    return Names(
        partition=roles.partition_of(region),
        region=region,
        account=account,
        bucket=settings.bucket or account_bucket(account, region),
        requests=tuple(dict.fromkeys(requests)),
        plain_answers=tuple(dict.fromkeys(plain_answers)),
        answers=settings.response_queue,
        plain_sources=settings.plain_source_prefix,
        plain_results=settings.plain_result_prefix.partition("{")[0],
    )


def names_in(cloud: Cloud) -> Names:
    """Return what things are called in a cloud.

    Raises:
        CredentialsError: AWS does not know us.
    """
    return names_of(cloud.settings, cloud.place.region, cloud.account)
