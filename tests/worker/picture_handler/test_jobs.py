"""The picture job against a bucket, with real children: what is read, done and written."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labapp.cloud.bucket import Bucket
from labapp.errors import JobFailedError, RefusedError, UnreachableError
from labapp.pictures import pipeline, sandbox
from labapp.pictures.sandbox import Sandbox
from labapp.worker import picture_turns
from labapp.worker.picture_turns import PictureTurns
from tests.pictures import odd_children
from tests.pictures.samples import PHOTO, file_of
from tests.worker.picture_kit import asked, handler, keys, pixels, plain, proved, put, refused

#: The settings of a lab whose clients send names, and look for results of the same names.
OTHER_LAB = {
    "plain_source_prefix": "images/unprocessed/",
    "plain_result_prefix": "images/processed/",
}


def test_a_clients_picture_is_processed_and_its_result_told(bucket: Bucket) -> None:
    put(bucket, "inbox/job-1/my cat.png")
    reply = handler(bucket).work(asked("inbox/job-1/my cat.png"))
    assert (reply.body, reply.job, reply.status) == (
        "outbox/job-1/my_cat-invert.png",
        "job-1",
        "done",
    )
    stored = bucket.get(reply.body)
    assert json.loads(reply.result) == {
        "key": reply.body,
        "source": "inbox/job-1/my cat.png",
        "format": "png",
        "width": 40,
        "height": 30,
        "frames": 1,
        "bytes": len(stored.body),
    }
    assert (pixels(bucket, reply.body) == 255 - PHOTO).all()


def test_the_result_says_what_was_done_to_what(bucket: Bucket) -> None:
    put(bucket, "inbox/job-1/Käse.png")
    steps = '[{"op": "blur", "sigma": 3}, {"op": "invert"}]'
    reply = handler(bucket).work(asked("inbox/job-1/Käse.png", steps))
    head = bucket.head(reply.body)
    assert head.content_type == "image/png"
    assert head.metadata["source"] == "inbox/job-1/K%C3%A4se.png"
    assert pipeline.from_wire(head.metadata["pipeline"]) == pipeline.from_wire(steps)
    assert head.metadata["job"] == "job-1"


def test_the_longest_pipeline_fits_beside_the_longest_key(bucket: Bucket) -> None:
    key = "inbox/job-1/" + "é" * 500
    put(bucket, key)
    steps = json.dumps([{"op": "denoise"}] * 16)
    reply = handler(bucket).work(asked(key, steps))
    assert len(reply.body.encode()) <= 1024
    metadata = bucket.head(reply.body).metadata
    assert sum(len(name) + len(text) for name, text in metadata.items()) < 2000


def test_without_steps_the_default_is_done_and_the_format_is_obeyed(bucket: Bucket) -> None:
    put(bucket, "inbox/job-1/a.png")
    work = handler(bucket, default_pipeline="invert flip").work
    reply = work(asked("inbox/job-1/a.png", "", format="bmp"))
    assert reply.body == "outbox/job-1/a-invert-flip.bmp"
    assert (pixels(bucket, reply.body) == 255 - PHOTO[:, ::-1]).all()
    refused(
        handler(bucket), asked("inbox/job-1/a.png", format="svg"), "the format 'svg' is not written"
    )


def test_a_format_goes_by_any_of_its_names_and_what_it_loses_is_told(bucket: Bucket) -> None:
    seen_through = np.dstack([PHOTO, np.full(PHOTO.shape[:2], 128, np.uint8)])
    put(bucket, "inbox/job-1/a.png", file_of(seen_through, "PNG"))
    for name in ("jpg", ".JPE", "jfif"):
        reply = handler(bucket).work(asked("inbox/job-1/a.png", job=f"job{name}", format=name))
        assert reply.body == f"outbox/job{name}/a-invert.jpg"
        assert json.loads(reply.result)["lost"] == [
            "JPEG holds no transparency here: the picture is laid on white"
        ]


def test_a_redelivered_job_still_tells_what_was_lost(bucket: Bucket) -> None:
    put(bucket, "inbox/job-1/a.png", file_of(np.dstack([PHOTO, PHOTO[..., :1]]), "PNG"))
    first = handler(bucket).work(asked("inbox/job-1/a.png", format="jpeg"))
    again = handler(bucket).work(asked("inbox/job-1/a.png", format="jpeg", receives=2))
    assert again == first


def test_the_quality_is_obeyed_and_held_to_its_range(bucket: Bucket) -> None:
    put(bucket, "inbox/job-1/a.png")
    sizes = []
    for quality in ("1", "50", "100"):
        reply = handler(bucket).work(proved("inbox/job-1/a.png", format="jpeg", quality=quality))
        sizes.append(json.loads(reply.result)["bytes"])
    assert sizes == sorted(set(sizes))
    for wrong in ("0", "101", "-5", "8.5", "best", "\u0661"):  # the last is a digit in Arabic
        request = proved("inbox/job-1/a.png", format="jpeg", quality=wrong)
        refused(handler(bucket), request, "is not taken")


@pytest.mark.parametrize(
    "key",
    [
        "labels/a.txt",
        "images/a.png",
        "outbox/job-1/a.png",
        "a.png",
        "/inbox/a.png",
        "INBOX/a.png",
        "inbox",
        "inbox/../labels/a.txt",
        "drop/../images/a.png",
        "inbox/job-1/..",
        "inbox//a.png",
        "inbox/",
        "inbox/a\nb.png",
        "inbox/a\x00.png",
        "inbox/\x1b[31m.png",
        "inbox/a\x7f.png",
        "inbox/" + "x" * 2000,
        "inbox/" + "é" * 600,
        "inbox/\ud800.png",
    ],
)
def test_only_keys_that_are_for_it_are_ever_looked_at(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    def touched(*_: object) -> None:
        raise AssertionError("the bucket was asked")

    for name in ("head", "get", "download", "list", "put", "upload"):
        monkeypatch.setattr(Bucket, name, touched)
    refused(handler(bucket), asked(key), "the key '.*' (is not below inbox/|cannot be used)")


@pytest.mark.parametrize("lab", [{}, OTHER_LAB])
@pytest.mark.parametrize("name", ["../labels/a.txt", "a/../../b.png", "a\nb.png", "", "x" * 2000])
def test_a_plain_clients_name_cannot_leave_its_prefix(
    bucket: Bucket, lab: dict[str, str], name: str
) -> None:
    put(bucket, "labels/a.txt")
    refused(handler(bucket, **lab), plain(name), "the key '.*' cannot be used")


def test_a_picture_that_is_not_there_is_refused(bucket: Bucket) -> None:
    refused(handler(bucket), asked("inbox/none.png"), "there is no picture 'inbox/none.png'")
    refused(handler(bucket), plain("none.png"), "there is no picture 'inbox/none.png'")


def test_a_file_that_is_too_large_is_not_even_fetched(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bucket, "inbox/a.png", bytes(2_000_001))
    fetched: list[object] = []
    monkeypatch.setattr(Bucket, "download", lambda *given: fetched.append(given))
    told = "'inbox/a.png' has 2.0 MB; at most 2 are taken"
    refused(handler(bucket, max_source_mb=2.0), asked("inbox/a.png"), told)
    assert fetched == []


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        ("{", "not JSON"),
        ("[]", "no steps"),
        ('[{"op":"melt"}]', "melt"),
        ('[{"op":"blur","sigma":5000}]', "sigma"),
    ],
)
def test_a_wrong_pipeline_is_refused_before_anything_is_fetched(
    bucket: Bucket, steps: str, told: str
) -> None:
    refused(handler(bucket), asked("inbox/none.png", steps), told)


def test_what_is_no_picture_is_refused_by_its_own_name(bucket: Bucket) -> None:
    put(bucket, "inbox/job-1/notes.png", b"My notes of today.\n")
    refused(handler(bucket), asked("inbox/job-1/notes.png"), "notes.png is text")
    assert keys(bucket, "outbox/") == []


def test_a_redelivered_job_that_was_finished_is_answered_without_doing_it_again(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bucket, "inbox/job-1/a.png")
    first = handler(bucket).work(asked("inbox/job-1/a.png"))
    bucket.delete("inbox/job-1/a.png")
    monkeypatch.setattr(Bucket, "put", None)
    assert handler(bucket).work(asked("inbox/job-1/a.png", receives=2)) == first


def test_a_redelivered_job_that_was_not_finished_is_done(bucket: Bucket) -> None:
    put(bucket, "inbox/job-1/a.png")
    put(bucket, "outbox/job-1/somebody-elses.png")
    reply = handler(bucket).work(asked("inbox/job-1/a.png", receives=2))
    assert reply.body == "outbox/job-1/a-invert.png"


def test_doing_a_job_twice_writes_one_object(bucket: Bucket) -> None:
    put(bucket, "inbox/job-1/a.png")
    replies = [handler(bucket).work(asked("inbox/job-1/a.png")) for _ in range(2)]
    assert replies[0] == replies[1]
    assert keys(bucket, "outbox/") == [replies[0].body]


def test_a_plain_client_sends_a_key_and_gets_one(bucket: Bucket) -> None:
    put(bucket, "inbox/a.png")
    reply = handler(bucket).work(plain("inbox/a.png"))
    assert reply.body == "outbox/message-1/a-grayscale.png"
    assert pixels(bucket, reply.body).ndim == 2
    assert handler(bucket).work(plain(" a.png\n")).body == reply.body, "a name alone will do"


@pytest.mark.parametrize("told", ["cat.png", "images/unprocessed/cat.png"])
def test_another_labs_client_finds_its_picture_in_its_own_folder(bucket: Bucket, told: str) -> None:
    put(bucket, "images/unprocessed/cat.png")
    reply = handler(bucket, **OTHER_LAB).work(plain(told))
    assert reply.body == told.replace("unprocessed", "processed")
    assert keys(bucket, "images/") == ["images/processed/cat.png", "images/unprocessed/cat.png"]


def test_a_plain_client_is_told_what_its_lab_says_of_errors(bucket: Bucket) -> None:
    put(bucket, "inbox/notes.png", b"My notes of today.\n")
    refused(handler(bucket), plain("notes.png"), "notes.png is text")
    with pytest.raises(RefusedError) as caught:
        handler(bucket, plain_error="FAILED").work(plain("notes.png"))
    assert str(caught.value) == "FAILED"
    with pytest.raises(RefusedError, match=r"notes\.png is text"):
        handler(bucket, plain_error="FAILED").work(asked("inbox/notes.png"))


@pytest.mark.skipif(sys.platform == "win32", reason="forks a child")
def test_a_crash_fails_the_job_and_a_plain_client_is_told_too(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bucket, "inbox/a.png")
    monkeypatch.setattr(sandbox, "_work", odd_children.crash)
    with pytest.raises(JobFailedError, match="SIGSEGV"):
        handler(bucket).work(asked("inbox/a.png"))
    with pytest.raises(JobFailedError) as caught:
        handler(bucket, plain_error="FAILED").work(plain("a.png"))
    assert str(caught.value) == "FAILED"


def test_a_key_that_hides_control_characters_names_them_harmlessly(bucket: Bucket) -> None:
    bucket.put("inbox/job-1/%1b%5b2Jx%0a.png", b"no picture", "image/png")
    with pytest.raises(RefusedError) as caught:
        handler(bucket).work(asked("inbox/job-1/%1b%5b2Jx%0a.png"))
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("body", ["{", '{"Event": "x"}', "{" * 50_000, '{"a":' * 50_000])
def test_what_is_neither_key_nor_event_is_refused(bucket: Bucket, body: str) -> None:
    refused(handler(bucket), plain(body), "neither a key nor an event")


def test_an_outage_repeats_the_call_it_hit_and_not_the_picture(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(bucket, "inbox/job-1/a.png")
    calls: list[str] = []
    for name in ("get", "put"):
        monkeypatch.setattr(Bucket, name, _failing_once(name, getattr(Bucket, name), calls))

    def insist(action: Callable[[], Any], /) -> Any:
        try:
            return action()
        except UnreachableError:
            return action()

    done = PictureTurns.run
    monkeypatch.setattr(PictureTurns, "run", lambda *given: calls.append("run") or done(*given))  # type: ignore[func-returns-value]
    work = handler(bucket)
    work.set_retry(insist)
    assert work.work(proved("inbox/job-1/a.png")).status == "done"
    assert calls == ["get", "get", "run", "put", "put"]


@pytest.mark.parametrize("small", [0, 100_000])
def test_a_picture_is_processed_in_a_turn_of_its_client_and_travels_without(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr(picture_turns, "SMALL", small)
    put(bucket, "inbox/job-1/a.png")
    work = handler(bucket, picture_processes=1)
    turns: dict[str, dict[str, int]] = {}

    def watch(place: type, name: str) -> None:
        call = getattr(place, name)

        def watched(*given: Any, **named: Any) -> Any:
            turns[name] = dict(work.pictures._turns.turns._under_way)
            return call(*given, **named)

        monkeypatch.setattr(place, name, watched)

    run = "run_all" if small and sandbox.FORKS else "run"
    watch(Bucket, "get")
    watch(Sandbox, run)
    watch(Bucket, "put")

    assert work.work(proved("inbox/job-1/a.png")).status == "done"

    assert turns == {"get": {}, run: {"ada": 1}, "put": {}}
    assert work.concurrency >= 4, "others travel while one is worked on"


def _failing_once(name: str, call: Callable[..., Any], calls: list[str]) -> Callable[..., Any]:
    def perhaps(*given: Any, **named: Any) -> Any:
        calls.append(name)
        if calls.count(name) == 1:
            raise UnreachableError("away")
        return call(*given, **named)

    return perhaps


def test_nothing_is_left_on_the_workers_disk(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = set(tmp_path.iterdir())
    put(bucket, "inbox/a.png")
    put(bucket, "inbox/b.png", b"My notes of today.\n")
    handler(bucket).work(asked("inbox/a.png"))
    refused(handler(bucket), asked("inbox/b.png", job="job-2"), "is text")
    assert set(tmp_path.iterdir()) == before


def test_a_result_whose_key_would_be_too_long_is_refused_and_not_stored(bucket: Bucket) -> None:
    name = "a" * 1000 + ".png"
    put(bucket, f"in/{name}")
    lab = {"plain_source_prefix": "in/", "plain_result_prefix": "a/much/longer/folder/of/results/"}
    refused(handler(bucket, **lab), plain(name), "S3 takes 1,024")
    assert keys(bucket, "a/much") == []


def test_a_key_of_just_the_most_bytes_that_s3_takes_is_one() -> None:
    from labapp.worker import picture_work

    for key in ("x" * 1_024, "\u00e4" * 512):
        picture_work.check_key(key)
        with pytest.raises(RefusedError, match="cannot be used"):
            picture_work.check_key(key + "x")
