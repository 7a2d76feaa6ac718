from __future__ import annotations

from typing import Any

import pytest

from labapp.cloud import new_queues, queues
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, LabappError, MissingResourceError, UnreachableError
from labapp.jobs import lab, slots
from labapp.jobs.ledger import Ledger
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import ClientSession, open_ledger
from labapp.jobs.wire import DONE, Reply, decode_request
from tests.jobs.short_polls import short_sighted
from tests.support import answers


def submit(session: ClientSession, *bodies: str) -> list[str]:
    return session.submit(NUMBERS, bodies or ["1,2"])


def answer(cloud: Cloud, client: str, job: str, body: str = "sum is 3") -> None:
    """Put an answer on a client's queue, as a worker does."""
    answers.answer(cloud, client, job, body, result='{"sum": 3}')


def drain(session: ClientSession) -> list[str]:
    found = []
    while entries := session.collect():
        found += [entry.job for entry in entries]
    return found


def waiting(cloud: Cloud, client: str) -> int:
    counts = Queue(cloud, f"responseQueue-{client}").counts()
    return counts.visible + counts.in_flight


def test_a_job_travels_with_its_id_and_the_client_to_answer(
    cloud: Cloud, session: ClientSession
) -> None:
    (job,) = submit(session, "1,12,55,4")
    (message,) = Queue(cloud, "requestQueue").receive()
    request = decode_request(message)
    assert (request.body, request.job, request.client) == ("1,12,55,4", job, session.client)
    sent = session.ledger.get(job)
    assert sent is not None
    assert (sent.status, sent.body, sent.kind) == ("pending", "1,12,55,4", "numbers")


def test_many_jobs_are_sent_together_in_order(cloud: Cloud, session: ClientSession) -> None:
    bodies = [str(number) for number in range(25)]
    jobs = submit(session, *bodies)
    assert Queue(cloud, "requestQueue").counts().visible == 25
    entries = [session.ledger.get(job) for job in jobs]
    assert [entry.body for entry in entries if entry] == bodies


def test_an_answer_is_taken_once_and_its_message_deleted(
    cloud: Cloud, session: ClientSession
) -> None:
    (job,) = submit(session)
    for _ in range(2):
        answer(cloud, session.client, job)
        answer(cloud, session.client, job)
    (entry,) = session.collect()
    assert (entry.job, entry.status, entry.reply) == (job, "done", "sum is 3")
    assert session.collect() == []
    assert waiting(cloud, session.client) == 0


def test_stale_foreign_and_broken_replies_are_never_ones_own(
    cloud: Cloud, session: ClientSession
) -> None:
    (job,) = submit(session)
    queue = Queue(cloud, f"responseQueue-{session.client}")
    answer(cloud, session.client, "somebody-elses")
    queue.send(Outgoing("minimum is 1"))
    queue.send(Outgoing("x", {"job": job, "status": "perhaps"}))
    queue.send(Outgoing("x", {"job": "../" + job, "status": "done"}))
    assert session.collect() == []
    assert session.unshown() == []
    assert waiting(cloud, session.client) == 0
    assert session.ledger.count_pending(session.client) == 1


def test_an_answer_behind_many_stale_ones_is_found(cloud: Cloud, session: ClientSession) -> None:
    (job,) = submit(session)
    for number in range(25):
        answer(cloud, session.client, f"stale-{number}")
    answer(cloud, session.client, job)
    assert drain(session) == [job]


def test_an_answer_on_another_slots_queue_is_not_taken(cloud: Cloud) -> None:
    with ClientSession(cloud) as one, ClientSession(cloud) as two:
        assert one.client != two.client
        (job,) = submit(one)
        submit(two)
        answer(cloud, two.client, job)
        assert drain(two) == []
        assert one.ledger.count_pending(one.client) == 1


def test_what_was_answered_while_closed_is_unshown_at_the_next_start(cloud: Cloud) -> None:
    with ClientSession(cloud) as session:
        client = session.client
        first, second = submit(session, "1", "2")
    answer(cloud, client, first)
    with ClientSession(cloud) as session:
        assert session.client == client
        assert drain(session) == [first]
        assert [entry.job for entry in session.unshown()] == [first]
        session.ledger.mark_shown([first])
    answer(cloud, client, first)
    answer(cloud, client, second)
    with ClientSession(cloud) as session:
        assert drain(session) == [second]
        assert [entry.job for entry in session.unshown()] == [second]


def test_the_next_session_takes_the_slot_that_still_waits(cloud: Cloud) -> None:
    with ClientSession(cloud), ClientSession(cloud), ClientSession(cloud) as third:
        (job,) = submit(third)
        client = third.client
    answer(cloud, client, job)
    with ClientSession(cloud) as session:
        assert session.client == client
        assert drain(session) == [job]


