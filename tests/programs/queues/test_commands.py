"""The commands for queues and dead letters."""

from __future__ import annotations

import pytest

from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from tests.jobs.short_polls import short_sighted
from tests.support.commands import admin, documents

Capture = pytest.CaptureFixture[str]


def test_queues_are_shown_with_what_waits_and_what_is_dead(cloud: Cloud, capsys: Capture) -> None:
    Queue(cloud, "requestQueue").send_batch([Outgoing("1"), Outgoing("2"), Outgoing("3")])
    Queue(cloud, "requestQueue").receive(1)
    Queue(cloud, "requestQueue-dlq").send(Outgoing("x"))
    cloud.sqs.create_queue(QueueName="responseQueue-ada-1")
    cloud.sqs.create_queue(QueueName="somebody-elses")
    rows = documents(capsys, "queues")
    assert [row["name"] for row in rows] == [
        "requestQueue",
        "responseQueue",
        "imageInbox",
        "imageOutbox",
        "responseQueue-ada-1",
    ]
    assert rows[0] == {
        "name": "requestQueue",
        "visible": 2,
        "in_flight": 1,
        "delayed": 0,
        "dead": 1,
        "oldest": None,
    }
    assert rows[4]["dead"] is None
    assert admin("queues") == 0
    assert capsys.readouterr().out.splitlines()[0] == "requestQueue\t2\t1\t0\t1\t"


def test_purging_a_queue_needs_yes_where_nobody_can_be_asked(cloud: Cloud, capsys: Capture) -> None:
    queue = Queue(cloud, "requestQueue")
    queue.send(Outgoing("1"))
    assert admin("queues", "purge", "requestQueue") == 2
    assert "--yes" in capsys.readouterr().err
    assert queue.counts().visible == 1
    assert admin("queues", "purge", "requestQueue", "--yes") == 0
    assert capsys.readouterr().out == "purged requestQueue\n"
    assert queue.counts().visible == 0


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(
    "words",
    [
        *(["purge", "imageinbox", "--yes"], ["purge", "imageinbox", "--dry-run"]),
        *(["dead", "imageinbox"], ["redrive", "imageinbox"], ["discard", "imageinbox", "--yes"]),
    ],
)
def test_a_queue_that_is_not_the_labs_is_told_with_those_that_are(
    capsys: Capture, words: list[str]
) -> None:
    assert admin("queues", *words) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "'imageinbox' is not a queue of this lab. Did you mean imageInbox?" in err
    assert "There is requestQueue, responseQueue, imageInbox, imageOutbox;" in err
    assert "cloud up" not in err


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("words", [["redrive"], ["discard", "--yes"], ["discard", "--dry-run"]])
def test_a_queue_without_dead_letters_is_told_as_that(capsys: Capture, words: list[str]) -> None:
    command, *flags = words
    assert admin("queues", command, "imageInbox", *flags) == 1
    assert "imageInbox has no dead letters" in capsys.readouterr().err
    assert admin("queues", command, "imageInbox", "--id", "x", *flags) == 1
    assert "imageInbox has no such dead letter." in capsys.readouterr().err


def test_dead_letters_that_are_cut_are_told_as_that(
    cloud: Cloud, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Queue, "receive", short_sighted(Queue.receive))
    dead = Queue(cloud, "requestQueue-dlq")
    for number in range(3):
        dead.send(Outgoing(f"{number}"))
    for words in (("queues", "dead"), ("queues", "dead", "requestQueue")):
        assert len(documents(capsys, *words, "-n", "4")) == 3
        assert len(documents(capsys, *words, "--limit", "2")) == 2
        assert admin(*words, "-n", "2") == 0
        assert "only 2 dead letters of a queue are shown" in capsys.readouterr().err


def test_where_there_are_no_dead_letters_it_is_said_of_which_queues(
    cloud: Cloud, capsys: Capture
) -> None:
    cloud.sqs.create_queue(QueueName="theirs-dlq")
    for words, told in (((), "in the lab's queues:"), (("theirs",), "of theirs.")):
        assert admin("queues", "dead", *words) == 0
        assert f"No dead letters {told}" in capsys.readouterr().err


def test_dead_letters_and_answers_of_a_client_can_be_purged_too(
    cloud: Cloud, capsys: Capture
) -> None:
    cloud.sqs.create_queue(QueueName="responseQueue-ada-1")
    for name in ("requestQueue-dlq", "responseQueue-ada-1"):
        assert admin("queues", "purge", name, "--yes") == 0
    assert admin("queues", "purge", "nope", "--yes") == 1
    assert "and 1 of clients" in capsys.readouterr().err
