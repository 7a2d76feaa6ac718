"""How programs wait for the local cloud, start it and end it, where no cloud need live for it."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from labapp.cloud.embedded import disk, launcher
from labapp.cloud.embedded.state import State, write_state
from labapp.cloud.embedded.troubles import not_up
from labapp.errors import EmbeddedCloudError
from tests.cloud.embedded.embedded_kit import POSIX_ONLY
from tests.support.clock import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """Give the launcher's clock; who waits rests shortly, but rests."""
    made = Clock(0.0)
    monkeypatch.setattr(launcher, "time", made)
    yield made
    assert all(0 < rest <= 0.1 for rest in made.rests)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Give a list whose last entry says whether a cloud's process lives."""
    lives = [True]
    monkeypatch.setattr(launcher, "_is_held", lambda home: lives[-1])
    return lives


def dies_at(clock: Clock, held: list[bool], seconds: float) -> None:
    clock.slept = lambda: held.append(clock.now < seconds)


@pytest.mark.parametrize(("dies", "ends"), [(0.0, True), (1.5, True), (9.0, False)])
def test_an_end_is_waited_for_as_long_as_it_may_take(
    tmp_path: Path, clock: Clock, held: list[bool], dies: float, ends: bool
) -> None:
    dies_at(clock, held, dies)
    assert launcher._ends_within(tmp_path, 2.0) is ends
    assert clock.now == pytest.approx(min(dies or 0.01, 2.0), abs=0.05)


def test_one_that_is_gone_is_not_waited_for(tmp_path: Path, clock: Clock, held: list[bool]) -> None:
    held.append(False)
    assert launcher._ends_within(tmp_path, 2.0) is True
    assert launcher._state_within(tmp_path, 2.0) is None
    assert clock.now == 0


def test_what_a_starting_cloud_says_of_itself_is_waited_for(
    tmp_path: Path, clock: Clock, held: list[bool]
) -> None:
    state = State(12, 4566, 1.5, "secret")
    assert launcher._state_within(tmp_path, 2.0) is None
    assert clock.now == pytest.approx(2.0, abs=0.05)
    clock.slept = lambda: write_state(tmp_path, state)
    assert launcher._state_within(tmp_path, 2.0) == state


def test_one_that_lives_and_never_answers_is_told_and_none_is_started_beside_it(
    tmp_path: Path, clock: Clock, held: list[bool]
) -> None:
    assert held
    (tmp_path / "cloud.log").write_text("first\nsecond\n\n  indented\nthird\nfourth\n")
    with pytest.raises(EmbeddedCloudError) as caught:
        launcher._bring_up(tmp_path, 1, 0.5, 0.5)
    assert "did not answer for 0.5 seconds" in caught.value.message
    assert caught.value.message.endswith("cloud.log: second; third; fourth")
    assert clock.now == pytest.approx(0.5, abs=0.05)


class Child:
    """A process that was started, as `Popen` shows it."""

    def __init__(self, *codes: int | None) -> None:
        self.codes = list(codes)
        self.returncode: int | None = None
        self.done: list[str] = []

    def poll(self) -> int | None:
        self.returncode = self.codes.pop(0) if len(self.codes) > 1 else self.codes[0]
        return self.returncode

    def kill(self) -> None:
        self.done.append("kill")

    def wait(self) -> int:
        self.done.append("wait")
        return -9


