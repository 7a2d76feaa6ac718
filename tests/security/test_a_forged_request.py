"""A stranger who may send requests asks under the id of another's job, which keys and logs show.

Before the owner's request, after it, while it is worked on, and again: the owner's log, result and
answer are the owner's, byte for byte; the stranger is refused, and that is logged elsewhere.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.session import Cloud
from labapp.jobs import events, picture_client
from labapp.jobs.number_kind import NUMBERS
from labapp.jobs.session import ClientSession
from labapp.worker.picture_work import PictureWork
from labapp.worker.retrying_bucket import RetryingBucket
from tests.pictures.samples import PNG
from tests.security.wire_kit import (
    INVERT,
    NUMBER_QUEUE,
    PICTURE_QUEUE,
    Worker,
    make_queue,
    objects,
    put,
    send,
    take,
)
from tests.support.commands import client

pytestmark = pytest.mark.usefixtures("short_polls")

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def stranger(cloud: Cloud) -> str:
    return make_queue(cloud, "mallory")


def asked(cloud: Cloud) -> tuple[str, str]:
    """Have a list sent; return its job and client."""
    with ClientSession(cloud) as session:
        return session.submit(NUMBERS, ["1,2"])[0], session.client


def of(job: str, found: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in found.items() if job in key}


@pytest.mark.parametrize("name", ["mallory", "OWNER"])
@pytest.mark.parametrize("nonce", ["", "A" * 32])
@pytest.mark.usefixtures("stranger")
def test_a_log_is_its_jobs_whoever_asks_under_its_id_later(
    cloud: Cloud, name: str, nonce: str
) -> None:
    job, owner = asked(cloud)
    worker = Worker(cloud)
    worker.work()
    before = objects(cloud, "logs/")
    assert len(of(job, before)) == 1
    proof = {"nonce": nonce} if nonce else {}
    name = name.replace("OWNER", owner)
    for body in ("3,4", "none", "1,2,3"):
        send(cloud, NUMBER_QUEUE, body, job=job, client=name, **proof)
    worker.work()
    Worker(cloud).work()

    after = objects(cloud, "logs/")
    assert of(job, after) == of(job, before)
    others = [text.decode() for key, (text, _) in after.items() if key not in before]
    assert len(others) == 3
    assert all("status: refused\n" in text and job in text for text in others)
    assert all(f"job: {job}\n" not in text for text in others)
    if name == "mallory":
        told = take(cloud, "responseQueue-mallory")
        assert {attributes["status"] for _, attributes in told} == {"refused"}


@pytest.mark.parametrize("name", ["mallory", "OWNER"])
@pytest.mark.usefixtures("stranger")
def test_who_comes_before_the_owner_does_the_owner_no_harm(
    cloud: Cloud, capsys: Capture, name: str
) -> None:
    job, owner = asked(cloud)
    (request,) = take(cloud, NUMBER_QUEUE)
    worker = Worker(cloud)
    name = name.replace("OWNER", owner)
    send(cloud, NUMBER_QUEUE, "3,4", job=job, client=name)
    worker.work()
    send(cloud, NUMBER_QUEUE, request[0], **request[1])  # the owner's, which was slower
    worker.work()
    before = of(job, objects(cloud, "logs/"))
    ((text, _),) = before.values()
    assert b"request: '1,2'\nstatus: done\n" in text
    send(cloud, NUMBER_QUEUE, "3,4", job=job, client=name)
    worker.work()
    Worker(cloud).work()
    assert of(job, objects(cloud, "logs/")) == before
    assert client("wait", job) == 0
    assert "sum is 3\n" in capsys.readouterr().out


def test_the_same_words_without_the_proof_change_nothing(cloud: Cloud) -> None:
    job, owner = asked(cloud)
    worker = Worker(cloud)
    worker.work()
    before = objects(cloud, "logs/")
    send(cloud, NUMBER_QUEUE, "1,2", job=job, client=owner)
    worker.work()
    assert objects(cloud, "logs/") == before


@pytest.fixture
def older_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have pictures put where clients did that had no folders of their own."""
    monkeypatch.setattr(picture_client, "source_folder", lambda client, job: f"inbox/{job}/")


def picture(cloud: Cloud, folder: Path, capsys: Capture) -> str:
    """Have a picture sent; return its job."""
    (folder / "cat.png").write_bytes(PNG)
    assert client("image", str(folder / "cat.png"), "--op", "blur:sigma=3", "--no-wait") == 0
    return capsys.readouterr().out.split("\t")[1].strip()


def ask_for(cloud: Cloud, job: str, source: str, name: str = "mallory", **more: str) -> None:
    put(cloud, source)
    send(cloud, PICTURE_QUEUE, source, **{"job": job, "client": name, "pipeline": INVERT, **more})


