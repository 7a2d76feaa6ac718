"""A worker that was taken over, or who read the request, names anything as a picture's result.

Whatever the answer proves: a file gets its name only if the object lies in the job's own folder, is
as large as told, and holds a picture of the format and size that are told.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.bucket import Bucket, Stored
from labapp.cloud.session import Cloud
from tests.pictures.samples import PNG, file_of, photo
from tests.security.wire_kit import PICTURE_QUEUE, answer, put, take
from tests.support.commands import client

pytestmark = pytest.mark.usefixtures("short_polls")

Capture = pytest.CaptureFixture[str]

JPEG = file_of(photo(30, 40), "JPEG")
SCRIPT = b"#!/bin/sh\nrm -rf ~\n"

#: The key, the object, and what the answer tells otherwise than it is.
LIES: dict[str, tuple[str, bytes, dict[str, Any]]] = {
    "another's folder": ("outbox/01M7Y17TSX24YQ6Q58P948AX5D/cat-invert.png", PNG, {}),
    "no folder of results": ("labels/cat.png", PNG, {}),
    "up and away": ("outbox/JOB/../cat-invert.png", PNG, {}),
    "deeper": ("outbox/JOB/deeper/cat-invert.png", PNG, {}),
    "a control character": ("outbox/JOB/cat\x1b[2J.png", PNG, {}),
    "a script": ("outbox/JOB/cat-invert.png", SCRIPT, {}),
    "a page": ("outbox/JOB/cat-invert.png", b"<html><script>alert(1)</script></html>", {}),
    "signed like a picture": ("outbox/JOB/cat-invert.png", PNG[:8] + SCRIPT * 9, {}),
    "cut": ("outbox/JOB/cat-invert.png", PNG[:-30], {}),
    "another format": ("outbox/JOB/cat-invert.png", JPEG, {}),
    "another ending": ("outbox/JOB/cat-invert.sh", PNG, {}),
    "another size": ("outbox/JOB/cat-invert.png", PNG, {"width": 4, "height": 3}),
    "larger than told": ("outbox/JOB/cat-invert.png", PNG, {"bytes": 9}),
    "larger than a result": ("outbox/JOB/cat-invert.png", PNG + bytes(40_000_000), {}),
    "no numbers": ("outbox/JOB/cat-invert.png", PNG, {"bytes": "many", "width": [], "height": {}}),
}


@pytest.fixture
def sent(cloud: Cloud, tmp_path: Path, capsys: Capture) -> dict[str, str]:
    """Have a picture sent; give what its request carried."""
    (tmp_path / "cat.png").write_bytes(PNG)
    assert client("image", str(tmp_path / "cat.png"), "--op", "invert", "--no-wait") == 0
    capsys.readouterr()
    (request,) = [told for _, told in take(cloud, PICTURE_QUEUE) if "job" in told]
    return request


def told(key: str, data: bytes, **other: Any) -> dict[str, Any]:
    facts = {"format": "png", "width": 40, "height": 30, "frames": 1, "bytes": len(data)}
    return {"key": key, "source": "inbox/cat.png"} | facts | other


@pytest.mark.parametrize(("key", "data", "lie"), list(LIES.values()), ids=list(LIES))
def test_what_is_no_result_of_the_job_gets_no_name(
    cloud: Cloud, sent: dict[str, str], tmp_path: Path, capsys: Capture,
    key: str, data: bytes, lie: dict[str, Any],
) -> None:  # fmt: skip
    job = sent["job"]
    key = key.replace("JOB", job)
    if ".." not in key:
        put(cloud, key, data)
    answer(cloud, sent, key, told(key, data, **lie))

    assert client("wait", job) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "\x1b" not in err
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {"cat.png"}
    assert client("jobs", "--json") == 0
    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["status"], listed["answered"] is None) in {("failed", False), ("done", False)}
    assert client("fetch", job, "--out", str(tmp_path / "there")) in {0, 1}
    for path in (tmp_path / "there").iterdir():  # by its listing it may be a picture all the same
        assert path.read_bytes() == PNG


def test_a_good_answer_after_a_bad_one_is_taken(
    cloud: Cloud, sent: dict[str, str], tmp_path: Path, capsys: Capture
) -> None:
    job = sent["job"]
    key = f"outbox/{job}/cat-invert.png"
    put(cloud, key, SCRIPT)
    answer(cloud, sent, key, told(key, SCRIPT))
    assert client("wait", job) == 1
    assert f"the result of the job {job} is not taken: it is " in capsys.readouterr().err
    assert client("jobs") == 0
    assert "is not taken" in capsys.readouterr().out

    put(cloud, key, PNG)
    answer(cloud, sent, key, told(key, PNG))
    assert client("jobs") == 0
    assert client("wait", job) == 0
    assert (tmp_path / "cat-invert.png").read_bytes() == PNG


def test_an_object_that_grows_while_it_is_fetched_fills_no_disk(
    cloud: Cloud, sent: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = sent["job"]
    key = f"outbox/{job}/cat-invert.png"
    put(cloud, key, PNG)
    answer(cloud, sent, key, told(key, PNG))
    get, looks = Bucket.get, []

    def grown(self: Bucket, key: str, *most: Any) -> Stored:
        put(cloud, key, PNG + bytes(5_000_000))
        looks.append(key)
        return get(self, key, *most)

    monkeypatch.setattr(Bucket, "get", grown)
    assert client("wait", job) == 1
    assert looks
    assert {path.name for path in tmp_path.iterdir() if path.is_file()} == {"cat.png"}
