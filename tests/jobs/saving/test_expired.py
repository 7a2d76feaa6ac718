"""A result that S3 has deleted by age is told as that, wherever it is asked for."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest
from ulid import ULID

from labapp.cloud import lifecycle
from labapp.cloud.bucket import Bucket
from labapp.errors import MissingResourceError
from labapp.jobs import lab, saving
from labapp.jobs.entry import Entry
from tests.support.aws_answers import refuse

DAY = 24 * 3600


def job_of(days: float) -> str:
    return str(ULID.from_timestamp(time.time() - days * DAY))


def done(days: float) -> Entry:
    """Return a picture job of so many days ago, whose result is not in the bucket."""
    job, sent = job_of(days), time.time() - days * DAY
    values = (
        f'{{"key": "outbox/{job}/a.png", "format": "png", "bytes": 9, "width": 1, "height": 1}}'
    )
    return Entry(job, "ada", "pictures", "inbox/x", sent, "done", sent, "x", values)


def told(bucket: Bucket, entry: Entry, folder: Path) -> list[str]:
    """Return what is said by each way to the result: its page, `fetch` here and elsewhere."""
    said = []
    for ask in (
        lambda: saving.save(bucket, entry, folder),
        lambda: saving.fetch(bucket, entry.job, folder, lambda _: entry),
        lambda: saving.fetch(bucket, entry.job, folder),
    ):
        with pytest.raises(MissingResourceError) as caught:
            ask()
        said.append(caught.value.message)
    return said


@pytest.mark.parametrize(("keep", "text"), [(30, "30 days"), (1, "1 day")])
def test_one_that_is_older_than_results_are_kept_has_expired(
    bare_bucket: Bucket, tmp_path: Path, keep: int, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(bare_bucket.cloud.settings, keep_days=keep)
    monkeypatch.setattr(bare_bucket.cloud, "settings", settings)
    lifecycle.keep(bare_bucket.cloud, lab.lifecycle_rules(settings))
    entry = done(45.5)
    assert (
        told(bare_bucket, entry, tmp_path)
        == [
            f"the result of the job {entry.job} has expired: it was kept {text}, and is 45 days old"
        ]
        * 3
    )


@pytest.mark.parametrize(("days", "keep"), [(29.9, 30), (45, 0)])
def test_one_that_is_younger_or_kept_for_ever_was_deleted(
    bare_bucket: Bucket, tmp_path: Path, days: float, keep: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(bare_bucket.cloud.settings, keep_days=keep)
    monkeypatch.setattr(bare_bucket.cloud, "settings", settings)
    entry = done(days)
    here = f"the result of the job {entry.job} was deleted from the bucket since"
    assert told(bare_bucket, entry, tmp_path) == [
        here,
        here,
        f"there is no result of the job {entry.job}",
    ]
    assert not list(tmp_path.iterdir())


def test_an_id_that_tells_no_time_is_no_old_job(bare_bucket: Bucket, tmp_path: Path) -> None:
    with pytest.raises(MissingResourceError, match="there is no result of the job job-1"):
        saving.fetch(bare_bucket, "job-1", tmp_path)


@pytest.mark.parametrize("is_local", [True, False])
def test_it_has_expired_only_where_the_bucket_has_such_rules(
    bare_bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_local: bool
) -> None:
    monkeypatch.setattr(type(bare_bucket.cloud), "is_local", is_local)
    assert "was deleted" in told(bare_bucket, done(45), tmp_path)[0]
    lifecycle.keep(bare_bucket.cloud, lab.lifecycle_rules(bare_bucket.cloud.settings))
    assert "has expired" in told(bare_bucket, done(45), tmp_path)[0]


def test_who_may_not_see_the_rules_is_told_that_it_has_expired(
    bare_bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "GetBucketLifecycleConfiguration"
    refuse(bare_bucket.cloud.s3, monkeypatch, name.__eq__)
    assert "has expired" in told(bare_bucket, done(45), tmp_path)[0]
