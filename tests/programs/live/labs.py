"""Labs as they may be seen: made up, for drawing, comparing and following."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from labapp.programs.live.model import ANSWERS, AnswerNow, LabSnapshot, QueueNow, WorkerNow
from labapp.worker.in_hand import JobInHand

#: When they were seen.
NOW = 1_795_000_000.0

CLIENTS = ("anna-3f2a91c0d4e5", "ben-77c1aa01bb02", "plain", "a-long-name-of-hers-00aa11bb22cc")

LONG = "-with-a-very-long-name-that-does-not-end"


def job_id(number: int) -> str:
    """Return a job's id."""
    return f"01JD3P8QX0ABCDEFGHJKMN{number:04d}"


def job(number: int, client: str = CLIENTS[0], **more: Any) -> JobInHand:
    """Return a job in hand."""
    return replace(
        JobInHand(job_id(number), "pictures", client, "imageInbox", 1, 2.0, "validated", NOW - 3),
        **more,
    )


def worker(number: int, *hands: JobInHand, **more: Any) -> WorkerNow:
    """Return a worker with these jobs in hand."""
    return replace(
        WorkerNow(f"host-{number}-ab12", "host", number, in_hand=len(hands), hands=hands, done=150),
        **more,
    )


def answer(number: int, status: str = "done", client: str = CLIENTS[0]) -> AnswerNow:
    """Return a job that was logged."""
    said = "minimum is 1 maximum is 55 average is 18 median is 8 sum is 72"
    return AnswerNow(job_id(number), client, "numbers", status, said, NOW - number)


def lab(
    waiting: int = 3, workers: int = 2, queues: int = 2, *, gone: bool = False, long: bool = False,
    dead: int = 0, trouble: str = "",
) -> LabSnapshot:  # fmt: skip
    """Return a lab of that size."""
    ending = LONG if long else ""
    names = ["imageInbox", "requestQueue"]
    names += [f"team-{number:02d}-submit{ending}" for number in range(queues - 2)]
    held = min(waiting, 4)
    inbound = [
        QueueNow(
            name,
            waiting=waiting // (1 + place),
            in_flight=0 if place else held * workers,
            dead=0 if place else dead,
            oldest=waiting if waiting and not place else None,
        )
        for place, name in enumerate(names)
    ]
    outbound = [QueueNow("responseQueue", ANSWERS), QueueNow("imageOutbox", ANSWERS, "", held)]
    host = f"ip-172-31-9-17.eu-central-1{ending}" if long else "host"
    alive = [
        worker(
            4711 + number,
            *(job(100 * number + k, CLIENTS[k], receives=1 + (k == 2)) for k in range(held)),
            host=host,
            worker=f"{host}-{4711 + number}-ab12",
            rate=12.3,
        )
        for number in range(workers)
    ]
    lost = (
        [worker(4999, job(991), job(992), state="gone", host=host, worker=f"{host}-4999-ab12")]
        if gone
        else []
    )
    return LabSnapshot(
        NOW,
        (*inbound, *outbound),
        tuple(QueueNow(f"responseQueue-{name}", ANSWERS, name, 1) for name in CLIENTS[:held]),
        (*alive, *lost),
        tuple(answer(number, "refused" if number == 2 else "done") for number in range(3 * held)),
        requests=312,
        bucket="labapp",
        hidden=30,
        trouble=trouble,
    )
