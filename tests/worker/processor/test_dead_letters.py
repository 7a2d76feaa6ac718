"""What cannot be done becomes a dead letter that says why, or is refused and logged."""

from __future__ import annotations

import pytest

from labapp.cloud.abilities import BATCH_BYTES
from labapp.errors import (
    CloudError,
    JobFailedError,
)
from labapp.jobs.proof import new_identity
from labapp.jobs.wire import Reply, Request
from labapp.worker.handlers import NumbersHandler
from labapp.worker.processor import Processor
from tests.worker.conftest import LAST_RECEIVE, REPLIES, Bench
from tests.worker.worker_fakes import message


def test_a_dead_letter_keeps_all_that_was_asked_for(bench: Bench) -> None:
    def broken(_: Request) -> Reply:
        raise JobFailedError("broken")

    bench.handler.act = broken
    asked = {"pipeline": "[]", "format": "jpeg", "quality": "80"}
    bench.do(message("a", attributes={"labapp": "1", "job": "a", "client": "tester", **asked}))

    (letter,) = bench.cloud.queues["requestQueue-dlq"].sent
    assert asked.items() <= letter.attributes.items()


def test_the_last_attempt_tells_the_client_and_keeps_the_message(bench: Bench) -> None:
    def broken(_: Request) -> Reply:
        raise ValueError("broken\x00\nbadly" + "!" * 9000)

    bench.handler.act = broken

    bench.do(message("a", receives=LAST_RECEIVE))

    (reply,) = bench.cloud.queues[REPLIES].sent
    assert reply.attributes == {"job": "a", "status": "failed"}
    assert r"broken\x00\x0abadly" in reply.body
    assert len(reply.body) < 2000
    (letter,) = bench.cloud.queues["requestQueue-dlq"].sent
    assert letter.body == "1,2"
    assert {"job", "client", "reason"} <= letter.attributes.keys()
    assert bench.cloud.queues["requestQueue"].deleted == ["a"]
    (text,) = bench.cloud.objects.values()
    assert len(text.splitlines()) == 16


def test_a_job_that_cannot_be_done_is_not_tried_again(bench: Bench) -> None:
    def broken(_: Request) -> Reply:
        raise JobFailedError("out of memory")

    bench.handler.act = broken

    bench.do(message("a"))

    assert bench.cloud.queues[REPLIES].sent[0].attributes["status"] == "failed"
    assert bench.cloud.queues["requestQueue"].deleted == ["a"]


def test_even_a_log_that_cannot_be_written_ends_the_last_attempt(bench: Bench) -> None:
    def trouble(call: str, _: str) -> None:
        if call == "put":
            raise ValueError("no such encoding")

    bench.cloud.trouble = trouble

    bench.do(message("a", receives=LAST_RECEIVE))

    assert bench.cloud.queues[REPLIES].sent[0].attributes["status"] == "failed"
    assert bench.cloud.queues["requestQueue"].deleted == ["a"]


def test_poison_goes_to_the_dead_letters_at_first_sight(bench: Bench) -> None:
    odd = message("a", attributes={"labapp": "1", "client": "../x", "job": "a"})

    bench.do(odd, message("b"))

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

    bench.do(message("a", "", body=body), message("b", "", body="[1, 2]"))

    (letter,) = bench.cloud.queues["requestQueue-dlq"].sent
    assert letter.body == body
    assert "JSON that a program wrote" in letter.attributes["reason"]
    assert len(bench.cloud.queues["responseQueue"].sent) == 1
    assert bench.cloud.queues["requestQueue"].deleted == ["a", "b"]


def test_poison_is_logged_where_there_is_no_dead_letter_queue(bench: Bench) -> None:
    del bench.cloud.queues["requestQueue-dlq"]
    bench.processor = Processor(bench.handler, bench.processor._bucket, bench.outages)

    bench.do(message("a", attributes={"labapp": "1", "client": "../x", "job": "a"}))

    (text,) = bench.cloud.objects.values()
    assert "outcome: put aside: the attribute client is '../x'" in text
    assert bench.cloud.queues["requestQueue"].deleted == ["a"]


def test_a_dead_letter_too_large_for_its_reason_goes_without_one(bench: Bench) -> None:
    body = "x" * BATCH_BYTES

    bench.do(message("a", attributes={"labapp": "1", "client": "../x", "job": "a"}, body=body))

    (letter,) = bench.cloud.queues["requestQueue-dlq"].sent
    assert letter.body == body
    assert letter.attributes == {"labapp": "1", "client": "../x", "job": "a"}, "as it came"


