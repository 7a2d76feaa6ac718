"""Reply queues of clients that are gone are told from those that may still be waited at."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from labapp.cloud import queues
from labapp.cloud.new_queues import make as make_queue
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.errors import CloudError, ForbiddenError, MissingResourceError
from labapp.jobs import reply_queues
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import ClientSession
from labapp.settings import Settings
from tests.support.aws_answers import answering, refuse

ADA, BOB = "responseQueue-ada-0123456789ab", "responseQueue-bob-0123456789ab"


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait for an empty look: moto overlooks nothing."""
    monkeypatch.setattr(Queue, "sure", 0)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let so many days pass for who looks at the queues."""

    def pass_days(days: float) -> None:
        moment = time.time() + days * reply_queues.DAY
        monkeypatch.setattr(reply_queues, "utc", SimpleNamespace(seconds=lambda: moment))

    return pass_days


Later = Callable[[float], None]


@pytest.fixture
def cloud(bare_cloud: Cloud) -> Cloud:
    """Give an account with the queues that a lab's clients need, and nothing in them."""
    for name in ("requestQueue", "requestQueue-dlq", "responseQueue", "responseQueue-dlq",
                 "imageInbox"):  # fmt: skip
        make_queue(bare_cloud, name)
    return bare_cloud


def kept(cloud: Cloud, *names: str, days: float = 30) -> dict[str, str]:
    """Return why each reply queue stays, by its name."""
    return {one.name: one.kept for one in reply_queues.look(cloud, names, days)}


def pruned(cloud: Cloud, *names: str) -> list[str]:
    found = reply_queues.look(cloud, names)
    return sorted(one.name for one in reply_queues.prune(cloud, found, named=False) if one.is_gone)


def test_one_that_is_empty_and_old_is_of_a_client_that_is_gone(cloud: Cloud, later: Later) -> None:
    make_queue(cloud, ADA)
    assert kept(cloud) == {ADA: "younger than 30 days"}
    later(29.9)
    assert kept(cloud) == {ADA: "younger than 30 days"}
    later(30.1)
    assert kept(cloud, days=45.5) == {ADA: "younger than 45.5 days"}
    (one,) = reply_queues.look(cloud)
    assert (one.client, one.held, one.is_gone) == ("ada-0123456789ab", 0, True)
    assert abs(one.touched - (time.time())) < 5
    before = queues.names(cloud)
    assert pruned(cloud) == [ADA]
    assert set(before) - set(queues.names(cloud)) == {ADA}
    assert pruned(cloud) == []


@pytest.mark.parametrize("hidden", [0, 60])
def test_one_with_an_answer_in_it_stays_seen_or_not(
    cloud: Cloud, later: Later, hidden: int
) -> None:
    make_queue(cloud, ADA)
    Queue(cloud, ADA).send(Outgoing("sum is 2"))
    Queue(cloud, ADA).receive(visibility=hidden)
    later(99)
    assert kept(cloud) == kept(cloud, ADA) == {ADA: "messages in it: 1"}


def test_the_labs_own_queues_and_those_of_another_lab_are_never_meant(
    cloud: Cloud, later: Later
) -> None:
    for name in ("responseQueue-lab2", "responseQueue-lab2-dlq", "responseQueue-lab2-eve-1",
                 "responseQueue-NotAClient", "requestQueue-ada", "responseQueueX-ada"):  # fmt: skip
        make_queue(cloud, name)
    make_queue(cloud, ADA)
    later(99)
    assert kept(cloud) == {ADA: ""}
    for name in ("responseQueue", "responseQueue-dlq", "requestQueue", "responseQueue-lab2",
                 "responseQueue-lab2-eve-1", "imageOutbox", "nowhere\x1b"):  # fmt: skip
        with pytest.raises(MissingResourceError, match="is no client's reply queue of this lab"):
            reply_queues.look(cloud, [name])


def test_a_lab_queue_whose_setting_begins_alike_stays(cloud: Cloud, later: Later) -> None:
    odd = Cloud(Settings(cloud="aws", region="us-east-1", image_outbox="responseQueue-pictures"))
    make_queue(odd, "responseQueue-pictures")
    later(99)
    assert kept(odd) == {}
    assert kept(cloud) == {"responseQueue-pictures": ""}


def test_while_a_job_is_under_way_its_client_may_wait(cloud: Cloud, later: Later) -> None:
    make_queue(cloud, ADA)
    Queue(cloud, "requestQueue").send(Outgoing("1,2"))
    Queue(cloud, "imageInbox").send(Outgoing("inbox/a.png"))
    Queue(cloud, "requestQueue").receive()
    later(99)
    assert kept(cloud) == {ADA: "jobs under way: 2, whose nobody can tell"}
    assert kept(cloud, ADA) == {ADA: ""}, "whoever names it knows better"


def test_this_machines_clients_stay_and_a_free_one_that_is_named_goes(
    cloud: Cloud, later: Later
) -> None:
    with ClientSession(cloud) as session:
        session.collect()
        name = f"responseQueue-{session.client}"
        later(99)
        assert kept(cloud) == kept(cloud, name) == {name: "of this machine"}
    assert kept(cloud) == {name: "of this machine"}
    assert kept(cloud, name) == {name: ""}, "no program has it, and nothing is waited for"


