"""Exact picture jobs, with real children: who asks for them, what is told, what they may take."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from labapp.cloud.bucket import Bucket
from labapp.errors import JobFailedError, RefusedError
from labapp.pictures import pipeline, sandbox
from labapp.worker import picture_work
from tests.pictures.samples import defined, file_of, noise
from tests.worker.picture_handler.test_dropped_pictures import event
from tests.worker.picture_kit import asked, handler, keys, pixels, plain, put

BLUR = '[{"op":"blur","sigma":3.0}]'
EXACTLY = '[{"op":"blur","sigma":3.0,"exact":true}]'

#: Of hard edges and no repeats, so that kernel and definition differ somewhere, by a level.
NOISE = noise(90, 120)
WANTED = defined("blur", NOISE, sigma=3.0)


@pytest.fixture
def bucket(bucket: Bucket) -> Bucket:
    put(bucket, "inbox/job-1/a.png", file_of(NOISE, "PNG"))
    return bucket


def test_a_request_that_asks_for_it_gets_scikit_images_own_result(bucket: Bucket) -> None:
    work = handler(bucket)
    reply = work.work(asked("inbox/job-1/a.png", EXACTLY))
    assert reply.body == "outbox/job-1/a-blur.png"
    assert json.loads(reply.result)["exact"] is True
    assert bucket.head(reply.body).metadata["pipeline"] == EXACTLY
    np.testing.assert_array_equal(pixels(bucket, reply.body), WANTED)
    again = work.work(asked("inbox/job-1/a.png", EXACTLY, receives=2))
    assert again == reply
    fast = work.work(asked("inbox/job-1/a.png", BLUR, job="job-2"))
    assert "exact" not in json.loads(fast.result)
    assert np.abs(pixels(bucket, fast.body).astype(int) - WANTED).max() <= 1


def test_of_some_steps_alone_no_result_is_called_exact(bucket: Bucket) -> None:
    steps = '[{"op":"blur","sigma":3.0,"exact":true},{"op":"flip"}]'
    reply = handler(bucket).work(asked("inbox/job-1/a.png", steps))
    assert "exact" not in json.loads(reply.result)
    np.testing.assert_array_equal(pixels(bucket, reply.body), WANTED[:, ::-1])


def test_a_worker_that_is_set_so_does_everybodys_pictures_exactly(bucket: Bucket) -> None:
    work = handler(bucket, exact=True, default_pipeline="blur:sigma=3")
    put(bucket, "drop/blur/a.png", file_of(NOISE, "PNG"))
    reply = work.work(asked("inbox/job-1/a.png", BLUR))
    assert json.loads(reply.result)["exact"] is True
    np.testing.assert_array_equal(pixels(bucket, reply.body), WANTED)
    np.testing.assert_array_equal(
        pixels(bucket, work.work(plain("inbox/job-1/a.png")).body), WANTED
    )
    work.work(plain(event("drop/blur/a.png", bucket=bucket.name), job="dropped"))
    (key,) = keys(bucket, "outbox/dropped/")
    np.testing.assert_array_equal(pixels(bucket, key), defined("blur", NOISE, sigma=2.0))


def test_what_is_asked_for_tells_two_jobs_of_one_id_apart(bucket: Bucket) -> None:
    work = handler(bucket)
    work.work(asked("inbox/job-1/a.png", EXACTLY))
    with pytest.raises(RefusedError, match="is known with another content"):
        work.work(asked("inbox/job-1/a.png", BLUR, receives=2))


@pytest.mark.skipif(not sandbox.FORKS, reason="no memory is capped")
@pytest.mark.parametrize(
    ("always", "helps"),
    [
        (False, "Send it without --exact, or a smaller one, or raise LABAPP_PICTURE_MEMORY_MB"),
        (True, "Send it to a worker that is not set to LABAPP_EXACT, or a smaller one, or raise"),
    ],
)
def test_a_picture_that_is_too_great_for_it_is_refused_with_what_helps(
    bucket: Bucket, always: bool, helps: str
) -> None:
    put(bucket, "inbox/job-1/great.png", file_of(np.zeros((1500, 2000, 3), np.uint8), "PNG"))
    work = handler(bucket, exact=always, picture_memory_mb=60)
    with pytest.raises(RefusedError, match="needs more than 60 MB of memory") as caught:
        work.work(asked("inbox/job-1/great.png", EXACTLY))
    assert helps in caught.value.remedy
    if not always:
        reply = work.work(asked("inbox/job-1/great.png", BLUR, job="job-2"))
        assert reply.status == "done"


def test_a_picture_that_takes_too_long_fails_with_what_helps(bucket: Bucket) -> None:
    put(bucket, "inbox/job-1/b.png", file_of(noise(600, 800), "PNG"))
    steps = '[{"op":"denoise","sigma":5,"exact":true}]'
    with pytest.raises(JobFailedError, match=r"took longer than 0\.2 seconds") as caught:
        handler(bucket, picture_seconds=0.2).work(asked("inbox/job-1/b.png", steps))
    assert "LABAPP_PICTURE_SECONDS on the worker" in caught.value.remedy
    assert "without --exact" in caught.value.remedy


def test_a_worker_without_scikit_image_says_so_and_does_all_else(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "skimage"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise OSError('a library of it is not there')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    if sandbox.FORKS:  # else each is begun anew anyway
        monkeypatch.setattr("labapp.pictures.forked._servers", {})
    work = handler(bucket)
    with pytest.raises(JobFailedError, match=r"scikit-image cannot be loaded .*\(OSError\)"):
        work.work(asked("inbox/job-1/a.png", EXACTLY))
    assert work.work(asked("inbox/job-1/a.png", BLUR, job="job-2")).status == "done"


def test_nobody_but_who_asks_for_it_has_scikit_image_loaded(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []
    begin = sandbox.begun

    def noted(preload: str) -> sandbox.Child:
        begun.append(preload)
        return begin(preload)

    monkeypatch.setattr(sandbox, "begun", noted)
    work = handler(bucket)
    work.work(asked("inbox/job-1/a.png", BLUR))
    assert begun == [picture_work.PRELOADED]
    work.work(asked("inbox/job-1/a.png", EXACTLY, job="job-2"))
    assert begun == [picture_work.PRELOADED, picture_work.PRELOADED_EXACT]


def test_an_older_worker_would_refuse_it_by_name() -> None:
    # What it does not know it takes for a parameter, and no operation has one of that name.
    (step,) = json.loads(pipeline.to_wire(pipeline.exactly(pipeline.parse(["blur"]))))
    values = {name: value for name, value in step.items() if name != "op"}
    with pytest.raises(RefusedError, match="blur has no parameter 'exact'"):
        pipeline.Step.of("blur", values)
