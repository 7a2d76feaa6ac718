"""Names of files and keys are other people's: no escape code in one reaches the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from tests.dataset.dataset_kit import picture_bytes
from tests.support.commands import run
from tests.support.platforms import posix_only

Capture = pytest.CaptureFixture[str]

#: Sets the window's title, in an old terminal's eight bits too.
EVIL = "a\x1b]0;owned\x07\x9b2J"


@posix_only("no file has such a name there")
def test_a_files_name_is_shown_without_its_controls(
    cloud: Cloud, tmp_path: Path, capsys: Capture
) -> None:
    del cloud
    (tmp_path / f"{EVIL}.txt").write_text("no picture")
    (tmp_path / f"{EVIL}.png").write_text("no picture")
    assert run("client.py", "upload", str(tmp_path)) == 3
    assert run("client.py", "upload", str(tmp_path / f"{EVIL}.gif")) == 2
    told = "".join(capsys.readouterr())
    assert told.count("a?]0;owned??2J") >= 3
    assert not set(told) & set("\x1b\x07\x9b")


def test_a_key_is_shown_without_its_controls(cloud: Cloud, capsys: Capture) -> None:
    key = f"images/{EVIL}.png"
    Bucket(cloud).put(key, picture_bytes(1), "image/png")
    assert run("client.py", "label", "--annotator", "ana") == 0
    assert run("admin.py", "images", "remove", key, "--dry-run") == 0
    assert run("admin.py", "images") == 0
    assert run("admin.py", "stats") == 0
    told = "".join(capsys.readouterr())
    assert told.count("]0;owned") == 4
    assert not set(told) & set("\x1b\x07\x9b")
    assert run("admin.py", "images", "--json") == 0
    told = capsys.readouterr().out
    assert not set(told) & set("\x1b\x07\x9b")
    assert json.loads(told)[0]["key"] == key
