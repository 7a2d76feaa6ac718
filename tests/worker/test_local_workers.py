"""A worker is alive while it holds its lock, and not a moment longer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from filelock import FileLock

from labapp import settings as settings_room
from labapp.errors import LabappError
from labapp.files import private
from labapp.settings import Settings
from labapp.worker import local_workers
from labapp.worker.local_workers import LocalWorker, Registration, alive, last_words
from tests.support.clock import Clock
from tests.support.python_path import python_path
from tests.support.waiting import until

ROOT = Path(__file__).resolve().parents[2]

#: What ends a process without asking it.
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)

HOLDER = """
import sys
from pathlib import Path
from labapp.worker.local_workers import Registration
held = Registration(Path(sys.argv[1]), background=True)
print("held", flush=True)
sys.stdin.read()
"""


def test_a_worker_is_seen_until_it_leaves(tmp_path: Path) -> None:
    assert alive(tmp_path) == []
    held = Registration(tmp_path, background=True)

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
        env={**os.environ, "PYTHONPATH": python_path()},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"held"
        assert [worker.pid for worker in alive(tmp_path)] == [process.pid]

        process.kill()
        process.wait()

    assert (tmp_path / "workers" / f"{process.pid}.json").exists()
    assert alive(tmp_path) == []
    assert list((tmp_path / "workers").iterdir()) == []


def test_a_note_that_nobody_holds_is_no_worker_though_its_pid_runs(tmp_path: Path) -> None:
    folder = tmp_path / "workers"
    folder.mkdir()
    note = folder / f"{os.getpid()}.json"
    note.write_text(f'{{"pid": {os.getpid()}, "background": true, "started": 1.0}}')

    note.with_suffix(".pulse").write_text("{}")
    note.with_suffix(".lock").write_text("")

    assert alive(tmp_path) == []
    lost = note.with_suffix(".lost")
    assert list(folder.iterdir()) == [lost], "its last word is left, and nothing else"
    assert [path for path, _ in last_words(tmp_path)] == [lost]
    os.utime(lost, (1.0, 1.0))
    assert last_words(tmp_path) == []
    assert list(folder.iterdir()) == [], "not for ever"


def test_a_worker_comes_to_a_folder_that_is_not_there_and_leaves_what_others_took(
    tmp_path: Path,
) -> None:
    home = tmp_path / "lab" / "local"
    held = Registration(home, background=False)
    assert [worker.pid for worker in alive(home)] == [os.getpid()]
    (home / "workers" / f"{os.getpid()}.json").unlink()

    held.leave()

    assert list((home / "workers").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="the other look is a POSIX one")
def test_two_who_look_at_once_do_not_take_a_dead_worker_for_alive(tmp_path: Path) -> None:
    import fcntl

    folder = tmp_path / "workers"
    folder.mkdir()
    (folder / "1.json").write_text('{"pid": 1}')
    with (folder / "1.lock").open("wb") as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        assert alive(tmp_path) == []


def test_a_look_takes_the_lock_from_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = Registration(tmp_path, background=False)
    monkeypatch.setattr(private, "lock", None)
    assert len(alive(tmp_path)) == 1
    held.leave()


def test_what_is_no_note_is_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "workers"
    folder.mkdir()
    (folder / "1.json").write_text("{")
    (folder / "2.json").write_text("[1]")
    (folder / "3.json").write_text('{"pid": "3"}')
    (folder / "4.json").write_text('{"pid": 4, "started": {}}')

    assert alive(tmp_path) == []


@pytest.mark.parametrize("pid", [0, -1])
def test_a_note_of_all_processes_is_no_workers_though_its_lock_is_held(
    tmp_path: Path, pid: int
) -> None:
    held = Registration(tmp_path, background=True)
    (tmp_path / "workers" / f"{os.getpid()}.json").write_text(json.dumps({"pid": pid}))
    assert alive(tmp_path) == []
    held.leave()


def test_a_note_that_does_not_say_when_is_the_oldest(tmp_path: Path) -> None:
    held = Registration(tmp_path, background=False)
    note = tmp_path / "workers" / f"{os.getpid()}.json"
    note.write_text(json.dumps({"pid": os.getpid()}))
    assert [worker.started for worker in alive(tmp_path)] == [0]
    held.leave()


def test_a_lock_that_somebody_looks_at_is_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "workers"
    folder.mkdir()
    held: list[Registration] = []
    looking = FileLock(folder / f"{os.getpid()}.lock")
    with looking:
        thread = threading.Thread(
            target=lambda: held.append(Registration(tmp_path, background=False)), daemon=True
        )
        thread.start()
        thread.join(0.1)
        assert held == []
    until(lambda: held)
    held[0].leave()


class Stopping:
    """Workers that programs started, which end some looks after they were told to, or killed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, looks: int, grace: float = 0) -> None:
        self.looks, self.grace = looks, grace
        self.told: list[tuple[int, int]] = []
        self.killed_at = 0.0
        self.clock = Clock()
        self.error: OSError | None = None
        monkeypatch.setattr(local_workers, "alive", self._alive)
        monkeypatch.setattr(os, "kill", self._kill)
        monkeypatch.setattr(local_workers, "time", self.clock)

    def _alive(self, _: Path) -> list[LocalWorker]:
        self.looks -= bool(self.told)
        own = LocalWorker(7, False, 1.0)
        return [own, LocalWorker(8, True, 2.0, self.grace)] if self.looks > 0 else [own]

    def _kill(self, pid: int, number: int) -> None:
        self.told.append((pid, number))
        if number == KILL:
            self.killed_at = self.clock.passed
        if self.error:
            raise self.error


