"""A worker is alive while it holds its lock, and not a moment longer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from labapp import settings as settings_room
from labapp.settings import Settings
from labapp.worker import presence
from labapp.worker.presence import Presence, alive

ROOT = Path(__file__).resolve().parents[2]

HOLDER = """
import sys
from pathlib import Path
from labapp.worker.presence import Presence
held = Presence(Path(sys.argv[1]), background=True)
print("held", flush=True)
sys.stdin.read()
"""


def test_a_worker_is_seen_until_it_leaves(tmp_path: Path) -> None:
    assert alive(tmp_path) == []
    held = Presence(tmp_path, background=True)

    (worker,) = alive(tmp_path)
    assert (worker.pid, worker.background) == (os.getpid(), True)

    held.leave()
    assert alive(tmp_path) == []
    assert list((tmp_path / "workers").iterdir()) == []


def test_a_killed_worker_is_not_alive_and_its_note_is_removed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"held"
        assert [worker.pid for worker in alive(tmp_path)] == [process.pid]

        process.kill()
        process.wait()

    assert (tmp_path / "workers" / f"{process.pid}.json").exists()
    assert alive(tmp_path) == []
    assert not (tmp_path / "workers" / f"{process.pid}.json").exists()


def test_a_note_that_nobody_holds_is_no_worker_though_its_pid_runs(tmp_path: Path) -> None:
    folder = tmp_path / "workers"
    folder.mkdir()
    note = folder / f"{os.getpid()}.json"
    note.write_text(f'{{"pid": {os.getpid()}, "background": true, "started": 1.0}}')

    assert alive(tmp_path) == []
    assert not note.exists()


def test_what_is_no_note_is_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "workers"
    folder.mkdir()
    (folder / "1.json").write_text("{")
    (folder / "2.json").write_text("[1]")
    (folder / "3.json").write_text('{"pid": "3"}')
    (folder / "4.json").write_text('{"pid": 4, "started": {}}')

    assert alive(tmp_path) == []


@pytest.mark.parametrize("change", [{"role": "of a later labapp"}, {"background": None}])
def test_a_note_of_another_version_is_read_as_far_as_it_is_known(
    tmp_path: Path, change: dict[str, object]
) -> None:
    held = Presence(tmp_path, background=False)
    note = tmp_path / "workers" / f"{os.getpid()}.json"
    note.write_text(json.dumps(json.loads(note.read_text()) | change))
    assert [(worker.pid, worker.background) for worker in alive(tmp_path)] == [(os.getpid(), False)]
    note.write_text(json.dumps({"pid": os.getpid()}))
    assert [worker.pid for worker in alive(tmp_path)] == [os.getpid()]
    held.leave()


def test_no_worker_is_started_beside_a_living_one(tmp_path: Path) -> None:
    held = Presence(tmp_path, background=False)

    assert presence.start_background(tmp_path, Settings()) is None

    held.leave()


def test_stopping_leaves_workers_alone_that_nobody_started_in_the_background(
    tmp_path: Path,
) -> None:
    held = Presence(tmp_path, background=False)

    assert presence.stop_background(tmp_path) == []
    assert len(alive(tmp_path)) == 1

    held.leave()


def test_a_worker_process_is_given_the_settings_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABAPP_CLOUD", "aws")
    settings = Settings(cloud="local", max_integers=20, allow_negative=True)

    given = presence.environment(settings)

    assert given["LABAPP_CLOUD"] == "local"
    assert given["LABAPP_MAX_INTEGERS"] == "20"
    assert given["LABAPP_ALLOW_NEGATIVE"] == "True"
    assert "LABAPP_PROFILE" not in given


def test_an_empty_flag_over_a_value_in_a_file_is_heard_by_worker_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("labapp.toml").write_text('plain_error = "no luck"\nprofile = "lab"\nuser = "anna"\n')
    flags = {"plain_error": "", "profile": ""}
    here = settings_room.load(flags).settings

    there = settings_room.load({}, presence.environment(here)).settings

    assert there == here
    assert (there.plain_error, there.profile, there.user) == ("", "", "anna")
