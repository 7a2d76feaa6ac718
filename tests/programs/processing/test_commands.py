"""client.py's commands for pictures, answered by the real handler from a thread."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.jobs.session import ClientSession
from labapp.pictures import registry
from tests.pictures.samples import PHOTO, PNG, defined, file_of
from tests.support.answers import answer
from tests.support.commands import client

Capture = pytest.CaptureFixture[str]


def pixels(path: Path) -> Any:
    return np.asarray(Image.open(io.BytesIO(path.read_bytes())))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.usefixtures("answered")
def test_a_picture_comes_back_beside_its_source(photos: Path, capsys: Capture) -> None:
    assert client("image", str(photos / "1.png"), "--op", "invert", "--op", "flip") == 0
    saved = photos / "1-invert-flip.png"
    assert (pixels(saved) == 255 - PHOTO[:, ::-1]).all()
    out, _ = capsys.readouterr()
    assert out == f"{photos / '1.png'}\t{saved}\n"


def test_a_name_that_begins_like_a_number_below_zero_is_a_name(
    cloud: Cloud, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (photos / "-1.png").write_bytes(PNG)
    monkeypatch.chdir(photos)
    assert client("image", "-1.png", "--op", "invert", "--no-wait") == 0
    assert [entry.key.rpartition("/")[2] for entry in Bucket(cloud).list("inbox/")] == ["1.png"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["a.png", "--op", "nope"], 3, "there is no operation 'nope'"),
        (["a.png", "b.png", "--op", "invert"], 2, "there is no file a.png"),
        (["a.png"], 2, "say what is to be done with --op"),
    ],
)
def test_json_tells_also_of_what_ends_it_before_anything_is_sent(
    capsys: Capture, words: list[str], code: int, told: str
) -> None:
    assert client("image", *words, "--json") == code
    out, err = capsys.readouterr()
    for item in json.loads(out):
        assert (item["path"] in words, item["status"], item["job"]) == (True, "refused", None)
        assert told in item["error"]
    assert told in err


@pytest.mark.usefixtures("answered")
def test_json_is_one_document_with_a_picture_each(
    photos: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    (photos / "notes.png").write_text("My notes.\n")
    Image.new("L", (1, 20_000)).save(photos / "strip.png")
    monkeypatch.setenv("LABAPP_MAX_SIDE", "30000")  # for the client only
    assert client("image", str(photos), "--op", "invert", "--json") == 3
    out, err = capsys.readouterr()
    document = {Path(item["path"]).name: item for item in json.loads(out)}
    assert list(document) == ["1.png", "2.png", "10.png", "notes.png", "strip.png"]
    good = document["10.png"]
    assert set(good) == {"path", "job", "status", "saved", "result", "error", "seconds"}
    assert (good["status"], good["error"]) == ("done", None)
    assert good["saved"] == str(photos / "10-invert.png")
    assert (good["result"]["width"], good["result"]["format"]) == (40, "png")
    unsent, strip = document["notes.png"], document["strip.png"]
    assert (unsent["status"], unsent["job"], unsent["saved"]) == ("refused", None, None)
    assert "notes.png is text" in unsent["error"]
    assert (strip["status"], strip["saved"], strip["result"]) == ("refused", None, None)
    assert strip["job"]
    assert "strip.png" in strip["error"]
    assert err.count("notes.png") >= 1


@pytest.mark.usefixtures("answered")
def test_one_bad_file_stops_no_other(photos: Path, capsys: Capture) -> None:
    (photos / "0.png").write_text("My notes.\n")
    assert client("image", str(photos), "--op", "invert") == 3
    assert names(photos) >= {"1-invert.png", "2-invert.png", "10-invert.png"}
    out, err = capsys.readouterr()
    assert out.count("\n") == 3
    assert "0.png is text" in err


@pytest.mark.usefixtures("answered")
def test_results_go_where_out_says_in_the_format_asked_for(photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "small" / "ones"
    words = ("--op", "thumbnail", "--out", str(out), "--format", "JPEG")
    assert client("image", str(photos / "1*.png"), *words) == 0
    assert names(out) == {"1-thumbnail.jpg", "10-thumbnail.jpg"}
    assert Image.open(out / "1-thumbnail.jpg").format == "JPEG"
    assert names(photos) == {"1.png", "2.png", "10.png"}
    assert client("image", str(photos / "1.png"), *words) == 0
    assert "1-thumbnail-2.jpg" in names(out), "nothing is written over"


@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize("format", ["jpg", "JPE", ".jfif"])
def test_what_a_format_loses_is_told_once_before_it_is_lost(
    photos: Path, capsys: Capture, format: str
) -> None:
    clear = np.dstack([PHOTO, np.full(PHOTO.shape[:2], 90, np.uint8)])
    for name in ("clear.png", "clearer.png"):
        (photos / name).write_bytes(file_of(clear, "PNG"))
    files = [str(photos / name) for name in ("1.png", "clear.png", "clearer.png")]
    assert client("image", *files, "--op", "flip", "--format", format) == 0
    said = capsys.readouterr().err
    assert said.count("JPEG holds no transparency") == 1
    assert "2 pictures (clear.png, clearer.png): JPEG holds no transparency" in said
    assert (photos / "clear-flip.jpg").exists()


@pytest.mark.usefixtures("answered")
def test_what_only_the_worker_sees_lost_is_told_with_the_answer(
    photos: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labapp.jobs.picture_client.losses", lambda *_: [])
    clear = np.dstack([PHOTO, np.full(PHOTO.shape[:2], 90, np.uint8)])
    (photos / "clear.png").write_bytes(file_of(clear, "PNG"))
    words = ("--op", "flip", "--format", "bmp", "--json")
    assert client("image", str(photos / "clear.png"), *words) == 0
    out, err = capsys.readouterr()
    assert "clear.png: BMP holds no transparency" in err
    assert json.loads(out)[0]["result"]["lost"] == [
        "BMP holds no transparency here: the picture is laid on white"
    ]


@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize("how", ["flag", "setting"])
def test_a_picture_is_done_exactly_where_that_is_asked_for(
    how: str, photos: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "setting":
        monkeypatch.setenv("LABAPP_EXACT", "true")
    words = ("--exact",) if how == "flag" else ()
    assert client("image", str(photos / "1.png"), "--op", "blur", *words, "--json") == 0
    (item,) = json.loads(capsys.readouterr().out)
    assert (item["saved"], item["result"]["exact"]) == (str(photos / "1-blur.png"), True)
    np.testing.assert_array_equal(pixels(photos / "1-blur.png"), defined("blur", PHOTO))


@pytest.mark.usefixtures("answered")
def test_the_quality_that_is_asked_for_is_used(photos: Path) -> None:
    sizes = []
    for quality in ("5", "60", "95"):
        words = ("--op", "flip", "--format", "jpg", "--quality", quality, "--out", str(photos))
        assert client("image", str(photos / "1.png"), *words) == 0
    for name in ("1-flip.jpg", "1-flip-2.jpg", "1-flip-3.jpg"):
        sizes.append((photos / name).stat().st_size)
    assert sizes == sorted(set(sizes))


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["PHOTO"], 2, "--op"),
        (["PHOTO", "--op", "melt"], 3, "melt"),
        (["PHOTO", "--op", "blur:sigma=500"], 3, "sigma"),
        (["PHOTO", "--op", "blur:"], 2, "blur"),
        (["PHOTO", "--op", "invert", "--format", "svg"], 2, "svg"),
        (["PHOTO", "--op", "invert", "--quality", "0"], 3, "from 1"),
        (["PHOTO", "--op", "invert", "--quality", "101"], 3, "to 100"),
        (["PHOTO", "--op", "invert", "--quality", "high"], 3, "'high'"),
        (["none.png", "--op", "invert"], 2, "none.png"),
    ],
)
def test_what_cannot_be_is_told_before_anything_is_sent(
    cloud: Cloud, photos: Path, capsys: Capture, words: list[str], code: int, told: str
) -> None:
    given = [word.replace("PHOTO", str(photos / "1.png")) for word in words]
    assert client("image", *given) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err
    assert list(Bucket(cloud).list("inbox/")) == []


@pytest.mark.parametrize("out", ["file", "file/below"])
def test_a_folder_that_cannot_be_written_is_told_before_anything_is_sent(
    cloud: Cloud, photos: Path, tmp_path: Path, capsys: Capture, out: str
) -> None:
    (tmp_path / "file").touch()
    place = str(tmp_path / out)
    assert client("image", str(photos), "--op", "invert", "--out", place) == 2
    assert client("fetch", "job-1", "--out", place) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("cannot save in ") == err.count("--out") == 2
    assert list(Bucket(cloud).list("inbox/")) == []


@pytest.mark.usefixtures("answered")
def test_a_result_that_cannot_be_saved_is_told_with_its_job(
    photos: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    download = Bucket.download

    def full(self: Bucket, key: str, path: Path, **options: Any) -> Any:
        if key.startswith("outbox/"):
            raise OSError(28, "No space left on device")
        return download(self, key, path, **options)

    monkeypatch.setattr("labapp.jobs.saving.SMALL", 0)
    monkeypatch.setattr(Bucket, "download", full)
    words = ("image", str(photos / "1.png"), "--op", "invert", "--out", str(tmp_path / "out"))
    assert client(*words, "--json") == 1
    out, err = capsys.readouterr()
    (item,) = json.loads(out)
    assert f"'client.py fetch {item['job']} --out DIR'" in err


def test_without_waiting_the_jobs_ids_are_told(cloud: Cloud, photos: Path, capsys: Capture) -> None:
    assert client("image", str(photos), "--op", "invert", "--no-wait", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert [item["status"] for item in document] == ["pending"] * 3
    stored = {entry.key.split("/")[2] for entry in Bucket(cloud).list("inbox/")}
    assert {item["job"] for item in document} == stored
    assert client("image", str(photos / "1.png"), "--op", "invert", "--no-wait") == 0
    path, job = capsys.readouterr().out.rstrip("\n").split("\t")
    assert path == str(photos / "1.png")
    (one,) = (entry for entry in Bucket(cloud).list("inbox/") if f"/{job}/1.png" in entry.key)
    assert one.size == len(PNG)


def test_without_an_answer_it_times_out_and_says_how_to_go_on(
    cloud: Cloud, photos: Path, capsys: Capture
) -> None:
    del cloud
    assert client("image", str(photos / "1.png"), "--op", "invert", "--timeout", "0") == 5
    out, err = capsys.readouterr()
    assert out == ""
    assert "client.py fetch" in err


def test_many_without_an_answer_are_told_of_in_one_line(
    cloud: Cloud, photos: Path, tmp_path: Path, capsys: Capture
) -> None:
    del cloud
    (photos / "notes.png").write_text("My notes.\n")
    out = tmp_path / "my results"
    words = ("--op", "invert", "--timeout", "0", "--out", str(out))
    assert client("image", str(photos), *words) == 5
    lines = capsys.readouterr().err.splitlines()
    assert lines.pop() == "4 pictures: 1 refused, 3 pending"
    assert len(lines) == 3, lines
    asked, refused, told = lines
    assert asked.startswith("no worker has reported of late: a fleet on AWS may be asleep")
    assert "notes.png is text" in refused
    assert told == (
        "3 of 4 pictures: no answer within 0 seconds. The jobs go on: 'client.py results' lists"
        f" them, 'client.py fetch JOB --out \"{out}\"' gets a result."
    )


def test_the_advice_names_the_folder_unless_it_is_the_present_one(
    cloud: Cloud, photos: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    del cloud
    words = ("image", str(photos / "1.png"), "--op", "invert", "--timeout", "0")
    assert client(*words) == 5
    told = rf" --out \"?{re.escape(str(photos))}\"?' gets its result"
    assert re.search(told, capsys.readouterr().err)
    monkeypatch.chdir(photos)
    assert client(*words) == 5
    assert "--out" not in capsys.readouterr().err


def sent(cloud: Cloud, capsys: Capture, path: Path, **reply: str) -> str:
    """Send a picture and put an answer to it on its client's queue; return the job."""
    assert client("image", str(path), "--op", "invert", "--no-wait", "--json") == 0
    (item,) = json.loads(capsys.readouterr().out)
    with ClientSession(cloud) as session:
        answer(cloud, session.client, item["job"], "outbox/gone.png", **reply)
    return str(item["job"])


