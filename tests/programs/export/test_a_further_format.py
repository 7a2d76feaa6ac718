"""A format is a file of its own and a line in `FORMATS`: all that exports and imports follow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.console import Back
from labapp.console.menu import MenuItem
from labapp.dataset import importing
from labapp.errors import UsageError
from labapp.labels.export import FORMATS, csv_files
from labapp.labels.export.format import Format, Labels
from labapp.programs.export import screen
from tests.dataset.dataset_kit import answer, write_pictures
from tests.support.commands import admin

Capture = pytest.CaptureFixture[str]


def _files(labels: Labels) -> dict[str, Iterator[str]]:
    lines = (f"{one.key} has {len(one.answers)}\n" for one in labels.pictures)
    return {"counts.txt": lines, "said.csv": csv_files.answers_csv(labels)}


COUNTS = Format(
    "counts",
    "a line for each picture",
    _files,
    decided_only=True,
    is_hashed=True,
    is_for_excel=True,
    answers="said.csv",
    advice="is for people",
)


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FORMATS, COUNTS.name, COUNTS)


@pytest.fixture
def key(cloud: Cloud, tmp_path: Path, capsys: Capture) -> str:
    write_pictures(tmp_path / "photos", range(1))
    assert admin("upload", str(tmp_path / "photos" / "0.png")) == 0
    bucket = Bucket(cloud)
    (key,) = (one.key for one in bucket.list("images/"))
    answer(bucket, key, "ana1", "bo1")
    capsys.readouterr()
    return key


def test_help_and_completion_offer_it(capsys: Capture) -> None:
    with pytest.raises(SystemExit):
        admin("export", "--help")
    told = " ".join(capsys.readouterr().out.split())
    assert "imagefolder, coco, yolo, counts" in told
    assert "manifest, imagefolder, coco, yolo, counts: leave out" in told
    assert "csv, counts: begin the tables" in told
    with pytest.raises(SystemExit):
        admin("import", "--help")
    assert "tasks.json, said.csv, the folder" in " ".join(capsys.readouterr().out.split())
    assert admin("completion", "bash") == 0
    assert "yolo counts" in capsys.readouterr().out


def test_it_is_written_read_back_and_told_like_the_others(
    key: str, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    assert admin("export", "--format", "counts", "--out", str(out)) == 0
    written, said = capsys.readouterr()
    assert written.split() == [str(out / "counts.txt"), str(out / "said.csv")]
    assert said == "said.csv is for people\n"
    assert (out / "counts.txt").read_text() == f"{key} has 2\n"
    assert admin("import", str(out)) == 0
    assert f"{out / 'said.csv'}: 0 added, 2 already there" in capsys.readouterr().out


def test_a_folder_without_answers_is_told_which_files_have_some(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"tasks\.json, said\.csv"):
        importing.files_of([str(tmp_path)])


def test_the_menu_lists_it(monkeypatch: pytest.MonkeyPatch) -> None:
    offered: list[str] = []

    def choose(title: str, items: list[MenuItem[object]], **_: object) -> None:
        offered.extend(f"{item.title}: {item.note}" for item in items)

    monkeypatch.setattr(screen, "choose", choose)
    with pytest.raises(Back):
        screen._format(_Menu())  # type: ignore[arg-type]
    assert "counts: a line for each picture" in offered
    assert any(one.startswith("counts for Excel: ") for one in offered)
    assert "csv, imagefolder, coco and yolo are folders" in screen.help_text()


class _Menu:
    frame = None
