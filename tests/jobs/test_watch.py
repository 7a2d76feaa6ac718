"""Watched queues lose nothing: what is looked at is seen once, and is there again at the end."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from labapp import utc
from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import Message, Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.errors import ForbiddenError, LabappError, MissingResourceError, UnreachableError
from labapp.jobs import logbook, watch, watched_queue
from labapp.jobs.watch import Watch
from labapp.jobs.watched_queue import Seen
from labapp.jobs.wire import Reply, Request
from labapp.message_attribute import Attribute
from tests.support import waiting
from tests.support.quick_watch import hasten

QUEUE = "requestQueue"

#: Watches queues until so many requests were seen.
Look = Callable[..., tuple[Watch, list[Seen]]]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    hasten(monkeypatch)


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def watched(cloud: Cloud, told: list[str]) -> Look:
    """Watch queues until as many requests were seen as there are to see."""

    def look(count: int, *names: str, workers: int = 0) -> tuple[Watch, list[Seen]]:
        found: list[Seen] = []
        with Watch(cloud, names or (QUEUE,), told.append, lambda: workers) as one:
            for seen in one.requests(50, lambda: bool(told and not count)):
                found.append(seen)
                if len(found) == count:
                    break
        return one, found

    return look


def receives(cloud: Cloud, name: str = QUEUE) -> dict[str, int]:
    """Return what waits in a queue, and how often each was received, this time included."""
    return {message.body: message.receives for message in Queue(cloud, name).receive()}


def send(cloud: Cloud, *bodies: str) -> None:
    for body in bodies:
        Queue(cloud, QUEUE).send(Outgoing(body, typed={"N": Attribute("Number", "5")}))


def test_a_request_is_seen_once_with_all_it_came_with_and_is_there_again(
    cloud: Cloud, watched: Look
) -> None:
    send(cloud, "1,2", "3/4")
    Queue(cloud, QUEUE).send(Request("ours", "job-1", "ada").outgoing())
    one, found = watched(2)
    assert [(seen.queue, seen.message.body) for seen in found] == [(QUEUE, "1,2"), (QUEUE, "3/4")]
    assert found[0].message.typed == {"N": Attribute("Number", "5")}
    assert [(q.name, q.foreign, q.own, q.last) for q in one.queues] == [(QUEUE, 2, 1, 0)]
    counts = receives(cloud)
    assert counts == {"1,2": 2, "3/4": 2, "ours": 2}


def test_where_workers_take_every_request_is_let_go_at_once(cloud: Cloud, watched: Look) -> None:
    send(cloud, "1,2")
    with Watch(cloud, [QUEUE], lambda _: None, lambda: 1) as one:
        assert next(one.requests(50, bool)).message.body == "1,2"
        taken = waiting.until(lambda: Queue(cloud, QUEUE).receive())
    assert [message.body for message in taken] == ["1,2"]


def test_what_workers_do_not_get_to_is_looked_at_three_times_at_most(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched_queue, "PAUSE", 0.01)
    send(cloud, "1,2")
    with Watch(cloud, [QUEUE], lambda _: None, lambda: 1) as one:
        assert len(list(one.requests(10, bool))) == 1
    assert receives(cloud) == {"1,2": 4}, "and once by this look"


def test_what_was_kept_is_let_go_once_a_worker_is_there(cloud: Cloud, told: list[str]) -> None:
    send(cloud, "1,2")
    there: list[int] = []
    with Watch(cloud, [QUEUE], told.append, lambda: len(there)) as one:
        next(one.requests(50, bool))
        assert receives(cloud) == {}
        there.append(1)
        assert list(one.requests(500, lambda: bool(told))) == []
        assert waiting.until(lambda: receives(cloud)) == {"1,2": 2}
    assert one.workers == 1
    assert told[0].startswith("1 worker at work here: ")


def test_ctrl_c_shows_everything_again(cloud: Cloud) -> None:
    send(cloud, "1,2")

    def interrupted() -> None:
        with Watch(cloud, [QUEUE], lambda _: None, int) as one:
            next(one.requests(50, bool))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert receives(cloud) == {"1,2": 2}


def test_what_is_hidden_stays_so_as_long_as_the_watch_lasts(
    cloud: Cloud, watched: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched_queue, "HIDDEN", 1)
    send(cloud, "1,2")
    with Watch(cloud, [QUEUE], lambda _: None, int) as one:
        ends = time.monotonic() + 1.3
        found = list(one.requests(10**9, lambda: time.monotonic() > ends))
    assert [seen.message.body for seen in found] == ["1,2"]
    assert receives(cloud) == {"1,2": 2}


def test_a_queue_that_its_lab_makes_meanwhile_is_watched_then(
    cloud: Cloud, told: list[str]
) -> None:
    with Watch(cloud, ["inbox"], told.append, int) as one:
        assert list(one.requests(50, lambda: bool(told))) == []
        cloud.sqs.create_queue(QueueName="inbox")
        Queue(cloud, "inbox").send(Outgoing("a.jpg"))
        assert next(one.requests(50, bool)).message.body == "a.jpg"
    assert told == [f"inbox is not there yet: {watched_queue.MADE}"]


def test_what_one_look_would_put_aside_is_not_looked_at(
    cloud: Cloud, watched: Look, told: list[str]
) -> None:
    send(cloud, "1,2")
    policy = Queue(cloud, QUEUE).attributes("read", "RedrivePolicy")["RedrivePolicy"]
    policy = policy.replace("5", "1", 1) if '"5"' in policy else policy.replace(": 5", ": 1")
    cloud.sqs.set_queue_attributes(
        QueueUrl=Queue(cloud, QUEUE).url, Attributes={"RedrivePolicy": policy}
    )
    _, found = watched(0)
    assert found == []
    assert "a look is one" in told[0]
    assert receives(cloud) == {"1,2": 1}


def received_often(cloud: Cloud) -> None:
    send(cloud, "1,2")
    queue = Queue(cloud, QUEUE)
    for _ in range(4):
        queue.hide([message.receipt for message in queue.receive()], 0)


def test_after_the_last_receive_a_message_is_sent_anew_as_it_came(
    cloud: Cloud, watched: Look
) -> None:
    received_often(cloud)
    one, found = watched(1)
    assert (one.queues[0].receives, one.queues[0].anew, one.queues[0].last) == (5, 1, 0)
    (again,) = Queue(cloud, QUEUE).receive()
    assert (again.body, again.typed, again.receives) == ("1,2", found[0].message.typed, 1)
    assert Queue(cloud, QUEUE).counts().all == 1


def test_what_may_not_be_sent_anew_is_left_and_counted(
    cloud: Cloud, watched: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(*_: object) -> None:
        raise ForbiddenError("no")

    received_often(cloud)
    monkeypatch.setattr(Queue, "try_deletion", forbidden)
    one, _ = watched(1)
    assert (one.queues[0].anew, one.queues[0].last) == (0, 1)
    assert Queue(cloud, QUEUE).counts().all == 1


def test_a_long_backlog_is_looked_at_in_part(
    cloud: Cloud,
    watched: Look,
    told: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watched_queue, "MOST", 1)
    for number in range(12):
        Queue(cloud, QUEUE).send(Outgoing(str(number)))
    one, found = watched(0)
    assert len(found) == one.queues[0].foreign == 10
    assert told == ["requestQueue: 10 requests are looked at, and no more"]
    assert Queue(cloud, QUEUE).counts().visible == 12


def test_an_error_ends_the_watch_and_a_queue_that_is_gone_does_not(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[LabappError] = [MissingResourceError("gone"), UnreachableError("no network")]

    def fails(*_: object, **__: object) -> list[Message]:
        raise answers.pop(0)

    monkeypatch.setattr(Queue, "receive", fails)
    with (
        Watch(cloud, [QUEUE], lambda _: None, int) as one,
        pytest.raises(UnreachableError),
    ):
        list(one.requests(50, bool))
    assert answers == []


def test_what_workers_did_meanwhile_is_counted_by_the_logs(cloud: Cloud) -> None:
    now = utc.seconds()
    for body, client, sent in (("1", "", now), ("2", "ada", now), ("3", "", now - 3600)):
        request = Request(body, f"job-{body}", client, sent_at=sent)
        logbook.store(Bucket(cloud), "numbers", request, Reply("x", request.job, "done"))
    assert watch.done_since(cloud, now - 60) == 1