@pytest.mark.parametrize("result", ["", "{", "[]", '{"key": 1}', '{"key": "outbox/gone.png"}'])
def test_an_answer_that_leads_nowhere_fails_that_picture(
    cloud: Cloud, photos: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, result: str
) -> None:
    answers: list[str] = []
    collect = ClientSession.collect

    def answer_first(self: ClientSession, wait: int = 0) -> Any:
        if not answers:
            (entry,) = self.ledger.newest(1)
            answers.append(entry.job)
            answer(cloud, self.client, entry.job, "outbox/gone.png", result=result)
        return collect(self, wait)

    monkeypatch.setattr(ClientSession, "collect", answer_first)
    assert client("image", str(photos / "1.png"), "--op", "invert", "--json") == 1
    (item,) = json.loads(capsys.readouterr().out)
    assert (item["status"], item["saved"]) == ("failed", None)
    assert item["error"]
    assert names(photos) == {"1.png", "2.png", "10.png"}


def test_results_lists_what_was_sent_from_here(cloud: Cloud, photos: Path, capsys: Capture) -> None:
    assert client("results", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []
    assert client("results") == 0
    assert "client.py image" in capsys.readouterr().err
    job = sent(cloud, capsys, photos / "1.png", status="refused")
    assert client("results", "--json") == 0
    (item,) = json.loads(capsys.readouterr().out)
    assert (item["job"], item["kind"], item["status"]) == (job, "pictures", "refused")
    assert client("results") == 0
    out = capsys.readouterr().out
    assert out.startswith(f"{job}\t")
    assert f"\trefused\t{photos / '1.png'}\toutbox/gone.png" in out


def test_a_result_is_fetched_by_its_job_from_any_machine(
    cloud: Cloud, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    Bucket(cloud).put("outbox/job-1/cat-blur.png", PNG, "image/png")
    assert client("fetch", "job-1", "--out", str(tmp_path / "there")) == 0
    saved = tmp_path / "there" / "cat-blur.png"
    assert capsys.readouterr().out == f"{saved}\n"
    assert saved.read_bytes() == PNG
    monkeypatch.chdir(tmp_path)
    assert client("fetch", "job-1", "--json") == 0
    assert json.loads(capsys.readouterr().out) == ["cat-blur.png"]
    assert (tmp_path / "cat-blur.png").read_bytes() == PNG
    assert client("fetch", "job-2") == 1
    assert "no result of the job job-2" in capsys.readouterr().err
    assert client("fetch", "../labels") == 2


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        ("pending", 5, "the job JOB is still pending. 'client.py results' tells"),
        ("done", 1, "the result of the job JOB was deleted from the bucket since"),
        ("refused", 3, "no result of the job JOB. refused: outbox/gone.png"),
        ("failed", 1, "no result of the job JOB. failed: outbox/gone.png"),
        ("dropped", 1, "no result of the job JOB: it is dropped"),
    ],
)
def test_fetch_says_why_there_is_no_result(
    cloud: Cloud, photos: Path, capsys: Capture, status: str, code: int, told: str
) -> None:
    if status in {"pending", "dropped"}:
        assert client("image", str(photos / "1.png"), "--op", "invert", "--no-wait", "--json") == 0
        (item,) = json.loads(capsys.readouterr().out)
        job = item["job"]
    else:
        job = sent(cloud, capsys, photos / "1.png", status=status)
        assert client("results") == 0
    if status == "dropped":
        assert client("purge", "--yes") == 0
    capsys.readouterr()
    assert client("fetch", job) == code
    assert told.replace("JOB", job) in capsys.readouterr().err


def test_operations_lists_the_registry(capsys: Capture) -> None:
    assert client("operations", "--json") == 0
    document = {item["name"]: item for item in json.loads(capsys.readouterr().out)}
    assert list(document) == list(registry.operations())
    (sigma,) = document["blur"]["parameters"]
    assert (sigma["name"], sigma["minimum"], sigma["maximum"]) == ("sigma", 0.1, 50)
    assert all(item["title"] and item["summary"] for item in document.values())
    assert "skimage.filters.gaussian" in document["blur"]["defined"]
    assert client("operations") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(document)
    assert any(line.startswith("blur\tBlur\tsigma: ") for line in lines)
