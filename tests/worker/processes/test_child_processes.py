"""Worker processes under one parent: they are told words, heard, started again, and never left."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from labapp import background
from labapp.cloud.session import Cloud
from labapp.settings import Settings
from labapp.worker import local_workers, processes
from labapp.worker.local_workers import server_program
from labapp.worker.processes import KILL_AFTER, Child, Processes
from labapp.worker.stats import WorkerStats
from tests.support.waiting import until
from tests.worker.worker_fakes import instead

#: A stand-in for a worker: it tells each word that it is told, and ends with `stop`.
ECHO = """
import json, os, sys
own = not hasattr(os, "getsid") or os.getsid(0) == os.getpid()
def say(**event):
    print(json.dumps({"level": "warning", **event}), file=sys.stderr, flush=True)
say(event="trouble", message=" ".join(sys.argv[1:]) + " " + os.environ["LABAPP_MAX_INTEGERS"])
say(event="trouble" if own else "odd", message="a session of its own: " + str(own))
print("no event at all", file=sys.stderr, flush=True)
sys.stderr.buffer.write(b"odd \\xff\\n")
sys.stderr.flush()
print('{"level": "nonsense", "message": "odd"}', file=sys.stderr, flush=True)
for line in sys.stdin:
    say(event="trouble", message="told " + line.strip())
    if line.strip() == "stop":
        break
