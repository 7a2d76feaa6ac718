"""A request may be answered by several messages, each on a queue that a dialect names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labapp.cloud.queues import Outgoing
from labapp.jobs.wire import DONE, Reply, Request
from labapp.worker.processor import Processor
from tests.worker.conftest import LAST_RECEIVE, Bench
from tests.worker.worker_fakes import message


@pytest.fixture
def lab(bench: Bench) -> Bench:
    """Give a processor whose jobs are answered on two queues, one of them a lab's client's."""
    bench.cloud.make("tells")
    bench.cloud.queues["later"] = bench.cloud.queue(None, "later")
    addressed = (("tells", Outgoing("min 1")), ("later", Outgoing("max 2")))
    bench.handler.act = lambda request: Reply("fine", request.job, DONE, addressed=addressed)
    bench.handler.awaited = bench.handler.answered_on = frozenset({"later"})
    return replace(
        bench, processor=Processor(bench.handler, bench.processor._bucket, bench.outages)
    )


def sent(lab: Bench, name: str) -> list[str]:
    return [one.body for one in lab.cloud.queues[name].sent]


def test_each_answer_goes_to_its_queue_in_one_batch_of_all(lab: Bench) -> None:
    lab.cloud.queues["later"].missing = False
    lab.do(message("a", client=""), message("b", client=""))
    assert (sent(lab, "tells"), sent(lab, "later")) == (["min 1"] * 2, ["max 2"] * 2)
    assert [thing for call, thing in lab.cloud.calls if call == "send"] == ["tells", "later"]
    assert lab.cloud.queues["requestQueue"].deleted == ["a", "b"]
    assert sent(lab, "responseQueue") == []


def test_a_request_comes_again_until_its_clients_queue_is_there(lab: Bench) -> None:
    lab.do(message("a", client=""))
    queue = lab.cloud.queues["requestQueue"]
    assert queue.deleted == []
    ((receipt, seconds),) = queue.hidden
    assert (receipt, seconds > 0) == ("a", True)
    lab.cloud.queues["later"].missing = False
    lab.processor._replies._missing.clear()  # a second later
    lab.do(message("a", client="", receives=2))
    assert (sent(lab, "later"), queue.deleted) == (["max 2"], ["a"])


def test_it_is_put_aside_when_it_came_too_often(lab: Bench) -> None:
    lab.do(message("a", client="", receives=LAST_RECEIVE))
    (letter,) = lab.cloud.queues["requestQueue-dlq"].sent
    assert "later does not exist" in letter.attributes["reason"]
    assert lab.cloud.queues["requestQueue"].deleted == ["a"]


def test_an_answer_that_may_yet_be_sent_is_not_given_up_for_another(lab: Bench) -> None:
    lab.handler.awaited = frozenset()
    lab = replace(lab, processor=Processor(lab.handler, lab.processor._bucket, lab.outages))
    lab.cloud.queues["tells"].failures["send"] = [[0]] * 3
    lab.do(message("a", client=""))
    assert lab.cloud.queues["requestQueue"].deleted == []
    assert lab.cloud.queues["requestQueue-dlq"].sent == []


def test_an_answer_that_cannot_be_made_is_put_aside(
    lab: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_request: Request, _reply: Reply) -> Reply:
        raise ValueError("a fault")

    monkeypatch.setattr(lab.handler, "addressed", broken)
    lab.do(message("a", client=""))
    (letter,) = lab.cloud.queues["requestQueue-dlq"].sent
    assert "its answer cannot be made: ValueError: a fault" in letter.attributes["reason"]
