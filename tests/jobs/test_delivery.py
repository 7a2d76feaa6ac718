"""How a message came to a worker is told by SQS's own moments."""

from __future__ import annotations

from labapp.cloud.queues import Message
from labapp.jobs.delivery import WorkerName, delivery_of


def _message(sent: float, first: float, receives: int = 1) -> Message:
    return Message("a", "1,2", {}, frozenset(), "r", receives, sent, first)


def test_the_wait_ends_when_a_message_is_received_for_the_first_time() -> None:
    name = WorkerName()
    told = delivery_of(_message(1_000.0, 1_012.3456, receives=3), "requestQueue", name)
    assert (told.queue, told.receives, told.wait) == ("requestQueue", 3, 12.346)
    assert (told.worker, told.host) == (name.worker, name.host)


def test_a_service_that_mixes_its_moments_up_makes_no_wait_of_less_than_nothing() -> None:
    assert delivery_of(_message(1_000.0, 999.0), "requestQueue", WorkerName()).wait == 0


def test_two_workers_of_one_machine_have_two_names() -> None:
    one, two = WorkerName(), WorkerName()
    assert one.host == two.host
    assert one.worker != two.worker
    assert one.worker.startswith(one.host)
