"""Pictures all the way: sent, done in a child, stored, answered, saved; and what goes wrong."""

from __future__ import annotations

import contextlib
import io
import json
import signal
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image

from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import Outgoing
from labapp.jobs.wire import Reply, Request
from tests.end_to_end.lab import Lab, Program, on_one_cloud, until
from tests.pictures.samples import data, defined, file_of, photo

#: Enough work for a child to be met at it, on any machine.
SLOW = json.dumps([{"op": "denoise", "sigma": 5}] * 2)

#: More work than any test waits for.
ENDLESS = json.dumps([{"op": "denoise", "sigma": 5}] * 16)

GREAT = file_of(photo(900, 1200), "JPEG")


def ask(lab: Lab, name: str, content: bytes, steps: str = '[{"op":"invert"}]') -> str:
    """Put a picture in the bucket and ask for it, past the client's own checks."""
    job = Path(name).stem
    Bucket(lab.cloud).put(f"inbox/{job}/{name}", content, "image/png")
    request = Request(f"inbox/{job}/{name}", job, "tester", {"pipeline": steps})
    lab.queue("imageInbox").send(request.outgoing())
    return job


def answers(lab: Lab, count: int) -> dict[str, Reply]:
    return {reply.job: reply for reply in lab.replies("tester", count)}


def results(lab: Lab) -> list[str]:
    return [entry.key for entry in Bucket(lab.cloud).list("outbox/")]


def stored(lab: Lab, key: str) -> Any:
    return np.asarray(Image.open(io.BytesIO(Bucket(lab.cloud).get(key).body)))


def child_of(worker: Program) -> list[psutil.Process]:
    """Return the processes that hold a picture: forked from the one that the worker keeps warm."""
    found = []
    for below in psutil.Process(worker.pid).children():
        for one in below.children():
            with contextlib.suppress(psutil.NoSuchProcess):  # ended since it was listed
                if one.status() != psutil.STATUS_ZOMBIE:
                    found.append(one)
    return found


@on_one_cloud
def test_a_photo_comes_back_blurred_as_scikit_image_defines_it(lab: Lab) -> None:
    lab.server()
    source = lab.folder / "astronaut.png"
    frame = data.astronaut()
    source.write_bytes(file_of(frame, "PNG"))

    (item,) = lab.json("client.py", "image", str(source), "--op", "blur:sigma=3")

    assert item["saved"] == str(lab.folder / "astronaut-blur.png")
    result = np.asarray(Image.open(item["saved"]))
    from skimage.filters import gaussian  # it loads slowly

    wanted = gaussian(frame / 255.0, sigma=3, channel_axis=-1) * 255  # type: ignore[no-untyped-call]
    assert np.abs(result - wanted).max() <= 1.0
    (listed,) = lab.json("client.py", "results")
    assert (listed["job"], listed["status"]) == (item["job"], "done")
    (again,) = lab.json("client.py", "fetch", item["job"], "--out", str(lab.folder / "again"))
    assert Path(again).read_bytes() == Path(item["saved"]).read_bytes()
    logged = [log for log in lab.json("admin.py", "logs") if log["kind"] == "pictures"]
    assert [log["status"] for log in logged] == ["done"]
    words = ("--op", "blur:sigma=3", "--exact", "--out", str(lab.folder / "exact"))
    (exact,) = lab.json("client.py", "image", str(source), *words)
    assert exact["result"]["exact"] is True
    result = np.asarray(Image.open(exact["saved"]))
    np.testing.assert_array_equal(result, defined("blur", frame, sigma=3.0))


def test_a_folder_of_200_goes_through_and_one_bad_file_stops_none(local_lab: Lab) -> None:
    local_lab.server()
    folder = local_lab.folder / "photos"
    folder.mkdir()
    for number in range(200):
        frame = np.full((8, 8, 3), (number, 7, 70), np.uint8)
        (folder / f"{number}.png").write_bytes(file_of(frame, "PNG"))
    (folder / "notes.png").write_text("My notes.\n")

    out = local_lab.folder / "results"
    done = local_lab.run(
        "client.py", "image", str(folder), "--op", "invert", "--out", str(out), "--json", code=3
    )

    items = json.loads(done.stdout)
    assert [item["status"] for item in items] == ["done"] * 200 + ["refused"]
    for number in range(200):
        pixel = np.asarray(Image.open(out / f"{number}-invert.png"))[3, 3]
        assert pixel.tolist() == [255 - number, 248, 185]
    local_lab.wait_until_empty("imageInbox")


