"""A client whose permissions are its own asks a worker, who has more, for what it may not read.

The worker processes what lies in a client's folder for that client alone, whoever asks, and puts
results where the client alone may read them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.cloud.session import Cloud
from labapp.jobs.proof import new_identity
from tests.pictures.samples import PNG
from tests.security.wire_kit import (
    INVERT,
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

ANNA, BOB = "anna-0123456789ab", "bob-0123456789ab"


@pytest.mark.parametrize("box", ["inbox", "outbox"])
def test_a_picture_in_anothers_folder_is_processed_for_nobody_else(cloud: Cloud, box: str) -> None:
    make_queue(cloud, BOB)
    annas, bobs = new_identity(ANNA), new_identity(BOB)
    source = f"{box}/{ANNA}/{annas.job}/cat.png"
    put(cloud, source)
    take(cloud, PICTURE_QUEUE)
    own = {"job": bobs.job, "client": BOB, "pipeline": INVERT}
    send(cloud, PICTURE_QUEUE, source, **own, nonce=bobs.nonce)
    send(cloud, PICTURE_QUEUE, source, **own)
    send(cloud, PICTURE_QUEUE, source, **{**own, "job": annas.job})
    send(cloud, PICTURE_QUEUE, source)  # a plain client, whose answers anybody may read
    send(cloud, PICTURE_QUEUE, source.removeprefix("inbox/"))
    Worker(cloud).work()
    answers = take(cloud, f"responseQueue-{BOB}") + take(cloud, "imageOutbox")
    if box == "inbox":
        assert len(answers) == 5
        assert all("is below the folder of another client" in body for body, _ in answers)
    assert all(attributes.get("status") != "done" for _, attributes in answers)
    assert list(objects(cloud, "outbox/")) == [source] * (box == "outbox")


def test_a_result_lies_in_the_folder_of_who_sent_the_picture(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("LABAPP_USER", "Anna")
    (tmp_path / "cat.png").write_bytes(PNG)
    assert client("image", str(tmp_path / "cat.png"), "--op", "invert", "--no-wait") == 0
    job = capsys.readouterr().out.split("\t")[1].strip()
    Worker(cloud).work()
    (key,) = objects(cloud, "outbox/")
    box, owner, folder, name = key.split("/")
    assert (box, folder, name) == ("outbox", job, "cat-invert.png")
    assert owner.startswith("anna-")
    assert client("wait", job) == 0
    assert (tmp_path / "cat-invert.png").is_file()


def test_a_client_takes_what_an_older_worker_puts_below_the_job_alone(
    cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr("labapp.jobs.picture_keys.owner", lambda key: "")
    (tmp_path / "cat.png").write_bytes(PNG)
    assert client("image", str(tmp_path / "cat.png"), "--op", "invert", "--no-wait") == 0
    job = capsys.readouterr().out.split("\t")[1].strip()
    Worker(cloud).work()
    assert list(objects(cloud, "outbox/")) == [f"outbox/{job}/cat-invert.png"]
    assert client("wait", job) == 0
    assert (tmp_path / "cat-invert.png").is_file()
