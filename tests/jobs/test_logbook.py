from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ulid import ULID

from labapp import utc
from labapp.cloud.bucket import TEXT, Bucket
from labapp.cloud.queues import Message, Outgoing
from labapp.cloud.session import Cloud
from labapp.errors import ForbiddenError, UnreachableError
from labapp.jobs import log_listing, logbook
from labapp.jobs.delivery import WorkerName, delivery_of
from labapp.jobs.marks import NotTheirsError
from labapp.jobs.proof import new_identity
from labapp.jobs.wire import DONE, REFUSED, Reply, Request, quoted
from labapp.message_attribute import Attribute

ASKED = datetime(2026, 11, 21, 12, 8, 24, tzinfo=UTC)
JOB = str(ULID.from_datetime(ASKED))
ANYTHING = st.text(st.characters(exclude_categories=()), max_size=80)


def test_a_job_that_is_done_twice_has_one_key() -> None:
    first = Request("1,2", JOB, "ada", sent_at=ASKED.timestamp() + 1)
    sent_back = ASKED + timedelta(days=10)
    again = Request("1,2", JOB, "ada", sent_at=sent_back.timestamp())
    assert logbook.key_of(first) == logbook.key_of(again)
    assert logbook.key_of(first) == f"logs/log_2026-11-21-120824_{JOB}.txt"


def test_a_plain_clients_key_tells_when_its_message_was_sent() -> None:
    request = Request("1,2", "sqs-id", sent_at=ASKED.timestamp())
    assert logbook.key_of(request) == "logs/log_2026-11-21-120824_sqs-id.txt"


@given(ANYTHING, ANYTHING, ANYTHING)
def test_a_log_reads_back_whatever_was_asked_and_answered(
    body: str, pipeline: str, outcome: str
) -> None:
    request = Request(body, JOB, "ada", {"pipeline": pipeline})
    text = logbook.text_of("pictures", request, Reply(outcome, JOB, REFUSED))
    assert len(text.splitlines()) == 7, "a line each, and none that somebody smuggled in"
    text.encode()
    log = logbook.parse("key", text)
    assert (log.key, log.job, log.time) == ("key", JOB, "2026-11-21T12:08:24Z")
    assert (log.kind, log.client, log.status) == ("pictures", "ada", "refused")
    assert log.request == quoted(body) + (f" {quoted(pipeline)}" if pipeline else "")


def test_a_log_is_readable() -> None:
    reply = Reply("sum is 3", JOB, DONE, '{"sum": 3}')
    assert logbook.text_of("numbers", Request("1,\n2", JOB), reply) == (
        f"time: 2026-11-21T12:08:24Z\njob: {JOB}\nkind: numbers\nclient: plain\n"
        "request: '1,\\x0a2'\nstatus: done\noutcome: sum is 3\n"
    )


def test_what_a_dialect_answered_is_told_in_one_line_and_within_bounds() -> None:
    sent = (
        ("tells", Outgoing("8\n18", typed={"N": Attribute("Number", "4")})),
        *[("others", Outgoing("\u202e" * 500))] * 30,
    )
    reply = Reply("sum is 3", JOB, DONE, addressed=sent)
    log = logbook.parse("key", logbook.text_of("numbers", Request("1,2", JOB), reply))
    assert log.answered.startswith("tells '8\\x0a18' (N Number '4'), others '\\u202e")
    assert len(log.answered) <= logbook.MOST_ANSWERED
    untold = logbook.text_of("numbers", Request("1,2", JOB), reply, "tells is gone")
    assert "answered" not in untold


def test_a_job_whose_answer_nobody_could_be_given_is_logged_as_that(cloud: Cloud) -> None:
    request = Request("1,2", JOB, "ada")
    reply = Reply("sum is 3", JOB, DONE)
    logbook.store(Bucket(cloud), "numbers", request, reply)
    (log,) = log_listing.newest(Bucket(cloud), 1)
    assert (log.client, log.status, log.outcome) == ("ada", "done", "sum is 3")
    logbook.store(Bucket(cloud), "numbers", request, reply, "its queue is gone")
    (log,) = log_listing.newest(Bucket(cloud), 2)
    assert (log.status, log.outcome) == ("put aside", "its queue is gone; done: sum is 3")


