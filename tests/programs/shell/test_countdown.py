"""What a command says while it waits for the cloud's minute."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest

from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.programs.shell import countdown
from tests.support.clock import Clock
from tests.support.commands import admin
from tests.support.late_aws import LateAws

Capture = pytest.CaptureFixture[str]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_on_a_terminal_counts_down_and_is_taken_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(countdown, "_columns", lambda: 40)
    told = countdown.patience(lambda _: None).told
    told("requestQueue can be purged again", 42.2)
    told("q is known", 9)
    told("", 0)
    first, second, last, end = terminal.getvalue().split("\r")[1:]
    assert first.startswith("43 s at most until requestQueue can be")
    assert len(first) < 40
    assert second.startswith("9 s at most until q is known  Ctrl-C")
    assert len(second) == len(first), "nothing is left of what stood there"
    assert last.strip() == end == ""


def test_elsewhere_a_line_is_written_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    clock = Clock()
    monkeypatch.setattr(countdown, "time", clock)
    told: Any = countdown.patience(said.append).told
    for left in range(40, 0, -1):
        told("q is known", left)
        clock.sleep(1)
    told("", 0)
    told("r is known", 5)
    assert said == [
        "40 s at most until q is known", "25 s at most until q is known",
        "10 s at most until q is known", "5 s at most until r is known",
    ]  # fmt: skip


def test_a_purge_that_comes_too_soon_is_counted_down_on_standard_error(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    late = LateAws(monkeypatch, 0)
    assert admin("queues", "purge", "requestQueue", "--yes") == 0
    Queue(cloud, "requestQueue").send(Outgoing("1"))
    capsys.readouterr()
    assert admin("queues", "purge", "requestQueue", "--yes", "--json") == 0
    told = capsys.readouterr()
    assert '"state": "purged"' in told.out
    assert told.err.startswith("65 s at most until requestQueue can be purged again\n")
    assert late.clock.passed >= 60
    assert Queue(cloud, "requestQueue").counts().visible == 0


def test_ctrl_c_leaves_the_countdown_and_nothing_is_purged(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    late = LateAws(monkeypatch, 0)
    assert admin("queues", "purge", "requestQueue", "--yes") == 0
    Queue(cloud, "requestQueue").send(Outgoing("1"))

    def interrupt() -> None:
        raise KeyboardInterrupt

    late.clock.slept = interrupt
    assert admin("queues", "purge", "requestQueue", "--yes") == 130
    assert len(late.clock.rests) == 1
    assert Queue(cloud, "requestQueue").counts().visible == 1


def test_cloud_up_tells_what_it_waits_for(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    del bare_cloud
    LateAws(monkeypatch, 3)
    assert admin("cloud", "up", "--json") == 0
    told = capsys.readouterr()
    assert "65 s at most until SQS knows requestQueue-dlq" in told.err
    assert '"state": "made"' in told.out
