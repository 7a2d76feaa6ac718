"""What the worker's console shows on top."""

from __future__ import annotations

import argparse
import io
import re
import time
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from labapp import settings
from labapp.cloud import endpoints
from labapp.cloud.place import Place
from labapp.console import theme
from labapp.programs.shell.context import Context
from labapp.programs.workers.console import Shown, _state
from labapp.worker.stats import HISTORY, WorkerStats
from tests.worker.worker_fakes import message


def test_its_header_shows_the_address_in_force() -> None:
    context = Context("server.py", argparse.Namespace(), settings.load({"cloud": "aws"}))
    place = Place("aws", "eu-west-1", endpoints.at("http://minio.example:9000"))
    stand_in: Any = SimpleNamespace(
        place=place, known_bucket="lab", stats=WorkerStats(), changes=0, value=2, is_local=False
    )
    header = Shown(context, stand_in, stand_in, stand_in, stand_in).header()
    assert (header.cloud, header.workers) == ("aws at minio.example:9000", 2)


@pytest.mark.parametrize(
    ("wait", "columns", "beside"),
    [(0.237, 80, "waited 0.24 s (median)"), (0.0, 80, "waited 0 s (median)"),
     (0.237, 60, "waited 0.24 s"), (0.237, 40, ""), (None, 80, "")],
)  # fmt: skip
def test_the_median_wait_stands_beside_the_bars_where_there_is_room(
    wait: float | None, columns: int, beside: str
) -> None:
    snapshot = replace(WorkerStats().snapshot(), wait=wait, per_second=[1] * HISTORY)
    sheet = Console(width=columns, file=io.StringIO(), color_system=None)
    sheet.print(_state(snapshot, columns))
    lines = sheet.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert all(len(line) <= columns for line in lines)
    assert lines[-1].rstrip().endswith(beside or lines[-1].rstrip()[-1])
    assert ("waited" in lines[-1]) == bool(beside)


def test_jobs_that_are_in_hand_for_a_second_are_shown_with_their_step_and_their_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    worker: Any = SimpleNamespace(stats=WorkerStats())
    worker.stats.in_hand.take([message(f"held-for-{n}") for n in range(5)], "q", "numbers")
    context = Context("server.py", argparse.Namespace(), settings.load({}))
    empty: Any = SimpleNamespace(value=(), error="", changes=0)
    shown = Shown(context, SimpleNamespace(is_local=False), worker, empty, empty)  # type: ignore[arg-type]

    def drawn() -> str:
        return re.sub(r"\x1b\[[0-9;]*m", "", theme.current().ansi(shown.draw(80, 40), 80))

    assert "ld-for-" not in drawn()
    assert "No job has ended yet; 5 in hand." in drawn()
    assert "No job yet" not in drawn()
    looks, present = shown.look(), time.time()
    monkeypatch.setattr("labapp.utc.time.time", lambda: present + 65)
    assert shown.look() > looks
    rows = [line.split() for line in drawn().splitlines() if "ld-for-" in line]
    assert rows == [[f"ld-for-{n}", "tester", "received", "1", "min", "05", "s", "1"]
                    for n in range(3)]  # fmt: skip
