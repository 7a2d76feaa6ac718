"""Labs' own clients are served by a dialect: asked, done, stored and answered as its file says."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from labapp.cloud.queues import Outgoing, Queue
from labapp.cloud.session import Cloud
from labapp.jobs import dead_letters
from labapp.jobs.wire import Request
from labapp.message_attribute import Attribute
from labapp.pictures.sandbox import Sandbox
from labapp.settings import Settings
from labapp.worker.dialect_handler import DialectHandler
from tests.pictures.samples import PNG
from tests.support import dialect_files
from tests.worker.dialect_kit import Lab, lab_with

Opened = Callable[..., Lab]


@pytest.fixture
def opened(bare_cloud: Cloud, tmp_path: Path) -> Opened:
    """Give what opens a lab with a dialect."""
    del bare_cloud
    return lambda text, **settings: lab_with(tmp_path, text, **settings)


def test_a_picture_is_asked_for_by_attributes_and_its_result_is_told_in_one(
    opened: Opened,
) -> None:
    lab = opened(dialect_files.OF_ATTRIBUTES)
    bucket = "mybucket975846589"
    lab.put("chats/minou.png", PNG, bucket)
    asked = lab.ask("inbox", "flouter", Key="chats/minou.png", Sigma="2", client="Groupe 12")
    body, attributes = lab.answer("outbox")
    assert (body, attributes) == (f"Réponse à {asked}", {"Key": "minou_blurred.png"})
    made = lab.read("minou_blurred.png", bucket)
    assert Image.open(io.BytesIO(made)).format == "PNG"
    (log,) = lab.logs()
    assert (log.kind, log.dialect, log.status) == ("pictures", "lab, request 1", "done")
    told = "Key String 'chats/minou.png', Sigma String '2', client String 'Groupe 12'"
    assert log.attributes == told

    lab.ask("inbox", "again", Key="chats/minou.png", Sigma="2")
    assert lab.answer("outbox")[1] == attributes
    assert lab.read("minou_blurred.png", bucket) == made


def test_the_workers_line_names_the_block_and_the_attributes(
    opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "labapp")
    lab = opened(dialect_files.OF_ONE_QUEUE)
    asked = lab.ask("request_queue", "1,12,55,4", RequestType="Average")
    lab.worker.work()
    (event,) = (one for one in caplog.records if getattr(one, "event", "") == "job")
    assert (event.dialect, event.attributes) == ("lab, request 1", "RequestType String 'Average'")  # type: ignore[attr-defined]
    start = f"numbers {asked} done from plain by lab, request 1 (RequestType String 'Average') in "
    assert event.getMessage().startswith(start)


def test_numbers_and_pictures_are_told_apart_on_one_queue(opened: Opened) -> None:
    lab = opened(dialect_files.OF_ONE_QUEUE)
    lab.put("cat.png", PNG, "julgio-cli-bucket")
    lab.ask("request_queue", "1,12,55,4", RequestType="Average")
    assert lab.answer("response_queue") == ("8,18,1,55", {"ResponseType": "Average"})
    (log,) = lab.logs()
    assert log.answered == "response_queue '8,18,1,55' (ResponseType String 'Average')"
    lab.ask("request_queue", "cat.png,2", RequestType="ImageEffect")
    assert lab.answer("response_queue") == ("effect-cat.png", {"ResponseType": "ImageEffect"})
    assert lab.read("effect-cat.png", "julgio-cli-bucket")
    assert {log.kind for log in lab.logs()} == {"numbers", "pictures"}


def test_what_fits_no_block_is_put_aside_where_the_dialect_alone_has_the_queue(
    opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    lab = opened(dialect_files.OF_ONE_QUEUE)
    lab.ask("request_queue", "1,2", RequestType="Other")
    lab.cloud.sqs.create_queue(QueueName="responseQueue-ada")
    lab.ask("request_queue", "1,2", RequestType="Average", client="ada", job="a")
    assert lab.answer("response_queue")[0] == "1.5,1.5,1,2", "no client of ours asks here"
    ours = Request("1,2", "job-1", "ada").outgoing()
    Queue(lab.cloud, "request_queue").send(ours)
    assert lab.answers("response_queue") == []
    reasons = sorted(one.reason for one in dead_letters.look(Queue(lab.cloud, "request_queue-dlq")))
    assert "has no jobs of labapp's" in reasons[1]
    assert "fits no block of the dialect lab for request_queue: request 1, request 2" in reasons[0]
    told = [one for one in caplog.messages if "put aside" in one]
    assert len(told) == 2, "a line for each"
    assert any(
        line.endswith("the block's 'when'; its message: '1,2' (RequestType String 'Other')")
        for line in told
    )


def test_on_a_kinds_own_queue_all_else_goes_the_ordinary_way(opened: Opened) -> None:
    lab = opened('[[request]]\nwhen = {"attr.mode" = "sum"}\nnumbers = "{body}"\nbody = "{sum}"\n')
    for name in ("responseQueue-ada", "responseQueue-old"):
        lab.cloud.sqs.create_queue(QueueName=name)
    lab.ask("requestQueue", "1,2", mode="sum")
    lab.ask("requestQueue", "1,3")
    Queue(lab.cloud, "requestQueue").send(
        Outgoing("1,4", {**Request("", "job-1", "ada").outgoing().attributes, "mode": "sum"})
    )
    lab.ask("requestQueue", "1,5", job="job-2", client="old", mode="sum")
    lab.ask("requestQueue", "1,6", job="job-3", client="theirs", mode="sum")
    bodies = {body.partition(" maximum")[0] for body, _ in lab.answers("responseQueue")}
    assert bodies == {"3", "minimum is 1", "7"}
    for client, job in (("ada", "job-1"), ("old", "job-2")):
        ((_, attributes),) = lab.answers(f"responseQueue-{client}")
        assert attributes["job"].value == job
    assert len(lab.logs()) == 5
    assert [log.dialect for log in lab.logs()].count("lab, request 1") == 2


REFUSING = """
[[request]]
name = "flou"
queue = "asks"
answer = "tells"
picture = "{attr.Key}"
steps = "{attr.Effect}"
result = "{folder}/new/{name}"
error = "KO {error}"
echo = ["Key"]
"""


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({}, "KO picture: the attribute Key is missing (dialect lab, flou)"),
        ({"Key": "labels/a.png"}, "picture: the key 'labels/a.png' is one of labapp's own"),
        ({"Key": "a/../b"}, "picture: the key 'a/../b' cannot be used"),
        (
            {"Key": "inbox/ada-1/01ARZ3NDEKTSV4RRFFQ69G5FAV/a.png"},
            "is below the folder of another client",
        ),
        ({"Key": "cat.png", "Effect": "melt"}, "steps: there is no operation 'melt'"),
        ({"Key": "cat.png", "Effect": "grayscale"}, "picture: there is no picture 'cat.png'"),
    ],
)
def test_a_refusal_says_what_lacked_and_is_told_as_the_block_says(
    opened: Opened, asked: dict[str, str], told: str
) -> None:
    lab = opened(REFUSING)
    lab.ask("asks", **{"Effect": "grayscale", **asked})
    body, attributes = lab.answer("tells")
    assert body.startswith("KO ")
    assert told in body
    assert attributes == {name: text for name, text in asked.items() if name == "Key"}
    (log,) = lab.logs()
    assert (log.status, log.dialect) == ("refused", "lab, flou")
    assert told.removeprefix("KO ") in log.outcome
    assert log.answered.startswith("tells 'KO ")


LACKING = """
[[request]]
queue = "asks"
answer = "tells"
when = {{ "attr.Key" = true }}
picture = "{{attr.Key}}"
{line}
attributes = {{ Kind = "{{attr.Kind}}" }}
[[request]]
queue = "asks"
answer = "tells"
numbers = "{{body}}"
result = "{{message_id}}.txt"
attributes = {{ Kind = "{{attr.Kind}}" }}
"""


@pytest.mark.parametrize("line", ["", 'result = "{stem}-out{ext}"', 'format = "png"'])
def test_nothing_is_done_or_stored_for_what_cannot_be_answered(
    opened: Opened, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    lab = opened(LACKING.format(line=line))
    monkeypatch.setattr(Sandbox, "run", None)
    lab.put("cat.jpg", PNG)
    lab.ask("asks", "x", Key="cat.jpg")
    lab.ask("asks", "1,2")
    for body, _ in lab.answers("tells"):
        assert body.startswith("attributes.Kind: the attribute Kind is missing (dialect lab, ")
    assert [log.status for log in lab.logs()] == ["refused"] * 2
    stored = lab.cloud.s3.list_objects_v2(Bucket=lab.cloud.bucket_name)["Contents"]
    assert {one["Key"].partition("/")[0] for one in stored} == {"logs", "cat.jpg"}


def test_what_a_format_chooses_is_not_refused_for_a_name_that_says_another(opened: Opened) -> None:
    lab = opened("""
