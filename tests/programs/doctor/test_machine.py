"""What the doctor tells of this machine's terminal: how pictures are shown, and what would help."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from labapp.cloud.fleet import wheels
from labapp.console import theme
from labapp.console.graphics import choice
from labapp.console.graphics.choice import Choice
from labapp.programs.doctor import machine
from labapp.settings import Settings
from tests.cloud.fleet import lock


@pytest.fixture
def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("sys.stdout.fileno", lambda: 1)
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((80, 24)))
    monkeypatch.setattr(theme, "is_interactive", lambda: True)
    monkeypatch.setattr(choice, "_current", None)


@pytest.mark.usefixtures("on_a_terminal")
def test_how_pictures_are_shown_is_told_with_the_reason() -> None:
    choice.use(Choice("kitty", "TERM is xterm-kitty"))
    _, found = machine.look_at_terminal()
    assert (found.check, found.state) == ("pictures", "holds")
    assert found.found == "shown as kitty: TERM is xterm-kitty"


@pytest.mark.usefixtures("on_a_terminal")
def test_what_takes_little_to_have_pixels_is_told() -> None:
    choice.use(Choice(reason="tmux is shown on kitty(0.41.1), but its allow-passthrough is off"))
    _, found = machine.look_at_terminal()
    assert (found.state, "set -g allow-passthrough on" in found.remedy) == ("note", True)


def test_an_instance_of_a_fleet_is_held_against_its_own_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(machine, "REQUIREMENTS", Path("requirements.txt, which is not there"))
    monkeypatch.setattr(machine, "LOCK", wheels.LOCK)
    names = [pin.name for pin in lock.pins(wheels.LOCK.read_text("utf-8"))]
    (found,) = machine.look_at_libraries()
    if found.state == "holds":
        assert f"all {len(names)} as worker.lock pins them" in found.found
    else:  # what packages bring may be newer here than when the lock was made
        assert (found.state, found.found.startswith("other versions than pinned")) == ("note", True)


@pytest.mark.parametrize(
    ("log", "state", "found"),
    [("batch", "holds", "log = batch"), ("none", "note", "log = none: none of any job")],
)
def test_other_logs_than_usual_are_told(log: str, state: str, found: str) -> None:
    (finding,) = machine.look_at_logs(Settings(log=log))
    assert (finding.state, found in finding.found) == (state, True)
