"""A kind of job is its own files and one line: texts are sent, worked on, listed and kept apart."""

from __future__ import annotations

import json
from typing import Any

import pytest

from labapp.jobs import kinds
from labapp.jobs.session import ClientSession
from labapp.jobs.wire import Request
from tests.end_to_end.lab import Lab
from tests.support.texts.text_kind import TEXTS

PROGRAM = "tests/support/texts/program.py"
TEXT = "the quick brown fox\njumps"
SENTENCE = "5 words in 2 lines, the longest is quick"


def rows(lab: Lab, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = lab.json(PROGRAM, *words)
    return found


def test_it_is_provisioned_sent_answered_listed_and_logged(local_lab: Lab) -> None:
    lab = local_lab
    made = {row["name"]: row["state"] for row in rows(lab, "admin.py", "cloud", "up")}
    assert (made["textQueue"], made["textQueue-dlq"]) == ("made", "made")
    assert made["requestQueue"] == "there already"
    worker = lab.spawn(PROGRAM, "server.py", "--plain", "--log-format", "json")
    (ready,) = worker.wait_for("ready")
    assert "on requestQueue, imageInbox, textQueue" in ready["message"]

    text, blank = lab.run(PROGRAM, "send", TEXT, " ").stdout.split()
    assert lab.run(PROGRAM, "client.py", "wait", text).stdout == SENTENCE + "\n"
    lab.run(PROGRAM, "client.py", "wait", blank, code=3)

    listed = {job["job"]: job for job in rows(lab, "client.py", "jobs")}
    job, one_line = listed[text], TEXT.replace("\n", r"\x0a")
    assert (job["kind"], job["request"], job["status"]) == ("texts", one_line, "done")
    assert job["result"] == {"words": 5, "lines": 2, "longest": "quick"}
    assert (listed[blank]["status"], listed[blank]["kind"]) == ("refused", "texts")
    logged = {log["job"]: log for log in rows(lab, "admin.py", "logs")}
    assert (logged[text]["kind"], logged[text]["outcome"]) == ("texts", SENTENCE)
    queues = {row["name"]: row for row in rows(lab, "admin.py", "queues")}
    assert (queues["textQueue"]["visible"], queues["textQueue"]["dead"]) == (0, 0)
    help_ = lab.run(PROGRAM, "admin.py", "completion", "bash").stdout
    assert "textQueue" in help_


def test_each_client_gets_its_own_answer(local_lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "KINDS", {**kinds.KINDS, TEXTS.name: TEXTS})
    local_lab.spawn(PROGRAM, "server.py", "--plain", "--log-format", "json").wait_for("ready")
    cloud = local_lab.cloud
    with ClientSession(cloud) as one, ClientSession(cloud) as two:
        assert one.client != two.client
        (first,) = one.submit(TEXTS, ["a bc"])
        new = two.identity()
        own = {"least": "2"}
        two.send(TEXTS, [Request("a bc", new.job, two.client, own, nonce=new.nonce)])
        answers = [*_answers(one), *_answers(two)]
        assert [(each.job, json.loads(each.result)["words"]) for each in answers] == [
            (first, 2),
            (new.job, 1),
        ]
        assert (one.collect(), two.collect()) == ([], [])


def _answers(session: ClientSession) -> list[Any]:
    for _ in range(30):
        if found := session.collect(wait=2):
            return found
    raise AssertionError("no answer came")


def test_its_poison_is_kept_apart_and_sent_back(local_lab: Lab) -> None:
    lab = local_lab
    worker = lab.spawn(PROGRAM, "server.py", "--plain", "--log-format", "json")
    worker.wait_for("ready")  # which made the queue
    queue = lab.queue("textQueue")
    told = {"labapp": "1", "job": "only-a-job"}.items()
    odd: Any = {name: {"DataType": "String", "StringValue": text} for name, text in told}
    lab.cloud.sqs.send_message(QueueUrl=queue.url, MessageBody="a b", MessageAttributes=odd)
    worker.wait_for("job")

    lab.wait_until_empty("textQueue")
    (letter,) = rows(lab, "admin.py", "queues", "dead")
    assert (letter["queue"], letter["body"]) == ("textQueue", "a b")
    assert "client is missing" in letter["reason"]
    (back,) = rows(lab, "admin.py", "queues", "redrive", "textQueue")
    assert back["id"] == letter["id"]
    lab.run(PROGRAM, "admin.py", "queues", "discard", "textQueue", "--yes")
