"""The annotator's name: asked once, kept, changed; the setting goes first."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp import settings as settings_room
from labapp.dataset.annotator import FILE_NAME, annotator, keep_annotator
from labapp.errors import LabappError, RefusedError
from labapp.settings import Settings


def test_nobody_labels_until_a_name_is_kept() -> None:
    assert annotator(Settings()) == ""
    assert keep_annotator("  Ana Gil ") == "Ana_Gil"
    assert annotator(Settings()) == "Ana_Gil"
    keep_annotator("Bo")
    assert annotator(Settings()) == "Bo"


def test_the_setting_goes_before_what_is_kept() -> None:
    keep_annotator("ana")
    assert annotator(Settings(annotator="Bo Li")) == "Bo_Li"


def test_a_name_without_a_letter_is_refused_and_changes_nothing() -> None:
    keep_annotator("ana")
    with pytest.raises(RefusedError):
        keep_annotator(" -- ")
    with pytest.raises(RefusedError):
        annotator(Settings(annotator="!"))
    assert annotator(Settings()) == "ana"


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"!!\n"])
def test_a_broken_file_is_as_none(content: bytes) -> None:
    settings_room.config_dir().mkdir(parents=True)
    (settings_room.config_dir() / FILE_NAME).write_bytes(content)
    assert annotator(Settings()) == ""


def test_a_name_that_cannot_be_kept_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LABAPP_CONFIG_DIR", str(tmp_path / "file"))
    with pytest.raises(LabappError, match="--annotator"):
        keep_annotator("ana")
