"""A worker that is lacking begins before the queues are made, and is waited for when needed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labapp.programs.jobs import waiting
from labapp.worker import local_workers
from labapp.worker.local_workers import LocalWorker


@pytest.mark.parametrize("is_local", [True, False])
def test_it_loads_while_the_queues_are_made(
    monkeypatch: pytest.MonkeyPatch, *, is_local: bool
) -> None:
    done: list[str] = []
    cloud: Any = SimpleNamespace(is_local=is_local, home=Path("home"), settings=None)

    def wait() -> LocalWorker:
        done.append("waited")
        return LocalWorker(7, True, 1.0)

    def begin(home: Path, settings: object) -> Any:
        done.append("begun")
        return SimpleNamespace(wait=wait)

    monkeypatch.setattr(local_workers, "alive", lambda home: [])
    monkeypatch.setattr(local_workers, "begin_background", begin)
    context: Any = SimpleNamespace(
        cloud=lambda require: cloud,
        require=lambda cloud, enough: done.append(f"required {enough}"),
        say=lambda text: done.append(text.partition(" (pid 7)")[0]),
        beginning=None,
    )
    assert waiting.attended_cloud(context, "q") is cloud
    waiting.ensure_worker(context, cloud)
    told = ["waited", "no worker was running, so one was started in the background"]
    assert done == (["begun", "required q", *told] if is_local else ["required q"])
    assert context.beginning is None
