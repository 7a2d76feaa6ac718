"""A batch of many clients' jobs: what fails for one of them stays its own."""

from __future__ import annotations

import pytest

from labapp.errors import ForbiddenError, MissingResourceError, UnreachableError
from labapp.jobs import letters
from labapp.worker import outbox as outbox_module
from tests.worker.conftest import Bench
from tests.worker.worker_fakes import message

#: The clients of a batch; the answers of the first are what fails.
CLIENTS = [f"c{number}" for number in range(10)]
BAD = "responseQueue-c0"


def _deleted(bench: Bench) -> list[str]:
    return sorted(bench.cloud.queues["requestQueue"].deleted)


def _fail(bench: Bench, error: Exception) -> None:
    """Have every sending to the bad queue fail, of ten queues that are there."""

    def trouble(call: str, thing: str) -> None:
        if (call, thing) == ("send", BAD):
            raise error

    bench.cloud.make(*(f"responseQueue-{client}" for client in CLIENTS))
    bench.cloud.trouble = trouble


def _do(bench: Bench) -> None:
    """Do a job of each client, sent so long ago that its queue has had its time to come."""
    long_after = 1_700_000_100.0
    bench.do(*(message(one, one, first_received_at=long_after) for one in CLIENTS))


def test_each_is_stored_then_answered_and_all_are_deleted_together_last(bench: Bench) -> None:
    _fail(bench, ForbiddenError("unused"))
    bench.cloud.trouble = lambda _call, _thing: None
    _do(bench)
    calls = [call for call, _ in bench.cloud.calls]
    assert calls == ["put"] * 10 + ["send"] * 10 + ["delete"]
    assert _deleted(bench) == CLIENTS


def test_a_client_whose_queue_refuses_comes_again_alone(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_module, "STUCK", 0.01)
    monkeypatch.setattr(outbox_module, "LOOK", 0.01)
    _fail(bench, ForbiddenError("not yours"))
    _do(bench)
    assert _deleted(bench) == CLIENTS[1:], "whose answers went while the first one waited"
    assert [receipt for receipt, _ in bench.cloud.queues["requestQueue"].hidden] == ["c0"]


def test_a_client_whose_queue_is_gone_is_put_aside_alone(bench: Bench) -> None:
    _fail(bench, MissingResourceError("gone"))
    _do(bench)
    assert _deleted(bench) == CLIENTS
    (letter,) = bench.cloud.queues["requestQueue-dlq"].sent
    assert BAD in letter.attributes[letters.REASON]


def test_a_stop_in_the_middle_hands_back_what_was_not_answered(bench: Bench) -> None:
    _fail(bench, UnreachableError("away"))
    bench.cloud.make("responseQueue-c9")
    bench.stop.set()
    _do(bench)
    queue = bench.cloud.queues["requestQueue"]
    sent = [name for name in CLIENTS if bench.cloud.queues[f"responseQueue-{name}"].sent]
    assert "c0" not in sent
    assert _deleted(bench) == sent, "what was answered is deleted, and nothing else"
    assert sorted(queue.hidden) == [(name, 0) for name in CLIENTS if name not in sent]
    assert bench.processor.lease.receipts() == []
