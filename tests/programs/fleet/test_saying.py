"""Sentences of a fleet: folded on a narrow terminal, whole in a pipe; a wait tells how long."""

from __future__ import annotations

import io

import pytest

from labapp.programs.fleet import saying


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_words_stay_whole_on_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    text = "  fleet labapp in eu-central-1: 2 of 1 to 3 at work, code 089585b0, parked: no"
    lines = saying.folded(text, Terminal())
    assert max(map(len, lines)) <= 40
    assert " ".join(" ".join(lines).split()) == text.strip()
    assert all(one.startswith("  ") for one in lines)
    assert saying.folded(text, io.StringIO()) == [text]


def test_a_wait_tells_how_long_it_is_already(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    now = [0]
    monkeypatch.setattr("labapp.programs.fleet.saying.time.monotonic", lambda: float(now[0]))
    clock = saying.Clock(told.append)
    for now[0] in range(100):
        clock.tick()
    clock.waits("first worker")
    for now[0] in range(100, 165):
        clock.tick()
    clock.waits("")
    clock.tick()
    assert [one.partition(":")[0] for one in told] == ["first worker"] * 2
    assert told[0].endswith("30 s so far")
