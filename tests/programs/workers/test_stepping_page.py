"""The console of a worker that is taken step by step: what it shows, keys, and its kill."""

from __future__ import annotations

import argparse
from dataclasses import replace
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest

from labapp import settings
from labapp.console import theme
from labapp.console.key import Key
from labapp.jobs.steps import RECEIVED, STEPS, STORED, Step
from labapp.programs.shell.context import Context
from labapp.programs.workers.stepping_lines import KEYS
from labapp.programs.workers.stepping_page import SURE, StepShown, kill_now, write
from labapp.worker.stats import WorkerStats
from tests.programs.workers.standing_kit import FakeStanding, stand_at


def page(standing: FakeStanding) -> StepShown:
    context = Context("server.py", argparse.Namespace(), settings.load({}))
    stand_in: Any = SimpleNamespace(
        stats=WorkerStats(), changes=0, value=1, error="", is_local=False, known_bucket="lab"
    )
    held: Any = standing
    return StepShown(context, stand_in, stand_in, stand_in, stand_in, standing=held)


def drawn(shown: StepShown, columns: int, rows: int) -> list[str]:
    sheet = StringIO()
    theme.current().console(sheet, width=columns, tty=False).print(shown.draw(columns, rows))
    return [line.rstrip() for line in sheet.getvalue().splitlines()]


def keys(shown: StepShown) -> list[Key]:
    return shown.keys()


def press(shown: StepShown, letter: str) -> None:
    next(key for key in keys(shown) if key.letter == letter).act()


def test_it_says_what_is_so_what_comes_next_and_what_a_kill_means() -> None:
    lines = drawn(page(FakeStanding(stand_at(STORED))), 78, 16)
    text = " ".join(" ".join(lines).split())
    assert "step 4 of 7: stored" in text
    assert "a-job, numbers from ada, receive 1 of 5, requestQueue" in text
    assert "next send the answer to responseQueue-ada." in text
    assert "killed What is stored stays; the answer is not sent." in text
    assert "21 s more: the lease asked for 30 s 9 s ago" in text


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(("columns", "rows"), [(78, 15), (38, 8)])
def test_it_fits_and_what_does_not_is_in_the_help(columns: int, rows: int, step: Step) -> None:
    shown = page(FakeStanding(stand_at(step)))
    lines = drawn(shown, columns, rows)
    assert len(lines) <= rows
    told = " ".join(lines) + " ".join(shown.more())
    for word in ("next", "killed", "now", "others", "job"):
        assert word in told
    assert "next" in " ".join(lines)


def test_a_job_is_called_by_its_id_before_it_is_looked_at_where_its_message_has_that() -> None:
    asked = stand_at(RECEIVED, request=None)
    assert asked.job == "job a-job"
    plain = replace(asked, message=replace(asked.message, attributes={}))
    assert plain.job == f"message {plain.message.id}"
    text = " ".join(" ".join(drawn(page(FakeStanding(plain)), 78, 16)).split())
    assert f"job message {plain.message.id}, numbers, receive 1" in text


@pytest.mark.parametrize("columns", [40, 60, 80])
@pytest.mark.parametrize("step", STEPS)
def test_no_text_of_a_kill_is_broken_within_a_word(
    columns: int, step: Step, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Context, "on_terminal", True)
    monkeypatch.setenv("COLUMNS", str(columns))
    shown, words = page(FakeStanding(stand_at(step))), []
    for line in (SURE, *kill_now(stand_at(step), 30), f"  {KEYS}"):
        write(shown.context, line)
        words += line.split()
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) < columns
    assert " ".join(lines).split() == words
    press(shown, "k")
    assert set(SURE.split()) <= set(" ".join(drawn(shown, columns - 2, 16)).split())


def test_each_key_tells_the_one_who_stands() -> None:
    standing = FakeStanding(stand_at(STORED))
    shown = page(standing)
    for letter in ("Space", "r", "g"):
        press(shown, letter)
    assert standing.told == ["go", "run on", "go on"]
    assert [key.enter for key in keys(shown) if key.letter == "Space"] == [True]


def test_a_kill_is_asked_for_and_comes_when_the_page_is_gone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    standing = FakeStanding(stand_at(STORED))
    shown = page(standing)
    press(shown, "k")
    assert [key.letter for key in keys(shown)] == ["y", "n"]
    press(shown, "n")
    shown.left()
    assert not standing.told
    press(shown, "k")
    press(shown, "y")
    assert shown.is_over
    assert not standing.told
    shown.left()
    assert standing.told == ["die"]
    said = capsys.readouterr().out
    assert "Killed at step 4 of 7: stored, job a-job. What is stored stays" in said
    assert "Start the next worker: python server.py" in said


def test_what_was_asked_is_forgotten_when_the_job_goes_on_by_itself() -> None:
    standing = FakeStanding(stand_at(STORED))
    shown = page(standing)
    press(shown, "k")
    standing.stand = stand_at(STORED, stands=False)
    shown.watch()
    assert [key.letter for key in keys(shown)] == ["g", "q"]
