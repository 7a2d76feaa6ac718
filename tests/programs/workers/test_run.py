"""A worker that writes log lines."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from argparse import ArgumentTypeError, Namespace
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from labapp import settings
from labapp.programs.shell.context import Context
from labapp.programs.workers import run
from labapp.worker import logs
from tests.support.waiting import PATIENCE


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
    arguments = Namespace(metrics=None, child=child, log_format=kind)
    run._log_lines(Context("server.py", arguments, settings.load({})))
    assert ("Ctrl-C stops the worker" in capsys.readouterr().err) is told


@pytest.mark.parametrize(
    ("format_", "port", "child", "live", "logged"),
    [("text", None, False, False, None), ("json", None, False, False, True),
     ("json", None, True, False, None), ("json", None, False, True, None),
     ("text", 1, False, True, False), ("json", 1, False, False, True)],
)  # fmt: skip
def test_the_backlog_is_counted_where_somebody_reads_it_alone(
    monkeypatch: pytest.MonkeyPatch,
    format_: str, port: int | None, child: bool, live: bool, logged: bool | None,
) -> None:  # fmt: skip
    made: list[tuple[tuple[str, ...], bool]] = []
    served: list[int] = []

    def backlog(_cloud: object, names: list[str], *, logged: bool) -> Any:
        made.append(((*names,), logged))
        return SimpleNamespace(run=lambda ended: ended.wait())

    @contextlib.contextmanager
    def serve(_stats: object, _backlog: object, port: int) -> Iterator[str]:
        served.append(port)
        yield "http://127.0.0.1/metrics"

    monkeypatch.setattr("labapp.worker.backlog.Backlog", backlog)
    monkeypatch.setattr("labapp.worker.metrics.served", serve)
    arguments = Namespace(metrics=port, child=child, log_format=format_)
    context = Context("server.py", arguments, settings.load({}))
    stand_in: Any = SimpleNamespace(stats=None)
    with run._measured(context, stand_in, stand_in, live=live):
        pass
    queues = ("requestQueue", "imageInbox")
    assert made == ([] if logged is None else [(queues, logged)])
    assert served == ([port] if port else [])


@pytest.mark.parametrize("word", ["0", "65536", "http", "-1", "\u0661", "9464x"])
def test_what_is_no_port_is_said_so(word: str) -> None:
    with pytest.raises(ArgumentTypeError, match="is no port: a number from 1 to 65535"):
        run._port(word)


def test_a_plain_worker_loads_nothing_of_prometheus() -> None:
    script = (
        "import sys, labapp.programs.workers.run, labapp.worker.engine, labapp.worker.logs;"
        "sys.exit('prometheus_client' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], timeout=PATIENCE).returncode == 0