@pytest.fixture
def two_closed(cloud: Cloud) -> list[tuple[str, str]]:
    """Two programs that were closed while each waited for an answer: their clients and jobs."""
    with ClientSession(cloud) as one, ClientSession(cloud) as two:
        return [(session.client, submit(session)[0]) for session in (one, two)]


def test_answers_of_every_closed_slot_are_taken_in_by_one_program(
    cloud: Cloud, two_closed: list[tuple[str, str]]
) -> None:
    (first, unanswered), (second, job) = two_closed
    answer(cloud, second, unanswered, "forged")
    answer(cloud, second, job)
    with ClientSession(cloud) as session:
        assert session.client == first, "it waits too, and comes first each time"
        assert [entry.job for entry in session.elsewhere()] == [job]
        assert waiting(cloud, second) == 0
        assert session.ledger.count_pending(first) == 1, "nobody answers for another client"
        session.ledger.mark_shown([job])
        assert list(session.elsewhere()) == []


def test_an_answer_in_hand_is_shown_by_no_other_program(
    cloud: Cloud, two_closed: list[tuple[str, str]]
) -> None:
    _, (second, job) = two_closed
    answer(cloud, second, job)
    with ClientSession(cloud) as session:
        for entry in session.elsewhere():
            with ClientSession(cloud) as other:
                assert other.client != second
                assert other.unshown() == []
            session.ledger.mark_shown([entry.job])
        with ClientSession(cloud) as other:
            assert other.unshown() == []


def test_a_slot_in_use_and_one_whose_queue_is_gone_are_left_alone(
    cloud: Cloud, two_closed: list[tuple[str, str]]
) -> None:
    (first, _), (second, two) = two_closed
    with ClientSession(cloud) as session, ClientSession(cloud) as other:
        assert (session.client, other.client) == (first, second)
        answer(cloud, second, two)
        assert list(session.elsewhere()) == []
        assert drain(other) == [two]
        other.ledger.mark_shown([two])
    cloud.sqs.delete_queue(QueueUrl=Queue(cloud, f"responseQueue-{first}").url)
    with ClientSession(cloud), ClientSession(cloud) as other:
        assert list(other.elsewhere()) == []


def test_killed_between_ledger_and_delete_the_answer_is_known(
    cloud: Cloud, session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    (job,) = submit(session)
    answer(cloud, session.client, job)

    def killed(*_: Any) -> list[int]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Queue, "delete", killed)
        with pytest.raises(KeyboardInterrupt):
            session.collect()
    answer(cloud, session.client, job)
    assert session.collect() == [], "it comes again, and is known"
    assert [entry.job for entry in session.unshown()] == [job]


def test_purge_gives_up_what_is_pending_and_empties_the_queue(
    cloud: Cloud, session: ClientSession
) -> None:
    jobs = submit(session, *map(str, range(12)))
    for job in jobs:
        answer(cloud, session.client, job)
    assert session.purge(dry=True).given_up == jobs
    assert waiting(cloud, session.client) == 12, "nothing is taken by asking"
    assert session.purge().given_up == jobs
    assert waiting(cloud, session.client) == 0
    answer(cloud, session.client, jobs[0])
    assert drain(session) == [], "a late answer is no longer wanted"
    assert session.unshown() == []


def test_what_a_poll_without_a_wait_overlooks_is_collected_and_purged(
    cloud: Cloud, session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Queue, "receive", short_sighted(Queue.receive))
    jobs = submit(session, *map(str, range(12)))
    for number in range(15):
        answer(cloud, session.client, f"stale-{number}")
    for job in jobs:
        answer(cloud, session.client, job)
    session.collect_all()
    assert sorted(entry.job for entry in session.unshown()) == sorted(jobs)
    answer(cloud, session.client, jobs[0])
    session.purge()
    assert waiting(cloud, session.client) == 0


def test_purge_leaves_other_clients_and_what_was_answered_alone(cloud: Cloud) -> None:
    with ClientSession(cloud) as one, ClientSession(cloud) as two:
        (answered,) = submit(one)
        answer(cloud, one.client, answered)
        one.collect()
        (job,) = submit(two)
        answer(cloud, two.client, job)
        assert one.purge().given_up == []
        assert [entry.job for entry in one.unshown()] == [answered]
        assert drain(two) == [job]


def test_purge_empties_what_waits_for_slots_that_no_program_has(cloud: Cloud) -> None:
    with ClientSession(cloud) as one, ClientSession(cloud) as two:
        sent = submit(one, "1", "2")
        (job,) = submit(two)
        answer(cloud, two.client, job)
        idle = two.client
    with ClientSession(cloud) as session:
        assert session.client != idle
        assert set(session.purge(dry=True).given_up) == {*sent, job}
        assert set(session.purge().given_up) == {*sent, job}
    assert waiting(cloud, idle) == 0


