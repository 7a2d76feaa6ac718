"""A job that stands, without a worker: what pages and lines are drawn from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from labapp.cloud.queues import Message
from labapp.jobs.steps import Step
from labapp.jobs.wire import DONE, Reply, Request
from labapp.worker.standing import Stand
from tests.worker.worker_fakes import message

#: The visibility timeout of what stands.
VISIBILITY = 30


def stand_at(step: Step, **more: object) -> Stand:
    """Return a job of numbers of the client `ada`, as it stands at a step."""
    one: Message = message("a-job", "ada")
    request = Request("1,2", "a-job", "ada", message=one)
    reply = Reply("minimum is 1", "a-job", DONE)
    stand = Stand(step, "requestQueue", "numbers", one, 5, 0.0, request, reply, stands=True)
    return replace(stand, **{"answers_on": ("responseQueue-ada",), **more})  # type: ignore[arg-type]


@dataclass
class FakeStanding:
    """What holds one job; writes down what it is told."""

    stand: Stand | None
    left: float | None = 21.0
    runs_on: bool = False
    told: list[str] = field(default_factory=list)
    changed: Callable[[], None] = lambda: None

    def seconds_left(self) -> float | None:
        return self.left

    def visibility(self) -> int:
        return VISIBILITY

    def go(self) -> None:
        self._tell("go")

    def run_on(self) -> None:
        self._tell("run on")

    def go_on(self) -> None:
        self._tell("go on")

    def die(self) -> None:
        self._tell("die")

    def _tell(self, word: str) -> None:
        self.told.append(word)
