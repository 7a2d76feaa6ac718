"""Pictures are fetched and made ready ahead, in the order in which they will be asked for."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from labapp.dataset import prefetching
from labapp.dataset.prefetching import Prefetcher
from labapp.errors import MissingResourceError
from tests.dataset.dataset_kit import MemoryBucket, stock
from tests.support.waiting import PATIENCE, until


def test_the_one_that_is_shown_comes_alone_and_the_others_in_their_order(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    keys = stock(bucket, 5)
    asked: list[str] = []
    gate = threading.Event()

    def wait(key: str) -> None:
        asked.append(key)
        if key == keys[2]:
            assert gate.wait(PATIENCE)

    bucket.after_download = wait
    with Prefetcher(bucket, [], Path, tmp_path / "kept") as ahead:
        ahead.want([keys[2], keys[4], keys[0]])
        until(lambda: bool(asked), "the first")
        assert asked == [keys[2]]
        assert ahead.ready(keys[2]) is None
        gate.set()
        for key in (keys[2], keys[4], keys[0]):
            until(lambda key=key: ahead.ready(key) is not None, "it to be ready")  # type: ignore[misc]
    assert sorted(asked) == sorted([keys[2], keys[4], keys[0]])
    assert asked[0] == keys[2]


def test_what_is_wanted_no_more_is_let_go(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    keys = stock(bucket, 3)
    with Prefetcher(bucket, [], Path, tmp_path / "kept") as ahead:
        ahead.want(keys[:2])
        until(lambda: ahead.ready(keys[1]) is not None, "it to be ready")
        ahead.want(keys[1:])
        assert ahead.ready(keys[0]) is None
        assert ahead.ready(keys[1]) is not None


def test_a_picture_that_is_fetched_is_asked_for_once(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    keys = stock(bucket, 3)
    with Prefetcher(bucket, keys, Path, tmp_path / "kept") as ahead:
        assert [ahead.get(key).name[-5:] for key in keys] == [key[-5:] for key in keys]
        bucket.delete(keys[0])
        assert ahead.get(keys[0]).exists()


def test_a_picture_that_is_gone_is_told_and_may_be_asked_for_again(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    (key,) = stock(bucket, 1)
    body = bucket.objects.pop(key)
    with Prefetcher(bucket, [key], Path, tmp_path / "kept") as ahead:
        with pytest.raises(MissingResourceError):
            ahead.get(key)
        bucket.objects[key] = body
        assert ahead.get(key).read_bytes() == b"0"


def test_the_next_ones_are_finished_ahead_for_the_screen_as_it_is(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    keys = stock(bucket, 5)
    finished: list[tuple[str, bytes]] = []

    def finish(size: str) -> None:
        ahead.finish_next(size, lambda body: finished.append((size, body)))

    with Prefetcher(bucket, keys, Path.read_bytes, tmp_path / "kept") as ahead:
        assert ahead.get(keys[0])
        finish("small")
        until(lambda: len(finished) == 2, "the next two")
        finish("small")  # it is again
        finish("large")
        until(lambda: len(finished) == 4, "them again")
    near = [bucket.objects[key][0] for key in keys[1:3]]
    assert finished[:2] == [("small", body) for body in near]
    assert sorted(finished[2:]) == sorted(("large", body) for body in near)


def test_one_begun_while_the_last_one_still_fetches_gets_the_same_picture(tmp_path: Path) -> None:
    bucket, together = MemoryBucket(tmp_path), threading.Barrier(2, timeout=PATIENCE)
    bucket.after_download = lambda _: together.wait()
    (key,) = stock(bucket, 1)
    with Prefetcher(bucket, [], Path, tmp_path / "kept") as left:
        still = left.begin(key)
        until(lambda: bool(left._begun), "it to begin")
    with Prefetcher(bucket, [key], Path, tmp_path / "kept") as ahead:
        assert ahead.get(key).read_bytes() == b"0"
    assert still.result().read_bytes() == b"0"
    assert [path.suffix for path in (tmp_path / "kept").iterdir()] == [".jpg"]


def test_only_the_youngest_files_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefetching, "KEPT", 5)
    bucket = MemoryBucket(tmp_path)
    keys = stock(bucket, 12)
    with Prefetcher(bucket, keys, Path, tmp_path / "kept") as ahead:
        for key in keys:
            ahead.get(key)
    assert len(list((tmp_path / "kept").iterdir())) == 5