def test_a_session_that_finds_no_slot_lets_go_of_the_ledger(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[Ledger] = []
    true_close = Ledger.close

    def close(ledger: Ledger) -> None:
        closed.append(ledger)
        true_close(ledger)

    def refuse(*_: object) -> None:
        raise LabappError("no slot is free")

    monkeypatch.setattr(Ledger, "close", close)
    monkeypatch.setattr(slots, "take", refuse)
    with pytest.raises(LabappError, match="no slot"):
        ClientSession(cloud)
    assert len(closed) == 1


def test_a_session_outlives_a_cloud_that_was_reset(cloud: Cloud, session: ClientSession) -> None:
    submit(session)
    for name in queues.names(cloud):
        cloud.sqs.delete_queue(QueueUrl=Queue(cloud, name).url)
    assert session.collect() == []  # which finds its queue gone, and makes it anew
    for _ in lab.up(cloud):  # as the local cloud does by itself
        pass
    (job,) = submit(session)
    answer(cloud, session.client, job)
    assert job in drain(session)


def test_the_reply_queue_is_made_on_first_use_and_kept(cloud: Cloud) -> None:
    with ClientSession(cloud) as session:
        name = f"responseQueue-{session.client}"
        assert name not in queues.names(cloud)
        submit(session)
        assert name in queues.names(cloud)
    assert name in queues.names(cloud)
    with pytest.raises(LabappError, match="cannot be used"):
        session.ledger.count()  # the file is let go of


def test_jobs_that_could_not_be_sent_are_unsent_and_told(
    cloud: Cloud, session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> str:
        raise UnreachableError("the network is gone")

    monkeypatch.setattr(Queue, "send", fails)
    with pytest.raises(UnreachableError):
        submit(session)
    (entry,) = session.ledger.newest(1)
    assert entry.status == "unsent"
    assert session.ledger.count_pending(session.client) == 0


def test_jobs_that_sqs_did_not_take_of_a_batch_are_counted(
    cloud: Cloud, session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Queue, "send_batch", lambda *_: [1])
    submit(session, "1")  # which is no batch
    with pytest.raises(CloudError, match="1 of 2 jobs were not taken by requestQueue"):
        submit(session, "2", "3")
    entries = open_ledger(cloud).newest()
    assert {each.body: each.status for each in entries} == {
        "1": "pending", "2": "pending", "3": "unsent",
    }  # fmt: skip


def test_an_answer_that_is_a_reply_to_us_is_what_workers_send(
    cloud: Cloud, session: ClientSession
) -> None:
    (job,) = submit(session)
    (message,) = Queue(cloud, "requestQueue").receive()
    request = decode_request(message)
    reply = Reply("sum is 3", request.job, DONE, '{"sum": 3}')
    Queue(cloud, f"responseQueue-{request.client}").send(reply.outgoing(request))
    (entry,) = session.collect()
    assert (entry.job, entry.result) == (job, '{"sum": 3}')


def test_a_reply_queue_that_is_gone_is_there_again_after_one_look(
    cloud: Cloud, session: ClientSession
) -> None:
    session.collect()
    name = f"responseQueue-{session.client}"
    cloud.sqs.delete_queue(QueueUrl=cloud.sqs.get_queue_url(QueueName=name)["QueueUrl"])
    assert session.collect() == []
    assert name in queues.names(cloud)


def test_all_that_waits_for_an_idle_slot_is_taken_in_however_many_batches(cloud: Cloud) -> None:
    with ClientSession(cloud) as left:
        jobs = submit(left, *(str(number) for number in range(25)))
        for job in jobs:
            answer(cloud, left.client, job)
        with ClientSession(cloud) as other:
            other.submit(NUMBERS, ["1"])
    with ClientSession(cloud) as taker:
        taker.collect_all()
        for client in {left.client, other.client}:
            assert waiting(cloud, client) == 0
        settled = [taker.ledger.get(job) for job in jobs]
        assert {entry.status for entry in settled if entry} == {"done"}


def test_a_queues_address_is_asked_for_once_and_anew_when_it_is_gone(
    cloud: Cloud, session: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = cloud.sqs.get_queue_url

    def counting(**wanted: Any) -> Any:
        asked.append(wanted["QueueName"])
        return real(**wanted)

    monkeypatch.setattr(cloud.sqs, "get_queue_url", counting)
    for _ in range(3):
        submit(session)
    assert asked.count("requestQueue") == 1
    cloud.sqs.delete_queue(QueueUrl=Queue(cloud, "requestQueue").url)
    with pytest.raises(MissingResourceError, match="requestQueue"):
        submit(session)  # on AWS nobody makes it but who is asked to
    # On the local cloud it is made by itself.
    monkeypatch.setattr(lab, "require", lambda it, **_: new_queues.make(it, "requestQueue"))
    asked.clear()
    (job,) = submit(session)
    assert asked.count("requestQueue") == 1
    monkeypatch.undo()
    (message,) = Queue(cloud, "requestQueue").receive()
    assert decode_request(message).job == job
