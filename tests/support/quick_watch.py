"""A watch of queues that costs tests no seconds: its clock runs ten times as fast."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from labapp.jobs import watch, watched_queue


def hasten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a poll of nothing cost no second, and a second of a watch a tenth of one."""
    monkeypatch.setattr(watched_queue, "POLL", 0)
    monkeypatch.setattr(watched_queue, "PAUSE", 0.1)
    monkeypatch.setattr(watch, "_STEP", 0.02)
    clock = SimpleNamespace(monotonic=lambda: 10 * time.monotonic())
    for module in (watch, watched_queue):
        monkeypatch.setattr(module, "time", clock)
