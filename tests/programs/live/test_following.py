"""A job is followed by what workers, its log and the ledger tell; what nobody knows is not said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ulid import ULID

from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.console.accessible import mode
from labapp.jobs import logbook
from labapp.jobs.entry import Entry
from labapp.jobs.session import ClientSession
from labapp.jobs.wire import DONE, Reply, Request
from labapp.programs.live.following import STATIONS, Followed, Found, choices, finder, follow
from labapp.programs.live.model import ANSWERS, LabSnapshot, LoggedJobs, QueueNow
from labapp.programs.live.page import Live
from labapp.programs.live.source import CloudSource
from labapp.programs.live.view import View
from labapp.programs.live.way import stations, way
from tests.jobs.log_kit import record, store
from tests.programs.live.labs import CLIENTS, NOW, answer, job, job_id, worker

MINE = job_id(1)


def _lab(*workers: object, waiting: int = 3) -> LabSnapshot:
    return LabSnapshot(
        NOW, (QueueNow("imageInbox", waiting=waiting),), workers=workers, hidden=30,  # type: ignore[arg-type]
        replies=(QueueNow("responseQueue-x", ANSWERS, CLIENTS[0], 2),),
    )  # fmt: skip


def test_a_job_goes_from_station_to_station() -> None:
    sent = Found(NOW - 9)
    at = follow(Followed(MINE), _lab(), sent)
    assert (at.station, at.where) == (
        "queue",
        "in its queue, one of 3 that wait; its place nobody can tell",
    )
    at = follow(at, _lab(worker(7, job(1))), sent)
    assert (at.station, at.where) == ("worker", "worker host-7-ab12 has it: validated")
    at = follow(at, _lab(worker(7, job(1, step="stored"))), sent)
    assert at.where == "worker host-7-ab12 has it: stored"
    logged = replace(sent, log=answer(1))
    at = follow(at, _lab(worker(7)), logged)
    assert (at.station, at.where) == ("answered", "answered; 2 unread in its client's queue")
    at = follow(at, _lab(worker(7)), replace(logged, read=NOW + 3))
    assert at.station == "read"
    assert [fact.text for fact in at.told] == [
        "sent",
        "received by worker host-7-ab12 after 2.0 s",
        "done, its log is stored: minimum is 1 maximum is 55 average is 18 median is 8 sum is 72",
        "read by its client",
    ]


def test_a_job_whose_worker_is_killed_is_seen_to_come_back() -> None:
    at = follow(Followed(MINE), _lab(worker(7, job(1))), Found())
    at = follow(at, _lab(worker(7, job(1), state="gone")), Found())
    assert (at.station, at.where) == (
        "queue",
        "worker host-7-ab12 is gone; the job comes back within 30 s",
    )
    at = follow(at, _lab(worker(8, job(1, receives=2, since=NOW + 30))), Found())
    at = follow(at, _lab(worker(8, job(1, receives=2, since=NOW + 30))), Found())
    assert [fact.text for fact in at.told] == [
        "received by worker host-7-ab12 after 2.0 s",
        "worker host-7-ab12 is gone: the job comes back within 30 s",
        "received for the 2nd time by worker host-8-ab12 after 2.0 s",
    ]
    assert (at.station, at.where) == (
        "worker",
        "worker host-8-ab12 has it for the 2nd time: validated",
    )


def test_of_a_job_that_nobody_knows_nothing_is_made_up() -> None:
    at = follow(Followed(MINE), _lab(waiting=0), Found())
    assert (at.station, at.where) == ("sent", "nothing is known of it: is it the whole id?")
    late = follow(replace(at, held=job(1), worker="host-7-ab12"), _lab(), Found())
    assert late.where == "back in its queue, or nearly done; worker host-7-ab12 had it"
    lost = follow(at, _lab(), Found(log=answer(1, logbook.UNTOLD)))
    assert lost.where == "nobody could be answered: its message is a dead letter"


def test_the_log_of_a_plain_clients_job_is_found_among_the_newest() -> None:
    lab = replace(_lab(), answers=(answer(1),))
    assert follow(Followed(MINE), lab, Found()).station == "answered"


@pytest.mark.parametrize("station", STATIONS)
@pytest.mark.parametrize("columns", [38, 77, 200])
def test_the_way_is_one_line_on_which_the_job_is_seen(station: str, columns: int) -> None:
    at = Followed(MINE, station=station)  # type: ignore[arg-type]
    line = stations(at, columns)
    assert line.plain.count("●") == 1 + STATIONS.index(at.station)
    assert len(line.plain) <= max(columns, 46)
    assert len(way(View(_lab(), followed=at), columns, 2, 9)) == 2


def test_what_is_found_of_a_job_costs_one_request_until_its_log_is_there(
    cloud: Cloud, bucket: Bucket, session: ClientSession
) -> None:
    mine = str(ULID())
    session.ledger.add([(mine, "1,2")], session.client, "numbers")
    find = finder(cloud)
    found, cost = find(Followed(mine), ())
    assert (found.sent is not None, found.log, cost) == (True, None, 1)

    request = Request("1,2", mine, CLIENTS[0], sent_at=NOW)
    bucket.put_text(logbook.key_of(replace(request, sent_at=0.0)),
                    logbook.text_of("numbers", request, Reply("3", mine, DONE)))  # fmt: skip
    found, cost = find(Followed(mine), ())
    assert (found.log.status if found.log else "", cost) == ("done", 1)
    assert find(Followed(mine), ())[1] == 0


def test_a_job_that_was_logged_with_others_is_found_among_them(
    cloud: Cloud, bucket: Bucket, session: ClientSession
) -> None:
    own, other = record(2), record(1)
    store(bucket, own, other)
    find, logged = finder(cloud), LoggedJobs({own.name[-8:]})
    assert find(Followed(own.name), LoggedJobs())[0].log is None
    found, cost = find(Followed(own.name), logged)
    assert (found.log.answer if found.log else "", cost) == ("sum is 3", 3)
    assert own.name in logged
    assert other.name not in logged
    (entry,) = CloudSource(cloud).logs("logs/log_")
    assert [one.job for one in CloudSource(cloud).answers(entry)] == [other.name, own.name]


def test_what_waits_and_what_was_answered_and_not_read_are_told_apart() -> None:
    def sent(number: int, ago: float, **more: object) -> Entry:
        entry = Entry(
            job_id(number), CLIENTS[0], "numbers", "1,2", NOW - ago, "pending", None, "", ""
        )
        return replace(entry, **more)  # type: ignore[arg-type]

    lab = replace(
        _lab(worker(7, job(1, receives=2))),
        logged=frozenset({job_id(2)}),
        logged_since=NOW - 600,
        answers=(answer(2), answer(5)),
    )
    entries = [sent(1, 9), sent(2, 8), sent(3, 7), sent(4, 900), sent(6, 5, status="unsent"),
               sent(7, 9, status="done", answered_at=NOW)]  # fmt: skip
    found = {
        job[-1]: note.removesuffix(f", {CLIENTS[0]}") for job, note in choices(lab, entries).items()
    }
    assert list(found.items()) == [
        ("1", "worker host-7-ab12 for the 2nd time"),
        ("3", "waits"),
        ("4", "no answer read"),
        ("6", "unsent"),
        ("2", "answered, not read"),
        ("5", "done"),
    ]
    idle = replace(lab, queues=())
    assert choices(idle, entries)[job_id(3)].startswith("not answered, ")
    unseen = replace(lab, logged_since=None)
    assert choices(unseen, entries)[job_id(3)].startswith("no answer read, ")


def test_where_it_is_read_out_enter_alone_tells_what_is_new(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = Live(cloud)
    shown = live.keys()
    assert [key.letter for key in shown if key.enter] == ["f"]
    monkeypatch.setattr(mode, "_reason", "asked")
    spoken = live.keys()
    assert not [key for key in spoken if key.enter]