@pytest.mark.parametrize("text", ["", "hello", "status", ": :\n: x"])
def test_a_text_that_is_no_log_has_empty_fields(text: str) -> None:
    log = logbook.parse("logs/log_2026-11-21-120824_abc.txt", text)
    assert (log.job, log.status) == ("abc", "")


def test_a_log_of_bytes_that_are_no_text_is_shown_as_far_as_it_goes(cloud: Cloud) -> None:
    Bucket(cloud).put("logs/log_2026-11-21-120824_x.txt", b"status: d\xffne", TEXT)
    (log,) = log_listing.newest(Bucket(cloud), 1)
    assert log.status == "d\ufffdne"


def claim(body: str = "1,2", **more: Any) -> Request:
    return replace(Request(body, str(ULID()), "ada", {"pipeline": '[{"op":"invert"}]'}), **more)


def test_a_claim_is_logged_where_nobody_elses_log_is(cloud: Cloud) -> None:
    bucket, first = Bucket(cloud), claim()
    logbook.check(bucket, "numbers", first)
    logbook.store(bucket, "numbers", first, Reply("sum is 3", first.job, DONE))
    logbook.check(bucket, "numbers", first)
    before = bucket.get(logbook.key_of(first))
    for other in (
        replace(first, body="3,4"), replace(first, client="bob"), replace(first, attributes={}),
    ):  # fmt: skip
        with pytest.raises(NotTheirsError):
            logbook.store(bucket, "numbers", other, Reply("sum is 7", first.job, DONE))
        with pytest.raises(NotTheirsError):
            logbook.check(bucket, "numbers", other)
    with pytest.raises(NotTheirsError):
        logbook.store(bucket, "pictures", first, Reply("x", first.job, DONE))
    assert bucket.get(logbook.key_of(first)) == before
    logbook.store(bucket, "numbers", first, Reply("told", first.job, DONE), "its queue is gone")
    assert b"status: put aside" in bucket.get(logbook.key_of(first)).body


def test_a_proved_log_is_written_over_by_its_owner_alone(cloud: Cloud) -> None:
    bucket, new = Bucket(cloud), new_identity("ada")
    owner = claim(job=new.job, nonce=new.nonce)
    squatter = replace(owner, nonce="", client="mallory")
    logbook.store(bucket, "numbers", squatter, Reply("sum is 7", new.job, DONE))
    logbook.store(bucket, "numbers", owner, Reply("sum is 3", new.job, DONE))
    before = bucket.get(logbook.key_of(owner))
    assert b"client: ada\n" in before.body
    with pytest.raises(NotTheirsError):
        logbook.store(bucket, "numbers", squatter, Reply("sum is 7", new.job, DONE))
    twin = replace(owner, nonce="")
    logbook.store(bucket, "numbers", twin, Reply("it failed", new.job, DONE))
    assert bucket.get(logbook.key_of(owner)) == before
    forged = replace(owner, nonce="A" * 32, body="3,4")
    with pytest.raises(NotTheirsError):
        logbook.store(bucket, "numbers", forged, Reply("sum is 7", new.job, DONE))


def test_a_log_of_an_older_worker_is_known_by_its_text(cloud: Cloud) -> None:
    bucket = Bucket(cloud)
    first, long = claim(), claim("1," * 1_500)
    for request in (first, long):
        text = logbook.text_of("numbers", request, Reply("sum is 3", request.job, DONE))
        bucket.put_text(logbook.key_of(request), text)
    logbook.store(bucket, "numbers", first, Reply("again", first.job, DONE))
    assert b"outcome: again" in bucket.get(logbook.key_of(first)).body
    with pytest.raises(NotTheirsError):
        logbook.store(bucket, "numbers", replace(first, body="3"), Reply("x", first.job, DONE))
    with pytest.raises(NotTheirsError):  # it tells a part of what was asked
        logbook.store(bucket, "numbers", long, Reply("again", long.job, DONE))


@pytest.mark.parametrize("of_all", [False, True])
def test_who_may_not_look_at_a_log_writes_over_none(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch, of_all: bool
) -> None:
    bucket, first = Bucket(cloud), claim()
    logbook.store(bucket, "numbers", first, Reply("sum is 3", first.job, DONE))
    before = bucket.get(logbook.key_of(first))
    head = Bucket.head

    def refused(self: Bucket, key: str) -> object:
        if of_all or key == logbook.key_of(first):
            raise ForbiddenError("cannot find it")
        return head(self, key)

    monkeypatch.setattr(Bucket, "head", refused)
    # That all is refused, as with a key that is withdrawn, is waited out; the job may be its own.
    with pytest.raises(ForbiddenError if of_all else NotTheirsError):
        logbook.store(bucket, "numbers", first, Reply("sum is 7", first.job, DONE))
    with pytest.raises(ForbiddenError if of_all else NotTheirsError):
        logbook.check(bucket, "numbers", first)
    assert bucket.get(logbook.key_of(first)) == before


