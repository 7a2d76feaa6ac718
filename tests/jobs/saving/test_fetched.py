"""A result fetched by the id of its job alone: which object is taken for it, and where it goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.cloud.bucket import Bucket
from labapp.errors import MissingResourceError, UsageError
from labapp.jobs import marks, results, saving
from labapp.jobs.results import ResultRefusedError
from tests.pictures.samples import PNG


class TestFetch:
    def test_any_job_is_fetched_by_its_id_alone(self, bucket: Bucket, tmp_path: Path) -> None:
        bucket.put("outbox/job-1/cat-blur.png", PNG, "image/png")
        bucket.put("outbox/job-10/dog-blur.png", PNG, "image/png")
        (path,) = saving.fetch(bucket, "job-1", tmp_path / "new" / "folder")
        assert path == tmp_path / "new" / "folder" / "cat-blur.png"
        assert path.read_bytes() == PNG

    @pytest.mark.parametrize(
        "job", ["", "..", "A/b", "/b", "a/", "a/b/c", "../labels", "x" * 65, "a b", "ä"]
    )
    def test_what_is_no_id_is_never_asked_for(
        self, bucket: Bucket, tmp_path: Path, job: str
    ) -> None:
        with pytest.raises(UsageError, match="is not the id of a job"):
            saving.fetch(bucket, job, tmp_path)

    def test_a_job_without_a_result_is_told(self, bucket: Bucket, tmp_path: Path) -> None:
        with pytest.raises(MissingResourceError, match="no result of the job job-2"):
            saving.fetch(bucket, "job-2", tmp_path)

    @pytest.mark.parametrize("name", ["..%2f..%2fx.png", " a b.png", "\u202egnp.png"])
    def test_no_key_leads_out_of_the_folder(
        self, bucket: Bucket, tmp_path: Path, name: str
    ) -> None:
        bucket.put(f"outbox/job-1/{name}", PNG, "image/png")
        folder = tmp_path / "here"
        (path,) = saving.fetch(bucket, "job-1", folder)
        assert path.resolve().parent == folder.resolve()
        assert path.suffix == ".png"

    @pytest.mark.parametrize("name", ["...", "x.sh", "a\\..\\b.png", "C:e.png", "sub/../../x.png"])
    def test_what_has_no_plain_name_is_left_out_and_told(
        self, bucket: Bucket, tmp_path: Path, name: str
    ) -> None:
        bucket.put(f"outbox/job-1/{name}", PNG, "image/png")
        with pytest.raises(ResultRefusedError):
            saving.fetch(bucket, "job-1", tmp_path / "here")
        bucket.put("outbox/job-1/good.png", PNG, "image/png")
        told: list[str] = []
        (path,) = saving.fetch(bucket, "job-1", tmp_path / "here", say=told.append)
        assert path.name == "good.png"
        assert len(told) == 1
        assert list((tmp_path / "here").iterdir()) == [path]

    def test_a_result_of_who_proved_the_job_is_the_only_one(
        self, bucket: Bucket, tmp_path: Path
    ) -> None:
        bucket.put("outbox/job-1/a.png", PNG, "image/png", {"job": "job-1"})
        bucket.put("outbox/job-1/b.png", PNG, "image/png", {marks.MARK: "proved-0"})
        bucket.put("outbox/job-1/c.png", PNG, "image/png")
        (path,) = saving.fetch(bucket, "job-1", tmp_path)
        assert path.name == "b.png"

    def test_of_many_objects_some_are_looked_at(self, bucket: Bucket, tmp_path: Path) -> None:
        for number in range(results.MOST_RESULTS + 1):
            bucket.put(f"outbox/job-1/{number:02}.txt", b"x", "text/plain")
        told: list[str] = []
        with pytest.raises(ResultRefusedError):
            saving.fetch(bucket, "job-1", tmp_path, say=told.append)
        assert told == ["only the first 20 objects below outbox/job-1/ are looked at"]

    def test_what_is_noted_with_an_object_has_to_hold(self, bucket: Bucket, tmp_path: Path) -> None:
        facts = {"format": "png", "width": "40", "height": "31"}
        bucket.put("outbox/job-1/a.png", PNG, "image/png", facts)
        with pytest.raises(ResultRefusedError, match="40 x 30 pixels, and 40 x 31 were told"):
            saving.fetch(bucket, "job-1", tmp_path)
