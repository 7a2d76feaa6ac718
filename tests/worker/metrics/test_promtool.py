"""Prometheus's own checker finds nothing in a scrape, nor in the rules of the manual.

It comes with Prometheus (Debian's package `prometheus`); without it these are skipped.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import generate_latest

from labapp.cloud.queues import Counts
from labapp.worker import metrics
from labapp.worker.stats import Finished, WorkerStats
from tests.support.waiting import PATIENCE
from tests.worker.worker_fakes import instead

PROMTOOL = shutil.which("promtool")
MANUAL = Path(__file__).parents[3] / "labapp" / "help" / "operators.md"

pytestmark = pytest.mark.skipif(not PROMTOOL, reason="promtool is not installed")


def _check(*words: str, text: str = "") -> None:
    checked = subprocess.run(
        [str(PROMTOOL), "check", *words],
        input=text, capture_output=True, encoding="utf-8", timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_scrape_has_nothing_that_promtool_minds() -> None:
    stats = WorkerStats()
    backlog: Any = instead(counts={"requestQueue": Counts(5, 2, 0)}, dead={"requestQueue": 1})
    registry = metrics.registry_of(stats, backlog)
    stats.note_finished(Finished(time.time(), "numbers", "a", "c", "done", 0.1, ""))
    _check("metrics", text=generate_latest(registry).decode())


def test_the_manuals_rules_are_rules(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", MANUAL.read_text("utf-8"), re.DOTALL)
    (rules,) = (block for block in blocks if block.startswith("groups:"))
    path = tmp_path / "rules.yml"
    path.write_text(rules, "utf-8")
    _check("rules", str(path))
