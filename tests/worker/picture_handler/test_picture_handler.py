"""What the picture job's handler is made of, and what it keeps on disk and with results."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.bucket import Bucket
from labapp.jobs.picture_kind import PICTURES
from labapp.settings import Settings
from labapp.worker import picture_work, results
from labapp.worker.picture_handler import PictureHandler
from tests.worker.picture_kit import asked, handler, keys, plain, proved, put, refused


@pytest.mark.parametrize(
    ("wanted", "processors", "hands"), [(2, 6, 5), (0, 6, 9), (0, None, 4), (8, 1, 11)]
)
def test_three_pictures_travel_beside_those_that_are_worked_on(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, wanted: int, processors: int, hands: int
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: processors)
    assert handler(bucket, picture_processes=wanted).hands == hands


def test_pictures_are_processed_in_forks_of_what_is_warm_and_within_the_workers_caps(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_of: list[Any] = []
    monkeypatch.setattr(picture_work, "Sandbox", lambda *given: made_of.extend(given))
    found = PictureHandler(Settings(), bucket)
    caps, preloaded, *_ = made_of
    assert preloaded == "labapp.worker.preload"
    assert caps.on_worker, "it is told to somebody elsewhere"
    assert (found.kind, found.quick) == (PICTURES, False)


def test_while_the_result_of_a_large_picture_travels_its_source_is_off_the_disk(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_work, "HELD", 1)
    put(bucket, "inbox/job-1/a.png")
    upload, download = Bucket.upload, Bucket.download
    seen: list[tuple[str, list[str]]] = []

    def sent(self: Bucket, path: Path, *given: Any) -> None:
        seen.append((path.parent.name, sorted(one.name for one in path.parent.iterdir())))
        upload(self, path, *given)

    def fetched(self: Bucket, key: str, path: Path, **rest: Any) -> None:
        download(self, key, path, **rest)
        seen.append((path.parent.name, sorted(one.name for one in path.parent.iterdir())))

    monkeypatch.setattr(Bucket, "upload", sent)
    monkeypatch.setattr(Bucket, "download", fetched)
    handler(bucket).work(proved("inbox/job-1/a.png"))
    (folder, before), (same, after) = seen
    assert (before, after) == (["source"], ["result"])
    assert folder == same
    assert re.fullmatch(r"labapp-\w{8}", folder)


def test_a_file_of_just_the_most_bytes_is_looked_into(bucket: Bucket) -> None:
    put(bucket, "inbox/a.png", bytes(2_000_000))
    told = "^(?!.*at most 2 are taken)"
    refused(handler(bucket, max_source_mb=2.0), asked("inbox/a.png"), told)


def test_a_result_whose_key_has_just_the_most_bytes_is_stored(bucket: Bucket) -> None:
    name = "a" * 1_012 + ".png"
    put(bucket, f"in/{name}")
    lab = {"plain_source_prefix": "in/", "plain_result_prefix": "results/"}
    assert len(f"results/{name}") == 1_024
    handler(bucket, **lab).work(plain(name))
    assert keys(bucket, "results/") == [f"results/{name}"]


def test_a_picture_without_a_name_that_keys_may_have_is_called_a_picture(bucket: Bucket) -> None:
    put(bucket, "inbox/job-1/!!!.png")
    reply = handler(bucket).work(asked("inbox/job-1/!!!.png"))
    assert reply.body == "outbox/job-1/picture-invert.png"


def test_of_a_long_source_500_characters_are_kept_with_the_result(bucket: Bucket) -> None:
    key = "inbox/job-1/" + "\u00e4" * 200 + ".png"
    put(bucket, key)
    reply = handler(bucket).work(asked(key))
    kept = bucket.head(reply.body).metadata["source"]
    assert kept == ("inbox/job-1/" + "%C3%A4" * 200)[:500]
    assert "\u00e4" in reply.result, "it is readable in the answer"


def test_a_result_of_another_version_is_told_as_far_as_it_is_known() -> None:
    reply = results.reply("job-1", "outbox/job-1/a.png", 7, {})
    assert json.loads(reply.result) == {
        "key": "outbox/job-1/a.png", "source": "", "format": "", "width": 0, "height": 0,
        "frames": 1, "bytes": 7,
    }  # fmt: skip
