"""A worker that is taken step by step, and killed at one: in a process of its own, by SIGKILL.

Such processes are forked from one that has loaded the worker already, so a kill costs little.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labapp import settings as settings_room
from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.jobs.steps import DELETED, Step
from labapp.programs.workers import stepping_texts
from labapp.worker.engine import Worker
from labapp.worker.handlers import all_handlers
from labapp.worker.standing import Stand, Standing
from tests.support.waiting import PATIENCE, until


@dataclass(frozen=True)
class Killed:
    """What a worker had in hand as it was killed, and what it said of that."""

    queue: str
    receipt: str
    receives: int
    title: str
    now: str
    next: str
    killed: str


class Stepped:
    """A worker of one queue, in a thread of this process, that goes on as its test says."""

    def __init__(self, cloud: Cloud, queue: str) -> None:
        self.standing = Standing(cloud.settings)
        every = all_handlers(cloud.settings, Bucket(cloud))
        handlers = [one for one in every if one.kind.request_queue_name(cloud.settings) == queue]
        self._worker = Worker(cloud, handlers, steps=self.standing)
        self._thread = threading.Thread(target=self._worker.run)

    def __enter__(self) -> Stepped:
        self._before = {*threading.enumerate()}
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._worker.stop()
        self._thread.join(PATIENCE)
        # A poll that is still open would take what is meant for the next worker.
        for left in {*threading.enumerate()} - self._before:
            if left.name.startswith("poller-"):
                left.join(PATIENCE)

    def stands(self) -> Stand:
        """Wait until a job stands."""

        def found() -> Stand | None:
            stand = self.standing.stand
            return stand if stand and stand.stands else None

        stand = until(found, "a job that stands")
        assert stand
        return stand

    def go_to(self, step: Step) -> list[Stand]:
        """Go on until a job stands at a step; return where it stood."""
        stood = [self.stands()]
        while stood[-1].step != step:
            assert stood[-1].step != DELETED, stood
            self.standing.go()
            stood.append(self.stands())
        return stood


def killed_at(step: Step, queue: str, settings: Mapping[str, str], folder: Path) -> Killed:
    """Have a worker process take a job of a queue to a step, and kill it there."""
    path = folder / f"killed-{step.replace(' ', '-')}.json"
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(
        target=_die_at, args=(step, queue, {**os.environ, **settings}, str(path))
    )
    process.start()
    process.join(PATIENCE)
    assert process.exitcode == -9, process.exitcode
    return Killed(**json.loads(path.read_text("utf-8")))


def _die_at(step: Step, queue: str, environment: dict[str, str], path: str) -> None:
    os.environ.update(environment)
    cloud = Cloud(settings_room.load(files=()).settings, start=False)
    stepped = Stepped(cloud, queue)
    stepped._thread.daemon = True
    stepped._thread.start()
    stand = stepped.go_to(step)[-1]
    told = stepping_texts.told(stand, stepped.standing.visibility())
    found: dict[str, Any] = {
        "queue": stand.queue,
        "receipt": stand.message.receipt,
        "receives": stand.message.receives,
        "title": stepping_texts.title(stand),
        "now": told.now,
        "next": told.next,
        "killed": told.killed,
    }
    Path(path).write_text(json.dumps(found), encoding="utf-8")
    stepped.standing.die()
