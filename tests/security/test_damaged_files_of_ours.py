"""A disk, or who may write to a data folder, makes anything of the small files that labapp keeps.

Each counts as missing, and no program ends over it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from labapp import settings
from labapp.cloud.embedded import state, troubles
from labapp.programs.menus import remembered
from labapp.worker import health, local_workers

CONTENTS = {
    "nested": b"[" * 200_000,
    "objects": b'{"a":' * 100_000,
    "digits": b'{"pid": ' + b"9" * 100_000 + b"}",
    "beyond floats": b'{"pid": 1, "started": 1e999, "started_at": 1e999, "port": 1}',
    "large integers": b'{"pid": 1, "started": %s, "polls": {"a": %s}}' % (b"9" * 500, b"9" * 500),
    "a long number": b'{"pid": %s, "port": 1, "started_at": 1}' % (b"9" * 500),
    "NULs": b"\x00" * 1000,
    "no UTF-8": b'{"pid": "\xff"}',
    "half a character": b'{"id": "\\ud800", "secret": 7, "state": "\\ud800", "folder": ["x"]}',
    "other types": b'{"pid": [], "port": {}, "id": [], "secret": {}, "polls": 7, "folder": 7}',
    "empty": b"",
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_it_counts_as_missing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / state.STATE_FILE).write_bytes(content)
    assert state.read_state(tmp_path) is None
    (tmp_path / state.KEY_FILE).write_bytes(content)
    assert state.read_key(tmp_path) is None
    note = tmp_path / state.STATE_FOLDER / troubles._NOTE_FILE
    note.parent.mkdir()
    note.write_bytes(content)
    assert troubles.damage(tmp_path) == ""
    data = settings.data_dir()
    data.mkdir(parents=True, exist_ok=True)
    (data / remembered.FILE).write_bytes(content)
    assert remembered.recall("folder", "none") == "none"
    remembered.remember("folder", "x")
    assert remembered.recall("folder") == "x"


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
def test_a_workers_notes_hide_no_other_worker(tmp_path: Path, content: bytes) -> None:
    here = local_workers.Registration(tmp_path, background=False)
    try:
        (tmp_path / "workers" / "7.json").write_bytes(content)
        local_workers.pulse_file(tmp_path, os.getpid()).write_bytes(content)
        assert [worker.pid for worker in local_workers.alive(tmp_path)] == [os.getpid()]
        (pulse,) = health.read_all(tmp_path)
        assert health.verdict([pulse])[1].isprintable()
    finally:
        here.leave()
