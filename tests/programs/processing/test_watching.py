"""A hot folder: what arrives is processed, once, whatever ends the program in between."""

from __future__ import annotations

import errno
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.errors import JobFailedError, StorageError, UnreachableError
from labapp.jobs import session
from labapp.jobs.ledger import Ledger
from labapp.jobs.session import open_ledger
from labapp.pictures import arrivals, looks, sources
from labapp.pictures.task_files import unreadable
from labapp.programs.jobs import waiting
from labapp.programs.processing import hot_folder, watching
from labapp.programs.shell import exits
from tests.pictures.samples import PNG
from tests.support.commands import client
from tests.support.waiting import until


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for less, and begin no worker."""
    monkeypatch.setattr(waiting, "start_worker", lambda _: None)
    for module, name, seconds in (
        (arrivals, "REST", 0.05),
        (hot_folder, "PATIENCE", 0.2),
        (watching, "SOON", 0.02),
        (watching, "OFTEN", 0.1),
        (watching, "RARELY", 0.1),
        (watching, "AGAIN", 0.05),
        (watching, "GRACE", 2.0),
    ):
        monkeypatch.setattr(module, name, seconds)


class Killed(BaseException):
    """Stands for an end that nothing is told of, as by kill -9."""


class Watch:
    """A watch that runs in a thread until it is ended as by Ctrl-C."""

    def __init__(self, words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.code: int | None = None
        self.killed = False
        self._ends: list[Callable[[int], object]] = []
        monkeypatch.setattr(exits, "hear_signals", list)
        monkeypatch.setattr(exits, "on_signals", self._hear)
        self._received: list[int] = []
        self._thread = threading.Thread(target=self._run, args=[words])
        self._thread.start()

    def _hear(self, act: Callable[[int], object], *_: int) -> list[int]:
        self._ends.append(act)
        return self._received

    def _run(self, words: list[str]) -> None:
        try:
            self.code = client("image", *words)
        except Killed:
            self.killed = True

    def end(self) -> int | None:
        if not self.killed:
            until(lambda: self._ends or not self._thread.is_alive(), "the start")
            self._received.append(2)
            for act in self._ends:
                act(2)
        self._thread.join(30)
        assert not self._thread.is_alive()
        return self.code


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "in").mkdir()
    return tmp_path / "in", tmp_path / "in" / "out"


@pytest.fixture
def begin(
    places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Watch]]:
    begun: list[Watch] = []

    def start(*words: str) -> Watch:
        watched = ["--watch", str(places[0]), "--out", str(places[1]), "--op", "grayscale"]
        begun.append(Watch([*watched, *words], monkeypatch))
        return begun[-1]

    yield start
    for one in begun:
        one.end()


def _results(places: tuple[Path, Path]) -> list[str]:
    return sorted(path.name for path in places[1].glob("[!.]*")) if places[1].exists() else []


def _jobs(cloud: Cloud) -> int:
    return open_ledger(cloud).count()


@pytest.mark.usefixtures("answered")
def test_what_is_there_and_what_arrives_is_processed_once_also_after_a_restart(
    cloud: Cloud,
    places: tuple[Path, Path],
    begin: Callable[..., Watch],
    capsys: pytest.CaptureFixture[str],
) -> None:
    (places[0] / "there.png").write_bytes(PNG)
    (places[0] / "broken.png").write_bytes(PNG[:-20])
    watch = begin("--recursive", "--json")
    until(lambda: _results(places) == ["there-grayscale.png"], "the first result")
    (hidden := places[0] / ".late.png.part").write_bytes(PNG)
    hidden.replace(places[0] / "late.png")
    until(lambda: len(_results(places)) == 2, "the second result")
    read: list[str] = []

    def lines() -> int:
        read.append(capsys.readouterr().out)
        return "".join(read).count("\n")

    until(lambda: lines() == 3, "the lines")
    assert watch.end() == 130
    told = {Path(one["path"]).name: one for one in map(json.loads, "".join(read).splitlines())}
    assert {name: one["status"] for name, one in told.items()} == {
        "there.png": "done",
        "late.png": "done",
        "broken.png": "refused",
    }
    assert told["late.png"]["saved"] == str(places[1] / "late-grayscale.png")
    (places[0] / "there.png").touch()  # the same, at another time
    (places[0] / "new.png").write_bytes(PNG)
    again = begin("--recursive")
    until(lambda: len(_results(places)) == 3, "the third result")
    assert again.end() == 130
    assert _results(places) == ["late-grayscale.png", "new-grayscale.png", "there-grayscale.png"]
    assert _jobs(cloud) == 3


#: Where a program is killed: what is called last, and whether before or after it.
MOMENTS = [
    (Ledger, "add", "after"),
    (session.ClientSession, "_put", "after"),
    (Ledger, "settle_all", "after"),
    (hot_folder, "save_result", "after"),
    (Ledger, "mark_shown", "after"),
]


@pytest.mark.parametrize(("where", "name", "when"), MOMENTS)
@pytest.mark.usefixtures("answered")
def test_killed_at_any_moment_there_is_one_result_of_one_job(
    where: object,
    name: str,
    when: str,
    cloud: Cloud,
    places: tuple[Path, Path],
    begin: Callable[..., Watch],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (places[0] / "a.png").write_bytes(PNG)
    real, armed = getattr(where, name), [True]

    def deadly(*arguments: object, **named: object) -> object:
        if not armed:
            return real(*arguments, **named)
        done = real(*arguments, **named) if when == "after" else None
        if name != "settle_all" or any(done or ()):
            armed.clear()
            raise Killed
        return done

    monkeypatch.setattr(where, name, deadly)
    first = begin()
    until(lambda: not armed, "the kill")
    first.end()
    monkeypatch.setattr(where, name, real)
    again = begin()
    until(lambda: _results(places), "the result")
    (places[0] / "b.png").write_bytes(PNG)
    until(lambda: len(_results(places)) > 1, "the next one")
    again.end()
    assert _results(places) == ["a-grayscale.png", "b-grayscale.png"]
    assert _jobs(cloud) == 2


@pytest.mark.usefixtures("answered")
def test_a_full_disk_and_an_outage_are_told_once_and_waited_out(
    places: tuple[Path, Path],
    begin: Callable[..., Watch],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    upload, save = Bucket.upload, waiting.save_result
    troubles: list[Exception] = [
        *[UnreachableError("cannot reach the cloud")] * 3,
        *[OSError(errno.ENOSPC, "No space left on device")] * 3,
    ]

    def uploaded(*arguments: object) -> None:
        if len(troubles) > 3:
            raise troubles.pop(0)
        upload(*arguments)  # type: ignore[arg-type]

    def saved(*arguments: object) -> Path:
        from labapp.errors import LabappError, os_errors_as

        if troubles:
            with os_errors_as(LabappError, "cannot save a.png", "Make room."):
                raise troubles.pop(0)
        return save(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Bucket, "upload", uploaded)
    monkeypatch.setattr(hot_folder, "save_result", saved)
    (places[0] / "a.png").write_bytes(PNG)
    watch = begin()
    until(lambda: _results(places), "the result")
    watch.end()
    told = capsys.readouterr().err
    assert told.count("cannot reach the cloud") == 1
    assert told.count("cannot save a.png: No space left on device") == 1
    assert "It is tried again until it can be done." in told


def test_what_is_in_hand_at_the_end_is_told_and_saved_the_next_time(
    places: tuple[Path, Path],
    begin: Callable[..., Watch],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    cloud: Cloud,
    request: pytest.FixtureRequest,
) -> None:
    monkeypatch.setattr(watching, "GRACE", 0.1)
    (places[0] / "a.png").write_bytes(PNG)
    watch = begin()
    until(lambda: open_ledger(cloud).newest(), "the job")
    assert watch.end() == 130
    told = capsys.readouterr().err
    assert "1 picture not back yet: the same command saves what is back then" in told
    assert "not back yet when you left" in told
    request.getfixturevalue("answered")
    again = begin()
    until(lambda: _results(places) == ["a-grayscale.png"], "the result")
    again.end()
    assert _jobs(cloud) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--watch", "in"], "say where results go with --out"),
        (["--watch", "in", "--out", "in"], "results cannot go into the folder that is watched"),
        (["--watch", "in", "--out", "out", "--no-wait"], "--watch waits for results"),
        (["a.png", "--watch", "in", "--out", "out"], "--watch takes no other path"),
        (["--watch", "gone", "--out", "out"], "there is no folder"),
        ([], "name a picture, a folder or a pattern"),
    ],
)
def test_what_cannot_be_meant_is_told(
    words: list[str],
    told: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    assert client("image", *words, "--op", "grayscale") == 2
    assert told in capsys.readouterr().err


@pytest.mark.usefixtures("answered")
def test_a_second_watch_of_the_same_is_refused(
    places: tuple[Path, Path],
    begin: Callable[..., Watch],
    capsys: pytest.CaptureFixture[str],
) -> None:
    (places[0] / "a.png").write_bytes(PNG)
    begin()
    until(lambda: _results(places), "the result")
    words = ["--watch", str(places[0]), "--out", str(places[1]), "--op", "grayscale"]
    assert client("image", *words) == 2
    assert "another program watches this folder" in capsys.readouterr().err


@pytest.mark.usefixtures("answered")
def test_a_file_that_another_program_holds_is_taken_once_it_lets_go(
    places: tuple[Path, Path],
    begin: Callable[..., Watch],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    read, tries, is_held = sources.read, [0], [True]

    def held(path: Path, *limits: Any) -> bytes:
        tries[0] += 1
        if is_held:
            refused = PermissionError(errno.EACCES, "Permission denied")
            raise unreadable(path, "Permission denied") from refused
        return read(path, *limits)

    monkeypatch.setattr(sources, "read", held)
    (places[0] / "a.png").write_bytes(PNG)
    watch = begin()
    until(lambda: tries[0] > 3, "the first tries")
    time.sleep(hot_folder.PATIENCE)
    before = tries[0]
    until(lambda: tries[0] > before + 2, "more tries")
    is_held.clear()
    until(lambda: _results(places) == ["a-grayscale.png"], "the result")
    watch.end()
    assert capsys.readouterr().err.count("denied") == 1


@pytest.mark.usefixtures("answered")
def test_neither_a_look_that_is_killed_nor_a_full_store_ends_it(
    places: tuple[Path, Path],
    begin: Callable[..., Watch],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    check, send = looks.checked_format, hot_folder.HotFolder._send
    full = [True]

    def checked(data: bytes, name: str, *limits: Any) -> str:
        if name == "bad.png":
            raise JobFailedError("the look at bad.png was killed")
        return check(data, name, *limits)

    def sent(*arguments: Any) -> None:
        if full:
            full.clear()
            raise StorageError("cannot write the ledger: disk full")
        send(*arguments)

    monkeypatch.setattr(looks, "checked_format", checked)
    monkeypatch.setattr(hot_folder.HotFolder, "_send", sent)
    for name in ("a.png", "bad.png"):
        (places[0] / name).write_bytes(PNG)
    watch = begin()
    until(lambda: _results(places) == ["a-grayscale.png"], "the result")
    read: list[str] = []

    def told() -> str:
        read.append(capsys.readouterr().err)
        return "".join(read)

    until(lambda: "the look at bad.png was killed" in told(), "the failure")
    assert watch.end() == 130
    assert "disk full" in told()
