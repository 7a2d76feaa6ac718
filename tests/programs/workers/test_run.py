"""A worker that writes log lines."""

from __future__ import annotations

import sys
from argparse import Namespace

import pytest

from labapp import settings
from labapp.programs.shell.context import Context
from labapp.programs.workers import run
from labapp.worker import logs


@pytest.mark.parametrize(
    ("kind", "child", "is_terminal", "told"),
    [("text", False, True, True), ("text", True, True, False), ("text", False, False, False),
     ("json", False, True, False)],
)  # fmt: skip
def test_who_reads_log_lines_on_a_terminal_is_told_how_to_stop_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    kind: str, child: bool, is_terminal: bool, told: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal)
    monkeypatch.setattr(logs, "to_stream", lambda *_, **__: None)
    arguments = Namespace(child=child, log_format=kind)
    run._log_lines(Context("server.py", arguments, settings.load({})))
    assert ("Ctrl-C stops the worker" in capsys.readouterr().err) is told