def test_a_message_that_can_be_kept_nowhere_is_not_deleted(bench: Bench) -> None:
    def trouble(call: str, _: str) -> None:
        if call == "put":
            raise CloudError("cannot write")

    del bench.cloud.queues["requestQueue-dlq"]
    bench.processor = Processor(bench.handler, bench.processor._bucket, bench.outages)
    bench.cloud.trouble = trouble

    bench.do(message("a", attributes={"labapp": "1", "client": "../x", "job": "a"}))

    queue = bench.cloud.queues["requestQueue"]
    assert queue.deleted == []
    assert [receipt for receipt, _ in queue.hidden] == ["a"]
    assert bench.stats.snapshot().counts == {}


def test_a_settled_batch_keeps_the_one_whose_aside_did_not_get_away(bench: Bench) -> None:
    bench.cloud.queues["requestQueue-dlq"].failures["send"] = [[0]] * 3

    bench.do(message("a", attributes={"labapp": "1", "client": "../x", "job": "a"}), message("b"))

    queue = bench.cloud.queues["requestQueue"]
    assert queue.deleted == ["b"]
    assert [receipt for receipt, _ in queue.hidden] == ["a"]


def test_a_job_that_failed_for_nobody_is_one_dead_letter_with_its_own_reason(
    bench: Bench,
) -> None:
    def broken(_: Request) -> Reply:
        raise JobFailedError("it crashed")

    bench.handler.act = broken

    bench.do(message("a", "nobody", receives=2))

    (letter,) = bench.cloud.queues["requestQueue-dlq"].sent
    assert letter.attributes["reason"] == "'it crashed'"


def _known(bench: Bench, job: str = "a") -> str:
    """Have a job done and logged by another worker; return the key of its log."""
    bench.do(message(job))
    (key,) = bench.cloud.objects
    bench.processor = Processor(bench.handler, bench.processor._bucket, bench.outages)
    return key


def test_another_content_under_a_jobs_id_is_refused_and_logged_under_its_messages(
    bench: Bench,
) -> None:
    key = _known(bench)
    before = bench.cloud.objects[key]
    bench.do(message("a", id="id-b", body="3,4"))

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
    bench.do(message("a", id="id-b", body="3,4"))

    assert bench.cloud.objects[key] == before
    assert bench.cloud.queues[REPLIES].sent[-1].attributes["status"] == "refused"
    assert bench.cloud.queues["requestQueue-dlq"].sent == []
    assert bench.cloud.queues["requestQueue"].deleted == ["a", "a"]


def test_a_nonce_that_does_not_fit_names_nobody_in_the_log_whatever_becomes_of_it(
    bench: Bench,
) -> None:
    forged = {"labapp": "1", "job": "a", "client": "tester", "nonce": "A" * 32}
    bench.do(message("a", id="id-b", attributes=forged))
    ((key, text),) = bench.cloud.objects.items()
    assert key.endswith("_id-b.txt")
    assert "job: id-b\n" in text
    sent = bench.cloud.queues[REPLIES].sent[0]
    assert sent.attributes == {"job": "a", "status": "refused", "nonce": "A" * 32}

    def broken(call: str, _thing: str) -> None:
        if call == "put":
            raise CloudError("no")

    bench.cloud.trouble = broken
    bench.do(message("a", id="id-c", receives=LAST_RECEIVE, attributes=forged))
    assert len(bench.cloud.objects) == 1
    assert bench.stats.snapshot().recent[0].job == "id-c"


def test_a_dead_letter_keeps_what_proves_it(bench: Bench) -> None:
    new = new_identity("tester")

    def fail(_: Request) -> Reply:
        raise JobFailedError("it cannot be done")

    bench.handler.act = fail
    attributes = {"job": new.job, "client": "tester", "nonce": new.nonce}
    bench.do(message("a", attributes=attributes))
    (letter,) = bench.cloud.queues["requestQueue-dlq"].sent
    assert letter.attributes["nonce"] == new.nonce
    assert new.nonce not in letter.attributes["reason"]
    assert bench.cloud.queues[REPLIES].sent[0].attributes["nonce"] == new.nonce
