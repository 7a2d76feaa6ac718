from __future__ import annotations

import json
from pathlib import Path

import pytest

from labapp.cloud import queues
from labapp.cloud.bucket import TEXT, Bucket
from labapp.cloud.embedded import damage
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud, local_home
from labapp.jobs import logbook
from labapp.jobs.proof import new_job_id
from labapp.jobs.wire import DONE, Reply, Request
from labapp.programs import find
from tests.jobs.short_polls import short_sighted
from tests.programs.conftest import Shown

Capture = pytest.CaptureFixture[str]


def admin(*words: str) -> int:
    return find("admin.py").main(words)


def documents(capsys: Capture, *words: str) -> list[dict[str, object]]:
    assert admin(*words, "--json") == 0
    found: list[dict[str, object]] = json.loads(capsys.readouterr().out)
    return found


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


def test_dead_letters_and_answers_of_a_client_can_be_purged_too(
    cloud: Cloud, capsys: Capture
) -> None:
    cloud.sqs.create_queue(QueueName="responseQueue-ada-1")
    for name in ("requestQueue-dlq", "responseQueue-ada-1"):
        assert admin("queues", "purge", name, "--yes") == 0
    assert admin("queues", "purge", "nope", "--yes") == 1
    assert "and 1 of clients" in capsys.readouterr().err


def test_logs_are_shown_newest_first(cloud: Cloud, capsys: Capture) -> None:
    jobs = []
    for number in range(3):
        request = Request(f"{number}\x1b", new_job_id(), "ada", sent_at=1.7e9)
        reply = Reply(f"sum is {number}", request.job, DONE)
        Bucket(cloud).put_text(
            f"logs/log_2026-11-21-12082{number}_{request.job}.txt",
            logbook.text_of("numbers", request, reply),
        )
        jobs.append(request.job)
    assert [log["job"] for log in documents(capsys, "logs")] == jobs[::-1]
    assert [log["job"] for log in documents(capsys, "logs", "-n", "1")] == jobs[2:]
    capsys.readouterr()
    assert admin("logs", "--limit", "3") == 0
    assert capsys.readouterr().err == ""
    assert admin("logs", "-n", "1") == 0
    out, err = capsys.readouterr()
    assert "the newest 1 log; there are more: -n N shows N" in err
    cells = out.rstrip("\n").split("\t")
    assert cells[1:] == ["numbers", "ada", "done", r"'2\x1b'", "sum is 2"]


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize(
    ("words", "told"), [("logs", "client.py numbers 1,12,55,4"), ("workers", "python server.py")]
)
def test_nothing_to_show_says_how_to_have_something(capsys: Capture, words: str, told: str) -> None:
    assert admin(words) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert told in err
    assert documents(capsys, words) == []


def test_workers_are_shown_and_what_is_no_report_of_ours_is_left_out(
    cloud: Cloud, capsys: Capture
) -> None:
    report = {"worker": "host-1-ab", "pid": 1, "state": "working", "counts": {"done": 1234567}}
    put = Bucket(cloud).put
    put("workers/host-1-ab.json", json.dumps(report).encode(), "application/json")
    for number, body in enumerate(
        [b"", b"\xff", b"[]", b'{"pid": "x"}', b'{"counts": 3}', b'{"in_hand": Infinity}']
    ):
        put(f"workers/odd-{number}.json", body, TEXT)
    (row,) = documents(capsys, "workers")
    assert (row["worker"], row["state"], row["done"]) == ("host-1-ab", "working", 1234567)
    assert admin("workers") == 0
    assert "\tworking\t1\t1234567\t" in capsys.readouterr().out, "no digit is lost in a pipe"


def test_cloud_up_makes_what_is_missing_and_then_nothing(
    bare_cloud: Cloud, capsys: Capture
) -> None:
    assert admin("queues") == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "admin.py cloud up" in err
    assert queues.names(bare_cloud) == [], "nothing is made by accident"
    assert admin("cloud", "up") == 0
    first = capsys.readouterr().out.splitlines()
    assert f"bucket {bare_cloud.bucket_name}: made" in first
    assert "queue requestQueue: made" in first
    assert "dead-letter queue requestQueue-dlq: made" in first
    assert admin("cloud", "up") == 0
    assert not any(line.endswith(": made") for line in capsys.readouterr().out.splitlines())


def test_cloud_status_tells_what_is_missing(bare_cloud: Cloud, capsys: Capture) -> None:
    for words in (["cloud"], ["cloud", "status"]):
        assert admin(*words, "--json") == 0
        status = json.loads(capsys.readouterr().out)
        assert (status["cloud"], status["region"]) == ("aws", "us-east-1")
        assert status["bucket"] == bare_cloud.bucket_name
        assert "requestQueue" in status["missing"]


def test_a_stopped_cloud_has_every_field_too(capsys: Capture) -> None:
    assert admin("cloud", "status", "--json") == 0
    status = json.loads(capsys.readouterr().out)
    known = {name: value for name, value in status.items() if value is not None}
    assert set(known) == {"cloud", "state", "folder", "workers", "shared"}
    unknown = {"region", "endpoint", "bucket", "missing", "pid", "trouble"}
    assert set(status) - set(known) == unknown
    assert (status["state"], status["workers"], status["shared"]) == ("stopped", 0, False)


def test_cloud_status_tells_what_could_not_be_read(capsys: Capture) -> None:
    damage.note(local_home(), [Path("a")])
    (local_home() / "state" / "journal.damaged-1").touch()
    assert admin("cloud", "status", "--json") == 0
    trouble = json.loads(capsys.readouterr().out)["trouble"]
    assert "some changes of the queues could not be read" in trouble
    assert "; an object could not be read and is left out: a" in trouble
    assert admin("cloud", "status") == 0
    assert trouble in capsys.readouterr().out


def test_cloud_status_is_told_in_words(cloud: Cloud, shown: Shown, capsys: Capture) -> None:
    assert admin("cloud", "status") == 0
    piped = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert ["missing", "nothing"] in piped
    lines = shown("admin.py cloud status")
    assert [line.split() for line in lines] == piped
    assert ["bucket", cloud.bucket_name] in piped


@pytest.mark.usefixtures("bare_cloud")
@pytest.mark.parametrize("words", [["start"], ["stop"], ["reset", "--yes"]])
def test_what_is_for_the_local_cloud_only_leaves_aws_alone(
    capsys: Capture, words: list[str]
) -> None:
    assert admin("cloud", *words) == 2
    assert "--cloud local" in capsys.readouterr().err


def test_reset_needs_yes_where_nobody_can_be_asked(capsys: Capture) -> None:
    assert admin("cloud", "reset") == 2
    assert "--yes" in capsys.readouterr().err


def test_stopping_a_local_cloud_that_does_not_run_says_so(capsys: Capture) -> None:
    assert admin("cloud", "stop") == 0
    assert capsys.readouterr().out == "the local cloud was not running\n"
