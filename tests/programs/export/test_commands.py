"""The command export: what is wanted by flags, to a file or to standard output."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest

from labapp.cloud.bucket import Bucket, Head
from labapp.cloud.session import Cloud
from labapp.console import progress
from labapp.dataset import picture_folder
from labapp.labels.export import FORMATS
from tests.dataset.dataset_kit import answer, picture_bytes
from tests.support.commands import admin, document

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def keys(cloud: Cloud) -> list[str]:
    """Put three pictures there: decided, disputed, nobody's."""
    bucket, keys = Bucket(cloud), [f"images/{number:016x}-{number}.png" for number in range(3)]
    for number, key in enumerate(keys):
        bucket.put(key, picture_bytes(number), "image/png")
    answer(bucket, keys[0], "ana1", "bo1")
    answer(bucket, keys[1], "ana1", "bo0")
    return keys


def test_standard_output_has_the_file_and_nothing_else(keys: list[str], capsys: Capture) -> None:
    capsys.readouterr()
    assert admin("export", "--format", "jsonl", "--out", "-", "--annotator", "Bo") == 0
    written, said = capsys.readouterr()
    assert [(row["image_key"], row["annotator"]) for row in map(json.loads, written.splitlines())] \
        == [(keys[0], "bo"), (keys[1], "bo")]  # fmt: skip
    assert not said
    assert admin("export", "--format", "label-studio", "--out", "-", "--status", "disputed") == 0
    written, said = capsys.readouterr()
    assert len(json.loads(written)) == 1
    assert "another file" in said


def test_an_export_without_a_picture_is_told(
    keys: list[str], tmp_path: Path, capsys: Capture
) -> None:
    words = ("export", "--format", "csv", "--out", str(tmp_path / "out"), "--dry-run")
    assert admin(*words, "--annotator", "ana") == 0
    assert "no picture is exported" not in capsys.readouterr().err
    assert admin(*words, "--since", "2100-01-01") == 0
    assert "no picture is exported" in capsys.readouterr().err


def test_what_is_wanted_is_counted_before_anything_is_written(
    keys: list[str], tmp_path: Path, capsys: Capture
) -> None:
    capsys.readouterr()
    words = ("export", "--format", "csv", "--out", str(tmp_path / "out"), "--dry-run")
    for more, rows, answers in (
        ((), 3, 4),
        (("--since", "2026-01-01"), 2, 4),
        (("--until", "2026-01-01"), 0, 0),
        (("--class", "hot-dog"), 1, 2),
        (("--status", "untouched", "--status", "disputed"), 2, 2),
        (("--annotator", "ana", "--class", "1"), 2, 2),
    ):
        found = document(capsys, "admin.py", *words, *more)
        assert (found["rows"], found["answers"]) == (rows, answers), more
    assert not (tmp_path / "out").exists()


def test_a_model_is_asked_for_by_a_probability_too_and_said_to_have_little(
    keys: list[str], tmp_path: Path, capsys: Capture
) -> None:
    capsys.readouterr()
    words = ("export", "--format", "coco", "--out", str(tmp_path / "coco"))
    assert admin(*words, "--min-probability", "0.9") == 0
    assert "the model has few answers" in capsys.readouterr().err
    found = json.loads((tmp_path / "coco" / "labels.json").read_text())
    assert all(one["score"] >= 0.9 for one in found["annotations"])
    assert all((image["width"], image["height"]) == (12, 12) for image in found["images"])
    assert found["images"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--out", "x"), "--format is missing"),
        (("--format", "csv"), "--out is missing"),
        (("--format", "csv", "--out", "-"), "csv is a folder"),
        (("--format", "jsonl", "--out", "-", "--json"), "Leave one out"),
        (("--format", "csv", "--out", "x", "--split", "80/20"), "csv has no parts"),
        (("--format", "yolo", "--out", "x", "--split", "8/2"), "no shares"),
        (("--format", "csv", "--out", "x", "--since", "soon"), "'soon' is no date"),
        (("--format", "jsonl", "--out", "-", "--min-probability", "2"), "from 0 to 1"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_the_cloud_is_asked(
    words: tuple[str, ...], told: str, capsys: Capture
) -> None:
    assert admin("export", *words) == 2
    assert told in capsys.readouterr().err


def test_the_formats_are_listed_without_a_cloud(capsys: Capture) -> None:
    assert admin("export", "--list") == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [row[0] for row in rows] == [*FORMATS]
    assert {row[0] for row in rows if row[2] == "with"} == {"imagefolder", "coco", "yolo"}


def test_hashes_are_asked_of_chosen_pictures_alone_and_in_no_dry_run(
    keys: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    head = Bucket.head

    def counted(bucket: Bucket, key: str) -> Head:
        asked.append(key)
        return head(bucket, key)

    monkeypatch.setattr(Bucket, "head", counted)
    words = ("export", "--format", "csv", "--status", "disputed", "--out", str(tmp_path / "out"))
    assert admin(*words, "--dry-run") == 0
    assert keys[1] not in asked
    assert admin(*words) == 0
    assert [key for key in asked if key in keys] == [keys[1]]


@pytest.mark.parametrize("ending", ["esc", "ctrl-c"])
def test_an_export_that_is_ended_says_where_it_is_kept(
    cloud: Cloud,
    keys: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
    ending: str,
) -> None:
    def download(_bucket: Bucket, _key: str, path: Path, *_: object) -> None:
        path.write_bytes(b"some of it")
        if ending == "ctrl-c":
            raise KeyboardInterrupt

    monkeypatch.setattr(Bucket, "download", download)
    monkeypatch.setattr(progress.Transfer, "stopped", lambda _: any(tmp_path.rglob("*.png")))
    monkeypatch.setattr(picture_folder, "THREADS", 1)
    for key in keys[1:]:
        answer(Bucket(cloud), key, "cy1")
    words = ("export", "--format", "yolo", "--out", str(tmp_path / "set"))
    with contextlib.suppress(KeyboardInterrupt):
        assert admin(*words) == 130
    assert f"kept in {tmp_path / 'set.part'}" in capsys.readouterr().err
