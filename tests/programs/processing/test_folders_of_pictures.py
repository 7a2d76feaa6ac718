"""Folders as input: what is not taken is named, our own results are none, folders in folders."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from PIL import Image

from labapp.cloud.session import Cloud
from labapp.dataset import sample_set
from labapp.jobs.session import open_ledger
from labapp.pictures.mark import is_marked
from tests.dataset.dataset_kit import picture_bytes
from tests.programs.processing.test_commands import names
from tests.support.commands import admin, client

Capture = pytest.CaptureFixture[str]

BLUR = ("--op", "invert")


def strip_marks(folder: Path) -> None:
    """Make results like those of a labapp that marked none."""
    for path in folder.iterdir():
        if is_marked(path):
            times = path.stat()
            with Image.open(path) as image:
                image.load()
            image.save(path)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            assert not is_marked(path)


@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize("known_by", ["mark", "ledger"])
def test_a_folder_that_is_done_again_has_one_result_more_for_each_source(
    cloud: Cloud, photos: Path, capsys: Capture, known_by: str
) -> None:
    for times in range(1, 4):
        assert client("image", str(photos), *BLUR) == 0
        assert len(names(photos)) == 3 + 3 * times
        err = capsys.readouterr().err
        assert (f"{3 * (times - 1)} results of labapp left out: " in err) == (times > 1)
        if known_by == "mark":
            ledger = open_ledger(cloud)
            ledger._db.execute("DELETE FROM jobs")
            ledger.close()
        elif known_by == "ledger":
            strip_marks(photos)


@pytest.mark.usefixtures("answered")
def test_a_result_that_is_named_is_processed_and_so_are_all_with_results(
    photos: Path, tmp_path: Path, capsys: Capture
) -> None:
    assert client("image", str(photos / "1.png"), *BLUR) == 0
    assert client("image", str(photos / "1-invert.png"), *BLUR) == 0
    assert "1-invert-invert.png" in names(photos)
    capsys.readouterr()

    assert client("image", str(photos), *BLUR, "--results", "--out", str(tmp_path / "out")) == 0
    assert len(names(tmp_path / "out")) == 5
    assert "left out" not in capsys.readouterr().err

    copied = tmp_path / "elsewhere"
    shutil.copytree(tmp_path / "out", copied)
    assert client("image", str(copied), *BLUR) == 2
    err = capsys.readouterr().err
    assert "5 results of labapp left out: " in err
    assert "--results" in err


@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize("known_by", ["mark", "ledger"])
def test_results_are_not_uploaded_with_their_folder_unless_they_are_named(
    photos: Path, capsys: Capture, known_by: str
) -> None:
    for number, path in enumerate(photos.iterdir()):
        path.write_bytes(picture_bytes(number))
    assert client("image", str(photos), *BLUR) == 0
    if known_by == "ledger":
        strip_marks(photos)
    capsys.readouterr()
    assert client("upload", str(photos), "--dry-run") == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 3
    assert "3 results of labapp left out: 1-invert.png, 2-invert.png, 10-invert.png" in err
    assert client("upload", str(photos), "--json") == 0
    assert len(json.loads(capsys.readouterr().out)) == 3
    assert client("upload", str(photos / "1-invert.png")) == 0
    assert "1 added" in capsys.readouterr().err


def test_another_file_of_a_results_name_is_no_result(
    cloud: Cloud, photos: Path, capsys: Capture
) -> None:
    ledger = open_ledger(cloud)
    note = {"path": str(photos / "1.png"), "folder": str(photos), "label": "invert"}
    ledger.add([("job", "inbox/job/1.png")], "ada", "pictures", json.dumps(note))
    ledger._db.execute("UPDATE jobs SET status = 'done', answered_at = sent_at")
    sent_at = ledger.newest(1)[0].sent_at
    ledger.close()
    for name, at in (("1-invert.png", sent_at - 60), ("1-invert-2.png", sent_at + 1)):
        (photos / name).write_bytes(picture_bytes(1))
        os.utime(photos / name, (at, at))
    assert client("upload", str(photos), "--dry-run") == 0
    assert "1 result of labapp left out: 1-invert-2.png" in capsys.readouterr().err


@pytest.mark.usefixtures("answered")
def test_every_command_that_takes_folders_names_what_it_does_not_take(
    photos: Path, capsys: Capture
) -> None:
    for name in ("a.HEIC", "b.heif", "c.avif", "d.dng", "notes.txt"):
        (photos / name).write_bytes(b"x")
    (photos / "more").mkdir()
    for number, ending in enumerate(("jfif", "jpe", "JFIF", "jif", "TIFF")):
        (photos / f"photo{number}.{ending}").write_bytes(picture_bytes(number, "JPEG"))
    for words in (("image", str(photos), *BLUR), ("upload", str(photos))):
        assert client(*words) == 0
        out, err = capsys.readouterr()
        assert "not taken: a.HEIC, b.heif, c.avif, d.dng, more/ and 1 more\n" in err
        assert "a.HEIC, b.heif: a HEIC picture, which is not taken. On an iPhone choose" in err
        assert "c.avif: an AVIF picture, which is not taken. Open it in an image editor" in err
        assert "d.dng: the raw file of a camera, which is not taken. Export it as JPEG" in err
        assert "--recursive takes the pictures of folders in folders, too" in err
        assert sum(f"photo{number}." in out for number in range(5)) == 5


@pytest.mark.usefixtures("cloud")
def test_a_folder_of_nothing_else_tells_what_helps(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "a.HEIC").touch()
    for words in (("image", str(tmp_path), *BLUR), ("upload", str(tmp_path))):
        assert client(*words) == 2
        err = capsys.readouterr().err
        assert "(not taken: a.HEIC). On an iPhone choose Settings" in err


@pytest.mark.usefixtures("answered")
def test_folders_in_folders_are_taken_where_that_is_asked_for(
    photos: Path, tmp_path: Path, capsys: Capture
) -> None:
    for folder in ("b", "a/deep", ".hidden", "only/inner"):
        (photos / folder).mkdir(parents=True)
        (photos / folder / "4.png").write_bytes(picture_bytes(len(folder)))
    (photos / "b" / "old.heic").touch()
    assert client("image", str(photos / "only"), *BLUR) == 2
    err = capsys.readouterr().err
    assert "not taken: inner/" in err
    assert "--recursive at the prompt takes the pictures of folders in folders" in err
    assert client("upload", str(photos / "only")) == 2
    assert "--recursive" in capsys.readouterr().err

    assert client("image", str(photos), *BLUR, "-r") == 0
    assert "not taken: b/old.heic\n" in capsys.readouterr().err
    assert names(photos / "a" / "deep") == {"4.png", "4-invert.png"}
    assert names(photos / ".hidden") == {"4.png"}
    assert client("upload", str(photos), "--recursive", "--dry-run") == 0
    assert len(capsys.readouterr().out.splitlines()) == 6


def test_the_sample_set_is_a_fixed_list_whatever_else_lies_there(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    for number, name in enumerate((*sample_set.SAMPLE_NAMES, "1-blur.jpg", "21.jpg", "mine.png")):
        (tmp_path / name).write_bytes(picture_bytes(number, "JPEG"))
    monkeypatch.setattr(sample_set, "SAMPLE", tmp_path)
    assert admin("upload", "--json") == 0
    sent = {Path(row["path"]).name for row in json.loads(capsys.readouterr().out)}
    assert sent == {*sample_set.SAMPLE_NAMES}
    assert sample_set.sample_set() == [str(tmp_path / f"{number}.jpg") for number in range(1, 21)]
    (tmp_path / "7.jpg").unlink()
    assert len(sample_set.sample_set()) == 19
