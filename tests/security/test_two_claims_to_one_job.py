"""Where no request proves whose a job is, as with older clients and scripts, the first has it.

A stranger asks under the same id, with another content or in another's name: it is refused, and
what the first one was told and left stays, byte for byte. The same request may come again.
"""

from __future__ import annotations

import json

import pytest

from labapp.cloud.session import Cloud
from labapp.jobs.proof import new_job_id
from tests.security.wire_kit import (
    BLUR,
    INVERT,
    NUMBER_QUEUE,
    PICTURE_QUEUE,
    Worker,
    make_queue,
    objects,
    put,
    send,
    take,
)

ULID = new_job_id()

#: Longer than what a log repeats, and the same as far as it does.
LONG = ",".join(["1"] * 2_000)


@pytest.fixture(autouse=True)
def queues(cloud: Cloud) -> None:
    make_queue(cloud, "ada")
    make_queue(cloud, "mallory")


def logs_of(cloud: Cloud, job: str) -> dict[str, tuple[bytes, dict[str, str]]]:
    return {key: found for key, found in objects(cloud, "logs/").items() if job in key}


def told(cloud: Cloud, client: str) -> list[str]:
    return [attributes["status"] for _, attributes in take(cloud, f"responseQueue-{client}")]


@pytest.mark.parametrize(
    ("job", "restarted"),
    # An id that does not tell the time is known to its own worker alone.
    [(ULID, False), (ULID, True), ("job-1", False)],
    ids=["one worker", "another worker", "no ULID"],
)
@pytest.mark.parametrize(
    ("first", "then", "name"),
    [
        ("1,2", "3,4", "mallory"),
        ("1,2", "3,4", "ada"),
        ("1,2", "1,2", "mallory"),
        (f"{LONG},1", f"{LONG},2", "ada"),
        ("not a list", "1,2", "mallory"),
    ],
)
def test_the_first_list_under_an_id_has_it(
    cloud: Cloud, job: str, restarted: bool, first: str, then: str, name: str
) -> None:
    worker = Worker(cloud)
    send(cloud, NUMBER_QUEUE, first, job=job, client="ada")
    worker.work()
    before, status = logs_of(cloud, job), told(cloud, "ada")
    assert (len(before), status) == (1, ["done" if first == "1,2" else "refused"])

    worker = Worker(cloud) if restarted else worker
    message = send(cloud, NUMBER_QUEUE, then, job=job, client=name)
    worker.work()
    assert logs_of(cloud, job) == before
    assert told(cloud, name) == ["refused"]
    ((text, _),) = logs_of(cloud, message).values()
    assert f"the job {job} is known with another content".encode() in text
    assert b"status: refused\n" in text

    send(cloud, NUMBER_QUEUE, first, job=job, client="ada")
    worker.work()
    assert told(cloud, "ada") == status, "the same again is answered as before"
    assert logs_of(cloud, job).keys() == before.keys() or job != ULID


@pytest.mark.parametrize("restarted", [True, False])
@pytest.mark.parametrize(
    "other",
    [
        {"client": "mallory"},
        {"pipeline": BLUR},
        {"format": "jpeg"},
        {"body": "inbox/x/dog.png"},
        {"body": "inbox/y/cat.png"},
    ],
    ids=str,
)
def test_the_first_picture_under_an_id_has_it(
    cloud: Cloud, restarted: bool, other: dict[str, str]
) -> None:
    for key in ("inbox/x/cat.png", "inbox/x/dog.png", "inbox/y/cat.png"):
        put(cloud, key)
    asked = {"body": "inbox/x/cat.png", "job": "job-1", "client": "ada", "pipeline": INVERT}
    worker = Worker(cloud)
    send(cloud, PICTURE_QUEUE, **asked)
    worker.work()
    before = objects(cloud, "outbox/job-1/")
    answers = take(cloud, "responseQueue-ada")
    assert len(before) == 1

    worker = Worker(cloud) if restarted else worker
    send(cloud, PICTURE_QUEUE, **asked | other)
    worker.work()
    assert objects(cloud, "outbox/job-1/") == before
    assert told(cloud, other.get("client", "ada")) == ["refused"]

    send(cloud, PICTURE_QUEUE, **asked)
    worker.work()
    ((body, attributes),) = take(cloud, "responseQueue-ada")
    assert (body, json.loads(attributes["result"])) == (
        answers[0][0], json.loads(answers[0][1]["result"]),
    )  # fmt: skip
    assert objects(cloud, "outbox/job-1/").keys() == before.keys()


def test_two_workers_that_do_both_at_once_keep_one_log(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    from labapp.worker.handlers import NumbersHandler

    work = NumbersHandler.work
    other = Worker(cloud)

    def meanwhile(self: NumbersHandler, request):  # type: ignore[no-untyped-def]
        reply = work(self, request)
        if request.body == "1,2":
            send(cloud, NUMBER_QUEUE, "3,4", job=ULID, client="mallory")
            other.work()
        return reply

    monkeypatch.setattr(NumbersHandler, "work", meanwhile)
    send(cloud, NUMBER_QUEUE, "1,2", job=ULID, client="ada")
    Worker(cloud).work()
    ((text, _),) = logs_of(cloud, ULID).values()
    assert b"request: '3,4'\nstatus: done\n" in text, "its log was there first"
    assert told(cloud, "mallory") == ["done"]
    assert told(cloud, "ada") == ["refused"]