def test_a_log_that_changes_all_the_time_is_waited_for(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket, first = Bucket(cloud), claim()
    logbook.store(bucket, "numbers", first, Reply("sum is 3", first.job, DONE))
    monkeypatch.setattr(Bucket, "put_if", lambda *_: None)
    with pytest.raises(UnreachableError, match="at the same time"):
        logbook.store(bucket, "numbers", first, Reply("sum is 3", first.job, DONE))


def message(body: str = "1,2", **more: Any) -> Message:
    sent = {"sent_at": 1.7e9, "first_received_at": 1.7e9 + 4.125, "receives": 3, "receipt": "r"}
    return Message(id="m", body=body, attributes={}, odd_attributes=frozenset(), **{**sent, **more})


def way(text: str) -> list[str]:
    """Return the lines that tell who did a job and when."""
    lines = text.splitlines()
    return lines[lines.index("worker: ec2-7-ab12") :]


NAME = WorkerName("ec2", "ec2-7-ab12")


def test_the_last_lines_tell_who_did_it_after_which_wait() -> None:
    came = message()
    request = Request("1,2", JOB, "ada", message=came, made_at=1.7e9 + 9.5)
    delivery = delivery_of(came, "requestQueue", NAME)
    text = logbook.text_of("numbers", request, Reply("sum is 3", JOB, DONE), came=delivery)
    *lines, done, wait = way(text)
    assert lines == [
        "worker: ec2-7-ab12",
        "host: ec2",
        "queue: requestQueue",
        "receives: 3",
        "sent: 2023-11-14T22:13:20.000Z",
        "received: 2023-11-14T22:13:24.125Z",
        "begun: 2023-11-14T22:13:29.500Z",
    ]
    assert re.fullmatch(r"done: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", done)
    assert wait == "wait: 4.125"
    log = logbook.parse("key", text)
    assert (log.worker, log.host, log.queue) == ("ec2-7-ab12", "ec2", "requestQueue")
    assert (log.receives, log.wait, log.begun) == (3, 4.125, "2023-11-14T22:13:29.500Z")
    assert utc.seconds_of(log.sent) == 1.7e9


def test_a_log_of_an_older_worker_tells_nothing_of_that() -> None:
    log = logbook.parse("key", logbook.text_of("numbers", claim(), Reply("x", JOB, DONE)))
    assert (log.worker, log.receives, log.wait, log.sent) == ("", None, None, "")


@pytest.mark.parametrize("said", ["-1", "1e9", "\u0663", "9" * 700, "", "nan", "0x1", "1 2"])
def test_numbers_in_a_log_that_are_none_are_not_told(said: str) -> None:
    log = logbook.parse("key", f"receives: {said}\nwait: {said}\n")
    assert (log.receives, log.wait) == (None, None)


@pytest.mark.parametrize("proved", [False, True])
def test_a_job_that_is_done_twice_has_one_log_and_it_is_the_second(
    cloud: Cloud, proved: bool
) -> None:
    bucket, new = Bucket(cloud), new_identity("ada")
    request = claim(job=new.job, nonce=new.nonce if proved else "", message=message())
    reply = Reply("sum is 3", request.job, DONE)
    for number in (1, 2):
        came = replace(delivery_of(message(), "requestQueue", NAME), receives=number)
        logbook.store(bucket, "numbers", request, reply, came=came)
    (log,) = log_listing.newest(bucket, 5)
    assert (log.job, log.receives) == (request.job, 2)


def test_what_is_logged_under_another_name_is_all_of_that_name() -> None:
    request = claim(logged_as="message-1", sent_at=1.7e9)
    assert logbook.key_of(request) == "logs/log_2023-11-14-221320_message-1.txt"
    text = logbook.text_of("numbers", request, Reply("no", request.job, DONE))
    assert "job: message-1\n" in text
    assert request.job not in text