say(level="info", event="recovered", message="back")
"""


@pytest.fixture
def echo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    program = tmp_path / "echo.py"
    program.write_text(ECHO, "utf-8")
    monkeypatch.setattr(local_workers, "server_program", lambda: program)
    return program


def test_a_child_hears_each_word_and_its_events_are_heard(
    echo: Path, caplog: pytest.LogCaptureFixture
) -> None:
    stand_in: Any = instead(settings=Settings(max_integers=77))
    stats = WorkerStats()
    with caplog.at_level("INFO", logger="labapp"):
        child = Child(3, stand_in, stats, ["--plain", "--child"])
        try:
            # What a terminal's keys send is for the parent alone.
            until(lambda: stats.trouble == "a session of its own: True")
            child.tell("pause")
            until(lambda: stats.trouble == "told pause")
            child.tell("stop")
            assert child.process.wait(30) == 0
            child._reader.join(30)
        finally:
            child.process.kill()
            child.process.wait()
    child.tell("stop")  # it has ended: nothing happens
    assert stats.trouble == ""
    told = {record.getMessage(): record for record in caplog.records}
    assert "--plain --child 77" in told
    assert "odd \ufffd" in told, "what is no text ends no reading"
    assert child._reader.daemon
    assert told["told pause"].levelno == logging.WARNING
    assert told["back"].levelno == logging.INFO
    assert (told["back"].event, told["no event at all"].event) == ("recovered", "child")  # type: ignore[attr-defined]
    assert told["no event at all"].levelno == logging.ERROR
    assert "nonsense" in " ".join(told), "an event of no known level is shown as it came"


def test_a_child_whose_parent_is_gone_hears_the_end_of_its_input(echo: Path) -> None:
    stand_in: Any = instead(settings=Settings())
    child = Child(1, stand_in, WorkerStats(), [])
    assert child.process.stdin is not None
    child.process.stdin.close()
    assert child.process.wait(30) == 0
    child._reader.join(30)


class Played:
    """A child that ends with the codes that its test gives, one after another."""

    def __init__(self, number: int, codes: list[int | None]) -> None:
        self.number = number
        self.codes = codes
        self.told: list[str] = []
        self.killed = self.is_over = False
        self.process = instead(poll=self._poll, kill=self._kill, returncode=None)

    def tell(self, word: str) -> None:
        self.told.append(word)

    def over(self) -> None:
        self.is_over = True

    def _poll(self) -> int | None:
        code = self.codes.pop(0) if len(self.codes) > 1 else self.codes[0]
        self.process.returncode = code
        return code

    def _kill(self) -> None:
        self.killed = True
        self.codes = [-9]


class Play:
    """A parent whose children are played."""

    def __init__(self, cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = Settings(processes=2, grace_seconds=0, visibility_timeout=45)
        stand_in: Any = instead(settings=settings)
        self.parent = Processes(stand_in)
        self.children: list[Played] = []
        #: The codes of each child in the order of their starts; one without is alive until told.
        self.codes: list[list[int | None]] = []
        self.arguments: list[list[str]] = []
        self.at_tick: Callable[[int], None] = lambda tick: None
        self.now = 0.0
        self.ticks = 0
        self.delays: list[int] = []
        monkeypatch.setattr(processes, "Child", self._start)
        clock = instead(monotonic=lambda: self.now, sleep=self._sleep, time=lambda: 0.0)
        monkeypatch.setattr(processes, "time", clock)
        monkeypatch.setattr(processes, "delay", self._delay)

    def _start(self, number: int, _: object, stats: WorkerStats, arguments: list[str]) -> Played:
        assert stats is self.parent.stats
        self.arguments.append(arguments)
        child = Played(number, self.codes.pop(0) if self.codes else [None])
        self.children.append(child)
        return child

    def _sleep(self, seconds: float) -> None:
        self.now += seconds
        self.ticks += 1
        assert self.ticks < 2000, "it never ends"
        self.at_tick(self.ticks)

    def _delay(self, attempt: int) -> float:
        self.delays.append(attempt)
        return 2.0

    @property
    def told(self) -> list[list[str]]:
        return [child.told for child in self.children]


@pytest.fixture
def play(bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Play:
    return Play(bare_cloud, monkeypatch)


def test_a_parent_whose_children_all_end_well_ends(play: Play) -> None:
    play.codes = [[None, None, 0], [None, 0]]
    play.parent._until_idle = True

    play.parent.run()

    assert [child.number for child in play.children] == [1, 2]
    assert play.arguments[0] == [
        "--plain", "--log-format", "json", "--child", "--processes", "1", "--until-idle",
    ]  # fmt: skip
    assert play.parent.stats.state == "stopped"
    assert not any(child.killed for child in play.children)


def test_each_child_that_dies_is_started_again_after_a_pause_that_grows(
    play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    play.codes = [[-9], [0], [1], [0]]
    stats = play.parent.stats
    stats.trouble = "away"
    stats.refuse("process 1", "requestQueue: send", "not allowed")

    play.parent.run()

    assert [child.number for child in play.children] == [1, 2, 1, 1]
    assert play.delays == [1, 2]
    assert play.now >= 4.0
    told = [record.getMessage() for record in caplog.records]
    assert f"process 1 {processes.how_it_ended(-9)}" in told[0]
    assert "ended with exit code 1. It is started again" in told[1]
    assert all("comes back within 45 s" in line for line in told)
    assert [vars(record)["event"] for record in caplog.records] == ["child", "child"]
    snapshot = stats.snapshot()
    assert (snapshot.trouble, snapshot.refused) == ("", False)
    assert all(child.is_over for child in play.children)
    assert "--until-idle" not in play.arguments[0]


def test_a_stop_is_told_to_each_child_once_and_a_second_once_more(play: Play) -> None:
    def at_tick(tick: int) -> None:
        if tick in (2, 5):
            assert play.parent.stopping == (tick > 2)
            play.parent.stop()
            assert play.parent.stats.state == "stopping"
        if tick == 4:
            assert play.told == [["stop"], ["stop"]]
        if tick == 8:
            for child in play.children:
                child.codes = [0]

    play.at_tick = at_tick
    play.parent.run()

    assert play.told == [["stop", "stop"], ["stop", "stop"]]
    assert play.parent.stats.state == "stopped"
    assert play.ticks == 8
    assert len(play.children) == 2


def test_a_child_that_does_not_stop_is_killed_in_the_end_and_not_before(play: Play) -> None:
    play.at_tick = lambda tick: play.parent.stop() if tick == 1 else None

    play.parent.run()

    assert all(child.killed for child in play.children)
    assert KILL_AFTER < play.now <= KILL_AFTER + Settings().wait_seconds + 1


def test_a_child_that_dies_while_its_parent_stops_is_not_started_again(play: Play) -> None:
    play.codes = [[None, 1], [None, None, None, 0]]

    def at_tick(tick: int) -> None:
        if tick == 2:
            play.parent.stop()

    play.at_tick = at_tick
    play.parent.run()
    assert len(play.children) == 2


def test_a_stop_ends_the_pause_before_a_child_is_started_again(play: Play) -> None:
    play.codes = [[1], [None, None, None, None, 0]]
    play.at_tick = lambda tick: play.parent.stop() if tick == 4 else None

    play.parent.run()

    assert len(play.children) == 2
    assert play.now < 2.0


def test_a_pause_is_told_to_all_and_to_those_that_start_meanwhile(play: Play) -> None:
    play.codes = [[None, None, 1], [None], [None]]

    def at_tick(tick: int) -> None:
        if tick == 1:
            assert play.parent.toggle_pause()
            assert play.parent.stats.state == "paused"
        if len(play.children) == 3 and not play.parent.stopping:
            assert not play.parent.toggle_pause()
            assert play.parent.stats.state == "running"
            play.parent.stop()
            play.parent.toggle_pause()
            assert play.parent.stats.state == "stopping"
            for child in play.children:
                child.codes = [0]

    play.at_tick = at_tick
    play.parent.run()
    assert play.told == [
        ["pause"],
        ["pause", "pause", "pause", "stop"],
        ["pause", "pause", "pause", "stop"],
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no Ctrl-Z that stops programs")
@pytest.mark.parametrize("paused", [True, False])
def test_a_parent_is_stopped_once_for_each_ctrl_z_while_its_children_receive_nothing(
    play: Play, monkeypatch: pytest.MonkeyPatch, paused: bool
) -> None:
    handlers: list[object] = ["ours"]
    stopped: list[tuple[int, object, list[list[str]]]] = []

    def signal_(number: int, handler: object) -> object:
        assert number == signal.SIGTSTP
        handlers.append(handler)
        return handlers[-2]

    def kill(thread: int, number: int) -> None:
        assert number == signal.SIGTSTP
        stopped.append((thread, handlers[-1], [[*told] for told in play.told]))

    names = {"SIGTSTP": signal.SIGTSTP, "SIG_DFL": signal.SIG_DFL}
    stand_in = instead(**names, signal=signal_, pthread_kill=kill)
    monkeypatch.setattr(background, "signal", stand_in)
    if paused:
        play.parent.toggle_pause()

    def at_tick(tick: int) -> None:
        if tick in (2, 5):
            play.parent.suspend()
            assert len(stopped) == tick // 4, "a handler of signals only asks for it"
        if tick == 8:
            for child in play.children:
                child.codes = [0]

    play.at_tick = at_tick
    play.parent.run()

    before = [["pause"]] * 2  # those that are paused have been told so as they started
    later = before if paused else [["pause"] * 3] * 2
    this = threading.get_ident()
    assert stopped == [(this, signal.SIG_DFL, before), (this, signal.SIG_DFL, later)]
    assert handlers == ["ours", signal.SIG_DFL, "ours", signal.SIG_DFL, "ours"]
    words = ["pause"] if paused else ["pause"] * 4
    assert play.told == [[*words, "stop"]] * 2


def test_a_parent_that_was_not_told_to_stop_is_not_stopping(bare_cloud: Cloud) -> None:
    parent = Processes(bare_cloud)
    assert not parent.stopping
    parent.stop()
    assert parent.stopping


def test_the_program_of_a_child_is_there() -> None:
    done = subprocess.run(
        [sys.executable, str(server_program()), "--version"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
