"""The folder is looked into again and again, whatever a look meets."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from labapp.programs.desk import folder_watch
from labapp.programs.desk.file_list import FileList
from labapp.programs.desk.folder_watch import FolderWatch
from tests.support.waiting import until


def test_a_look_that_fails_is_told_and_the_next_one_is_made(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(folder_watch, "EVERY", 0.01)
    told: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", told.append)
    (tmp_path / "a.png").write_bytes(b"x")
    files = FileList(tmp_path)
    listed = files.take
    monkeypatch.setattr(files, "take", lambda found: listed(found) if told else 1 / 0)
    watch = FolderWatch(files, lambda: False, lambda path: None, lambda: None)
    watch.start()
    try:
        until(lambda: tmp_path / "a.png" in files.facts, "the list after the error")
    finally:
        watch.stop()
    assert [one.exc_type for one in told] == [ZeroDivisionError]