def test_a_start_that_takes_too_long_is_ended(
    tmp_path: Path, clock: Clock, held: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    held.append(False)
    child = Child(None)
    started: list[tuple[Path, int]] = []

    def launch(home: Path, port: int) -> Child:
        started.append((home, port))
        assert not (home / "cloud.json").exists(), "nobody takes the dead one's pid for the new"
        return child

    monkeypatch.setattr(launcher, "_launch", launch)
    (tmp_path / "cloud.json").write_text("{}")
    with pytest.raises(EmbeddedCloudError, match=r"not ready after 0\.5 seconds.*nothing in it"):
        launcher._bring_up(tmp_path, 77, 0.5, 0.5)
    assert started == [(tmp_path, 77)], "once"
    assert child.done == ["kill", "wait"]
    child.codes = [None, None, 3]
    with pytest.raises(EmbeddedCloudError, match="ended at once with code 3"):
        launcher._bring_up(tmp_path, 77, clock.now + 0.5, 0.5)
    assert clock.now < 0.6


def test_processes_that_ended_are_let_go_and_the_others_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended, living = Child(0), Child(None)
    children: list[Any] = [ended, living]
    monkeypatch.setattr(launcher, "_children", children)
    launcher._reap()
    assert children == [living]


def test_who_starts_or_stops_it_meanwhile_is_waited_for_and_then_told(tmp_path: Path) -> None:
    told = pytest.raises(EmbeddedCloudError, match=r"another program .* for 0\.02 seconds")
    with FileLock(tmp_path / "start.lock"), told:
        launcher.ensure(tmp_path, 1, wait_seconds=0.02)
    assert launcher.stop(tmp_path) is False


def test_a_folder_that_is_not_there_is_not_made_by_looking(tmp_path: Path) -> None:
    home = tmp_path / "none" / "local"
    assert launcher.lives(home) is False
    assert launcher.find(home) is None
    assert launcher.stop(home) is False
    assert launcher.reset(home) == []
    assert not home.parent.exists()


def test_a_new_folder_is_its_users_alone(tmp_path: Path) -> None:
    home = tmp_path / "new" / "local"
    mask = os.umask(0)
    try:
        with launcher._only_one(home, 1):
            assert (home / "start.lock").exists()
    finally:
        os.umask(mask)
    if os.name == "posix":
        assert home.stat().st_mode & 0o777 == 0o700
    FileLock(home / "start.lock", timeout=0).acquire().lock.release()


def test_a_log_that_cannot_be_begun_is_told_as_what_it_is(tmp_path: Path) -> None:
    home = tmp_path / "local"
    (home / "cloud.log.1" / "within").mkdir(parents=True)
    (home / "cloud.log").write_text("what the last one said\n")
    with pytest.raises(EmbeddedCloudError, match="the disk of the local cloud cannot be written"):
        launcher._launch(home, 1)
    assert launcher.lives(home) is False


def test_a_disk_that_takes_nothing_is_told_before_anything_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "local"
    home.mkdir()

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(disk, "open", full, raising=False)
    with pytest.raises(EmbeddedCloudError, match="is full") as caught:
        launcher._launch(home, 1)
    assert caught.value.remedy.startswith("Make room")
    assert "is full" in not_up(home, "it ended").message


def test_a_process_that_cannot_be_started_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no python"))
    closed: list[int] = []
    true_close = os.close

    def close(file: int) -> None:
        closed.append(file)
        true_close(file)

    opened = os.open(tmp_path / "free", os.O_CREAT)
    os.close(opened)  # the number that its log will have
    monkeypatch.setattr(os, "close", close)
    with pytest.raises(EmbeddedCloudError, match=r"process cannot be started: \w"):
        launcher._launch(tmp_path, 1)
    assert opened in closed
    if os.name == "posix":
        assert (tmp_path / "cloud.log").stat().st_mode & 0o777 == 0o600


def test_who_holds_no_lock_is_no_cloud_whatever_process_the_file_names(tmp_path: Path) -> None:
    write_state(tmp_path, State(os.getpid(), 4566, 1.5, "secret"))
    url = "http://127.0.0.1:4566"
    assert not launcher.seems_alive(tmp_path, url)
    with FileLock(tmp_path / "cloud.lock"):
        assert launcher.seems_alive(tmp_path, url)
        assert not launcher.seems_alive(tmp_path, "http://127.0.0.1:4567")
    assert not launcher.seems_alive(tmp_path, url)


@POSIX_ONLY
def test_one_that_hears_nothing_is_killed_and_told_where_even_that_does_not_end_it(
    tmp_path: Path, clock: Clock, held: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda *given: killed.append(given))
    monkeypatch.setattr(launcher, "ask_to_stop", lambda state: False)
    with pytest.raises(EmbeddedCloudError, match="does not end") as caught:
        launcher._stop(tmp_path)
    assert caught.value.remedy == f"End the process that holds {tmp_path / 'cloud.lock'} by hand."
    assert killed == []
    write_state(tmp_path, State(12, 4566, 1.5, "secret"))
    began = clock.now
    with pytest.raises(EmbeddedCloudError, match="does not end") as caught:
        launcher._stop(tmp_path)
    assert caught.value.remedy == "End process 12 by hand."
    assert killed == [(12, signal.SIGKILL)]
    assert clock.now - began == pytest.approx(5.0, abs=0.1), "it did not hear, so it is not asked"
    dies_at(clock, held, 0)
    assert launcher._stop(tmp_path) is True
    assert not (tmp_path / "cloud.json").exists()


def test_one_that_heard_is_given_ten_seconds_and_not_killed(
    tmp_path: Path, clock: Clock, held: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[State] = []

    def ask(state: State) -> bool:
        asked.append(state)
        return True

    monkeypatch.setattr(launcher, "ask_to_stop", ask)
    monkeypatch.setattr(launcher, "_kill", lambda home: pytest.fail("it ends by itself"))
    write_state(tmp_path, State(12, 4566, 1.5, "secret"))
    dies_at(clock, held, 9.5)
    assert launcher._stop(tmp_path) is True
    assert asked == [State(12, 4566, 1.5, "secret")]


@POSIX_ONLY
def test_one_of_another_version_is_told_so_and_ended_by_a_signal_without_its_secret(
    tmp_path: Path, clock: Clock, held: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda *given: killed.append(given))
    old = {"pid": 12, "port": 4566, "started_at": 1.5, "token": "of an older labapp"}
    (tmp_path / "cloud.json").write_text(json.dumps(old))
    assert launcher.find(tmp_path) is None
    with pytest.raises(EmbeddedCloudError, match="another version of labapp") as caught:
        launcher._bring_up(tmp_path, 1, 0.5, 0.5)
    assert "cloud stop" in caught.value.remedy
    dies_at(clock, held, 9.5)
    assert launcher._stop(tmp_path) is True
    assert killed == [(12, signal.SIGTERM)]
    assert launcher.of_another_version(tmp_path) is None


def test_a_reset_tells_what_it_deletes_and_does_it_unless_only_asked(tmp_path: Path) -> None:
    for name in ("buckets", "state"):
        (tmp_path / name / "deep").mkdir(parents=True)
    folders = [tmp_path / "buckets", tmp_path / "state"]
    assert launcher.reset(tmp_path, dry=True) == folders
    assert all(folder.exists() for folder in folders)
    assert launcher.reset(tmp_path) == folders
    assert not any(folder.exists() for folder in folders)
    assert launcher.reset(tmp_path) == []


def test_a_folder_that_cannot_be_deleted_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "state").mkdir()

    def refuse(folder: Path) -> None:
        raise refusal

    monkeypatch.setattr(shutil, "rmtree", refuse)
    refusal: OSError = FileNotFoundError(2, "gone meanwhile")
    assert launcher.reset(tmp_path) == [tmp_path / "state"]
    refusal = PermissionError(13, "in use")
    with pytest.raises(EmbeddedCloudError, match=r"folder .*state cannot be deleted: .*in use"):
        launcher.reset(tmp_path)


def test_a_log_that_its_last_holder_still_has_open_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_open(*_: object) -> None:
        raise PermissionError(errno.EACCES, "the file is open")

    home = tmp_path / "local"
    home.mkdir()
    (home / "cloud.log").write_text("what the last one said\n")
    monkeypatch.setattr(launcher, "find", lambda _: None)
    monkeypatch.setattr(Path, "replace", is_open)
    command = [sys.executable, "-c", "print('what this one says')"]
    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda _, **named: popen(command, **named))

    child = launcher._launch(home, 1)

    assert child.wait(60) == 0
    assert (home / "cloud.log").read_text() == "what the last one said\nwhat this one says\n"
