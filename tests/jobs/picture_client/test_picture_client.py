"""A client's side of a picture job: what is found, checked, sent, fetched and saved."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from labapp.cloud.bucket import Bucket
from labapp.cloud.queues import Queue
from labapp.cloud.session import Cloud
from labapp.errors import (
    RefusedError,
)
from labapp.jobs import picture_client, picture_request
from labapp.jobs.picture_request import ProcessingRequest
from labapp.jobs.session import ClientSession
from labapp.jobs.wire import decode_request
from labapp.pictures import pipeline
from labapp.pictures.arrivals import stamp_of
from labapp.pictures.limits import Limits
from labapp.settings import Settings
from tests.pictures.samples import PNG, file_of, photo

#: Names of files that Windows has not: there `\\` ends a folder's name, and CON is the console.
NO_NAMES = [] if sys.platform == "win32" else ["ä ö/..\\x.png", "CON.png", "a\nb.png"]

BLUR = ProcessingRequest(pipeline.parse(["blur:sigma=3"]))


class TestSend:
    def test_a_picture_travels_as_a_key_with_its_steps(
        self, cloud: Cloud, session: ClientSession, bucket: Bucket, photos: Path
    ) -> None:
        moved: list[int] = []
        wanted = replace(BLUR, format="jpeg")
        job = picture_client.send(session, bucket, photos / "1.png", wanted, moved.append)
        (message,) = [
            m for m in Queue(cloud, "imageInbox").receive() if m.attributes.get("job") == job
        ]
        request = decode_request(message)
        assert (request.body, request.client, request.attributes["format"]) == (
            f"inbox/{session.client}/{job}/1.png",
            session.client,
            "jpeg",
        )
        assert pipeline.from_wire(request.attributes["pipeline"]) == BLUR.steps
        sent = bucket.get(request.body)
        assert (sent.body, sent.content_type) == (PNG, "application/octet-stream")
        assert sum(moved) == len(PNG)
        entry = session.ledger.get(job)
        assert entry is not None
        assert entry.notes == {
            "path": str(photos / "1.png"),
            "folder": str(photos),
            "label": "blur",
            "asked": picture_client.asked(wanted),
            "stamp": stamp_of(photos / "1.png"),
        }

    def test_what_is_wished_for_exactly_says_so_in_each_step_and_in_the_list(
        self, cloud: Cloud, session: ClientSession, bucket: Bucket, photos: Path
    ) -> None:
        job = picture_client.send(session, bucket, photos / "1.png", replace(BLUR, exact=True))
        received = map(decode_request, Queue(cloud, "imageInbox").receive())
        (request,) = (one for one in received if one.job == job)
        assert pipeline.from_wire(request.attributes["pipeline"]) == pipeline.exactly(BLUR.steps)
        entry = session.ledger.get(job)
        assert entry is not None
        assert entry.title == "1.png  blur (exact)"

    @pytest.mark.parametrize("name", ["ä ö..x.png", "..png", *NO_NAMES])
    def test_no_name_of_a_file_makes_an_odd_key(
        self, session: ClientSession, bucket: Bucket, tmp_path: Path, name: str
    ) -> None:
        path = tmp_path / name.replace("/", "_")
        path.write_bytes(PNG)
        picture_client.send(session, bucket, path, BLUR)
        (entry,) = bucket.list("inbox/")
        name = entry.key.split("/", 3)[3]
        assert name.isascii()
        assert name.isprintable()
        assert "/" not in name
        assert name.strip(".")

    @pytest.mark.parametrize(
        ("data", "told"),
        [
            (b"My notes.\n", "is text"),
            (b"", "is empty"),
            (PNG[:-10], "cut short"),
            (file_of(photo(400, 600), "PNG"), "megapixels"),
        ],
        ids=["text", "empty", "cut short", "too great"],
    )
    def test_a_file_beyond_the_limits_is_refused_before_anything_is_sent(
        self,
        session: ClientSession,
        bucket: Bucket,
        monkeypatch: pytest.MonkeyPatch,
        data: bytes,
        told: str,
        tmp_path: Path,
    ) -> None:
        monkeypatch.setattr(picture_client, "limits_of", lambda _: Limits(pixels=200_000))
        path = tmp_path / "it.png"
        path.write_bytes(data)
        with pytest.raises(RefusedError, match=told):
            picture_client.send(session, bucket, path, BLUR)
        assert list(bucket.list("inbox/")) == []

    def test_a_refused_file_leaves_nothing_behind(
        self, session: ClientSession, bucket: Bucket, photos: Path
    ) -> None:
        (photos / "notes.png").write_text("My notes.\n")
        for name in ("notes.png", "none.png"):
            with pytest.raises(RefusedError, match=name):
                picture_client.send(session, bucket, photos / name, BLUR)
        assert list(bucket.list("inbox/")) == []
        assert session.ledger.newest(5) == []


def test_limits_are_counted_in_millions_as_the_settings_are() -> None:
    limits = picture_request.limits_of(
        Settings(max_source_mb=1.5, max_megapixels=2, max_side=3, max_frames=4, picture_seconds=5,
                 picture_memory_mb=6)
    )  # fmt: skip
    assert limits == Limits(
        source_bytes=1_500_000, result_bytes=1_500_000, pixels=2_000_000, side=3, frames=4,
        seconds=5, memory=6_000_000,
    )  # fmt: skip


@pytest.mark.parametrize(("quality", "sent"), [(None, None), (1, "1"), (80, "80")])
def test_a_quality_travels_only_where_one_was_asked_for(
    cloud: Cloud, session: ClientSession, bucket: Bucket, photos: Path,
    quality: int | None, sent: str | None,
) -> None:  # fmt: skip
    job = picture_client.send(session, bucket, photos / "1.png", replace(BLUR, quality=quality))
    attributes = [message.attributes for message in Queue(cloud, "imageInbox").receive()]
    assert [one.get("quality") for one in attributes if one.get("job") == job] == [sent]
