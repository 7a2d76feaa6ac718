from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, MissingResourceError, UnreachableError
from labapp.worker.patient_bucket import PatientBucket
from tests.worker.conftest import Bench
from tests.worker.picture_kit import PNG, made, put


@pytest.fixture
def bucket(bare_cloud: Cloud) -> Bucket:
    return made(bare_cloud)


def test_a_lane_tells_its_handler_how_to_call_the_cloud(bench: Bench) -> None:
    assert bench.handler.call == bench.patience.call


def test_what_is_there_is_found_fetched_and_listed(bucket: Bucket, tmp_path: Path) -> None:
    put(bucket, "inbox/a.png")
    patient = PatientBucket(bucket)
    found = patient.head("inbox/a.png")
    assert found is not None
    assert found.size == len(PNG)
    assert patient.download("inbox/a.png", tmp_path / "a.png")
    patient.upload(tmp_path / "a.png", "outbox/a.png", "image/png", {"job": "j"})
    assert [entry.key for entry in patient.list("outbox/")] == ["outbox/a.png"]
    assert bucket.get("outbox/a.png").body == PNG
    assert patient.name == bucket.name


def test_what_is_not_there_is_an_answer_and_never_waited_for(
    bucket: Bucket, tmp_path: Path
) -> None:
    def insist(action: Callable[[], Any], /) -> Any:
        try:
            return action()
        except MissingResourceError:
            raise AssertionError("Patience would wait for it") from None

    patient = PatientBucket(bucket)
    patient.call = insist
    assert patient.head("inbox/none.png") is None
    assert not patient.download("inbox/none.png", tmp_path / "a.png")
    assert patient.list("inbox/") == []


def test_every_call_goes_through_the_caller(bucket: Bucket, tmp_path: Path) -> None:
    def away(action: Callable[[], Any], /) -> Any:
        raise UnreachableError("away")

    patient = PatientBucket(bucket)
    patient.call = away
    path = tmp_path / "a.png"
    calls: list[Callable[[], object]] = [
        lambda: patient.name,
        lambda: patient.head("a"),
        lambda: patient.download("a", path),
        lambda: patient.upload(path, "a", "image/png", {}),
        lambda: patient.list(""),
    ]
    for call in calls:
        with pytest.raises(CloudError, match="away"):
            call()
