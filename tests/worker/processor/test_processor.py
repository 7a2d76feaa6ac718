"""The one order of work, and what becomes of each message where a step fails."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace

import pytest

from labapp.cloud.queues import BATCH_BYTES, Message
from labapp.errors import (
    CloudError,
    JobFailedError,
    RefusedError,
    UnreachableError,
)
from labapp.jobs.proof import new_identity
from labapp.jobs.wire import DONE, Reply, Request
from labapp.settings import Settings
from labapp.worker import processor as processor_module
from labapp.worker.handlers import NumbersHandler
from labapp.worker.processor import AGAIN, Processor
from tests.worker.conftest import Bench
from tests.worker.worker_fakes import instead, message

REPLIES = "responseQueue-tester"


def _do(bench: Bench, *messages: Message) -> None:
    """Take messages through the whole order of work, as one batch."""
    bench.processor.lease.add(messages)
    bench.processor.settle([bench.processor.outcome(one) for one in messages])


def _last_receive() -> int:
    return Settings().max_receives


def test_store_then_reply_then_release_then_delete(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = bench.processor.lease.release

    def released(receipts: Iterable[str]) -> None:
        bench.cloud.note("release", "lease")
        release(receipts)

    monkeypatch.setattr(bench.processor.lease, "release", released)

    _do(bench, message("a"))

    assert [call for call, _ in bench.cloud.calls] == ["put", "send", "release", "delete"]
    assert bench.processor.lease.receipts() == []


def test_a_batch_of_two_clients_is_two_sends_and_one_delete(bench: Bench) -> None:
    bench.cloud.make("responseQueue-other")

    _do(bench, message("a"), message("b", "other"), message("c"), message("p", ""))

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
    _do(bench, message("a"))
    assert [job.seconds for job in bench.stats.snapshot().recent] == [2.5]


def test_a_job_done_twice_writes_the_same_object(bench: Bench) -> None:
    _do(bench, message("a"))
    first = dict(bench.cloud.objects)
    _do(bench, message("a", receives=2))

    assert bench.cloud.objects == first
    assert len(first) == 1
    assert bench.cloud.queues["requestQueue"].deleted == ["a", "a"]


def test_a_refusal_is_an_answer(bench: Bench) -> None:
    def refuse(_: Request) -> Reply:
        raise RefusedError("no", "Say yes.")

    bench.handler.act = refuse

    _do(bench, message("a"))

    assert bench.cloud.queues[REPLIES].sent[0].attributes["status"] == "refused"
    assert bench.cloud.queues["requestQueue"].deleted == ["a"]
    assert bench.stats.snapshot().counts == {"refused": 1}


def test_a_job_that_fails_leaves_the_others_of_its_batch_alone(bench: Bench) -> None:
    def act(request: Request) -> Reply:
        if request.job == "bad":
            raise ValueError("broken")
        return Reply("fine", request.job, DONE)

    bench.handler.act = act

    _do(bench, message("a"), message("bad"), message("c"))

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
        _do(bench, message(f"a-{receives}", receives=receives))
        assert least <= bench.cloud.queues["requestQueue"].hidden[-1][1] <= most


def test_a_dead_letter_keeps_all_that_was_asked_for(bench: Bench) -> None:
    def broken(_: Request) -> Reply:
        raise JobFailedError("broken")

    bench.handler.act = broken
    asked = {"pipeline": "[]", "format": "jpeg", "quality": "80"}
    _do(bench, message("a", attributes={"job": "a", "client": "tester", **asked}))

    (letter,) = bench.cloud.queues["requestQueue-dlq"].sent
    assert asked.items() <= letter.attributes.items()


def test_the_last_attempt_tells_the_client_and_keeps_the_message(bench: Bench) -> None:
    def broken(_: Request) -> Reply:
        raise ValueError("broken\x00\nbadly" + "!" * 9000)

    bench.handler.act = broken

    _do(bench, message("a", receives=_last_receive()))

    (reply,) = bench.cloud.queues[REPLIES].sent
    assert reply.attributes == {"job": "a", "status": "failed"}
    assert r"broken\x00\x0abadly" in reply.body
    assert len(reply.body) < 2000
    (letter,) = bench.cloud.queues["requestQueue-dlq"].sent
    assert letter.body == "1,2"
    assert {"job", "client", "reason"} <= letter.attributes.keys()
    assert bench.cloud.queues["requestQueue"].deleted == ["a"]
    (text,) = bench.cloud.objects.values()
    assert len(text.splitlines()) == 7


def test_a_job_that_cannot_be_done_is_not_tried_again(bench: Bench) -> None:
    def broken(_: Request) -> Reply:
        raise JobFailedError("out of memory")

    bench.handler.act = broken

    _do(bench, message("a"))

    assert bench.cloud.queues[REPLIES].sent[0].attributes["status"] == "failed"
    assert bench.cloud.queues["requestQueue"].deleted == ["a"]


def test_even_a_log_that_cannot_be_written_ends_the_last_attempt(bench: Bench) -> None:
    def trouble(call: str, _: str) -> None:
        if call == "put":
            raise ValueError("no such encoding")

    bench.cloud.trouble = trouble

    _do(bench, message("a", receives=_last_receive()))

    assert bench.cloud.queues[REPLIES].sent[0].attributes["status"] == "failed"
    assert bench.cloud.queues["requestQueue"].deleted == ["a"]


def test_poison_goes_to_the_dead_letters_at_first_sight(bench: Bench) -> None:
    odd = message("a", attributes={"client": "../x", "job": "a"})

    _do(bench, odd, message("b"))

    (letter,) = bench.cloud.queues["requestQueue-dlq"].sent
    assert "'../x'" in letter.attributes["reason"]
    assert bench.cloud.queues["requestQueue"].deleted == ["a", "b"]
    assert bench.stats.snapshot().counts == {"put aside": 1, "done": 1}
    (aside,) = [one for one in bench.stats.snapshot().recent if one.status == "put aside"]
    assert (aside.job, aside.client, aside.seconds) == ("id-a", "?", 0), "no work was done"


@pytest.mark.parametrize(
    "body", ['{"Records": []}', '{"Type": "Notification", "Message": "1,2"}', '[{"a": 1}]']
)
def test_machine_made_json_is_put_aside_and_never_answered_to_plain_clients(
    bench: Bench, body: str
) -> None:
    bench.handler.act = NumbersHandler(bench.cloud.settings).work

    _do(bench, message("a", "", body=body), message("b", "", body="[1, 2]"))

    (letter,) = bench.cloud.queues["requestQueue-dlq"].sent
    assert letter.body == body
    assert "JSON that a program wrote" in letter.attributes["reason"]
    assert len(bench.cloud.queues["responseQueue"].sent) == 1
    assert bench.cloud.queues["requestQueue"].deleted == ["a", "b"]


def test_poison_is_logged_where_there_is_no_dead_letter_queue(bench: Bench) -> None:
    del bench.cloud.queues["requestQueue-dlq"]
    bench.processor = Processor(bench.handler, bench.processor._bucket, bench.outages)

    _do(bench, message("a", attributes={"client": "../x", "job": "a"}))

    (text,) = bench.cloud.objects.values()
    assert "outcome: put aside: the attribute client is '../x'" in text
    assert bench.cloud.queues["requestQueue"].deleted == ["a"]


def test_a_dead_letter_too_large_for_its_reason_goes_without_one(bench: Bench) -> None:
    body = "x" * BATCH_BYTES

    _do(bench, message("a", attributes={"client": "../x", "job": "a"}, body=body))

    (letter,) = bench.cloud.queues["requestQueue-dlq"].sent
    assert letter.body == body
    assert letter.attributes == {}


def test_a_client_whose_queue_was_only_just_made_is_answered_a_little_later(bench: Bench) -> None:
    new = message("a", "newcomer", sent_at=time.time())
    bench.cloud.make("responseQueue-newcomer")
    replies = bench.cloud.queues["responseQueue-newcomer"]
    replies.missing = True

    _do(bench, new)

    assert bench.cloud.queues["requestQueue"].deleted == []
    ((receipt, seconds),) = bench.cloud.queues["requestQueue"].hidden
    assert receipt == "a"
    assert seconds <= AGAIN

    replies.missing = False
    _do(bench, replace(new, receives=2))

    assert [m.body for m in replies.sent] == ["fine"]
    assert bench.cloud.queues["requestQueue"].deleted == ["a"]


def test_a_client_without_a_queue_is_given_up_at_the_second_receive(bench: Bench) -> None:
    _do(bench, message("a", "nobody", receives=2, sent_at=time.time()))

    (letter,) = bench.cloud.queues["requestQueue-dlq"].sent
    assert letter.attributes["reason"] == "'responseQueue-nobody does not exist'"
    assert bench.cloud.queues["requestQueue"].deleted == ["a"]


def test_nobody_reads_done_of_a_job_whose_answer_reached_nobody(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="labapp"):
        _do(bench, message("a", "nobody", receives=2))

    assert bench.stats.snapshot().counts == {"put aside": 1}
    (told,) = [one for one in caplog.records if getattr(one, "event", "") == "job"]
    assert "put aside from nobody" in told.getMessage()
    assert "responseQueue-nobody does not exist; done: fine" in told.getMessage()
    (text,) = bench.cloud.objects.values()
    assert "status: put aside\noutcome: responseQueue-nobody does not exist; done: fine\n" in text


def test_a_message_that_can_be_kept_nowhere_is_not_deleted(bench: Bench) -> None:
    def trouble(call: str, _: str) -> None:
        if call == "put":
            raise CloudError("cannot write")

    del bench.cloud.queues["requestQueue-dlq"]
    bench.processor = Processor(bench.handler, bench.processor._bucket, bench.outages)
    bench.cloud.trouble = trouble

    _do(bench, message("a", attributes={"client": "../x", "job": "a"}))

    queue = bench.cloud.queues["requestQueue"]
    assert queue.deleted == []
    assert [receipt for receipt, _ in queue.hidden] == ["a"]
    assert bench.stats.snapshot().counts == {}


def test_a_settled_batch_keeps_the_one_whose_aside_did_not_get_away(bench: Bench) -> None:
    bench.cloud.queues["requestQueue-dlq"].failures["send"] = [[0]] * 3

    _do(bench, message("a", attributes={"client": "../x", "job": "a"}), message("b"))

    queue = bench.cloud.queues["requestQueue"]
    assert queue.deleted == ["b"]
    assert [receipt for receipt, _ in queue.hidden] == ["a"]


def test_a_third_try_that_deletes_all_is_not_told_as_a_failure(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.cloud.queues["requestQueue"].failures["delete"] = [[0], [0], []]
    with caplog.at_level("WARNING", logger="labapp"):
        _do(bench, message("a"))

    assert bench.cloud.queues["requestQueue"].deleted == ["a"]
    assert caplog.records == []


def test_a_job_that_failed_for_nobody_is_one_dead_letter_with_its_own_reason(
    bench: Bench,
) -> None:
    def broken(_: Request) -> Reply:
        raise JobFailedError("it crashed")

    bench.handler.act = broken

    _do(bench, message("a", "nobody", receives=2))

    (letter,) = bench.cloud.queues["requestQueue-dlq"].sent
    assert letter.attributes["reason"] == "'it crashed'"


def test_a_reply_queue_that_goes_while_answers_are_sent_one_by_one_is_told(bench: Bench) -> None:
    replies = bench.cloud.queues[REPLIES]

    def trouble(call: str, thing: str) -> None:
        if (call, thing) == ("send", REPLIES):
            replies.missing = True
            raise CloudError("one of them is bad")

    bench.cloud.trouble = trouble

    _do(bench, message("a", receives=2), message("b", receives=2))

    letters = bench.cloud.queues["requestQueue-dlq"].sent
    assert [one.attributes["job"] for one in letters] == ["a", "b"]
    assert bench.cloud.queues["requestQueue"].deleted == ["a", "b"]


def test_a_refusal_that_names_what_was_sent_can_always_be_sent(bench: Bench) -> None:
    def refuse(_: Request) -> Reply:
        raise RefusedError("no picture '\x1b[2J\nforged'")

    bench.handler.act = refuse

    _do(bench, message("a"))

    assert bench.cloud.queues[REPLIES].sent[0].body == "no picture '\\x1b[2J\\x0aforged'"


def test_a_queue_that_gives_up_earlier_than_the_settings_is_told_in_time(bench: Bench) -> None:
    def broken(_: Request) -> Reply:
        raise ValueError("broken")

    bench.handler.act = broken
    bench.cloud.queues["requestQueue"].redrive = 2

    _do(bench, message("a"))
    assert bench.cloud.queues[REPLIES].sent == []

    _do(bench, message("a", receives=2))
    assert bench.cloud.queues[REPLIES].sent[0].attributes["status"] == "failed"


def test_answers_that_sqs_did_not_take_are_sent_again(bench: Bench) -> None:
    bench.cloud.queues[REPLIES].failures["send"] = [[1, 2], [0]]

    _do(bench, message("a"), message("b"), message("c"))

    assert [m.attributes["job"] for m in bench.cloud.queues[REPLIES].sent] == ["a", "c", "b"]
    assert bench.cloud.queues["requestQueue"].deleted == ["a", "b", "c"]


def test_a_message_whose_answer_did_not_get_away_comes_again_alone(bench: Bench) -> None:
    bench.cloud.queues[REPLIES].failures["send"] = [[1], [0], [0]]

    _do(bench, message("a"), message("b"), message("c"))

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

    _do(bench, message("a"), message("b"), message("c"))

    queue = bench.cloud.queues["requestQueue"]
    assert queue.deleted == ["a", "c"]
    assert [receipt for receipt, _ in queue.hidden] == ["b"]


def test_messages_that_sqs_did_not_delete_are_deleted_again(bench: Bench) -> None:
    bench.cloud.queues["requestQueue"].failures["delete"] = [[0, 2], [1]]

    _do(bench, message("a"), message("b"), message("c"))

    assert bench.cloud.queues["requestQueue"].deleted == ["b", "a", "c"]


def test_stopping_in_an_outage_before_the_reply_gives_the_message_back(bench: Bench) -> None:
    def trouble(call: str, _: str) -> None:
        if call == "send":
            raise UnreachableError("away")

    bench.cloud.trouble = trouble
    bench.stop.set()

    _do(bench, message("a"), message("b"))

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

    _do(bench, message("a"))

    assert bench.cloud.queues[REPLIES].sent[0].attributes["job"] == "a"
    assert bench.cloud.queues["requestQueue"].deleted == []
    assert bench.processor.lease.receipts() == []


def test_handing_all_back_shows_every_held_message_at_once(bench: Bench) -> None:
    bench.processor.lease.add([message("a"), message("b")])

    bench.processor.hand_back_all()

    assert bench.cloud.queues["requestQueue"].hidden == [("a", 0), ("b", 0)]
    assert bench.processor.lease.receipts() == []


def _known(bench: Bench, job: str = "a") -> str:
    """Have a job done and logged by another worker; return the key of its log."""
    _do(bench, message(job))
    (key,) = bench.cloud.objects
    bench.processor = Processor(bench.handler, bench.processor._bucket, bench.outages)
    return key


def test_another_content_under_a_jobs_id_is_refused_and_logged_under_its_messages(
    bench: Bench,
) -> None:
    key = _known(bench)
    before = bench.cloud.objects[key]
    _do(bench, message("a", id="id-b", body="3,4"))

    assert bench.cloud.objects[key] == before
    (other,) = [text for name, text in bench.cloud.objects.items() if name != key]
    assert "job: id-b\n" in other
    sent = bench.cloud.queues[REPLIES].sent[-1]
    assert (sent.attributes["job"], sent.attributes["status"]) == ("a", "refused")
    (last, _) = bench.stats.snapshot().recent
    assert (last.job, last.status) == ("id-b", "refused")
    assert bench.cloud.queues["requestQueue-dlq"].sent == []


def test_one_that_fails_under_anothers_job_is_refused_and_no_dead_letter(bench: Bench) -> None:
    key = _known(bench)
    before = bench.cloud.objects[key]

    def fail(_: Request) -> Reply:
        raise JobFailedError("it cannot be done")

    bench.handler.act = fail
    _do(bench, message("a", id="id-b", body="3,4"))

    assert bench.cloud.objects[key] == before
    assert bench.cloud.queues[REPLIES].sent[-1].attributes["status"] == "refused"
    assert bench.cloud.queues["requestQueue-dlq"].sent == []
    assert bench.cloud.queues["requestQueue"].deleted == ["a", "a"]


def test_a_nonce_that_does_not_fit_names_nobody_in_the_log_whatever_becomes_of_it(
    bench: Bench,
) -> None:
    forged = {"job": "a", "client": "tester", "nonce": "A" * 32}
    _do(bench, message("a", id="id-b", attributes=forged))
    ((key, text),) = bench.cloud.objects.items()
    assert key.endswith("_id-b.txt")
    assert "job: id-b\n" in text
    sent = bench.cloud.queues[REPLIES].sent[0]
    assert sent.attributes == {"job": "a", "status": "refused", "nonce": "A" * 32}

    def broken(call: str, _thing: str) -> None:
        if call == "put":
            raise CloudError("no")

    bench.cloud.trouble = broken
    _do(bench, message("a", id="id-c", receives=_last_receive(), attributes=forged))
    assert len(bench.cloud.objects) == 1
    assert bench.stats.snapshot().recent[0].job == "id-c"


def test_a_dead_letter_keeps_what_proves_it(bench: Bench) -> None:
    new = new_identity("tester")

    def fail(_: Request) -> Reply:
        raise JobFailedError("it cannot be done")

    bench.handler.act = fail
    attributes = {"job": new.job, "client": "tester", "nonce": new.nonce}
    _do(bench, message("a", attributes=attributes))
    (letter,) = bench.cloud.queues["requestQueue-dlq"].sent
    assert letter.attributes["nonce"] == new.nonce
    assert new.nonce not in letter.attributes["reason"]
    assert bench.cloud.queues[REPLIES].sent[0].attributes["nonce"] == new.nonce
