"""A picture's result on its way to a file: what is taken for one, and where it is saved."""

from __future__ import annotations

import errno
import fnmatch
import io
import json
import os
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from labapp.cloud.bucket import Bucket
from labapp.errors import (
    JobFailedError,
    LabappError,
    MissingResourceError,
    RefusedError,
    TimedOutError,
)
from labapp.jobs import results, saving
from labapp.jobs.entry import Entry
from labapp.jobs.results import ResultRefusedError
from labapp.pictures import files
from labapp.pictures.limits import Limits
from labapp.pictures.mark import ROOM
from tests.pictures.samples import PNG, file_of, photo
from tests.support import windows_rules

TOLD = {"format": "png", "width": 40, "height": 30, "bytes": len(PNG)}


def done(key: str, note: dict[str, Any] | None = None, **told: Any) -> Entry:
    """Return an answered job as the ledger has it."""
    result = json.dumps({"key": key} | TOLD | told)
    return Entry("job-1", "ada", "pictures", "", 0.0, "done", 1.0, key, result, json.dumps(note))


class TestSave:
    @pytest.fixture(autouse=True)
    def stored(self, bucket: Bucket) -> None:
        bucket.put("outbox/job-1/cat-blur.png", PNG, "image/png")

    def save(self, bucket: Bucket, folder: Path, **more: Any) -> Path:
        note = {"path": "/somewhere/cat.png", "folder": str(folder), "label": "blur", **more}
        return saving.save(bucket, done("outbox/job-1/cat-blur.png", note))

    def test_it_lies_beside_the_source_under_a_name_that_says_what_was_done(
        self, bucket: Bucket, tmp_path: Path
    ) -> None:
        assert self.save(bucket, tmp_path) == tmp_path / "cat-blur.png"
        assert (tmp_path / "cat-blur.png").read_bytes() == PNG

    def test_no_file_is_ever_written_over(self, bucket: Bucket, tmp_path: Path) -> None:
        (tmp_path / "cat-blur.png").write_text("mine")
        (tmp_path / "cat-blur-2.png").mkdir()
        assert self.save(bucket, tmp_path).name == "cat-blur-3.png"
        assert (tmp_path / "cat-blur.png").read_text() == "mine"

    def test_two_at_once_have_a_file_each(self, bucket: Bucket, tmp_path: Path) -> None:
        saved: list[Path] = []
        threads = [
            threading.Thread(target=lambda: saved.append(self.save(bucket, tmp_path)))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(saved)) == 8
        assert {path.read_bytes() for path in saved} == {PNG}
        assert set(tmp_path.glob("*cat*")) == set(saved), "nothing else is left"

    def test_a_download_that_fails_half_way_leaves_no_file(
        self, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(_: Bucket, _key: str, path: Path, **_most: object) -> None:
            path.write_bytes(PNG[:20])
            raise LabappError("the line is cut")

        monkeypatch.setattr(saving, "SMALL", 0)
        monkeypatch.setattr(Bucket, "download", broken)
        with pytest.raises(LabappError, match="the line is cut"):
            self.save(bucket, tmp_path / "new")
        assert list((tmp_path / "new").iterdir()) == []

    def test_a_file_system_without_links_will_do(
        self, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def no_links(*_: object) -> None:
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr("os.link", no_links)
        (tmp_path / "cat-blur.png").write_text("mine")
        saved = self.save(bucket, tmp_path)
        assert saved.name == "cat-blur-2.png"
        assert saved.read_bytes() == PNG
        assert (tmp_path / "cat-blur.png").read_text() == "mine"

    @pytest.mark.skipif(sys.platform == "win32", reason="no source has such a name there")
    @pytest.mark.parametrize(
        ("source", "saved"),
        [
            ("a:b.png", "a_b-blur"),
            ("what?.png", "what_-blur"),
            ("aux .x.png", "result_aux .x-blur"),
            ("\\.png", "_-blur"),
            (f"{'n' * 240}.png", f"{'n' * 20}*n-blur"),
        ],
    )
    def test_a_disk_that_holds_to_windows_rules_gets_a_name_that_it_takes(
        self,
        bucket: Bucket,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        source: str,
        saved: str,
    ) -> None:
        true = os.link

        def link(made: Path, path: Path) -> None:
            if error := windows_rules.objection("os.link", (made, path)):
                raise error
            true(made, path)

        def replace(made: Path, path: Path) -> None:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(path))

        monkeypatch.setattr(os, "link", link)
        monkeypatch.setattr(Path, "replace", replace)
        for number in ("", "-2"):
            path = self.save(bucket, tmp_path, path=f"/somewhere/{source}")
            assert fnmatch.fnmatchcase(path.name, f"{saved}{number}.png")
            assert path.read_bytes() == PNG

    @pytest.mark.skipif(sys.platform == "win32", reason="no source has such a name there")
    def test_elsewhere_it_keeps_the_name_of_its_source(
        self, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        true = os.link
        # A test's own doing is not refused.
        monkeypatch.setattr(os, "link", lambda made, path: true(made, path))
        assert self.save(bucket, tmp_path, path="/somewhere/a:b?.png").name == "a:b?-blur.png"

    def test_a_folder_that_cannot_be_is_told(self, bucket: Bucket, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("mine")
        with pytest.raises(LabappError, match=r"cannot save cat-blur\.png in"):
            self.save(bucket, tmp_path / "file")

    def test_of_a_full_disk_the_result_is_named_and_how_to_get_it(
        self, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        opened = Path.open

        def full(path: Path, mode: str = "r") -> Any:
            if path.suffix == ".part":
                raise OSError(errno.ENOSPC, "No space left on device")
            return opened(path, mode)

        monkeypatch.setattr(Path, "open", full)
        with pytest.raises(LabappError) as caught:
            self.save(bucket, tmp_path)
        assert caught.value.message == f"cannot save cat-blur.png in {tmp_path}: " + (
            "No space left on device"
        )
        assert "fetch job-1 --out" in caught.value.remedy
        assert list(tmp_path.iterdir()) == []

    def test_a_result_that_is_gone_is_told(self, bucket: Bucket, tmp_path: Path) -> None:
        with pytest.raises(MissingResourceError):
            saving.save(bucket, done("outbox/job-1/gone.png"), tmp_path)
        assert list(tmp_path.glob("*gone*")) == []

    def test_an_answer_that_names_no_result_is_told(self, bucket: Bucket, tmp_path: Path) -> None:
        with pytest.raises(MissingResourceError, match="the job job-1 names no result"):
            saving.save(bucket, done(""), tmp_path)
        assert list(tmp_path.glob("*.p*")) == []

    @pytest.mark.parametrize(
        "key",
        [
            "images/a.png",
            "labels/",
            "/outbox/job-1/a.png",
            "outbox/job-2/a.png",
            "outbox/job-1/",
            "outbox/job-1/../job-2/a.png",
            "outbox/job-1/deeper/a.png",
            "outbox/job-1/a\\b.png",
            "outbox/job-1/C:a.png",
            "outbox/job-1/...",
        ],
    )
    def test_a_key_that_is_not_the_jobs_own_is_refused(
        self, bucket: Bucket, tmp_path: Path, key: str
    ) -> None:
        if not key.startswith("/"):
            bucket.put(key, PNG, "image/png")
        with pytest.raises(ResultRefusedError, match=r"is not its key\. Nothing was saved"):
            saving.save(bucket, done(key), tmp_path)
        assert list(tmp_path.glob("*.p*")) == []

    @pytest.mark.parametrize(
        ("told", "why"),
        [
            ({"format": "jpeg"}, "ends in '.png', and it is said to be jpeg"),
            ({"format": ""}, "it is said to be no format"),
            ({"format": ["png"]}, "it is said to be no format"),
            ({"bytes": 0}, "it is said to have 0 bytes"),
            ({"bytes": "many"}, "it is said to have 0 bytes"),
            ({"bytes": 10**12}, "1 to 32,000,064 are taken"),
            ({"bytes": len(PNG) + 1}, "and .* were told"),
            ({"bytes": len(PNG) - 1}, "has more than"),
            ({"width": 41}, "it has 40 x 30 pixels, and 41 x 30 were told"),
            ({"width": 30, "height": 40}, "it has 40 x 30 pixels"),
            ({"width": None}, "it has 40 x 30 pixels"),
        ],
    )
    def test_a_result_that_is_not_what_its_answer_tells_is_refused(
        self, bucket: Bucket, tmp_path: Path, told: dict[str, Any], why: str
    ) -> None:
        with pytest.raises(ResultRefusedError, match=why):
            saving.save(bucket, done("outbox/job-1/cat-blur.png", **told), tmp_path)
        assert list(tmp_path.glob("*.p*")) == []

    @pytest.mark.parametrize(
        ("data", "why"),
        [
            (b"<html><script>alert(1)</script>", "it is a page of HTML"),
            (b"\x89PNG\r\n\x1a\n" + b"x" * 60, "it is "),
            (PNG[:-20], "it is cut short"),
            (file_of(photo(30, 40), "JPEG"), "a picture in jpeg, and png was told"),
        ],
    )
    def test_what_holds_no_picture_of_that_format_is_refused(
        self, bucket: Bucket, tmp_path: Path, data: bytes, why: str
    ) -> None:
        bucket.put("outbox/job-1/a.png", data, "image/png")
        with pytest.raises(ResultRefusedError, match=why):
            saving.save(bucket, done("outbox/job-1/a.png", bytes=len(data)), tmp_path)
        assert list(tmp_path.glob("*.p*")) == []

    @pytest.mark.parametrize(("spare", "is_taken"), [(ROOM, True), (ROOM + 1, False)])
    def test_the_mark_of_a_result_makes_it_no_larger_than_one_may_be(
        self,
        bucket: Bucket,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        spare: int,
        is_taken: bool,
    ) -> None:
        most = len(PNG) - spare
        limits = Limits(source_bytes=most, result_bytes=most)
        monkeypatch.setattr(saving, "limits_of", lambda _: limits)
        if is_taken:
            assert self.save(bucket, tmp_path).read_bytes() == PNG
            return
        with pytest.raises(ResultRefusedError, match=r"are taken\. .* raise LABAPP_MAX_SOURCE_MB"):
            self.save(bucket, tmp_path)

    def test_without_a_note_the_key_gives_the_name_and_the_place_is_here(
        self, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        entry = done("outbox/job-1/cat-blur.png")
        assert saving.save(bucket, entry) == Path("cat-result.png")
        assert (tmp_path / "cat-result.png").read_bytes() == PNG


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"key": 1}'])
def test_an_answer_without_a_key_has_none(text: str) -> None:
    entry = Entry("j", "ada", "pictures", "", 0.0, "done", 1.0, "x", text, text)
    assert results.key_of(entry) in {"", "1"}
    assert isinstance(entry.notes, dict)


@pytest.mark.parametrize(
    ("status", "reply", "kind", "told"),
    [
        ("pending", "", TimedOutError, "the job JOB is still pending"),
        ("refused", "too large", RefusedError, "no result of the job JOB. refused: too large"),
        ("failed", "it crashed", JobFailedError, "no result of the job JOB. failed: it crashed"),
        ("done", "outbox/JOB/a.png", MissingResourceError, "JOB was deleted from the bucket since"),
        ("dropped", "", MissingResourceError, "no result of the job JOB: it is dropped"),
    ],
)
def test_why_there_is_no_result_is_told_by_what_became_of_the_job(
    bucket: Bucket, tmp_path: Path, status: str, reply: str, kind: type[LabappError], told: str
) -> None:
    job = "01M7Y17TSX24YQ6Q58P948AX5D"
    entry = Entry(job, "ada", "pictures", "", 0.0, status, None, reply, "")
    with pytest.raises(LabappError) as caught:
        saving.fetch(bucket, job, tmp_path, lambda _: entry)
    assert type(caught.value) is kind
    assert told.replace("JOB", job) in caught.value.message

    numbers = replace(entry, kind="numbers")
    with pytest.raises(MissingResourceError, match=rf"no result of the job {job}\."):
        saving.fetch(bucket, job, tmp_path, lambda _: numbers)


@pytest.mark.parametrize(
    ("ending", "format"),
    [
        *((".jpg", "jpeg"), (".png", "png"), (".gif", "gif"), (".webp", "webp")),
        *((".bmp", "bmp"), (".tif", "tiff"), (".tiff", "tiff")),
    ],
)
def test_results_of_every_format_keep_their_ending(
    bucket: Bucket, tmp_path: Path, ending: str, format: str
) -> None:
    file = io.BytesIO()
    Image.fromarray(photo(30, 40)).save(file, format)
    data = file.getvalue()
    bucket.put(f"outbox/job-1/a{ending}", data, "image/png")
    entry = done(f"outbox/job-1/a{ending}", format=format, bytes=len(data))
    saved = saving.save(bucket, entry, tmp_path)
    assert saved.suffix == ending
    assert saved.read_bytes() == data
    assert ending in files.ENDINGS


def test_a_folder_that_cannot_be_written_names_the_job_to_fetch_again(
    bucket: Bucket, tmp_path: Path
) -> None:
    bucket.put("outbox/job-1/a.png", PNG, "image/png")
    (tmp_path / "file").touch()
    with pytest.raises(LabappError) as caught:
        saving.save(bucket, done("outbox/job-1/a.png"), tmp_path / "file" / "folder")
    assert "'client.py fetch job-1 --out DIR'" in caught.value.remedy
