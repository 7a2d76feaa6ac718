"""What commands list on a terminal of 80 columns: a row for each thing, and ids that can be copied.

In pipes nothing is ever cut; see the commands' own tests.
"""

from __future__ import annotations

import json
from typing import Any, Protocol

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.jobs import log_listing, logbook, queue_counts
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.picture_kind import PICTURES
from labapp.jobs.proof import new_job_id
from labapp.jobs.session import ClientSession
from labapp.jobs.wire import DONE, Reply, Request, is_job_id
from labapp.programs.queues.table import QUEUES
from tests.programs.conftest import Shown
from tests.support.answers import answer

PIPELINE = '[{"op":"blur","sigma":3},{"op":"grayscale"}]'
REPLY = "minimum is 1 maximum is 55 average is 18 median is 8 sum is 72"


class Rows(Protocol):
    def __call__(self, line: str, *, columns: int = 80) -> list[str]: ...


@pytest.fixture
def rows(shown: Shown) -> Rows:
    """Run a command; give its table's rows, less the headings and the rule below them."""

    def below(line: str, *, columns: int = 80) -> list[str]:
        head, rule, *rows = shown(line, columns=columns)
        assert head.split()
        assert not rule.strip("─- ")
        assert all(len(row) <= columns for row in rows), rows
        return rows

    return below


@pytest.fixture
def sent(cloud: Cloud) -> tuple[str, str]:
    """Have a list and a picture sent and answered; return their jobs."""
    with ClientSession(cloud) as session:
        (numbers,) = session.submit(NUMBERS, ["1,12,55,4"])
        picture = new_job_id()
        note = {"path": "/home/ada/my pictures/photo.jpg", "folder": "/tmp", "label": "grayscale"}
        own = {"pipeline": PIPELINE}
        request = Request(f"inbox/{picture}/photo.jpg", picture, session.client, own)
        session.send(PICTURES, [request], json.dumps(note))
        for job, body in ((numbers, REPLY), (picture, f"outbox/{picture}/photo-grayscale.jpg")):
            answer(cloud, session.client, job, body)
    return numbers, picture


def test_a_job_takes_one_row_and_its_id_stays_whole(sent: tuple[str, str], rows: Rows) -> None:
    numbers, picture = sent
    found = {row.split()[0]: row for row in rows("client.py jobs")}
    assert set(found) == {numbers, picture}
    assert "1,12,55,4" in found[numbers]
    assert "minimum is 1" in found[numbers]
    assert "photo-grayscale" in found[picture]
    assert "inbox/" not in found[picture]
    (row,) = rows("client.py results")
    assert row.split()[:1] == [picture]
    assert "photo.jpg" in row
    narrow = rows("client.py jobs", columns=40)
    assert {row.split()[0] for row in narrow} == {numbers, picture}


def test_queues_have_their_numbers_on_the_right_and_waits_in_words() -> None:
    waits = queue_counts.QueueRow("requestQueue", 1200, 3, 0, 1, 107)
    columns, (cells,) = QUEUES.heads(), QUEUES.cells([waits])
    found: dict[str, Any] = {
        column.title: (column.align, cell) for column, cell in zip(columns, cells, strict=True)
    }
    assert found["waiting"] == ("right", 1200)
    assert found["oldest"] == ("right", "1 min 47 s")
    assert found["dead letters"] == ("right", 1)


def test_a_queues_name_stays_whole(cloud: Cloud, rows: Rows) -> None:
    name = "responseQueue-root-27c9adc4457c"
    cloud.sqs.create_queue(QueueName=name)
    assert name in [row.split()[0] for row in rows("admin.py queues")]


def test_a_dead_letter_takes_one_row_and_its_id_stays_whole(cloud: Cloud, rows: Rows) -> None:
    attributes = {"reason": "the attribute job is missing. It takes [A-Za-z0-9_-]{1,64}."}
    letter = Queue(cloud, "requestQueue-dlq").send(Outgoing("1,12,55,4", attributes))
    (row,) = rows("admin.py queues dead")
    assert row.split()[0] == letter
    assert "the attribute" in row
    assert "requestQueue" in row