def test_workers_in_the_background_are_given_half_a_minute_to_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stopping = Stopping(monkeypatch, looks=200)
    assert local_workers.stop_background(tmp_path) == [8]
    assert stopping.told == [(8, signal.SIGTERM)]
    assert 5 < stopping.clock.passed < 30


@pytest.mark.parametrize(("grace", "seconds"), [(0, 30), (20, 30), (60, 70)])
def test_a_worker_in_the_background_is_killed_once_its_grace_period_is_over(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, grace: float, seconds: float
) -> None:
    stopping = Stopping(monkeypatch, looks=10**9, grace=grace)
    assert local_workers.stop_background(tmp_path) == [], "it was not seen to end"
    assert stopping.told == [(8, signal.SIGTERM), (8, KILL)]
    assert seconds < stopping.killed_at < seconds + 1
    assert seconds + 4 < stopping.clock.passed < seconds + 6


@pytest.mark.parametrize("error", [OSError(22, "The parameter is incorrect"), PermissionError(13)])
def test_a_worker_that_is_gone_or_anothers_is_no_reason_to_fail(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: OSError
) -> None:
    stopping = Stopping(monkeypatch, looks=10**9)
    stopping.error = error
    assert local_workers.stop_background(tmp_path) == []
    assert len(stopping.told) == 2


def test_where_no_signal_asks_a_file_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "kill", lambda *_: None)
    stale = tmp_path / "workers" / f"{os.getpid()}.stop"
    stale.parent.mkdir()
    stale.touch()
    held = Registration(tmp_path, background=True)
    assert held.stops_asked() == 0, "it was for another with this process id"
    monkeypatch.setattr(local_workers, "STOP_SECONDS", 0)
    monkeypatch.setattr(local_workers, "LAST_SECONDS", 0)
    monkeypatch.setattr(local_workers, "KILL_SECONDS", 0)
    for often in (1, 2, 2):
        assert local_workers.stop_background(tmp_path) == []
        assert held.stops_asked() == often
    held.leave()
    assert list(stale.parent.iterdir()) == []


#: A program that is there as a worker is, until it is told to end.
WORKER = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from labapp.worker.local_workers import Registration
held = Registration(Path({home!r}), background="--background" in sys.argv)
def end(*_):
    held.leave()
    os._exit(0)
signal.signal(signal.SIGTERM, end)
print("up", " ".join(sys.argv[1:]), os.environ["LABAPP_MAX_INTEGERS"], flush=True)
while True:
    signal.pause()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="its stand-in needs POSIX signals")
def test_a_worker_in_the_background_is_started_once_and_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "worker.py"
    program.write_text(WORKER.format(root=str(ROOT), home=str(tmp_path)), "utf-8")
    monkeypatch.setattr(local_workers, "server_program", lambda: program)
    log = tmp_path / "workers" / "background.log"
    log.parent.mkdir()
    log.write_text("what was before\n")

    worker = local_workers.start_background(tmp_path, Settings(max_integers=77))
    try:
        assert worker is not None
        assert worker.background
        assert os.getsid(worker.pid) == worker.pid, "it outlives the terminal"
        assert local_workers.start_background(tmp_path, Settings()) is None
        assert [one.pid for one in alive(tmp_path)] == [worker.pid]
    finally:
        ended = local_workers.stop_background(tmp_path)
    assert ended == [worker.pid]
    assert alive(tmp_path) == []
    told = "up --plain --background --processes 1 77"
    assert log.read_text().splitlines() == ["what was before", told]