@pytest.mark.usefixtures("stranger", "older_client")
def test_a_result_is_its_jobs_whoever_asks_under_its_id_later(
    cloud: Cloud, tmp_path: Path, capsys: Capture
) -> None:
    job = picture(cloud, tmp_path, capsys)
    worker = Worker(cloud)
    worker.work()
    before = objects(cloud, f"outbox/{job}/"), of(job, objects(cloud, "logs/"))
    assert [len(found) for found in before] == [1, 1]
    # What would have just the name of the owner's result, and what would lie beside it.
    ask_for(cloud, job, "inbox/mallory/cat.png", pipeline='[{"op": "blur", "sigma": 3}]')
    ask_for(cloud, job, "inbox/mallory/dog.png")
    ask_for(cloud, job, "inbox/mallory/dog.png", nonce="A" * 32)
    send(cloud, NUMBER_QUEUE, "1,2", job=job, client="mallory")
    worker.work()
    Worker(cloud).work()
    assert (objects(cloud, f"outbox/{job}/"), of(job, objects(cloud, "logs/"))) == before
    told = take(cloud, "responseQueue-mallory")
    assert [attributes["status"] for _, attributes in told] == ["refused"] * 4
    assert client("wait", job) == 0


@pytest.mark.usefixtures("stranger", "older_client")
def test_who_comes_before_the_owner_of_a_picture_does_no_harm(
    cloud: Cloud, tmp_path: Path, capsys: Capture
) -> None:
    job = picture(cloud, tmp_path, capsys)
    (request,) = [one for one in take(cloud, PICTURE_QUEUE) if "job" in one[1]]
    worker = Worker(cloud)
    ask_for(cloud, job, "inbox/mallory/cat.png", pipeline=request[1]["pipeline"])
    worker.work()
    send(cloud, PICTURE_QUEUE, request[0], **request[1])
    worker.work()
    before = objects(cloud, f"outbox/{job}/"), of(job, objects(cloud, "logs/"))
    ask_for(cloud, job, "inbox/mallory/cat.png", pipeline=request[1]["pipeline"])
    worker.work()
    Worker(cloud).work()
    assert (objects(cloud, f"outbox/{job}/"), of(job, objects(cloud, "logs/"))) == before
    assert client("wait", job) == 0
    assert Path(capsys.readouterr().out.strip()).name == "cat-blur.png"

    assert client("fetch", job, "--out", str(tmp_path / "elsewhere")) == 0
    assert len(list((tmp_path / "elsewhere").iterdir())) == 1, "what the stranger left is none"


@pytest.mark.parametrize("owner_first", [True, False])
@pytest.mark.usefixtures("stranger", "older_client")
def test_one_who_is_worked_on_at_the_same_time_is_refused_at_the_last_moment(
    cloud: Cloud, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch,
    owner_first: bool,
) -> None:  # fmt: skip
    job = picture(cloud, tmp_path, capsys)
    (request,) = [one for one in take(cloud, PICTURE_QUEUE) if "job" in one[1]]
    held = PictureWork._held
    other = Worker(cloud)

    def meanwhile(self: PictureWork, bucket: RetryingBucket, key: str) -> bytes | None:
        found = held(self, bucket, key)
        if key == "inbox/mallory/cat.png":
            send(cloud, PICTURE_QUEUE, request[0], **request[1])
            other.work()  # another worker does the owner's, from its beginning to its end
        return found

    if owner_first:
        send(cloud, PICTURE_QUEUE, request[0], **request[1])
    monkeypatch.setattr(PictureWork, "_held", meanwhile)
    ask_for(cloud, job, "inbox/mallory/cat.png", pipeline=request[1]["pipeline"])
    Worker(cloud).work()
    ((key, (_, noted)),) = objects(cloud, f"outbox/{job}/").items()
    assert noted["source"] == request[0]
    assert key.endswith("cat-blur.png")
    ((text, _),) = of(job, objects(cloud, "logs/")).values()
    assert b"status: done\n" in text
    (told,) = take(cloud, "responseQueue-mallory")
    assert told[1]["status"] == "refused"
    assert client("wait", job) == 0


@pytest.mark.usefixtures("stranger")
def test_a_dropped_picture_is_not_taken_for_done_by_what_a_stranger_left(cloud: Cloud) -> None:
    put(cloud, "drop/invert/cat.png")
    take(cloud, PICTURE_QUEUE)
    put_of = {"key": "drop/invert/cat.png", "sequencer": "0055AED6DCD90281E5"}
    of_s3 = {"bucket": {"name": cloud.bucket_name}, "object": put_of}
    event = json.dumps({"Records": [{"eventName": "ObjectCreated:Put", "s3": of_s3}]})
    (created,) = events.read(event) or []
    job = created.job("drop/invert/cat.png")
    ask_for(cloud, job, "inbox/mallory/cat.png")
    worker = Worker(cloud)
    worker.work()
    left = objects(cloud, f"outbox/{job}/")
    send(cloud, PICTURE_QUEUE, event)
    worker.work()
    ((_, noted),) = objects(cloud, f"outbox/{job}/").values()
    assert noted["source"] == "drop/invert/cat.png"
    assert objects(cloud, f"outbox/{job}/").keys() == left.keys()
