"""Results in the bucket: whose they are, and that none is written over by who only claims a job."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.bucket import Bucket
from labapp.errors import UnreachableError
from labapp.jobs import marks
from labapp.jobs.marks import NotTheirsError
from labapp.jobs.wire import Request
from labapp.worker import results
from labapp.worker.results import Job
from labapp.worker.retrying_bucket import RetryingBucket
from tests.pictures.samples import INVERT, PNG
from tests.worker.picture_kit import asked, plain, proved

STEPS = '[{"op": "invert"}]'
KEY = "outbox/job-1/a-invert.png"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "result"
    path.write_bytes(PNG)
    return path


def job_of(request: Request, **more: Any) -> Job:
    mark = marks.mark_of("pictures", request)
    job = Job(request.job, request.body, INVERT, "", f"outbox/{request.job}/", mark)
    return replace(job, **more)


def store(bucket: Bucket, file: Path, request: Request, key: str = KEY) -> None:
    job = job_of(request)
    facts = job.facts(STEPS) | {"format": "png", "width": "40", "height": "30"}
    results.store(RetryingBucket(bucket), file, key, job, request, facts)


def known(bucket: Bucket, request: Request) -> Any:
    return results.earlier_reply(RetryingBucket(bucket), job_of(request), request, STEPS)


def test_a_claim_is_stored_where_nothing_is_and_by_the_same_request_again(
    bucket: Bucket, file: Path
) -> None:
    store(bucket, file, asked("inbox/a.png"))
    file.write_bytes(PNG + b"again")
    store(bucket, file, asked("inbox/a.png"))
    assert bucket.get(KEY).body == PNG + b"again"
    found = known(bucket, asked("inbox/a.png"))
    assert (found.body, found.job, found.status) == (KEY, "job-1", "done")


@pytest.mark.parametrize("body", ["inbox/b.png", "inbox/a.png"])
def test_a_claim_is_not_stored_over_anothers(bucket: Bucket, file: Path, body: str) -> None:
    store(bucket, file, asked("inbox/a.png"))
    before = bucket.head(KEY)
    other = replace(asked(body), client="mallory")
    file.write_bytes(b"other")
    with pytest.raises(NotTheirsError):
        store(bucket, file, other)
    with pytest.raises(NotTheirsError):
        known(bucket, other)
    assert bucket.head(KEY) == before


def test_a_claim_is_not_stored_over_what_nobody_knows(bucket: Bucket, file: Path) -> None:
    bucket.put(KEY, b"something", "text/plain")
    with pytest.raises(NotTheirsError):
        store(bucket, file, asked("inbox/a.png"))
    assert known(bucket, asked("inbox/a.png")) is None
    assert bucket.get(KEY).body == b"something"


def test_what_is_proved_is_stored_over_a_claim_and_a_claim_never_over_it(
    bucket: Bucket, file: Path
) -> None:
    owner = proved("inbox/a.png")
    key = f"outbox/{owner.job}/a-invert.png"
    claim = replace(owner, nonce="")
    store(bucket, file, replace(claim, client="mallory"), key)
    assert known(bucket, owner) is None
    store(bucket, file, owner, key)
    before = bucket.head(key)
    assert marks.is_proved(marks.mark_in(before.metadata))
    file.write_bytes(b"other")
    store(bucket, file, claim, key)  # the same words: it is done already
    with pytest.raises(NotTheirsError):
        store(bucket, file, replace(claim, client="mallory"), key)
    assert bucket.head(key) == before
    assert known(bucket, owner) == known(bucket, claim)


def test_a_result_of_an_older_worker_is_known_by_all_that_it_notes(bucket: Bucket) -> None:
    facts = {"job": "job-1", "source": "inbox/a.png", "pipeline": STEPS, "format": "png"}
    bucket.put(KEY, PNG, "image/png", facts)
    assert known(bucket, asked("inbox/a.png")).body == KEY
    with pytest.raises(NotTheirsError):
        known(bucket, asked("inbox/b.png"))
    job, request = job_of(asked("inbox/a.png"), format="jpeg"), asked("inbox/a.png")
    with pytest.raises(NotTheirsError):
        results.earlier_reply(RetryingBucket(bucket), job, request, STEPS)
    assert known(bucket, plain("inbox/b.png", "job-1")) is None, "nobody else chose its id"


def test_what_is_noted_may_be_anything(bucket: Bucket) -> None:
    facts = {"job": "job-1", "source": "inbox/a.png", "pipeline": STEPS, "width": "9" * 40}
    bucket.put(KEY, PNG, "image/png", facts | {"height": "many", "frames": "-1"})
    assert '"width": 0, "height": 0, "frames": 0' in known(bucket, asked("inbox/a.png")).result


def test_others_that_write_all_the_time_are_waited_for(
    bucket: Bucket, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(bucket, file, asked("inbox/a.png"))
    monkeypatch.setattr(Bucket, "upload_if", lambda *_: False)
    with pytest.raises(UnreachableError, match="at the same time"):
        store(bucket, file, asked("inbox/a.png"))