def test_foreign_attributes_of_a_dead_letter_are_whole_in_few_rows(
    cloud: Cloud, rows: Rows
) -> None:
    attributes = {"course": "web-queue-worker, winter", "student": "ana.maria@example.edu"}
    Queue(cloud, "requestQueue-dlq").send(Outgoing("1,12,55,4", attributes))
    found = rows("admin.py queues dead", columns=120)
    assert len(found) <= 4
    words = " ".join(found).split()
    assert {"course", "'ana.maria@example.edu'"} <= set(words)


def test_why_a_reply_queue_is_kept_stays_whole(cloud: Cloud, rows: Rows) -> None:
    name = "responseQueue-anna-0123456789ab"
    cloud.sqs.create_queue(QueueName=name)
    (row,) = rows("admin.py queues prune --dry-run")
    assert row.startswith(name)
    assert row.endswith("younger than 30 days")


def test_a_worker_takes_one_row(cloud: Cloud, rows: Rows) -> None:
    report = {"worker": "ip-10-0-0-17-4711-ab12", "pid": 4711, "state": "working"}
    report |= {"counts": {"done": 1234567}}
    Bucket(cloud).put(
        "workers/ip-10-0-0-17-4711-ab12.json", json.dumps(report).encode(), "application/json"
    )
    (row,) = rows("admin.py workers")
    assert row.split()[:3] == ["ip-10-0-0-17-4711-ab12", "working", "1,234,567"]
    assert row.endswith(("just now", "s ago"))


def test_the_dataset_takes_one_row_a_picture_and_its_keys_stay_whole(
    cloud: Cloud, rows: Rows
) -> None:
    key = "0a1b2c3d4e5f6071-lunch-with-friends-in-may.jpg"
    Bucket(cloud).put(f"images/{key}", b"1", "image/jpeg")
    for line in ("admin.py images", "admin.py stats"):
        (row,) = rows(line)
        assert row.split()[0] == key


EXACT_PIPELINE = '[{"op":"blur","sigma":3.0,"exact":true}]'


def log(cloud: Cloud, kind: str, body: str, pipeline: str, outcome: str) -> None:
    request = Request(body, new_job_id(), "ada", {"pipeline": pipeline}, sent_at=1.7e9)
    logbook.store(Bucket(cloud), kind, request, Reply(outcome, request.job, DONE))


def test_a_pictures_log_says_what_was_done_to_which_picture(cloud: Cloud, rows: Rows) -> None:
    log(cloud, "pictures", "inbox/01M8/photo.jpg", PIPELINE, "outbox/01M8/photo-blur.jpg")
    log(cloud, "numbers", "1,12,55,4", "", REPLY)
    found = rows("admin.py logs")
    picture = next(row for row in found if "photo" in row)
    job, picture = picture.split(maxsplit=1)
    assert is_job_id(job), "whole, to be copied"
    assert "photo.jpg  blur-" in picture
    assert "photo-blur.jpg" in picture
    assert "01M8" not in picture
    assert any("1,12,55,4" in row and "minimum is 1" in row for row in found)


@pytest.mark.parametrize(
    ("request_", "told"),
    [
        (f"'inbox/01M8/photo.jpg' '{PIPELINE}'", "photo.jpg  blur-grayscale"),
        (f"'photo.jpg' '{EXACT_PIPELINE}'", "photo.jpg  blur (exact)"),
        ("'photo.jpg'", "photo.jpg"),
        (f"'inbox/01M8/it' s.jpg' '{PIPELINE[:30]}…'", "it' s.jpg  blur"),
        ("''", ""),
        ("", ""),
        ("'{}'", "{}"),
    ],
)
def test_whatever_a_log_says_was_asked_is_shown(request_: str, told: str) -> None:
    assert logbook.Log("", "", "", "pictures", "", request_, "", "").title == told


def test_a_dropped_pictures_log_shows_the_key_and_no_event_of_s3(cloud: Cloud, rows: Rows) -> None:
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810" * 20},
        "s3": {"bucket": {"name": "lab"}, "object": {"key": "drop/blur/my+cat%C3%A9.png"}},
    }
    log(cloud, "pictures", json.dumps({"Records": [record]}), "", "outbox/01M8/my-cat-blur.png")
    (row,) = rows("admin.py logs")
    assert "drop/blur/my" in row
    (found,) = log_listing.newest(Bucket(cloud), 1)
    assert found.title == "drop/blur/my caté.png"
