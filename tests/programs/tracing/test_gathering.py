"""What is known of one job is gathered in few requests, and what is not its own is not believed."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ulid import ULID

from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import Message, Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.errors import UsageError
from labapp.jobs import letters, logbook, marks, tracing
from labapp.jobs.delivery import WorkerName, delivery_of
from labapp.jobs.entry import Entry
from labapp.jobs.job_facts import Held
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.proof import new_identity
from labapp.jobs.session import ClientSession
from labapp.jobs.wire import DONE, FAILED, Reply, Request, decode_request
from labapp.programs.tracing.gathering import MIXED, OTHERS, Found, Gatherer, why_not_its_own
from tests.jobs.log_kit import record, store, store_alone
from tests.support.answers import answer
from tests.support.aws_answers import refuse

NAME = WorkerName("ec2", "ec2-7-ab12")


@pytest.fixture
def session(cloud: Cloud) -> Iterator[ClientSession]:
    with ClientSession(cloud) as opened:
        yield opened


def sent(session: ClientSession, body: str = "1,2") -> Entry:
    (job,) = session.submit(NUMBERS, [body])
    entry = session.ledger.get(job)
    assert entry
    return entry


def work(cloud: Cloud, status: Any = DONE, *, delete: bool = True) -> list[Request]:
    """Do what waits as a worker does, up to its log; give the requests."""
    queue = Queue(cloud, "requestQueue")
    found = []
    for message in queue.receive():
        request = decode_request(message)
        reply = Reply("sum is 3", request.job, status)
        came = delivery_of(message, queue.name, NAME)
        logbook.store(Bucket(cloud), "numbers", request, reply, came=came)
        if delete:
            queue.delete([message.receipt])
        found.append(request)
    return found


class Calls(Counter[str]):
    """Counts the requests of a cloud by their operation."""

    def __init__(self, cloud: Cloud) -> None:
        super().__init__()
        for service in (cloud.s3, cloud.sqs):
            service.meta.events.register("before-call", self._count)

    def _count(self, model: Any, **_: Any) -> None:
        self[model.name] += 1


def test_a_jobs_way_is_told_from_the_ledger_the_log_and_the_queues(
    cloud: Cloud, session: ClientSession
) -> None:
    entry = sent(session)
    waiting = Gatherer(cloud).facts(Gatherer(cloud).newest())
    assert (waiting.log, waiting.waiting, waiting.workers) == (None, 1, 0)
    assert waiting.entry
    assert waiting.entry.job == entry.job

    work(cloud)
    answer(cloud, session.client, entry.job)
    facts = Gatherer(cloud).facts(Gatherer(cloud).find(entry.job[:12]))
    assert facts.log
    assert (facts.log.worker, facts.log.receives) == ("ec2-7-ab12", 1)
    assert (facts.is_quiet, facts.replies) == (True, 1)
    assert facts.reply_queue == f"responseQueue-{session.client}"
    assert not facts.unseen
    assert facts.stored_at == pytest.approx(facts.now, abs=60)


def test_a_job_that_is_not_of_this_machine_is_two_requests_to_s3_and_four_to_sqs(
    cloud: Cloud,
) -> None:
    job = str(ULID())
    for other in range(30):
        log_of(cloud, str(ULID.from_datetime(datetime.now(UTC) - timedelta(minutes=other + 1))))
    log_of(cloud, job)
    calls = Calls(cloud)
    gatherer = Gatherer(cloud)
    facts = gatherer.facts(gatherer.find(job))
    assert facts.log
    assert facts.log.job == job
    assert calls == {"ListObjectsV2": 1, "GetObject": 1, "GetQueueUrl": 2, "GetQueueAttributes": 1}


def test_a_job_that_was_logged_with_others_is_one_request_more(cloud: Cloud) -> None:
    made = new_identity("ada")
    own = record(job=made.job, nonce=made.nonce)
    store(Bucket(cloud), own, record())
    calls = Calls(cloud)
    gatherer = Gatherer(cloud)
    facts = gatherer.facts(gatherer.find(own.name))
    assert facts.log
    assert (facts.log.job, facts.log.outcome) == (own.name, "sum is 3")
    assert (calls["ListObjectsV2"], calls["GetObject"]) == (2, 1)


def test_of_a_claim_and_its_owners_log_among_others_the_owners_is_told(cloud: Cloud) -> None:
    own = new_identity("ada")
    claim = record(client="eve", job=own.job)
    store_alone(Bucket(cloud), claim, mark=marks.mark_of("numbers", claim.request))
    store(Bucket(cloud), record(job=own.job, nonce=own.nonce), record())
    facts = Gatherer(cloud).facts(Found(own.job))
    assert facts.log
    assert (facts.log.client, facts.is_claimed) == ("ada", False)


def test_a_beginning_finds_one_job_in_one_narrow_listing(cloud: Cloud) -> None:
    first, second = (
        str(ULID.from_datetime(datetime.now(UTC) - timedelta(days=days))) for days in (3, 2)
    )
    for job in (first, second):
        log_of(cloud, job)
    calls = Calls(cloud)
    assert Gatherer(cloud).find(first[:10]).job == first
    assert calls == {"ListObjectsV2": 1}
    with pytest.raises(UsageError, match=f"several jobs begin with 01: .*{first}"):
        Gatherer(cloud).find("01")
    with pytest.raises(UsageError, match="no job is known whose id begins or ends with 02"):
        Gatherer(cloud).find("02")


def test_an_ending_finds_a_job_as_short_lists_show_it(cloud: Cloud, session: ClientSession) -> None:
    entry = sent(session)
    assert Gatherer(cloud).find(entry.job[-8:]).entry == entry
    others = [f"{ULID()!s}"[:17] + f"{number}SAMEEND1" for number in range(2)]
    for job in others:
        log_of(cloud, job)
    log_of(cloud, other := str(ULID()))
    assert Gatherer(cloud).find(other[-8:]).job == other
    with pytest.raises(UsageError, match=f"several jobs end with SAMEEND1: .*{others[0]}"):
        Gatherer(cloud).find("SAMEEND1")
    with pytest.raises(UsageError, match="no job is known"):
        Gatherer(cloud).find(other[-5:])


def log_of(cloud: Cloud, job: str, **more: Any) -> str:
    request = Request("1,2", job, "ada")
    text = logbook.text_of("numbers", replace(request, **more), Reply("sum is 3", job, DONE))
    key = logbook.key_of(request)
    Bucket(cloud).put_text(key, text)
    return key


@pytest.mark.parametrize("name", ["", "../x", "a b", "\x1b[2J", "x" * 65, "nobodys-job"])
def test_what_is_no_job_is_told_so(cloud: Cloud, name: str) -> None:
    with pytest.raises(UsageError) as raised:
        Gatherer(cloud).find(name)
    assert str(raised.value).isprintable()


def test_no_job_at_all_says_how_one_is_named(cloud: Cloud) -> None:
    with pytest.raises(UsageError, match="no job was sent from this machine yet"):
        Gatherer(cloud).newest()


def test_a_log_that_somebody_else_has_under_a_jobs_id_is_not_its_own(
    cloud: Cloud, session: ClientSession
) -> None:
    entry = sent(session)
    own = Request("1,2", entry.job, session.client, nonce=entry.nonce)
    came = delivery_of(Queue(cloud, "requestQueue").receive()[0], "requestQueue", NAME)
    reply = Reply("sum is 3", entry.job, DONE)
    squatted = (
        replace(own, client="mallory", nonce=""),
        replace(own, nonce=""),  # the same words, by somebody who only read the id
        replace(own, body="1,3", nonce=""),
    )
    for request in squatted:
        text = logbook.text_of("numbers", replace(request, message=MESSAGE), reply, came=came)
        mark = {"request": marks.mark_of("numbers", request)}
        Bucket(cloud).put_text(logbook.key_of(own), text, mark)
        facts = Gatherer(cloud).facts(Gatherer(cloud).find(entry.job))
        assert (facts.log, facts.forged) == (None, OTHERS), request
    logbook.store(Bucket(cloud), "numbers", own, reply)
    facts = Gatherer(cloud).facts(Gatherer(cloud).find(entry.job))
    assert facts.log
    assert (facts.forged, facts.is_claimed) == ("", False)


MESSAGE = Message("m", "1,2", {}, frozenset(), "r", 1, 1.7e9, 1.7e9)


def test_a_log_whose_text_tells_of_another_job_is_not_this_ones(cloud: Cloud) -> None:
    job = str(ULID())
    key = log_of(cloud, job)
    Bucket(cloud).put_text(key, "job: another\nstatus: done\n")
    facts = Gatherer(cloud).facts(Gatherer(cloud).find(job))
    assert (facts.log, facts.forged) == (None, MIXED)


def test_the_log_of_a_worker_of_before_marks_is_known_by_its_words() -> None:
    entry = Entry("j", "ada", "numbers", "1,2", 0.0, DONE, 1.0, "", "", nonce="A" * 32)
    log = logbook.parse("k", "job: j\nkind: numbers\nclient: ada\nrequest: '1,2'\n")
    assert why_not_its_own(log, "", "j", entry) == ""
    assert why_not_its_own(replace(log, request="'3'"), "", "j", entry) == OTHERS
    assert why_not_its_own(replace(log, kind="pictures"), "", "j", entry) == OTHERS


def test_a_log_names_no_queue_but_the_labs(cloud: Cloud) -> None:
    job = str(ULID())
    key = log_of(cloud, job)
    text = Bucket(cloud).get(key).body.decode() + "queue: https://sqs.example/evil\n"
    Bucket(cloud).put_text(key, text)
    facts = Gatherer(cloud).facts(Gatherer(cloud).find(job))
    assert [one.name for one in facts.queues] == ["requestQueue"]


def test_a_dead_letter_is_found_by_its_job_and_by_its_message(
    cloud: Cloud, session: ClientSession
) -> None:
    entry = sent(session)
    (message,) = Queue(cloud, "requestQueue").receive()
    letter = Queue(cloud, "requestQueue-dlq").send(letters.letter_of(message, "broken"))
    Queue(cloud, "requestQueue").delete([message.receipt])
    facts = Gatherer(cloud).facts(Gatherer(cloud).find(entry.job))
    assert facts.letter
    assert (facts.letter.id, facts.letter.reason) == (letter, "broken")
    assert Queue(cloud, "requestQueue-dlq").counts().visible == 1, "it stays there, and is shown"
    assert Gatherer(cloud).find(letter).letter == facts.letter


def test_a_plain_clients_dead_letter_is_traced_by_its_message(cloud: Cloud) -> None:
    letter = Queue(cloud, "requestQueue-dlq").send(Outgoing("x", {"reason": "no list"}))
    found = Gatherer(cloud).find(letter)
    assert found.job == letter
    assert Gatherer(cloud).facts(found).letter


def test_a_log_is_found_by_its_key_where_its_job_tells_no_time(cloud: Cloud) -> None:
    request = Request("1,2", "sqs-id", sent_at=1.7e9)
    text = logbook.text_of("numbers", request, Reply("sum is 3", "sqs-id", DONE))
    Bucket(cloud).put_text(logbook.key_of(request), text)
    calls = Calls(cloud)
    facts = Gatherer(cloud).facts(Found("sqs-id", log_key=logbook.key_of(request)))
    assert facts.log
    assert facts.reply_queue == "responseQueue"
    assert (calls["ListObjectsV2"], calls["GetObject"]) == (1, 1)


def test_what_a_role_is_refused_is_unseen_and_no_error(
    cloud: Cloud, session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = sent(session)
    work(cloud, FAILED)
    allowed = {"GetQueueUrl"}
    refuse(cloud.sqs, monkeypatch, lambda operation: operation not in allowed)
    refuse(cloud.s3, monkeypatch, lambda _: True)
    gatherer = Gatherer(cloud)
    facts = gatherer.facts(gatherer.find(entry.job))
    assert {"log", "queues", "replies"} <= facts.unseen
    with contextlib.suppress(UsageError):
        Gatherer(cloud).find("nobodys-job")
    with pytest.raises(UsageError, match="not seen by this role: dead letters, log"):
        Gatherer(cloud).find("nobodys-job")


def test_a_job_in_a_workers_hands_is_known_by_its_report(
    cloud: Cloud, session: ClientSession
) -> None:
    entry = sent(session)
    hand = {"job": entry.job, "step": "done", "since": 1.7e9, "receives": 2, "kind": "numbers"}
    for name, hands in (("ec2-7", [hand]), ("ec2-8", [{"job": 7}, "x"])):
        report = {"state": "running", "pid": 7, "hands": hands, "report_seconds": 30}
        Bucket(cloud).put(f"workers/{name}.json", json.dumps(report).encode(), "application/json")
    facts = Gatherer(cloud).facts(Gatherer(cloud).find(entry.job))
    assert facts.held
    held = replace(facts.held, age=0.0)  # the report's, in whole seconds
    assert (facts.workers, held) == (2, Held("ec2-7", "done", 1.7e9, 2))


def test_who_had_a_job_and_is_gone_is_known_by_the_last_word_of_it(
    cloud: Cloud, session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = sent(session)
    hand = {"job": entry.job, "step": "done", "since": 1.7e9, "receives": 1, "kind": "numbers"}
    report = {"state": "running", "pid": 7, "hands": [hand], "report_seconds": 30}
    Bucket(cloud).put("workers/ec2-7.json", json.dumps(report).encode(), "application/json")
    monkeypatch.setattr("labapp.worker.reports.MISSED", -1)  # as if that were long ago
    facts = Gatherer(cloud).facts(Gatherer(cloud).find(entry.job))
    assert (facts.workers, facts.held) == (0, None)
    assert facts.lost
    assert (facts.lost.worker, facts.is_in_lost_hands) == ("ec2-7", False), "nothing is in flight"
    Queue(cloud, "requestQueue").receive()
    facts = Gatherer(cloud).facts(Gatherer(cloud).find(entry.job))
    assert "in the hands of ec2-7, which is gone" in tracing.trace(facts).verdict.text


def test_whatever_a_log_holds_is_bounded_and_steers_nothing(cloud: Cloud) -> None:
    job = str(ULID())
    key = log_of(cloud, job)
    odd = "\x1b[2J" + "x" * 5_000
    names = ("client", "kind", "status", "outcome", "worker", "host", "queue", "sent", "begun")
    lines = "".join(f"{name}: {odd}\n" for name in names)
    Bucket(cloud).put_text(key, f"job: {job}\n{lines}receives: {odd}\nwait: -1\n")
    trace = tracing.trace(Gatherer(cloud).facts(Gatherer(cloud).find(job)))
    for text in (trace.verdict.text, *(step.text for step in trace.steps)):
        assert len(text) < 1_500
        assert "\x1b" not in text


@pytest.mark.parametrize(
    ("kept", "none", "maybe"),
    [(("none", "none"), True, True), (("none", "batch"), False, True), (("job",), False, False),
     ((), False, True)],
)  # fmt: skip
def test_whether_workers_keep_logs_is_known_by_their_reports(
    cloud: Cloud, session: ClientSession, kept: tuple[str, ...], none: bool, maybe: bool
) -> None:
    entry = sent(session)
    for number, log in enumerate(kept):
        report = {"state": "running", "pid": number, "log": log, "report_seconds": 30}
        Bucket(cloud).put_text(f"workers/w{number}.json", json.dumps(report))
    facts = Gatherer(cloud).facts(Gatherer(cloud).find(entry.job))
    assert (facts.keeps_no_logs, facts.may_keep_none) == (none, maybe)
