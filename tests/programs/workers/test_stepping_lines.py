"""Steps told in lines, and what is typed; also where nobody types any more."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest

from labapp import settings
from labapp.jobs.steps import DONE, STORED
from labapp.programs.shell.context import Context
from labapp.programs.workers import stepping_lines
from labapp.programs.workers.stepping_lines import Lines
from labapp.worker import control
from labapp.worker.control import Runnable
from tests.programs.workers.standing_kit import FakeStanding, stand_at
from tests.support.waiting import until


class Idle(Runnable):
    def run(self) -> None:
        """Do nothing."""


Typed = Callable[[str], tuple[FakeStanding, Idle]]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Typed:
    """Return what types to a job that stands, and waits until all was heard."""

    def type_in(text: str) -> tuple[FakeStanding, Idle]:
        standing, worker = FakeStanding(stand_at(STORED)), Idle()
        monkeypatch.setattr(sys, "stdin", StringIO(text))
        monkeypatch.setattr(control, "lines", iter)  # which on Windows wants a real pipe
        context = Context("server.py", argparse.Namespace(), settings.load({}))
        held: Any = standing
        lines = Lines(context, worker, held)
        lines.start()
        standing.changed()
        until(lambda: worker.stopping, "the worker to be stopped")
        return standing, worker

    return type_in


def test_a_step_is_told_once_in_lines(typed: Typed, capsys: pytest.CaptureFixture[str]) -> None:
    typed("")
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0] == stepping_lines.BEGIN
    assert lines[1] == "Step 4 of 7: stored. Job a-job."
    assert [line.split(":")[0].strip() for line in lines[3:7]] == [
        "now",
        "next",
        "killed",
        "others",
    ]
    assert lines[7] == stepping_lines.KEYS
    assert stepping_lines.ENDED in err


@pytest.mark.parametrize(
    ("text", "told"),
    [("\n", ["go"]), ("n\nr\n", ["go", "run on"]), ("g\n", ["go on"]), ("q\n\n", []),
     ("k\nn\n", []), ("k\ny\n", ["die"]), ("k\n", []), ("what\n", [])],
)  # fmt: skip
def test_each_letter_does_what_it_says(typed: Typed, text: str, told: list[str]) -> None:
    standing, _ = typed(text)
    assert standing.told == told


class Keyboard(StringIO):
    def isatty(self) -> bool:
        return True


def heard(monkeypatch: pytest.MonkeyPatch, text: str, standing: FakeStanding) -> Idle:
    """Have a person type while a worker has this in hand; return the worker."""
    monkeypatch.setattr(sys, "stdin", Keyboard(text))
    held: Any = standing
    worker = Idle()
    lines = Lines(Context("server.py", argparse.Namespace(), settings.load({})), worker, held)
    lines._hear()
    return worker


def test_a_person_can_stop_it_while_no_job_stands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    standing = FakeStanding(None)
    assert heard(monkeypatch, "\nq\n", standing).stopping
    assert capsys.readouterr().out.splitlines() == [stepping_lines.NO_JOB]
    assert not standing.told


def test_all_jobs_are_gone_on_with_until_it_is_told_to_step_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Running(FakeStanding):
        def go_on(self) -> None:
            super().go_on()
            self.runs_on = not self.runs_on

    standing = Running(stand_at(STORED, stands=False))
    assert heard(monkeypatch, "g\nk\ng\nq\n", standing).stopping
    assert standing.told == ["go on", "go on"]
    assert capsys.readouterr().out.splitlines() == [stepping_lines.GOES_ON] * 2


def test_a_question_mark_explains(typed: Typed, capsys: pytest.CaptureFixture[str]) -> None:
    typed("?\n")
    assert "12 hours after it was received" in capsys.readouterr().out


def test_what_no_letter_is_meant_by_is_told(
    typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    typed("what\nk\nno\n")
    out = capsys.readouterr().out
    assert stepping_lines.UNKNOWN.format(word="what") in out
    assert stepping_lines.NOT_KILLED in out


def test_a_step_that_is_not_stood_at_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    context = Context("server.py", argparse.Namespace(), settings.load({}))
    standing: Any = FakeStanding(stand_at(DONE, stands=False))
    Lines(context, Idle(), standing)._tell()
    assert not capsys.readouterr().out