def test_one_that_waits_for_answers_stays_even_if_it_is_named(cloud: Cloud) -> None:
    with ClientSession(cloud) as session:
        session.submit(NUMBERS, ["1,2"])
        name = f"responseQueue-{session.client}"
    assert kept(cloud, name) == {name: "of this machine"}


def test_one_that_no_client_made_stays(cloud: Cloud, later: Later) -> None:
    make_queue(cloud, ADA, dead_letters="requestQueue-dlq")
    later(99)
    assert kept(cloud) == {ADA: "has a redrive policy: no client made it"}


def test_one_whose_age_nobody_tells_stays(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    make_queue(cloud, ADA)
    read = Queue.attributes

    def ageless(self: Queue, doing: str, *names: Any) -> Any:
        found = dict(read(self, doing, *names))
        return {name: text for name, text in found.items() if "Timestamp" not in name}

    monkeypatch.setattr(Queue, "attributes", ageless)
    assert kept(cloud, days=0) == {ADA: "of unknown age"}


def test_an_answer_that_comes_between_look_and_end_is_kept(cloud: Cloud, later: Later) -> None:
    for name in (ADA, BOB):
        make_queue(cloud, name)
    later(99)
    found = reply_queues.look(cloud)
    Queue(cloud, ADA).send(Outgoing("sum is 2"))
    done = {one.name: one.kept for one in reply_queues.prune(cloud, found, named=False)}
    assert done == {ADA: "messages in it: 1", BOB: ""}
    assert BOB not in queues.names(cloud)
    assert [message.body for message in Queue(cloud, ADA).receive()] == ["sum is 2"]


def test_a_job_that_comes_between_look_and_end_keeps_them_unless_they_are_named(
    cloud: Cloud, later: Later
) -> None:
    make_queue(cloud, ADA)
    later(99)
    found = reply_queues.look(cloud)
    Queue(cloud, "requestQueue").send(Outgoing("1,2"))
    (one,) = reply_queues.prune(cloud, found, named=False)
    assert one.kept == "jobs under way: 1, whose nobody can tell"
    (one,) = reply_queues.prune(cloud, found, named=True)
    assert one.is_gone
    assert ADA not in queues.names(cloud)


def test_no_answer_is_read(cloud: Cloud, later: Later, monkeypatch: pytest.MonkeyPatch) -> None:
    make_queue(cloud, ADA)
    later(99)
    refuse(cloud.sqs, monkeypatch, lambda operation: operation == "ReceiveMessage")
    assert pruned(cloud) == [ADA]


def test_what_may_not_be_deleted_is_told_when_all_others_are_gone(
    cloud: Cloud, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (ADA, BOB):
        make_queue(cloud, name)
    later(99)
    found, told = reply_queues.look(cloud), []
    delete = Queue.delete_queue

    def refusing(self: Queue) -> None:
        if self.name == ADA:
            raise ForbiddenError("no")
        delete(self)

    monkeypatch.setattr(Queue, "delete_queue", refusing)
    with pytest.raises(CloudError, match="no"):
        told += [(one.name, one.kept) for one in reply_queues.prune(cloud, found, named=False)]
    for one in reply_queues.look(cloud):
        assert one.name == ADA


def test_a_refusal_names_what_was_to_be_done(
    cloud: Cloud, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_queue(cloud, ADA)
    later(99)
    answering(cloud, monkeypatch, "DeleteQueue", "AccessDenied")
    with pytest.raises(ForbiddenError, match=f"cannot delete the queue {ADA}"):
        list(reply_queues.prune(cloud, reply_queues.look(cloud), named=False))


def test_one_that_somebody_else_deleted_counts_as_deleted(cloud: Cloud, later: Later) -> None:
    make_queue(cloud, ADA)
    later(99)
    found = reply_queues.look(cloud)
    Queue(cloud, ADA).delete_queue()
    assert [one.is_gone for one in reply_queues.prune(cloud, found, named=False)] == [True]


def test_a_client_whose_queue_goes_while_it_waits_makes_it_anew_and_is_told_once(
    cloud: Cloud,
) -> None:
    with ClientSession(cloud) as session:
        session.submit(NUMBERS, ["1,2"])
        replies = Queue(cloud, f"responseQueue-{session.client}")
        assert not session.new_loss()
        cloud.made_queues.clear()  # a minute later: SQS knows all its queues
        replies.delete_queue()
        assert session.collect() == []
        assert Queue(cloud, replies.name).exists()
        assert session.new_loss()
        assert not session.new_loss()
        session.purge()
        cloud.made_queues.clear()
        replies.delete_queue()
        session.collect()
        assert not session.new_loss(), "nothing is waited for"


def test_a_client_that_sends_side_by_side_at_first_has_lost_nothing(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile, look = ["3,4"], Queue.exists

    def look_and_be_overtaken(queue: Queue) -> bool:
        found = look(queue)
        if meanwhile:
            session.submit(NUMBERS, [meanwhile.pop()])
        return found

    with ClientSession(cloud) as session:
        monkeypatch.setattr(Queue, "exists", look_and_be_overtaken)
        session.submit(NUMBERS, ["1,2"])
        assert not session.new_loss()
