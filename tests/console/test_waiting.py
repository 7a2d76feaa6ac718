"""Waiting that shows itself and can be left; the demo's question blocks for 0.6 s each time."""

from __future__ import annotations

import re
import shlex
import signal
import sys
import threading
import time
from concurrent.futures import Future, wait
from pathlib import Path

import pytest

from labapp.console import waiting
from labapp.console.waiting import wait_for
from labapp.errors import LabappError
from tests.console.conftest import DEMO, Demo
from tests.support.terminal import Spawn


def test_the_answer_ends_the_waiting(demo: Demo) -> None:
    screen = demo("wait", "1")
    screen.wait_for("waiting for the answer")
    screen.wait_for("result: 'the answer'")


def test_the_clock_runs_on_while_the_question_blocks(demo: Demo, tmp_path: Path) -> None:
    screen = demo("wait", "60", str(tmp_path / "answered"))
    told = set[str]()

    def counts() -> bool:  # on a busy machine a second may pass unseen
        told.update(re.findall(r"waiting for the answer (\d+) s", screen.text))
        return len(told) == 3

    screen.wait_until(counts, "three times")


def test_escape_is_seen_at_once_and_leaves(demo: Demo, tmp_path: Path) -> None:
    answered = tmp_path / "answered"
    screen = demo("wait", "60", str(answered))
    screen.wait_for("Esc leave it running")
    screen.send("esc")
    screen.wait_for("leaving")
    answered.touch()
    screen.wait_for("result: None")


def test_ctrl_c_interrupts_the_waiting(demo: Demo) -> None:
    screen = demo("wait", "60")
    screen.wait_for("waiting")
    screen.send("ctrl-c")
    screen.wait_for("result: interrupted")
    assert screen.finish() == 130
    assert not screen.cursor_hidden


def test_in_a_sub_command_one_line_is_shown_and_taken_away(demo: Demo) -> None:
    screen = demo("wait", "60", "--inline")
    screen.wait_for("Esc to leave it running")
    assert not screen.alternate
    screen.send("esc")
    screen.wait_for("result: None")
    assert "waiting" not in screen.text
    assert not screen.cursor_hidden


def test_the_spinner_goes_to_standard_error(terminal: Spawn) -> None:
    script = f"{sys.executable} {DEMO} wait 2 --inline | cat -v"
    screen = terminal(["bash", "-c", script])
    screen.wait_for("waiting for the answer")
    screen.wait_for("result: 'the answer'")
    assert "^[" not in screen.text


def test_without_a_terminal_nothing_is_shown(terminal: Spawn) -> None:
    script = f"{sys.executable} {DEMO} wait 1 --inline </dev/null 2>&1 | cat -v"
    screen = terminal(["bash", "-c", script])
    screen.finish()
    assert screen.text == "result: 'the answer'"


def test_sigint_interrupts_without_a_terminal_too(terminal: Spawn) -> None:
    argv = [sys.executable, str(DEMO), "wait", "60", "--inline", "--say"]
    screen = terminal(["bash", "-c", "exec " + shlex.join(argv) + " </dev/null"])
    screen.wait_for("asked")
    screen.kill(signal.SIGINT)
    screen.wait_for("result: interrupted")
    assert screen.finish() == 130


def test_what_the_question_raises_is_raised(demo: Demo) -> None:
    screen = demo("broken")
    screen.wait_for("result: 'the queue is gone'")


def test_an_answer_that_is_there_already_needs_no_terminal() -> None:
    assert wait_for("waiting", lambda: 42) == 42


def test_the_question_is_asked_in_one_thread_only_and_not_in_the_callers() -> None:
    threads: list[threading.Thread] = []

    def poll() -> int | None:
        threads.append(threading.current_thread())
        return 7 if len(threads) == 3 else None

    assert wait_for("waiting", poll) == 7
    assert len(set(threads)) == 1
    assert threads[0] is not threading.current_thread()


def test_no_question_is_asked_after_an_interrupt() -> None:
    asked = threading.Event()

    def poll() -> None:
        asked.set()
        time.sleep(0.01)

    previous = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def interrupt() -> None:
        asked.wait()
        signal.raise_signal(signal.SIGINT)  # on Windows os.kill would end this process

    interrupter = threading.Thread(target=interrupt)
    try:
        interrupter.start()
        with pytest.raises(KeyboardInterrupt):
            wait_for("waiting", poll)
    finally:
        interrupter.join()
        signal.signal(signal.SIGINT, previous)
    left = [thread for thread in threading.enumerate() if thread.name == "wait_for"]
    for thread in left:
        thread.join(60)
    assert not any(thread.is_alive() for thread in left)


@pytest.fixture
def left_at_once(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Have each wait left as soon as it shows; what is set then lets the question end."""
    gone = threading.Event()

    def spin(answer: Future[object], stop: threading.Event, *_: object) -> None:
        stop.set()
        gone.set()
        wait([answer])

    monkeypatch.setattr(waiting, "SHOW_AFTER", 0)
    monkeypatch.setattr(waiting, "_shown", lambda _: True)
    monkeypatch.setattr(waiting, "_spin", spin)
    return gone


def test_an_error_after_the_user_left_is_handed_over_and_not_raised(
    left_at_once: threading.Event,
) -> None:
    def poll() -> None:
        left_at_once.wait()
        raise LabappError("the cloud is gone")

    late: list[str] = []
    assert wait_for("waiting", poll, late=lambda error: late.append(error.message)) is None
    assert late == ["the cloud is gone"]


def test_an_answer_that_comes_while_leaving_is_given(left_at_once: threading.Event) -> None:
    assert wait_for("waiting", lambda: left_at_once.wait() and "the answer") == "the answer"
