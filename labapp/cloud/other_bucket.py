"""A cloud with another bucket for the lab's own, such as one that a dialect names.

Clients, credentials and all that was found out are the cloud's own: who needs two buckets is asked
for a password once. The other bucket may be of any account.
"""

from __future__ import annotations

import dataclasses
from typing import Any, cast

from labapp.cloud.session import Cloud
from labapp.settings import Settings


def with_bucket(cloud: Cloud, name: str) -> Cloud:
    """Return a cloud with the bucket of a name; the cloud itself where that is its own, or empty.

    Raises:
        CredentialsError: the own bucket's name is to be derived, and AWS does not know us.
    """
    if not name or name == cloud.bucket_name:
        return cloud
    return cast("Cloud", _OtherBucket(cloud, name))


class _OtherBucket:
    """A cloud in all but the bucket."""

    bucket_owner = ""

    def __init__(self, cloud: Cloud, name: str) -> None:
        self._cloud = cloud
        self.bucket_name = self.known_bucket = name
        self.settings: Settings = dataclasses.replace(cloud.settings, bucket=name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cloud, name)
