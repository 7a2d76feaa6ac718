"""The steps of jobs as they are reached: who wants to know of them, or to stand at them, is here.

A worker's parts tell its `Steps` of each step that a message reaches, on the thread that takes it,
and go on once that returns. `Steps` itself does nothing and costs nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from labapp.jobs.steps import Step

if TYPE_CHECKING:
    from labapp.cloud.queues import Message
    from labapp.jobs.wire import Reply, Request
    from labapp.worker.processor import Processor


class Steps:
    """Is told of each step that a job reaches; goes on at once."""

    #: Messages in hand at most, on all queues of the worker; 0: as many as it has threads.
    most: Literal[0, 1] = 0

    def reached(
        self,
        step: Step,
        message: Message | None,
        request: Request | None = None,
        reply: Reply | None = None,
        aside: str = "",
    ) -> None:
        """Hear that a job has reached a step; a step may be told more than once of one message.

        Args:
            step: what has happened, by `jobs.steps`.
            message: whose job it is; None for a request that came in none.
            request: what it asks, as far as that is known by now.
            reply: its answer, once there is one.
            aside: why it goes to the dead letters; empty where it does not.

        Raises:
            StoppingError: the worker is to stop, and the job is to be handed back; before it is
                answered only.
        """
        return

    def attend(self, stop: threading.Event, processors: Iterable[Processor]) -> None:
        """Hear what a worker consists of, before it begins; `stop` is set once it is to stop."""
        return

    def takes(self, queue: str) -> bool:
        """Claim the hand for a message of a queue; tell whether it was free."""
        return True

    def gives_back(self) -> None:
        """Let go of the hand that was claimed: no message came, or what came is settled."""
        return


#: Those of a worker that nobody looks at step by step.
NO_STEPS = Steps()