[[request]]
queue = "asks"
answer = "tells"
picture = "{body}"
body = { by = "{ext}", ".png" = "a PNG" }
""")
    lab.put("cat.jpg", PNG)
    lab.put("cat", PNG)
    for key in ("cat.jpg", "cat"):
        lab.ask("asks", key)
        assert lab.answer("tells")[0] == "a PNG"


FIFO = """
[[request]]
queue = "asks.fifo"
answer = "tells.fifo"
numbers = "{body}"
[[request.reply]]
body = "min {min}"
[[request.reply]]
body = "max {max}"
answer = "others"
"""


def test_answers_of_a_fifo_queue_are_in_the_group_of_their_request(opened: Opened) -> None:
    lab = opened(FIFO)
    for body in ("1,2", "3,4"):
        lab.ask("asks.fifo", body, group="g-1")
    lab.worker.work()
    found = [(one.body, one.group) for one in Queue(lab.cloud, "tells.fifo").receive()]
    assert found == [("min 1", "g-1"), ("min 3", "g-1")]
    assert {body for body, _ in lab.answers("others")} == {"max 2", "max 4"}


STORED = """
[[request]]
queue = "asks"
answer = "tells"
bucket = "theirs"
result_bucket = "answers"
numbers = { object = "{attr.Key}" }
result = "done/{stem}.json"
content = '{"sum": {sum}}'
body = "{result}"
"""


def test_integers_and_the_answer_are_objects_of_other_buckets(opened: Opened) -> None:
    lab = opened(STORED)
    lab.put("lists/a.txt", b"1 12\n55, 4\n", "theirs")
    lab.put("labels/long.txt", b"1," * 60_000, "theirs")
    lab.ask("asks", Key="lists/a.txt")
    assert lab.answer("tells") == ("done/a.json", {})
    assert lab.read("done/a.json", "answers") == b'{"sum": 72}'
    for key, told in (("none.txt", "no object 'none.txt'"), ("labels/long.txt", "at most 100,000")):
        lab.ask("asks", Key=key)
        body, _ = lab.answer("tells")
        assert told in body
    lab.put("many.txt", b"1 " * 11, "theirs")
    lab.ask("asks", Key="many.txt")
    assert lab.answer("tells")[0] == "at most 10 integers are taken, and the list has 11"


def test_no_object_is_written_over_by_another_name_of_its_bucket(opened: Opened) -> None:
    said = STORED.replace('bucket = "theirs"\nresult_bucket = "answers"', 'result_bucket = "lab-1"')
    lab = opened(said.replace("done/{stem}.json", "{attr.To}"), bucket="lab-1")
    lab.put("a.txt", b"1,2")
    lab.ask("asks", Key="a.txt", To="a.txt")
    assert "that is the object that was asked for" in lab.answer("tells")[0]
    assert lab.read("a.txt") == b"1,2"


def test_queues_of_pictures_share_what_processes_them(opened: Opened) -> None:
    lab = opened(dialect_files.OF_ONE_QUEUE + STORED, picture_processes=2, concurrency=32)
    found: dict[str, Any] = {one.queue.name: one.handler for one in lab.worker._processors}
    assert {name: one.quick for name, one in found.items()} == {
        "requestQueue": True, "imageInbox": False, "request_queue": False, "asks": False,
    }  # fmt: skip
    hands = {name: one.hands for name, one in found.items()}
    assert hands == {"requestQueue": 32, "imageInbox": 5, "request_queue": 5, "asks": 32}
    own = found["imageInbox"]._ordinary.pictures
    assert all(one._work._pictures is own for one in found.values())


def test_without_a_dialect_nothing_of_it_is_there(bare_cloud: Cloud) -> None:
    from labapp.cloud.bucket import Bucket
    from labapp.worker.handlers import all_handlers

    handlers = all_handlers(Settings(), Bucket(bare_cloud))
    assert not any(isinstance(one, DialectHandler) for one in handlers)


def test_what_s3_tells_of_a_drop_is_no_labs_request(opened: Opened) -> None:
    lab = opened('[[request]]\npicture = "{body}"\n')
    event = '{"Service": "Amazon S3", "Event": "s3:TestEvent"}'
    lab.ask("imageInbox", event)
    assert lab.answers("imageOutbox") == []


def test_an_attribute_comes_back_with_its_type(opened: Opened) -> None:
    lab = opened('[[request]]\nqueue = "asks"\nanswer = "tells"\nnumbers = "{body}"\necho = "*"\n')
    blob = Attribute("Binary", b"\x00\xff")
    Queue(lab.cloud, "asks").send(Outgoing("1,2", typed={"n": Attribute("Number", "7"), "b": blob}))
    ((_, attributes),) = lab.answers("tells")
    assert attributes == {"n": Attribute("Number", "7"), "b": blob}
