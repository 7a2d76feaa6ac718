"""Facts → steps → verdict: whatever is known, seven steps and a sentence, and nothing made up."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.jobs import tracing
from labapp.jobs.dead_letters import BY_SQS, DeadLetter
from labapp.jobs.entry import DROPPED, PENDING, UNSENT, Entry
from labapp.jobs.job_facts import DAY, Facts, Held, QueueState
from labapp.jobs.logbook import UNTOLD, Log
from labapp.jobs.tracing import NAMES, UNSEEN, Step, Trace
from labapp.jobs.verdicts import span
from labapp.jobs.wire import DONE, FAILED, REFUSED, quoted

JOB, SENT = "01M7Y17TSX24YQ6Q58P948AX5D", 1_700_000_000.0
QUIET = (QueueState("requestQueue", 0, 0, 0, 0),)


def entry(status: str = PENDING, answered_at: float | None = None) -> Entry:
    return Entry(JOB, "ada", "numbers", "1,2", SENT, status, answered_at, "sum is 3", "")


def log(**more: Any) -> Log:
    told: dict[str, Any] = {
        "worker": "ec2-7-ab12", "host": "ec2", "queue": "requestQueue", "receives": 1,
        "sent": "2023-11-14T22:13:20.010Z", "received": "2023-11-14T22:13:20.110Z",
        "begun": "2023-11-14T22:13:20.115Z", "done": "2023-11-14T22:13:20.120Z", "wait": 0.1,
        "status": DONE, "client": "ada",
    }  # fmt: skip
    told |= more
    return Log("key", JOB, "2023-11-14T22:13:20Z", "numbers", request="'1,2'",
               outcome=told.pop("outcome", "sum is 3"), **told)  # fmt: skip


def letter(client: str = "ada") -> DeadLetter:
    reason = "it is\x1b[2J no list"
    return DeadLetter("requestQueue", "m-1", "1,2", JOB, client, reason, 3, SENT, SENT + 9)


LOST = Held("vm-7", "done", SENT + 1, 1, heard=SENT + 2)
FACTS = Facts(JOB, SENT + 5, made_at=SENT, keep_days=30)


def traced(**more: Any) -> Trace:
    return tracing.trace(replace(FACTS, **more))


def step(trace: Trace, name: str) -> Step:
    return next(one for one in trace.steps if one.name == name)


def test_a_job_that_was_read_has_its_whole_way_with_what_passed_between() -> None:
    trace = traced(entry=entry(DONE, SENT + 0.15), log=log(), queues=QUIET, replies=0,
                   reply_queue="responseQueue-ada")  # fmt: skip
    assert [one.state for one in trace.steps] == ["done"] * len(NAMES)
    spans = [None if one.after is None else round(one.after * 1000) for one in trace.steps]
    assert spans == [None, 110, 5, 5, None, None, 30]
    assert step(trace, "received").text == "once, by ec2-7-ab12 on ec2, waited 100 ms"
    assert (trace.verdict.outcome, trace.verdict.remedy) == ("good", "")
    assert trace.verdict.text == "done, answered and read in 150 ms"


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        (
            {"entry": entry(), "queues": (QueueState("requestQueue", 12, 0, 0),), "workers": 0},
            "sent, not received: 12 wait in requestQueue, no worker is at work",
        ),
        (
            {"entry": entry(), "queues": (QueueState("requestQueue", 1, 2, 0),), "workers": 1},
            "sent, not done yet: 1 waits and 2 are in flight in requestQueue, 1 worker is at work",
        ),
        (
            {"entry": entry(), "queues": (QueueState("requestQueue", 0, 1, 0),), "workers": 2},
            "sent, maybe received: 1 is in flight in requestQueue, 2 workers are at work",
        ),
        (
            {"queues": (QueueState("requestQueue", 1, 0, 0),), "workers": 2},
            "no log of it; it may be among what is there: 1 waits in requestQueue, 2 workers are at"
            " work",
        ),
        (
            {"entry": entry(UNSENT), "queues": (QueueState("requestQueue", 1, 0, 0),)},
            "sending it failed, and it may have arrived all the same: 1 waits in requestQueue",
        ),
        (
            {"log": log(receives=3), "entry": entry(), "replies": 1},
            "done, answered, not read yet. It was received 3 times: before, a worker died or"
            " stopped, or the job failed",
        ),
        (
            {"held": Held("ec2-7-ab12", "validated", SENT + 2, 3), "queues": QUIET},
            "at work: ec2-7-ab12 has it in hand; received 3.0 s ago. It was received 3 times:"
            " before, a worker died or stopped, or the job failed",
        ),
        (
            {"held": Held("ec2-7-ab12", "done", SENT + 2, 1, age=28), "queues": QUIET},
            "at work: ec2-7-ab12 has it in hand, as it told 28 s ago; received 3.0 s ago",
        ),
        ({"log": log(), "entry": entry(), "replies": 1}, "done, answered, not read yet"),
        (
            {"log": log(), "entry": entry(), "replies": 1,
             "queues": (QueueState("requestQueue", 1, 0, 0),)},
            "done, not read yet; answered, unless its worker was gone right before that",
        ),
        (
            {"log": log(receives=3), "entry": entry(DONE, SENT + 1)},
            "done, answered and read in 1.0 s. It was received 3 times: before, a worker died or"
            " stopped, or the job failed",
        ),
        (
            {"log": log(receives=2), "entry": entry(DONE, SENT + 0.05)},
            "done, answered and read in 50 ms. It was done again after that, as its worker was gone"
            " before the message was deleted: received 2 times",
        ),
        (
            {"lost": LOST, "hidden": 30, "queues": (QueueState("requestQueue", 8, 10, 0),)},
            "in the hands of vm-7, which is gone; it comes back within its visibility timeout of"
            " 30 s",
        ),
        (
            {"lost": LOST, "hidden": 1, "queues": (QueueState("requestQueue", 1, 0, 0),)},
            "vm-7 had it in hand and is gone; its visibility timeout is over: 1 waits in"
            " requestQueue",
        ),
        ({"log": log(status=REFUSED, outcome="no list")}, "refused: no list"),
        ({"letter": letter()}, r"put aside: it is\x1b[2J no list"),
        (
            {"log": log(status=UNTOLD, outcome="its queue is gone; done: 3")},
            "put aside: its queue is gone; done: 3",
        ),
        ({"entry": entry(DROPPED)}, "given up with 'client.py purge'"),
        ({"entry": entry(UNSENT), "queues": QUIET}, "sending it failed, and nothing arrived"),
        (
            {"queues": QUIET, "now": SENT + 31 * DAY},
            "its log expired after 30 days; more is not known",
        ),
        (
            {"queues": QUIET, "now": SENT + 6 * DAY},
            "never done: SQS keeps a request for 4 days, and no log of it is there",
        ),
        (
            {"queues": (QueueState("requestQueue", 0, 0, 0, 2),)},
            "not there: no log of it, and nothing waits or is in flight in requestQueue; none of 2"
            " dead letters is it",
        ),
        (
            {"entry": entry(), "unseen": frozenset({"log", "queues", "replies"})},
            "sent 5.0 s ago, no answer read yet; what workers do is not seen by this role",
        ),
    ],
)  # fmt: skip
def test_what_is_missing_says_what_that_means(facts: dict[str, Any], verdict: str) -> None:
    assert traced(**facts).verdict.text == verdict


def test_a_job_that_is_only_received_is_not_begun_and_what_waits_answers_others() -> None:
    held = Held("ec2-7-ab12", "received", SENT + 2, 1)
    trace = traced(entry=entry(), held=held, replies=1, reply_queue="responseQueue-ada")
    assert step(trace, "received").state == "done"
    assert step(trace, "begun") == Step("begun", None, "missing", tracing.NOT_YET)
    assert step(trace, "read") == Step("read", None, "missing", tracing.NOT_YET)

    trace = traced(entry=entry(), log=log(), replies=1, reply_queue="responseQueue-ada")
    assert step(trace, "answered") == Step("answered", None, "done",
                                           "1 answer waits on responseQueue-ada")  # fmt: skip
    busy = (QueueState("requestQueue", 1, 0, 0),)
    trace = traced(entry=entry(), log=log(), replies=1, queues=busy)
    assert step(trace, "answered").state == "unknown", "its worker may have ended before that"


def test_a_dead_letter_tells_how_it_is_sent_back() -> None:
    trace = traced(letter=letter())
    assert "admin.py queues redrive requestQueue --id m-1" in trace.verdict.remedy
    assert step(trace, "deleted").state == "bad"
    assert step(trace, "received").text == "3 times, and then put aside"

    by_sqs = replace(letter(), reason=BY_SQS, receives=5)
    trace = traced(letter=by_sqs, replies=4, reply_queue="responseQueue-ada")
    assert step(trace, "received").text == "5 times, and then moved by SQS"
    assert step(trace, "read").text == "no answer is known of", "what waits there answers others"


def test_what_a_role_may_not_see_is_said_and_is_not_missing() -> None:
    hidden = frozenset({"log", "queues", "replies", "workers"})
    trace = traced(entry=entry(), unseen=hidden)
    assert {one.text for one in trace.steps if one.name != "sent"} == {UNSEEN}
    assert {one.state for one in trace.steps if one.name != "sent"} == {"unseen"}
    read = traced(entry=entry(DONE, SENT + 1), unseen=hidden)
    assert step(read, "received").text == f"by a worker; which one is {UNSEEN}"
    assert step(read, "read").state == "done"


def test_a_log_that_is_anothers_tells_nothing_of_the_job() -> None:
    trace = traced(entry=entry(), queues=QUIET, forged="the log under its id is another's")
    assert step(trace, "stored").text == "the log under its id is another's"
    assert step(trace, "received").state == "missing"
    assert trace.verdict.text == "nothing of it is there: the log under its id is another's"


def test_nobody_is_to_read_of_a_picture_that_was_dropped() -> None:
    record = {"eventSource": "aws:s3", "s3": {"object": {"key": "drop/blur/cat.png"}}}
    event = quoted(json.dumps({"Records": [record]}))
    dropped = replace(log(client="plain"), kind="pictures", request=event)
    trace = traced(log=dropped, queues=QUIET)
    told = {step(trace, name).text for name in ("answered", "read")}
    assert told == {"nobody asked: it was dropped in the bucket"}


def test_clocks_that_contradict_each_other_give_no_span() -> None:
    trace = traced(entry=replace(entry(), sent_at=SENT + 60), log=log(), queues=QUIET)
    assert step(trace, "received").after is None
    assert step(trace, "received").text.endswith("(by another clock)")


def test_of_a_job_that_came_again_the_first_receive_is_not_the_last_workers() -> None:
    trace = traced(log=log(receives=2), queues=QUIET)
    assert step(trace, "received").at == pytest.approx(SENT + 0.11)
    assert step(trace, "received").text == (
        "for the first time, waited 100 ms; the last of 2 times by ec2-7-ab12 on ec2;"
        " before, a worker died or stopped, or the job failed"
    )
    assert step(trace, "begun").text == "the last time, by ec2-7-ab12"
    known = traced(log=log(receives=2), lost=LOST)
    assert step(known, "received").text == (
        "for the first time, waited 100 ms, by vm-7, which is gone; the last of 2 times by"
        " ec2-7-ab12 on ec2"
    )
    assert known.verdict.text.endswith("2 times: before, vm-7 had it in hand, which is gone")
    second = traced(log=log(receives=3), lost=replace(LOST, receives=2))
    assert "; receive 2 was by vm-7, which is gone; the last" in step(second, "received").text
    same = traced(log=log(receives=2), lost=replace(LOST, worker="ec2-7"))
    assert "gone" not in step(same, "received").text


def test_a_job_that_was_done_again_after_it_was_read_blames_no_clock() -> None:
    trace = traced(log=log(receives=2), entry=entry(DONE, SENT + 0.05), queues=QUIET)
    text = "on this machine, 150 ms after it was sent, before it was done again"
    assert step(trace, "read").text == text.replace("150", "50")
    assert step(trace, "stored").text == "its log, done, written again"


def test_a_job_in_the_hands_of_a_worker_that_is_gone_is_received() -> None:
    trace = traced(lost=LOST, hidden=30, queues=(QueueState("requestQueue", 8, 10, 0),))
    assert step(trace, "received").state == "done"
    assert step(trace, "received").text.startswith("in the hands of vm-7, which is gone")


def test_a_log_of_a_worker_of_before_tells_what_it_can() -> None:
    old = log(worker="", host="", queue="", receives=None, sent="", received="", begun="",
              done="", wait=None)  # fmt: skip
    trace = traced(log=old, stored_at=SENT + 3, queues=QUIET, replies=0)
    assert step(trace, "received").text == "by a worker of before they told who they are"
    assert (step(trace, "stored").at, step(trace, "sent").at) == (SENT + 3, SENT)


ANY_TEXT = st.text(max_size=30)
TIMES = st.none() | st.floats(SENT - 9e6, SENT + 9e6)
LOGS = st.builds(
    log, worker=ANY_TEXT, host=ANY_TEXT, queue=ANY_TEXT, client=ANY_TEXT, outcome=ANY_TEXT,
    receives=st.none() | st.integers(0, 10**9), begun=ANY_TEXT, done=ANY_TEXT, sent=ANY_TEXT,
    status=st.sampled_from([DONE, REFUSED, FAILED, UNTOLD, "", "\x1b"]),
    wait=st.none() | st.floats(0, 1e9), answered=ANY_TEXT,
)  # fmt: skip
COUNT = st.integers(0, 3)
QUEUES = st.builds(QueueState, st.just("requestQueue"), COUNT, COUNT, COUNT, st.none() | COUNT)
FACT = st.builds(
    Facts,
    job=st.just(JOB),
    now=st.floats(SENT, SENT + 9e6),
    made_at=TIMES,
    entry=st.none() | st.builds(
        entry, st.sampled_from([PENDING, UNSENT, DROPPED, DONE, REFUSED, FAILED]), TIMES
    ),
    log=st.none() | LOGS,
    stored_at=TIMES,
    forged=st.sampled_from(["", "another's"]),
    queues=st.lists(QUEUES, max_size=2).map(tuple),
    workers=st.none() | COUNT,
    held=st.none() | st.builds(Held, ANY_TEXT, ANY_TEXT, st.floats(0, SENT), COUNT),
    lost=st.none() | st.builds(Held, ANY_TEXT, ANY_TEXT, st.floats(0, SENT), COUNT, TIMES),
    hidden=COUNT,
    reply_queue=ANY_TEXT,
    replies=st.none() | COUNT,
    result_key=ANY_TEXT,
    result_at=TIMES,
    letter=st.none() | st.builds(letter, ANY_TEXT),
    keep_days=st.integers(0, 60),
    unseen=st.frozensets(st.sampled_from(["log", "queues", "replies", "workers", "result"])),
)  # fmt: skip


@given(FACT)
def test_whatever_is_known_there_are_all_steps_and_a_verdict_of_one_line(facts: Facts) -> None:
    trace = tracing.trace(facts)
    assert tuple(one.name for one in trace.steps) == NAMES
    for text in (trace.verdict.text, trace.verdict.remedy, *(one.text for one in trace.steps)):
        assert "\n" not in text
        assert "\x1b" not in text
        assert len(text) < 2_000
    assert trace.verdict.text
    assert all(one.after is None or one.after >= 0 for one in trace.steps)
    if facts.is_answered:
        assert step(trace, "read").state == "done"
        assert step(trace, "received").state == "done"
    if facts.log:
        assert step(trace, "received").state == step(trace, "stored").state == "done"
    if "log" in facts.unseen and not (facts.log or facts.held or facts.letter or facts.lost):
        assert step(trace, "received").state != "missing"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0, "0 ms"), (-1, "0 ms"), (0.0034, "3 ms"), (0.9999, "1.0 s"), (48.2, "48 s"), (119, "119 s"),
     (300, "5 min"), (7300, "2 h"), (200_000, "2 days"), (1e8, "1,157 days")],
)  # fmt: skip
def test_spans_are_short(seconds: float, told: str) -> None:
    assert span(seconds) == told


@pytest.mark.parametrize(
    ("more", "outcome", "said"),
    [
        ({"entry": entry(DONE, SENT + 1)}, "good", "done"),
        ({}, "warn", "its worker keeps no logs, so whether it was done is not known"),
        ({"entry": entry()}, "warn", "its worker keeps no logs"),
    ],
)
def test_where_workers_keep_no_logs_that_is_said_and_nothing_is_gone(
    more: dict[str, Any], outcome: str, said: str
) -> None:
    trace = traced(queues=QUIET, keeps_no_logs=True, **more)
    assert step(trace, "stored").text == "its worker keeps no logs"
    assert trace.verdict.outcome == outcome
    assert said in trace.verdict.text


@pytest.mark.parametrize(
    ("maybe", "state", "said"),
    [(True, "unknown", "its worker may keep none (log = none)"), (False, "missing", "is gone")],
)
def test_a_log_is_gone_only_where_every_worker_keeps_them(
    maybe: bool, state: str, said: str
) -> None:
    told = step(traced(entry=entry(DONE, SENT + 1), may_keep_none=maybe), "stored")
    assert (told.state, said in told.text) == (state, True)
