from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labapp.cloud.bucket import Bucket, Entry
from labapp.errors import ForbiddenError, LabappError, MissingResourceError
from labapp.jobs import result_search, saving
from labapp.jobs.ledger_file import DamagedLedgerError
from tests.pictures.samples import PNG

OLD, OWN = "outbox/job-1/cat-blur.png", "outbox/anna-0123456789ab/job-1/cat-blur.png"


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("job-1", ("", "job-1")),
        ("anna-0123456789ab/job-1", ("anna-0123456789ab", "job-1")),
        ("Anna/job-1", ("", "")),
        ("a/b/job-1", ("", "")),
        ("/job-1", ("", "")),
        ("anna/", ("", "")),
    ],
)
def test_a_job_is_named_alone_or_behind_its_client(name: str, found: tuple[str, str]) -> None:
    assert result_search.client_and_job(name) == found


@pytest.mark.parametrize("key", [OLD, OWN])
@pytest.mark.parametrize("name", ["job-1", "anna-0123456789ab/job-1"])
def test_a_result_is_fetched_wherever_a_worker_old_or_new_has_put_it(
    bucket: Bucket, tmp_path: Path, key: str, name: str
) -> None:
    for other in ("outbox/anna-0123456789ab/job-10/", "outbox/bob-0123456789ab/job-2/"):
        bucket.put(f"{other}dog-blur.png", PNG, "image/png")
    bucket.put(key, PNG, "image/png")
    (path,) = saving.fetch(bucket, name, tmp_path)
    assert path.read_bytes() == PNG


def test_the_result_of_another_client_is_not_taken_for_the_one_that_is_named(
    bucket: Bucket, tmp_path: Path
) -> None:
    bucket.put(OWN, PNG, "image/png")
    with pytest.raises(MissingResourceError):
        saving.fetch(bucket, "bob-0123456789ab/job-1", tmp_path)


def test_a_damaged_ledger_keeps_nobody_from_a_result(bucket: Bucket, tmp_path: Path) -> None:
    def damaged(job: str) -> None:
        raise DamagedLedgerError("the ledger is damaged")

    with pytest.raises(DamagedLedgerError):
        saving.fetch(bucket, "job-1", tmp_path, damaged)
    bucket.put(OWN, PNG, "image/png")
    assert len(saving.fetch(bucket, "job-1", tmp_path, damaged)) == 1


class OwnFolderOnly(Bucket):
    """A bucket of which one may list one client's results only."""

    def list(self, prefix: str, after: str = "") -> Iterator[Entry]:
        if not prefix.startswith("outbox/anna-0123456789ab/"):
            raise ForbiddenError("cannot list", "Ask for s3:ListBucket.")
        return super().list(prefix, after)

    def folders(self, prefix: str) -> Iterator[str]:
        raise ForbiddenError("cannot list", "Ask for s3:ListBucket.")


def test_who_may_list_the_own_folder_only_is_told_how_to_go_on(
    bucket: Bucket, tmp_path: Path
) -> None:
    limited = OwnFolderOnly(bucket.cloud)
    with pytest.raises(ForbiddenError) as caught:
        saving.fetch(limited, "job-1", tmp_path)
    assert "fetch CLIENT/JOB" in caught.value.remedy
    with pytest.raises(ForbiddenError, match="cannot list"):
        saving.fetch(limited, "bob-0123456789ab/job-1", tmp_path)
    with pytest.raises(LabappError, match="no result of the job job-1"):
        saving.fetch(limited, "anna-0123456789ab/job-1", tmp_path)
    bucket.put(OWN, PNG, "image/png")
    assert saving.fetch(limited, "anna-0123456789ab/job-1", tmp_path)
