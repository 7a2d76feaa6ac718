"""The one order of work, and what becomes of each message where a step fails."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace

import pytest

from labapp.cloud.queues import Message
from labapp.errors import (
    CloudError,
    RefusedError,
    UnreachableError,
)
from labapp.jobs.wire import DONE, Reply, Request
from labapp.settings import Settings
from labapp.worker import processor as processor_module
from labapp.worker import replies as replies_module
from labapp.worker.processor import AGAIN
from tests.worker.conftest import REPLIES, Bench
from tests.worker.worker_fakes import instead, message


def test_store_then_reply_then_release_then_delete(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = bench.processor.lease.release

    def released(receipts: Iterable[str]) -> None:
        bench.cloud.note("release", "lease")
        release(receipts)

    monkeypatch.setattr(bench.processor.lease, "release", released)

    bench.do(message("a"))

    assert [call for call, _ in bench.cloud.calls] == ["put", "send", "release", "delete"]
    assert bench.processor.lease.receipts() == []


def test_a_batch_of_two_clients_is_two_sends_and_one_delete(bench: Bench) -> None:
    bench.cloud.make("responseQueue-other")

    bench.do(message("a"), message("b", "other"), message("c"), message("p", ""))

    sent = {name: [m.body for m in q.sent] for name, q in bench.cloud.queues.items() if q.sent}
    assert sent == {
        REPLIES: ["fine", "fine"], "responseQueue-other": ["fine"], "responseQueue": ["fine"],
    }  # fmt: skip
    assert bench.cloud.queues["requestQueue"].deleted == ["a", "b", "c", "p"]
    assert bench.cloud.queues["responseQueue"].sent[0].attributes == {}
    assert bench.cloud.queues[REPLIES].sent[0].attributes == {"job": "a", "status": "done"}


def test_how_long_a_job_took_is_told_in_seconds(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]

    def act(request: Request) -> Reply:
        now[0] += 2.5
        return Reply("fine", request.job, DONE)

    clock = instead(perf_counter=lambda: now[0], monotonic=time.monotonic, time=time.time)
    monkeypatch.setattr(processor_module, "time", clock)
    bench.handler.act = act
    bench.do(message("a"))
    assert [job.seconds for job in bench.stats.snapshot().recent] == [2.5]


def test_a_jobs_log_line_tells_how_it_came_to_which_worker(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    waited = replace(message("a", receives=2), first_received_at=1_700_000_001.5)
    with caplog.at_level("INFO", logger="labapp"):
        bench.do(waited)
    (told,) = [vars(one) for one in caplog.records if getattr(one, "event", "") == "job"]
    name = bench.stats.name
    assert (told["worker"], told["host"]) == (name.worker, name.host)
    came = ("requestQueue", 2, 1.5)
    assert (told["queue"], told["receives"], told["wait"]) == came
    (job,) = bench.stats.snapshot().recent
    assert (job.queue, job.receives, job.wait) == came


def test_a_job_done_twice_writes_the_same_object_with_who_did_it_last(bench: Bench) -> None:
    bench.do(message("a"))
    (key,) = bench.cloud.objects
    first = bench.cloud.objects[key]
    bench.do(message("a", receives=2))

    assert list(bench.cloud.objects) == [key]
    assert (first.splitlines()[10], bench.cloud.objects[key].splitlines()[10]) == (
        "receives: 1",
        "receives: 2",
    )
    assert first.splitlines()[:7] == bench.cloud.objects[key].splitlines()[:7]
    assert bench.cloud.queues["requestQueue"].deleted == ["a", "a"]


def test_a_refusal_is_an_answer(bench: Bench) -> None:
    def refuse(_: Request) -> Reply:
        raise RefusedError("no", "Say yes.")

    bench.handler.act = refuse

    bench.do(message("a"))

    assert bench.cloud.queues[REPLIES].sent[0].attributes["status"] == "refused"
    assert bench.cloud.queues["requestQueue"].deleted == ["a"]
    assert bench.stats.snapshot().counts == {"refused": 1}


def test_a_job_that_fails_leaves_the_others_of_its_batch_alone(bench: Bench) -> None:
    def act(request: Request) -> Reply:
        if request.job == "bad":
            raise ValueError("broken")
        return Reply("fine", request.job, DONE)

    bench.handler.act = act

    bench.do(message("a"), message("bad"), message("c"))

    queue = bench.cloud.queues["requestQueue"]
    assert queue.deleted == ["a", "c"]
    (hidden,) = queue.hidden
    assert hidden[0] == "bad"
    assert AGAIN / 2 <= hidden[1] <= AGAIN
    assert [m.attributes["job"] for m in bench.cloud.queues[REPLIES].sent] == ["a", "c"]
    assert bench.stats.snapshot().counts == {"done": 2, "retried": 1}


def test_a_job_that_keeps_failing_is_hidden_for_five_minutes_at_most(bench: Bench) -> None:
    def broken(_: Request) -> Reply:
        raise ValueError("broken")

    bench.handler.act = broken
    bench.processor._settings = Settings(max_receives=100)
    for receives, least, most in ((1, 1, 2), (2, 2, 4), (3, 4, 8), (50, 150, 300)):
        bench.do(message(f"a-{receives}", receives=receives))
        assert least <= bench.cloud.queues["requestQueue"].hidden[-1][1] <= most


@pytest.mark.parametrize("most", [2, 3, 5])
def test_a_client_whose_queue_sqs_does_not_know_for_a_minute_is_answered_once_it_does(
    bench: Bench, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_700_000_000.0]
    monkeypatch.setattr("labapp.utc.time.time", lambda: now[0])
    bench.cloud.make("responseQueue-newcomer")
    replies, requests = (bench.cloud.queues[f"{name}"] for name in
                         ("responseQueue-newcomer", "requestQueue"))  # fmt: skip
    replies.missing, requests.redrive = True, most
    for receives in range(1, most):
        bench.do(message("a", "newcomer", receives=receives))
        assert requests.deleted == []
        assert bench.cloud.queues["requestQueue-dlq"].sent == []
        assert len(requests.hidden) == receives
        now[0] += requests.hidden[-1][1]
    assert now[0] - 1_700_000_000 >= 60, "and that was the last receive"
    steps = [seconds for _, seconds in requests.hidden]
    assert steps == sorted(steps)
    assert most == 2 or steps[0] < 10, "most queues are known after a second"

    replies.missing = False
    bench.do(message("a", "newcomer", receives=most))

    assert [m.body for m in replies.sent] == ["fine"]
    assert requests.deleted == ["a"]


def test_a_client_without_a_queue_is_given_up_once_it_has_had_its_minute(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labapp.utc.time.time", lambda: 1_700_000_066.0)

    bench.do(message("a", "nobody", receives=2))

    (letter,) = bench.cloud.queues["requestQueue-dlq"].sent
    assert letter.attributes["reason"] == "'responseQueue-nobody does not exist'"
    assert bench.cloud.queues["requestQueue"].deleted == ["a"]


def test_a_client_whose_queue_the_local_cloud_does_not_know_is_given_up_soon(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench.processor._replies, "_new", replies_module.NEW_LOCALLY)
    monkeypatch.setattr("labapp.utc.time.time", lambda: 1_700_000_003.0)

    bench.do(message("a", "nobody", receives=2))

    assert len(bench.cloud.queues["requestQueue-dlq"].sent) == 1


def test_nobody_reads_done_of_a_job_whose_answer_reached_nobody(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="labapp"):
        bench.do(message("a", "nobody", receives=2))

    assert bench.stats.snapshot().counts == {"put aside": 1}
    (told,) = [one for one in caplog.records if getattr(one, "event", "") == "job"]
    assert "put aside from nobody" in told.getMessage()
    assert "responseQueue-nobody does not exist; done: fine" in told.getMessage()
    (text,) = bench.cloud.objects.values()
    assert "status: put aside\noutcome: responseQueue-nobody does not exist; done: fine\n" in text


def test_a_third_try_that_deletes_all_is_not_told_as_a_failure(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.cloud.queues["requestQueue"].failures["delete"] = [[0], [0], []]
    with caplog.at_level("WARNING", logger="labapp"):
        bench.do(message("a"))

    assert bench.cloud.queues["requestQueue"].deleted == ["a"]
    assert caplog.records == []


def test_a_reply_queue_that_goes_while_answers_are_sent_one_by_one_is_told(bench: Bench) -> None:
    replies = bench.cloud.queues[REPLIES]

    def trouble(call: str, thing: str) -> None:
        if (call, thing) == ("send", REPLIES):
            replies.missing = True
            raise CloudError("one of them is bad")

    bench.cloud.trouble = trouble

    bench.do(message("a", receives=2), message("b", receives=2))

    letters = bench.cloud.queues["requestQueue-dlq"].sent
    assert [one.attributes["job"] for one in letters] == ["a", "b"]
    assert bench.cloud.queues["requestQueue"].deleted == ["a", "b"]


def test_a_refusal_that_names_what_was_sent_can_always_be_sent(bench: Bench) -> None:
    def refuse(_: Request) -> Reply:
        raise RefusedError("no picture '\x1b[2J\nforged'")

    bench.handler.act = refuse

    bench.do(message("a"))

    assert bench.cloud.queues[REPLIES].sent[0].body == "no picture '\\x1b[2J\\x0aforged'"


def test_a_queue_that_gives_up_earlier_than_the_settings_is_told_in_time(bench: Bench) -> None:
    def broken(_: Request) -> Reply:
        raise ValueError("broken")

    bench.handler.act = broken
    bench.cloud.queues["requestQueue"].redrive = 2

    bench.do(message("a"))
    assert bench.cloud.queues[REPLIES].sent == []

    bench.do(message("a", receives=2))
    assert bench.cloud.queues[REPLIES].sent[0].attributes["status"] == "failed"


def test_answers_that_sqs_did_not_take_are_sent_again(bench: Bench) -> None:
    bench.cloud.queues[REPLIES].failures["send"] = [[1, 2], [0]]

    bench.do(message("a"), message("b"), message("c"))

    assert [m.attributes["job"] for m in bench.cloud.queues[REPLIES].sent] == ["a", "c", "b"]
    assert bench.cloud.queues["requestQueue"].deleted == ["a", "b", "c"]


def test_a_message_whose_answer_did_not_get_away_comes_again_alone(bench: Bench) -> None:
    bench.cloud.queues[REPLIES].failures["send"] = [[1], [0], [0]]

    bench.do(message("a"), message("b"), message("c"))

    queue = bench.cloud.queues["requestQueue"]
    assert queue.deleted == ["a", "c"]
    ((receipt, seconds),) = queue.hidden
    assert receipt == "b"
    assert seconds >= 1  # never at once: it would spin


def test_one_answer_that_spoils_a_batch_does_not_hold_up_the_others(bench: Bench) -> None:
    send = bench.cloud.queues[REPLIES].send_batch

    def picky(messages: list[Message]) -> list[int]:
        if any(m.attributes["job"] == "b" for m in messages):
            raise CloudError("cannot send: characters outside the allowed set")
        return send(messages)  # type: ignore[arg-type]

    bench.cloud.queues[REPLIES].send_batch = picky  # type: ignore[assignment]

    bench.do(message("a"), message("b"), message("c"))

    queue = bench.cloud.queues["requestQueue"]
    assert queue.deleted == ["a", "c"]
    assert [receipt for receipt, _ in queue.hidden] == ["b"]


def test_messages_that_sqs_did_not_delete_are_deleted_again(bench: Bench) -> None:
    bench.cloud.queues["requestQueue"].failures["delete"] = [[0, 2], [1]]

    bench.do(message("a"), message("b"), message("c"))

    assert bench.cloud.queues["requestQueue"].deleted == ["b", "a", "c"]


def test_stopping_in_an_outage_before_the_reply_gives_the_message_back(bench: Bench) -> None:
    def trouble(call: str, _: str) -> None:
        if call == "send":
            raise UnreachableError("away")

    bench.cloud.trouble = trouble
    bench.stop.set()

    bench.do(message("a"), message("b"))

    queue = bench.cloud.queues["requestQueue"]
    assert queue.deleted == []
    assert sorted(queue.hidden) == [("a", 0), ("b", 0)]
    assert bench.processor.lease.receipts() == []


def test_stopping_in_an_outage_after_the_reply_leaves_the_message_to_come_again(
    bench: Bench,
) -> None:
    def trouble(call: str, _: str) -> None:
        if call == "delete":
            raise UnreachableError("away")

    bench.cloud.trouble = trouble
    bench.stop.set()

    bench.do(message("a"))

    assert bench.cloud.queues[REPLIES].sent[0].attributes["job"] == "a"
    assert bench.cloud.queues["requestQueue"].deleted == []
    assert bench.processor.lease.receipts() == []


def test_handing_all_back_shows_every_held_message_at_once(bench: Bench) -> None:
    bench.processor.lease.add([message("a"), message("b")])

    bench.processor.hand_back_all()

    assert bench.cloud.queues["requestQueue"].hidden == [("a", 0), ("b", 0)]
    assert bench.processor.lease.receipts() == []
