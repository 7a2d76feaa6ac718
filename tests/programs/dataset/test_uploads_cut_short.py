"""An upload that the cloud ends half way says which files were added and which were not."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.dataset import upload as upload_room
from labapp.errors import LabappError, StorageError
from labapp.programs.dataset import screens
from labapp.programs.menus import progress_page
from labapp.programs.menus.progress_page import Work
from tests.support.commands import run

pytestmark = pytest.mark.usefixtures("cloud")

FULL = "the disk of the local cloud is full: /d"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give ten pictures, of which the cloud takes those with an even number."""
    true_put = Bucket.put_if
    kept: list[str] = []

    def put_if(bucket: Bucket, key: str, *rest: Any, **more: Any) -> Any:
        if int(key[-5]) % 2:
            raise StorageError(f"cannot write {key}: {FULL}", "Make room there.")
        kept.append(key)
        return true_put(bucket, key, *rest, **more)

    monkeypatch.setattr(Bucket, "put_if", put_if)
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number in range(10):
        Image.new("RGB", (9, 9), (number, 0, 0)).save(folder / f"p{number}.png")
    return [str(folder / f"p{number}.png") for number in range(10)]


def test_each_file_is_told_and_the_exit_code_is_one(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("client.py", "upload", *files) == 1
    out, err = capsys.readouterr()
    added = [line for line in out.splitlines() if line.endswith("done")]
    left = [line for line in err.splitlines() if line.endswith(": not added")]
    assert added
    assert left
    assert len(added) + len(left) == 10
    assert f"{len(added)} added, 0 already there, 0 refused, {len(left)} not added" in err
    assert FULL in err.splitlines()[-1]


def test_the_json_document_has_every_file(
    files: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("client.py", "upload", "--json", *files) == 1
    document = json.loads(capsys.readouterr().out)
    assert {entry["path"] for entry in document} == set(files)
    states = {entry["state"] for entry in document}
    assert states == {"added", "not added"}
    for entry in document:
        assert (FULL in (entry["reason"] or "")) is (entry["state"] == "not added")


def test_the_json_document_has_every_file_whatever_ends_the_upload(
    files: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> str:
        raise LabappError("this machine has no threads left", "Close other programs.")

    monkeypatch.setattr(upload_room, "_decode", fails)
    assert run("client.py", "upload", "--json", *files) == 1
    out, err = capsys.readouterr()
    assert [entry["state"] for entry in json.loads(out)] == ["not added"] * len(files)
    assert "no threads left. Close other programs." in err.splitlines()[-1]


def test_the_menus_page_marks_every_file(
    files: list[str], cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[tuple[str, bool]] = []

    def run(menu: Any, work: Work, action: Any, **_: Any) -> None:
        def done(line: str, state: str, *, good: bool = True) -> None:
            lines.append((line, good))

        monkeypatch.setattr(work, "done", done)
        with pytest.raises(StorageError):
            action()

    monkeypatch.setattr(progress_page, "run", run)

    context = SimpleNamespace(settings=cloud.settings)
    menu: Any = SimpleNamespace(bucket=lambda: Bucket(cloud), context=context)
    screens.upload_files(menu, files)
    names = sorted(line.split()[0] for line, _ in lines)
    assert names == [f"p{number}.png" for number in range(10)]
    assert all(good is line.endswith(" added") for line, good in lines if "not" not in line)
    assert any(line.endswith("not added") and not good for line, good in lines)