@on_one_cloud
def test_bad_pictures_are_refused_or_fail_and_the_worker_lives(lab: Lab) -> None:
    lab.make_queue("responseQueue-tester")
    worker = lab.server(picture_seconds=2)
    whole = file_of(photo(60, 60), "PNG")
    ask(lab, "bomb.png", _claiming(40_000, 40_000))
    ask(lab, "torn.png", whole[: len(whole) // 2])
    ask(lab, "text.png", b"My notes.\n")
    ask(lab, "strip.png", file_of(np.zeros((65_535, 1), np.uint8), "PNG"))
    ask(lab, "endless.jpg", GREAT, ENDLESS)
    ask(lab, "good.png", whole)

    got = answers(lab, 6)

    assert {job: reply.status for job, reply in got.items()} == {
        "bomb": "refused",
        "torn": "refused",
        "text": "refused",
        "strip": "refused",
        "endless": "failed",
        "good": "done",
    }
    assert "megapixels" in got["bomb"].body or "16,384" in got["bomb"].body
    assert "cut short" in got["torn"].body
    assert "is text" in got["text"].body
    assert "16,384" in got["strip"].body
    assert "longer than 2 seconds" in got["endless"].body
    assert worker.process.poll() is None
    assert child_of(worker) == []
    assert results(lab) == ["outbox/good/good-invert.png"]
    lab.wait_until_empty("imageInbox")


def test_what_is_dropped_is_processed_without_anybody_asking(lab: Lab) -> None:
    lab.server()
    frame = photo(60, 80)
    Bucket(lab.cloud).put("drop/invert/my cat+1.png", file_of(frame, "PNG"), "image/png")

    (key,) = until(lambda: results(lab), "the result of what was dropped")

    assert key.endswith("/my_cat_1-invert.png")
    assert (stored(lab, key) == 255 - frame).all()
    lab.wait_until_empty("imageInbox")
    assert lab.queue("imageOutbox").receive() == []


def test_a_plain_clients_bare_key_is_answered_with_the_results_key(lab: Lab) -> None:
    lab.server()
    bucket = Bucket(lab.cloud)
    bucket.put("inbox/cat.png", file_of(photo(60, 80), "PNG"), "image/png")

    for body in ("inbox/cat.png", "inbox/none.png"):
        lab.queue("imageInbox").send(Outgoing(body))

    got = sorted(lab.take("imageOutbox", 2), key=lambda message: message.body)
    assert [message.attributes for message in got] == [{}, {}]
    assert got[0].body.endswith("/cat-grayscale.png")
    assert stored(lab, got[0].body).shape == (60, 80)
    assert got[1].body.startswith("there is no picture 'inbox/none.png'")


@on_one_cloud
def test_a_picture_whose_worker_was_killed_is_answered_once_by_the_next(lab: Lab) -> None:
    lab.make_queue("responseQueue-tester")
    first = lab.server(visibility_timeout=3)
    ask(lab, "cat.jpg", GREAT, SLOW)
    (child,) = until(lambda: child_of(first), "the picture to be worked on")

    first.process.send_signal(signal.SIGKILL)
    assert first.end() == -signal.SIGKILL
    lab.server(visibility_timeout=3)

    (reply,) = lab.replies("tester")
    assert (reply.job, reply.status) == ("cat", "done")
    lab.wait_until_empty("imageInbox")
    assert lab.queue("responseQueue-tester").receive() == []
    assert results(lab) == [reply.body]
    psutil.wait_procs([child], 30)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


@on_one_cloud
def test_sigterm_lets_a_picture_in_hand_be_finished(lab: Lab) -> None:
    lab.make_queue("responseQueue-tester")
    worker = lab.server(grace_seconds=300, visibility_timeout=300)
    ask(lab, "cat.jpg", GREAT, SLOW)
    until(lambda: child_of(worker), "the picture to be worked on")

    worker.process.send_signal(signal.SIGTERM)

    assert worker.end() == 128 + signal.SIGTERM
    (reply,) = lab.replies("tester")
    assert reply.status == "done"
    lab.wait_until_empty("imageInbox")
    assert worker.events("handed back") == []


@on_one_cloud
def test_sigterm_hands_back_a_picture_that_does_not_fit(lab: Lab) -> None:
    worker = lab.server(grace_seconds=0, visibility_timeout=300)
    ask(lab, "cat.jpg", GREAT, ENDLESS)
    (child,) = until(lambda: child_of(worker), "the picture to be worked on")

    worker.process.send_signal(signal.SIGTERM)

    assert worker.end() == 128 + signal.SIGTERM
    (message,) = lab.take("imageInbox")
    assert message.attributes["job"] == "cat"
    psutil.wait_procs([child], 30)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def _claiming(width: int, height: int) -> bytes:
    """Return a small PNG, whole in form, that unpacks to as many pixels as it says."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        sum_ = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + sum_

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )
