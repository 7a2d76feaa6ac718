"""A client's side of a picture job: what is found, checked, sent, fetched and saved."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import (
    JobFailedError,
    LabappError,
    MissingResourceError,
    RefusedError,
    TimedOutError,
    UsageError,
)
from labapp.jobs import pictures
from labapp.jobs.client import ClientSession
from labapp.jobs.entry import Entry
from labapp.jobs.pictures import Wish
from labapp.jobs.wire import decode_request
from labapp.pictures import pipeline
from labapp.pictures.limits import Limits
from labapp.settings import Settings
from tests.pictures.samples import file_of, photo

PNG = file_of(photo(30, 40), "PNG")
BLUR = Wish(pipeline.parse(["blur:sigma=3"]))


@pytest.fixture
def session(cloud: Cloud) -> Iterator[ClientSession]:
    with ClientSession(cloud) as opened:
        yield opened


@pytest.fixture
def bucket(cloud: Cloud) -> Bucket:
    return Bucket(cloud)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Give a folder with pictures and what is none."""
    folder = tmp_path / "photos"
    (folder / "deeper").mkdir(parents=True)
    (folder / "deeper" / "hidden.png").write_bytes(PNG)
    for name in ("10.jpg", "2.JPG", "1.png", "B.webp", "a.tiff", "notes.txt", "noending", "c.svg"):
        (folder / name).write_bytes(PNG)
    return folder


def done(key: str, note: dict[str, Any] | None = None) -> Entry:
    """Return an answered job as the ledger has it."""
    result = json.dumps({"key": key})
    return Entry("job-1", "ada", "pictures", "", 0.0, "done", 1.0, key, result, json.dumps(note))


class TestFind:
    def test_a_folder_gives_its_own_pictures_as_people_count(self, photos: Path) -> None:
        names = [path.name for path in pictures.find([str(photos)])]
        assert names == ["1.png", "2.JPG", "10.jpg", "a.tiff", "B.webp"]

    def test_a_file_that_is_named_is_taken_whatever_its_ending(self, photos: Path) -> None:
        assert pictures.find([str(photos / "notes.txt")]) == [photos / "notes.txt"]

    def test_a_pattern_is_understood_where_the_shell_left_it(self, photos: Path) -> None:
        found = pictures.find([str(photos / "*.jpg")])
        assert {path.name for path in found} >= {"10.jpg"}
        assert all(path.suffix.lower() == ".jpg" for path in found)

    def test_a_file_whose_name_looks_like_a_pattern_is_itself(self, photos: Path) -> None:
        (photos / "cat[1].png").write_bytes(PNG)
        (photos / "cat1.png").write_bytes(PNG)
        assert pictures.find([str(photos / "cat[1].png")]) == [photos / "cat[1].png"]

    def test_each_picture_counts_once(self, photos: Path) -> None:
        words = [str(photos / "1.png"), str(photos), str(photos / "1*.png")]
        assert len(pictures.find(words)) == 5

    @pytest.mark.parametrize(
        ("name", "told"),
        [
            ("none.png", "no file"),
            ("EXTRA.PNG", "no file"),
            ("*.gif", "no picture"),
            ("none/*.png", "no file"),
        ],
    )
    def test_what_is_not_there_is_told(self, photos: Path, name: str, told: str) -> None:
        with pytest.raises(UsageError, match=told):
            pictures.find([str(photos / name)])

    def test_every_ending_that_pictures_have_is_found_in_a_folder(self, tmp_path: Path) -> None:
        jpeg = {".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".pjpeg", ".pjp"}
        endings = jpeg | {".png", ".apng", ".gif", ".webp", ".bmp", ".dib", ".tif", ".tiff"}
        for ending in endings:
            (tmp_path / f"a{ending}").write_bytes(PNG)
        assert {path.suffix for path in pictures.find([str(tmp_path)])} == endings

    def test_a_folder_without_pictures_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no picture in"):
            pictures.find([str(tmp_path)])

    def test_a_folder_that_cannot_be_read_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"cannot read the folder .*gone: No such file"):
            pictures.pictures_in(tmp_path / "gone")

    def test_the_users_home_is_understood(
        self, photos: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(photos))
        monkeypatch.setenv("USERPROFILE", str(photos))
        assert pictures.find(["~/1.png"]) == [photos / "1.png"]

    def test_names_with_odd_digits_sort_too(self, tmp_path: Path) -> None:
        for name in ("²2.png", "\u0661.png", "7" * 200 + ".png", ".png"):
            (tmp_path / name).write_bytes(PNG)
        assert len(pictures.pictures_in(tmp_path)) == 3, "'.png' alone is a name, not an ending"


class TestSend:
    def test_a_picture_travels_as_a_key_with_its_steps(
        self, cloud: Cloud, session: ClientSession, bucket: Bucket, photos: Path
    ) -> None:
        moved: list[int] = []
        wish = replace(BLUR, format="jpeg")
        job = pictures.send(session, bucket, photos / "1.png", wish, moved.append)
        (message,) = [
            m for m in Queue(cloud, "imageInbox").receive() if m.attributes.get("job") == job
        ]
        request = decode_request(message)
        assert (request.body, request.client, request.format) == (
            f"inbox/{job}/1.png",
            session.client,
            "jpeg",
        )
        assert pipeline.from_wire(request.pipeline) == BLUR.steps
        sent = bucket.get(request.body)
        assert (sent.body, sent.content_type) == (PNG, "application/octet-stream")
        assert sum(moved) == len(PNG)
        entry = session.ledger.get(job)
        assert entry is not None
        assert pictures.noted(entry) == {
            "path": str(photos / "1.png"),
            "folder": str(photos),
            "label": "blur",
        }

    @pytest.mark.parametrize("name", ["ä ö/..\\x.png", "..png", "CON.png", "a\nb.png"])
    def test_no_name_of_a_file_makes_an_odd_key(
        self, session: ClientSession, bucket: Bucket, tmp_path: Path, name: str
    ) -> None:
        path = tmp_path / name.replace("/", "_")
        path.write_bytes(PNG)
        pictures.send(session, bucket, path, BLUR)
        (entry,) = bucket.list("inbox/")
        name = entry.key.split("/", 2)[2]
        assert name.isascii()
        assert name.isprintable()
        assert "/" not in name
        assert name.strip(".")

    @pytest.mark.parametrize(
        ("data", "told"),
        [
            (b"My notes.\n", "is text"),
            (b"", "is empty"),
            (PNG[:-10], "cut short"),
            (file_of(photo(400, 600), "PNG"), "megapixels"),
        ],
        ids=["text", "empty", "cut short", "too great"],
    )
    def test_a_file_beyond_the_limits_is_refused_before_anything_is_sent(
        self, data: bytes, told: str, tmp_path: Path
    ) -> None:
        path = tmp_path / "it.png"
        path.write_bytes(data)
        with pytest.raises(RefusedError, match=told):
            pictures.check(path, Limits(pixels=200_000))

    def test_a_refused_file_leaves_nothing_behind(
        self, session: ClientSession, bucket: Bucket, photos: Path
    ) -> None:
        (photos / "notes.png").write_text("My notes.\n")
        for name in ("notes.png", "none.png"):
            with pytest.raises(RefusedError, match=name):
                pictures.send(session, bucket, photos / name, BLUR)
        assert list(bucket.list("inbox/")) == []
        assert session.ledger.newest(5) == []


