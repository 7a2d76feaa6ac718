"""Waits and progress as lines."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

import pytest

from labapp.console import progress, waiting
from labapp.console.accessible import mode, voice, waits
from labapp.console.stage import Notice
from tests.support.spoken import Spoken


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "SHOW_AFTER", 0.0)
    monkeypatch.setattr(waits, "LOOK", 0.01)
    monkeypatch.setattr(waits, "EVERY", 0.0)


def after(event: threading.Event) -> Callable[[], str | None]:
    return lambda: "there" if event.wait(0.01) else None


def test_a_wait_is_told_at_its_beginning_and_now_and_then(
    spoken: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = threading.Event()
    spoken.notices = [Notice("news come meanwhile")]
    said: list[str] = []
    say = voice.Voice.say

    def heard(self: voice.Voice, text: str, **named: int) -> None:
        said.append(text)
        if text.startswith("Still"):
            there.set()
        say(self, text, **named)

    monkeypatch.setattr(voice.Voice, "say", heard)
    found = waiting.wait_for("reading the labels", after(there), leave="leave", frame=spoken.frame)
    assert found == "there"
    assert "Reading the labels. Ctrl-C: leave." in said
    assert said[-1].startswith("Still reading the labels, 0 s.")
    assert "News: news come meanwhile" in said


def test_ctrl_c_leaves_the_wait_and_nothing_else(
    spoken: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()

    def interrupted(self: voice.Voice, manual: object = None) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(voice.Voice, "news", interrupted)
    never = after(threading.Event())
    assert waiting.wait_for("waiting", never, frame=spoken.frame, stop=stop) is None
    assert stop.is_set()
    assert spoken.lines[-1] == "Leaving."


def test_in_a_command_ctrl_c_ends_the_program(
    spoken: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    spoken.take()
    monkeypatch.setattr("labapp.console.accessible.waits.duration", interrupted)
    with pytest.raises(KeyboardInterrupt):
        waiting.wait_for("waiting", after(threading.Event()))
    assert spoken.lines[0] == "Waiting. Ctrl-C: leave."


def test_progress_is_a_line_for_each_quarter(
    spoken: Spoken, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoken.take()
    monkeypatch.setattr(waits, "LEAST", 0.0)
    with progress.transfer("sending", 40, "pictures") as moving:
        for number in range(40):
            moving.moved(1)
            if number == 19:
                moving.done("1.png: sent")
    assert spoken.lines == [
        "Sending: 25 %, 10 of 40 pictures.",
        "Sending: 50 %, 20 of 40 pictures.",
        "1.png: sent",
        "Sending: 75 %, 30 of 40 pictures.",
        "Sending: 100 %, 40 of 40 pictures.",
    ]


def test_what_is_soon_over_has_its_last_line_alone(spoken: Spoken) -> None:
    spoken.take()
    began = time.monotonic()
    with progress.transfer("uploading", 4_000_000) as moving:
        for _ in range(4):
            moving.moved(1_000_000)
    if time.monotonic() - began < waits.LEAST:
        assert spoken.lines == ["Uploading: 100 %, 4.0 MB."]


@pytest.mark.parametrize(
    ("term", "reason"),
    [("dumb", "TERM is dumb"), ("", "TERM is not set"), ("xterm", "")],
)
@pytest.mark.skipif(sys.platform == "win32", reason="TERM says nothing there")
def test_a_terminal_that_cannot_move_its_cursor_turns_it_on(
    spoken: Spoken, monkeypatch: pytest.MonkeyPatch, term: str, reason: str
) -> None:
    spoken.take()
    monkeypatch.setenv("TERM", term)
    mode.decide(asked=False)
    assert mode.reason() == reason
    mode.decide(asked=True)
    assert mode.reason() == "the setting accessible"
    monkeypatch.setattr(spoken.keyboard, "isatty", lambda: False)
    mode.decide(asked=False)
    assert not mode.is_on()