def test_a_worker_can_be_started_where_no_folder_of_the_cloud_is_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    worker = LocalWorker(7, True, 1.0)
    monkeypatch.setattr(local_workers, "_wait_until_alive", lambda *_: worker)
    monkeypatch.setattr(subprocess, "Popen", lambda command, **_: started.append(command))
    home = tmp_path / "lab" / "local"

    assert local_workers.start_background(home, Settings()) is worker

    assert len(started) == 1
    assert (home / "workers" / "background.log").read_bytes() == b""


def test_a_log_that_grew_long_is_begun_anew_and_the_last_one_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "worker.py"
    program.write_text("raise SystemExit('no such thing\\nat all')")
    monkeypatch.setattr(local_workers, "server_program", lambda: program)
    log = tmp_path / "workers" / "background.log"
    log.parent.mkdir()
    log.write_bytes(b"old\n" * 1_300_000)

    with pytest.raises(LabappError, match="did not come up:\nno such thing\nat all"):
        local_workers.start_background(tmp_path, Settings())

    assert log.read_text() == "no such thing\nat all\n"
    assert log.with_suffix(".log.old").stat().st_size == 4 * 1_300_000


@pytest.mark.parametrize("change", [{"role": "of a later labapp"}, {"background": None}])
def test_a_note_of_another_version_is_read_as_far_as_it_is_known(
    tmp_path: Path, change: dict[str, object]
) -> None:
    held = Registration(tmp_path, background=False)
    note = tmp_path / "workers" / f"{os.getpid()}.json"
    note.write_text(json.dumps(json.loads(note.read_text()) | change))
    assert [(worker.pid, worker.background) for worker in alive(tmp_path)] == [(os.getpid(), False)]
    note.write_text(json.dumps({"pid": os.getpid()}))
    assert [worker.pid for worker in alive(tmp_path)] == [os.getpid()]
    held.leave()


def test_no_worker_is_started_beside_a_living_one(tmp_path: Path) -> None:
    held = Registration(tmp_path, background=False)

    assert local_workers.start_background(tmp_path, Settings()) is None

    held.leave()


def test_stopping_leaves_workers_alone_that_nobody_started_in_the_background(
    tmp_path: Path,
) -> None:
    held = Registration(tmp_path, background=False)

    assert local_workers.stop_background(tmp_path) == []
    assert len(alive(tmp_path)) == 1

    held.leave()


def test_a_worker_process_is_given_the_settings_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LABAPP_CLOUD", "aws")
    settings = Settings(cloud="local", max_integers=20, allow_negative=True)

    given = local_workers.environment(settings)

    assert given["LABAPP_CLOUD"] == "local"
    assert given["LABAPP_MAX_INTEGERS"] == "20"
    assert given["LABAPP_ALLOW_NEGATIVE"] == "True"
    assert "LABAPP_PROFILE" not in given


def test_an_empty_flag_over_a_value_in_a_file_is_heard_by_worker_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("labapp.toml").write_text(
        'plain_error = "no luck"\nprofile = "lab"\nuser = "anna"\n', encoding="utf-8"
    )
    flags = {"plain_error": "", "profile": ""}
    here = settings_room.load(flags).settings

    there = settings_room.load({}, local_workers.environment(here)).settings

    assert there == here
    assert (there.plain_error, there.profile, there.user) == ("", "", "anna")


def test_behind_the_launcher_of_a_venv_the_python_itself_is_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    launched = {"__PYVENV_LAUNCHER__": "C:\\lab\\.venv\\Scripts\\python.exe"}
    monkeypatch.setattr(local_workers, "interpreter", lambda: ("C:\\Python\\python.exe", launched))
    words, environment = local_workers.command(Settings(max_integers=77), "--plain")
    assert words == ["C:\\Python\\python.exe", str(local_workers.server_program()), "--plain"]
    assert launched.items() <= environment.items()
    assert environment["LABAPP_MAX_INTEGERS"] == "77"
