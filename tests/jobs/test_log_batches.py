"""The logs of several jobs as one object: what its key says, what it holds, and how it is read."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.cloud import bounds
from labapp.jobs import log_batches, logbook, marks
from labapp.jobs.log_batches import APART, batches, is_better, may_share, names_in, read
from labapp.jobs.proof import new_identity
from labapp.jobs.wire import Reply, Request
from tests.jobs.log_kit import record

#: The longest name that file systems take, with room for what a store adds to it.
FILE_NAME = 255 - 75


def test_the_key_tells_the_latest_time_and_the_end_of_each_id() -> None:
    first, last = record(30), record(1)
    (one,) = batches([last, first])
    stamp = f"{last.at:{logbook.STAMP}}"
    assert one.key == f"logs/log_{stamp}_{first.name[-8:]}.{last.name[-8:]}.jsonl"
    assert names_in(one.key) == (first.name[-8:], last.name[-8:])
    assert [json.loads(line)["job"] for line in one.text.splitlines()] == [first.name, last.name]


def test_one_alone_is_named_by_its_whole_id() -> None:
    own = record(1)
    (one,) = batches([own])
    assert names_in(one.key) == (own.name,)
    assert [log.job for log in read(one.key, one.text.encode())[0]] == [own.name]


def test_a_log_among_others_tells_what_one_alone_does() -> None:
    own = record(5)
    (one,) = batches([own, record(1)])
    log = next(log for log in read(one.key, one.text.encode())[0] if log.job == own.name)
    alone = logbook.parse("k", logbook.text_of(own.kind, own.request, own.reply))
    told = (log.time, log.kind, log.client, log.request, log.status, log.outcome)
    assert told == (alone.time, alone.kind, alone.client, alone.request, "done", "sum is 3")
    assert log.mark == marks.mark_of("numbers", own.request)


def test_those_asked_for_far_apart_are_not_one_object() -> None:
    found = list(batches([record(0), record(APART + 5), record(APART + 4)]))
    assert [len(one.records) for one in found] == [2, 1]


def test_no_object_has_more_than_its_key_can_name_or_than_is_read() -> None:
    many = list(batches([record(0) for _ in range(25)]))
    assert [len(one.records) for one in many] == [10, 10, 5]
    assert all(len(one.key.removeprefix("logs/")) <= FILE_NAME for one in many)

    long = [record(0, attributes={}) for _ in range(3)]
    large = [log_batches.Record(one.request, Reply("x" * 400_000, one.name, "done"), "numbers")
             for one in long]  # fmt: skip
    found = list(batches(large))
    assert [len(one.records) for one in found] == [2, 1]
    assert all(len(one.text.encode()) <= bounds.LOGS for one in found)


def test_a_job_twice_among_those_received_is_in_two_objects() -> None:
    own = record(1)
    assert sorted(len(one.records) for one in batches([own, record(1), own])) == [1, 2]


def test_the_same_jobs_again_have_the_same_key() -> None:
    jobs = [record(number) for number in range(5)]
    (one,) = batches(jobs)
    (again,) = batches(jobs[::-1])
    assert one.key == again.key


@pytest.mark.parametrize(
    ("request_", "shares"),
    [
        (Request("1", "job-1", "ada"), False),
        (Request("1", "job-1", "ada", logged_as="sqs-id"), True),
        (Request("1", "b2a4f6d8-0000-4000-8000-0123456789ab"), True),
        (Request("1", "an/id of no program"), False),
    ],
)
def test_a_job_that_is_only_claimed_or_has_an_odd_id_shares_no_object(
    request_: Request, shares: bool
) -> None:
    assert may_share(request_) is shares
    own = new_identity("ada")
    assert may_share(Request("1", own.job, "ada", nonce=own.nonce))


def line(one: log_batches.Record, **more: object) -> str:
    return json.dumps({**json.loads(one.line()), **more})


def test_lines_that_are_no_logs_of_its_jobs_are_counted_and_left_out() -> None:
    first, last, stranger = record(3), record(1), record(2)
    (one,) = batches([first, last])
    odd = [
        *("no JSON", "[1]", "{}", '{"job": 7}', '{"job": "../x"}', "\x00", "[" * 5_000),
        line(stranger),
        line(first, time="2020-01-01T00:00:00Z"),
        line(first, time=f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"),
        line(first, time=["now"]),
    ]
    text = "\n".join([*odd, one.text])
    logs, left = read(one.key, text.encode())
    assert [log.job for log in logs] == [last.name, first.name]
    assert left == len(odd)


def test_what_is_said_of_a_job_has_the_types_that_a_table_shows() -> None:
    own = record(1)
    (one,) = batches([own])
    text = line(own, receives="many", wait=-1, worker={"a": 1}, status="\x1b[2J", mark=[1])
    (log,), _ = read(one.key, text.encode())
    assert (log.receives, log.wait, log.worker, log.mark) == (None, None, "", "")
    assert log.status == "\\x1b[2J"


@given(st.text(max_size=60), st.binary(max_size=300))
def test_whatever_lies_there_is_read_or_left_out(name: str, body: bytes) -> None:
    key = f"logs/log_2026-11-21-120824_{name}.jsonl"
    logs, _ = read(key, body)
    assert len(logs) <= len(names_in(key)) <= log_batches.MOST


@pytest.mark.parametrize(
    "name", ["", ".", "a..b", ".".join("abcdefghijk"), "a/b", "a b", "é", "a\n"]
)
def test_a_key_of_no_worker_names_nothing(name: str) -> None:
    assert names_in(f"logs/log_2026-11-21-120824_{name}.jsonl") == ()


def test_a_month_that_is_none_holds_nothing() -> None:
    own = record(1)
    key = re.sub(r"log_\d{4}-\d\d", "log_2026-13", next(batches([own])).key)
    assert read(key, own.line().encode()) == ([], 1)


def test_the_owners_log_is_better_than_a_claim_and_the_last_than_the_first() -> None:
    def log(mark: str, done: str) -> logbook.Log:
        return logbook.log_of("k", "j", {"done": done}, mark)

    claim, first, last = log("a", "3"), log("proved-a", "1"), log("proved-a", "2")
    assert is_better(first, claim)
    assert not is_better(claim, first)
    assert is_better(last, first)
    assert not is_better(first, last)
