"""Workers that the scenarios need and nobody should run: slow jobs, and mutants.

`python -m tests.chaos.odd_worker BEGUN [--seconds S] [--mutant NAME] [--pictures]`. It is the real
engine with the real handlers; number jobs first add their id and the worker's to the file BEGUN,
then take S seconds. Each mutant breaks one promise, so that the harness is seen to notice.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from labapp import settings as settings_room
from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import Message
from labapp.cloud.session import Cloud
from labapp.jobs import lab
from labapp.jobs.wire import Reply, Request
from labapp.settings import Settings
from labapp.worker import lease, logs, poller, replies
from labapp.worker.engine import Worker
from labapp.worker.handlers import NumbersHandler


class SlowHandler(NumbersHandler):
    """The integer job, at the speed that a scenario asks for."""

    def __init__(self, settings: Settings, begun: Path, seconds: float) -> None:
        super().__init__(settings)
        self.quick = seconds < 0.01
        self._begun = begun
        self._seconds = seconds

    def work(self, request: Request) -> Reply:
        with self._begun.open("a") as begun:
            begun.write(f"{request.job} {os.getpid()}\n")
        time.sleep(self._seconds)
        return super().work(request)


def delete_first() -> None:
    """Delete messages before their jobs are done: what a kill then interrupts is lost."""
    hand_out = poller.Poller._hand_out

    def mutant(self: poller.Poller, messages: list[Message]) -> None:
        self.processor.queue.delete([message.receipt for message in messages])
        hand_out(self, messages)

    poller.Poller._hand_out = mutant  # type: ignore[method-assign]


def forget_lease() -> None:
    """Never extend a lease: a job longer than the visibility timeout is done again."""
    lease.Lease.extend_due = lambda self: None  # type: ignore[method-assign]


def wrong_client() -> None:
    """Answer to another client than the one who asked, now and then."""
    name_of = replies.Replies._reply_queue_name
    others: list[str] = []

    def mutant(self: replies.Replies, request: Request) -> str:
        right = name_of(self, request)
        if right not in others:
            others.append(right)
        return others[(others.index(right) + 1) % len(others)]

    replies.Replies._reply_queue_name = mutant  # type: ignore[method-assign]


def second_result() -> None:
    """Store a result under a new name each time: finished work that comes again is done again."""
    from labapp.worker import picture_handler

    made = picture_handler.PictureHandler._job_of_client

    def mutant(self: picture_handler.PictureHandler, request: Request) -> Any:
        import dataclasses

        job = made(self, request)
        return dataclasses.replace(job, result=f"outbox/{job.job}-{time.time_ns()}/")

    picture_handler.PictureHandler._job_of_client = mutant  # type: ignore[method-assign]


MUTANTS: dict[str, Callable[[], None]] = {
    "delete-first": delete_first,
    "forget-lease": forget_lease,
    "wrong-client": wrong_client,
    "second-result": second_result,
}


def main() -> None:
    """Run the worker until it is told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("begun", type=Path)
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--mutant", choices=[*MUTANTS])
    parser.add_argument("--pictures", action="store_true")
    arguments = parser.parse_args()
    logs.to_stream(sys.stderr, as_json=True)
    if arguments.mutant:
        MUTANTS[arguments.mutant]()
    settings = settings_room.load().settings
    cloud = Cloud(settings)
    lab.require(cloud)
    handlers: list[Any] = [SlowHandler(settings, arguments.begun, arguments.seconds)]
    if arguments.pictures:
        from labapp.worker.picture_handler import PictureHandler

        handlers.append(PictureHandler(settings, Bucket(cloud)))
    worker = Worker(cloud, handlers)
    signal.signal(signal.SIGTERM, lambda *_: worker.stop())
    worker.run()


if __name__ == "__main__":
    main()