class TestSave:
    @pytest.fixture(autouse=True)
    def stored(self, bucket: Bucket) -> None:
        bucket.put("outbox/job-1/cat-blur.png", PNG, "image/png")

    def save(self, bucket: Bucket, folder: Path, **more: Any) -> Path:
        note = {"path": "/somewhere/cat.png", "folder": str(folder), "label": "blur", **more}
        return pictures.save(bucket, done("outbox/job-1/cat-blur.png", note))

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
        def broken(_: Bucket, _key: str, path: Path) -> None:
            path.write_bytes(PNG[:20])
            raise LabappError("the line is cut")

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

    def test_a_folder_that_cannot_be_is_told(self, bucket: Bucket, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("mine")
        with pytest.raises(LabappError, match=r"cannot save cat-blur\.png in"):
            self.save(bucket, tmp_path / "file")

    def test_a_result_that_is_gone_is_told(self, bucket: Bucket, tmp_path: Path) -> None:
        with pytest.raises(MissingResourceError):
            pictures.save(bucket, done("outbox/job-1/gone.png"), tmp_path)
        assert list(tmp_path.glob("*gone*")) == []

    @pytest.mark.parametrize("key", ["", "images/a.png", "labels/", "/outbox/a.png"])
    def test_an_answer_that_names_no_result_is_told(
        self, bucket: Bucket, tmp_path: Path, key: str
    ) -> None:
        with pytest.raises(MissingResourceError, match="the job job-1 names no result"):
            pictures.save(bucket, done(key), tmp_path)
        assert list(tmp_path.glob("*.p*")) == []

    def test_without_a_note_the_key_gives_the_name_and_the_place_is_here(
        self, bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        entry = done("outbox/job-1/cat-blur.png")
        assert pictures.save(bucket, entry) == Path("cat-result.png")
        assert (tmp_path / "cat-result.png").read_bytes() == PNG


class TestFetch:
    def test_any_job_is_fetched_by_its_id_alone(self, bucket: Bucket, tmp_path: Path) -> None:
        bucket.put("outbox/job-1/cat-blur.png", PNG, "image/png")
        bucket.put("outbox/job-10/dog-blur.png", PNG, "image/png")
        (path,) = pictures.fetch(bucket, "job-1", tmp_path / "new" / "folder")
        assert path == tmp_path / "new" / "folder" / "cat-blur.png"
        assert path.read_bytes() == PNG

    @pytest.mark.parametrize("job", ["", "..", "a/b", "../labels", "x" * 65, "a b", "ä"])
    def test_what_is_no_id_is_never_asked_for(
        self, bucket: Bucket, tmp_path: Path, job: str
    ) -> None:
        with pytest.raises(UsageError, match="is not the id of a job"):
            pictures.fetch(bucket, job, tmp_path)

    def test_a_job_without_a_result_is_told(self, bucket: Bucket, tmp_path: Path) -> None:
        with pytest.raises(MissingResourceError, match="no result of the job job-2"):
            pictures.fetch(bucket, "job-2", tmp_path)

    @pytest.mark.parametrize(
        "name", ["..%2f..%2fx.png", "...", "x.sh", "a\\..\\b.png", "C:evil.png", "sub/../../x.png"]
    )
    def test_no_key_leads_out_of_the_folder(
        self, bucket: Bucket, tmp_path: Path, name: str
    ) -> None:
        bucket.put(f"outbox/job-1/{name}", PNG, "image/png")
        folder = tmp_path / "here"
        (path,) = pictures.fetch(bucket, "job-1", folder)
        assert path.parent == folder
        assert path.resolve().parent == folder.resolve()
        assert path.suffix in {".png", ""}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"key": 1}'])
def test_an_answer_without_a_key_has_none(text: str) -> None:
    entry = Entry("j", "ada", "pictures", "", 0.0, "done", 1.0, "x", text, text)
    assert pictures.key_of(entry) in {"", "1"}
    assert isinstance(pictures.noted(entry), dict)


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
        pictures.fetch(bucket, job, tmp_path, lambda _: entry)
    assert type(caught.value) is kind
    assert told.replace("JOB", job) in caught.value.message

    numbers = replace(entry, kind="numbers")
    with pytest.raises(MissingResourceError, match=rf"no result of the job {job}\."):
        pictures.fetch(bucket, job, tmp_path, lambda _: numbers)


def test_limits_are_counted_in_millions_as_the_settings_are() -> None:
    limits = pictures.limits_of(
        Settings(max_source_mb=1.5, max_megapixels=2, max_side=3, max_frames=4, picture_seconds=5,
                 picture_memory_mb=6)
    )  # fmt: skip
    assert limits == Limits(
        source_bytes=1_500_000, result_bytes=1_500_000, pixels=2_000_000, side=3, frames=4,
        seconds=5, memory=6_000_000,
    )  # fmt: skip


@pytest.mark.parametrize("ending", [".jpg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff"])
def test_results_of_every_format_keep_their_ending(
    bucket: Bucket, tmp_path: Path, ending: str
) -> None:
    bucket.put(f"outbox/job-1/a{ending}", PNG, "image/png")
    saved = pictures.save(bucket, done(f"outbox/job-1/a{ending}"), tmp_path)
    assert saved.suffix == ending
    assert ending in pictures.ENDINGS


def test_a_folder_that_cannot_be_written_names_the_job_to_fetch_again(
    bucket: Bucket, tmp_path: Path
) -> None:
    bucket.put("outbox/job-1/a.png", PNG, "image/png")
    (tmp_path / "file").touch()
    with pytest.raises(LabappError) as caught:
        pictures.save(bucket, done("outbox/job-1/a.png"), tmp_path / "file" / "folder")
    assert "'client.py fetch job-1 --out DIR'" in caught.value.remedy


@pytest.mark.parametrize(("quality", "sent"), [(None, None), (1, "1"), (80, "80")])
def test_a_quality_travels_only_where_one_was_asked_for(
    cloud: Cloud, session: ClientSession, bucket: Bucket, photos: Path,
    quality: int | None, sent: str | None,
) -> None:  # fmt: skip
    job = pictures.send(session, bucket, photos / "1.png", replace(BLUR, quality=quality))
    attributes = [message.attributes for message in Queue(cloud, "imageInbox").receive()]
    assert [one.get("quality") for one in attributes if one.get("job") == job] == [sent]
