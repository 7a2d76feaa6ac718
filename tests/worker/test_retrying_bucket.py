from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.bucket import Bucket
from labapp.errors import CloudError, ForbiddenError, MissingResourceError, UnreachableError
from labapp.worker import refusals as refusals_module
from labapp.worker import retrying_bucket
from labapp.worker.outages import OutageGuard
from labapp.worker.retrying_bucket import RetryingBucket
from labapp.worker.stats import WorkerStats
from tests.pictures.samples import PNG
from tests.support.waiting import until
from tests.worker.conftest import Bench
from tests.worker.picture_kit import put


def test_a_lane_tells_its_handler_how_to_call_the_cloud(bench: Bench) -> None:
    assert bench.handler.call == bench.outages.call


def test_what_is_there_is_found_fetched_and_listed(bucket: Bucket, tmp_path: Path) -> None:
    put(bucket, "inbox/a.png")
    patient = RetryingBucket(bucket)
    found = patient.head("inbox/a.png")
    assert found is not None
    assert found.size == len(PNG)
    assert patient.download("inbox/a.png", tmp_path / "a.png") is True
    patient.upload(tmp_path / "a.png", "outbox/a.png", "image/png", {"job": "j"})
    assert [entry.key for entry in patient.list("outbox/", 10)] == ["outbox/a.png"]
    assert bucket.get("outbox/a.png").body == PNG
    assert patient.name == bucket.name


def test_what_is_not_there_is_an_answer_and_never_waited_for(
    bucket: Bucket, tmp_path: Path
) -> None:
    def insist(action: Callable[[], Any], /) -> Any:
        try:
            return action()
        except MissingResourceError:
            raise AssertionError("OutageGuard would wait for it") from None

    patient = RetryingBucket(bucket)
    patient.call = insist
    assert patient.head("inbox/none.png") is None
    assert patient.download("inbox/none.png", tmp_path / "a.png") is False
    assert patient.list("inbox/", 10) == []


def test_every_call_goes_through_the_caller(bucket: Bucket, tmp_path: Path) -> None:
    def away(action: Callable[[], Any], /) -> Any:
        raise UnreachableError("away")

    patient = RetryingBucket(bucket)
    patient.call = away
    path = tmp_path / "a.png"
    calls: list[Callable[[], object]] = [
        lambda: patient.name,
        lambda: patient.head("a"),
        lambda: patient.download("a", path),
        lambda: patient.upload(path, "a", "image/png", {}),
        lambda: patient.upload_if(path, "a", "image/png", {}, None),
        lambda: patient.list("", 10),
    ]
    for call in calls:
        with pytest.raises(CloudError, match="away"):
            call()


def _refusing(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, keys: set[str]
) -> tuple[RetryingBucket, WorkerStats]:
    """Return a bucket as a worker has it, whose objects of these keys may not be read."""
    head, get = Bucket.head, Bucket.download

    def refused_head(self: Bucket, key: str) -> Any:
        if key in keys:
            raise ForbiddenError(f"cannot find {key}")
        return head(self, key)

    def refused_get(self: Bucket, key: str, path: Path, **rest: Any) -> None:
        if key in keys:
            raise ForbiddenError(f"cannot read {key}")
        get(self, key, path, **rest)

    monkeypatch.setattr(Bucket, "head", refused_head)
    monkeypatch.setattr(Bucket, "download", refused_get)
    monkeypatch.setattr(refusals_module, "delay", lambda attempt: 0.01)
    stats = WorkerStats()
    patient = RetryingBucket(bucket, "imageInbox")
    patient.call = OutageGuard(bucket.cloud, threading.Event(), stats).call
    return patient, stats


def test_a_picture_that_alone_may_not_be_read_is_its_jobs_own_fault(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bucket, "workers/me.json", b"{}")
    put(bucket, "inbox/secret.png")
    patient, stats = _refusing(bucket, monkeypatch, {"inbox/secret.png"})
    with pytest.raises(ForbiddenError):
        patient.head("inbox/secret.png")
    with pytest.raises(ForbiddenError):
        patient.download("inbox/secret.png", tmp_path / "a.png")
    assert stats.snapshot().trouble == ""


def test_an_object_is_its_jobs_own_fault_where_another_was_fetched_and_no_report_is(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("a.png", "b.png", "secret.png"):
        put(bucket, key)
    monkeypatch.setattr(retrying_bucket, "LONGEST", 0.05)
    patient, stats = _refusing(bucket, monkeypatch, {"secret.png"})
    assert patient.read("a.png", len(PNG))
    with pytest.raises(ForbiddenError):
        patient.download("secret.png", tmp_path / "a.png")
    assert stats.snapshot().trouble == ""
    assert patient.download("b.png", tmp_path / "b.png")
    bucket.delete("b.png")
    with pytest.raises(ForbiddenError):
        patient.download("secret.png", tmp_path / "a.png")
    assert stats.snapshot().trouble == "cannot read secret.png", (
        "it cannot be told, and is waited for"
    )


def test_a_worker_that_may_read_nothing_waits_until_it_may(
    bucket: Bucket,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put(bucket, "workers/me.json", b"{}")
    put(bucket, "inbox/a.png")
    keys = {"workers/me.json", "inbox/a.png"}
    patient, stats = _refusing(bucket, monkeypatch, keys)
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(patient.head("inbox/a.png")), daemon=True)
    thread.start()
    until(lambda: stats.snapshot().trouble == "cannot find inbox/a.png")
    keys.clear()
    thread.join(60)
    assert found[0]
    assert stats.snapshot().trouble == ""
