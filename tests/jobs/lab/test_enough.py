"""Who uses one queue alone has nothing else looked for, and is told of what lacks all the same."""

from __future__ import annotations

import contextlib

import pytest

from labapp.cloud import provision
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import (
    CloudError,
    CredentialsError,
    ForbiddenError,
    MissingResourceError,
    UnreachableError,
)
from labapp.jobs import lab


def test_where_one_queue_is_enough_nothing_else_is_looked_for(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provision, "bucket_exists", None)
    lab.require(cloud, enough="requestQueue")
    assert Queue(cloud, "requestQueue").url == cloud.found_queues["requestQueue"]


def test_where_that_queue_is_not_there_all_that_lacks_is_told(bare_cloud: Cloud) -> None:
    with pytest.raises(MissingResourceError) as every:
        lab.require(bare_cloud)
    with pytest.raises(MissingResourceError) as caught:
        lab.require(bare_cloud, enough="requestQueue")
    assert caught.value.message == every.value.message


@pytest.mark.parametrize(
    ("met", "raised"),
    [
        (ForbiddenError("no"), None),
        (UnreachableError("away"), UnreachableError),
        (CredentialsError("over"), CredentialsError),
    ],
)
def test_what_the_look_at_that_queue_meets_is_told_as_a_look_at_all_would(
    cloud: Cloud,
    monkeypatch: pytest.MonkeyPatch,
    met: CloudError,
    raised: type[CloudError] | None,
) -> None:
    def refused(_: object) -> bool:
        raise met

    monkeypatch.setattr(Queue, "exists", refused)
    monkeypatch.setattr(provision, "bucket_exists", lambda _: refused(_))
    with pytest.raises(raised) if raised else contextlib.nullcontext():
        lab.require(cloud, enough="requestQueue")
