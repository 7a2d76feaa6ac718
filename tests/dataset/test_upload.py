"""Upload: only pictures, each once, nothing overwritten, in flat memory, as often as one likes."""

from __future__ import annotations

import hashlib
import sys
import threading
import tracemalloc
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from labapp.cloud.bucket import Bucket
from labapp.dataset import calls
from labapp.dataset import upload as upload_room
from labapp.dataset.upload import Outcome, State, Uploader
from labapp.errors import UnreachableError, UsageError
from labapp.labels.layout import IMAGES
from labapp.labels.object_keys import content_name
from labapp.pictures import looks, sandbox
from labapp.pictures.files import select
from labapp.pictures.limits import Limits
from tests.dataset.dataset_kit import MemoryBucket, answer, nothing, picture_bytes, write_pictures
from tests.pictures import odd_children


def upload(bucket: Bucket, files: Iterable[Path], limits: Limits | None = None) -> list[Outcome]:
    return list(Uploader(bucket, limits or Limits()).upload(files))


def states(outcomes: Iterable[Outcome]) -> Counter[State]:
    return Counter(outcome.state for outcome in outcomes)


def keys(bucket: Bucket) -> list[str]:
    return [entry.key for entry in bucket.list("images/")]


def test_pictures_are_stored_whole_with_hash_type_and_name(bucket: Bucket, tmp_path: Path) -> None:
    (path,) = write_pictures(tmp_path, range(1))
    data = path.read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    (outcome,) = upload(bucket, [path])
    assert outcome == Outcome(path, State.ADDED, f"images/{digest[:16]}-0.png")
    stored = bucket.get(outcome.key)
    assert (stored.body, stored.content_type) == (data, "image/png")
    assert stored.metadata["sha256"] == digest


def test_a_rerun_sends_only_what_is_missing(bucket: Bucket, tmp_path: Path) -> None:
    paths = write_pictures(tmp_path, range(5))
    upload(bucket, paths[:2])
    assert states(upload(bucket, paths)) == {State.THERE: 2, State.ADDED: 3}
    assert states(upload(bucket, paths)) == {State.THERE: 5}
    assert len(keys(bucket)) == 5


def test_the_same_bytes_under_another_name_are_there_already(
    bucket: Bucket, tmp_path: Path
) -> None:
    (path,) = write_pictures(tmp_path, range(1))
    copy = path.with_name("copy.png")
    copy.write_bytes(path.read_bytes())
    (first,) = upload(bucket, [path])
    (second,) = upload(bucket, [copy])
    assert second == Outcome(copy, State.THERE, first.key)
    assert keys(bucket) == [first.key]


def test_equal_files_in_one_upload_are_stored_once(bucket: Bucket, tmp_path: Path) -> None:
    paths = [tmp_path / f"{name}.png" for name in "abcdefgh"]
    for path in paths:
        path.write_bytes(picture_bytes(1))
    outcomes = upload(bucket, paths)
    assert states(outcomes) == {State.ADDED: 1, State.THERE: 7}
    assert {outcome.key for outcome in outcomes} == set(keys(bucket))


def test_different_pictures_of_one_name_do_not_overwrite_each_other(
    bucket: Bucket, tmp_path: Path
) -> None:
    paths = [tmp_path / folder / "test.jpg" for folder in "ab"]
    for number, path in enumerate(paths):
        path.parent.mkdir()
        path.write_bytes(picture_bytes(number, "JPEG"))
    outcomes = upload(bucket, paths)
    assert states(outcomes) == {State.ADDED: 2}
    stored = {bucket.get(key).body for key in keys(bucket)}
    assert stored == {path.read_bytes() for path in paths}


def test_what_is_no_picture_is_refused_with_the_reason_and_the_rest_goes_on(
    bucket: Bucket, tmp_path: Path
) -> None:
    good, cut, large = write_pictures(tmp_path, range(3))
    text, gone = tmp_path / "text.jpg", tmp_path / "gone.png"
    text.write_text("this is no picture")
    cut.write_bytes(picture_bytes(7, side=200)[:-20])
    large.write_bytes(picture_bytes(8, side=300))
    empty = tmp_path / "empty.png"
    empty.touch()
    files = [text, cut, good, large, gone, empty, tmp_path]
    outcomes = {o.path: o for o in upload(bucket, files, Limits(pixels=80_000))}
    assert outcomes.pop(good).state is State.ADDED
    assert {outcome.state for outcome in outcomes.values()} == {State.REFUSED}
    assert all(outcome.reason and not outcome.key for outcome in outcomes.values())
    assert "cut short" in outcomes[cut].reason
    assert "cannot read" in outcomes[gone].reason
    assert len(keys(bucket)) == 1


def test_a_jpeg_that_lacks_its_end_is_refused_although_its_header_is_whole(
    bucket: Bucket, tmp_path: Path
) -> None:
    path = tmp_path / "cut.jpg"
    data = picture_bytes(3, "JPEG", side=400)
    path.write_bytes(data[: len(data) // 2])
    (outcome,) = upload(bucket, [path])
    assert outcome.state is State.REFUSED


def test_too_many_bytes_are_refused_unread(bucket: Bucket, tmp_path: Path) -> None:
    path = tmp_path / "huge.jpg"
    with path.open("wb") as file:
        file.truncate(50_000_000_000)
    (outcome,) = upload(bucket, [path])
    assert "50,000.0 MB" in outcome.reason


def test_every_file_counts_its_whole_size_once_whatever_becomes_of_it(
    bucket: Bucket, tmp_path: Path
) -> None:
    paths = write_pictures(tmp_path, range(6))
    upload(bucket, paths[:2])
    paths[5].write_text("this is no picture")
    moved: list[int] = []
    list(Uploader(bucket, Limits(), moved.append).upload(paths))
    assert sum(moved) == select([str(tmp_path)]).size


@pytest.mark.parametrize("names", ["ab", "ba", "aa", "cab"])
def test_uploaders_of_the_same_bytes_at_once_leave_one_picture(tmp_path: Path, names: str) -> None:
    bucket, looked = MemoryBucket(tmp_path), threading.Barrier(len(names))
    bucket.before_put = lambda key, _: key.startswith("images/") and looked.wait(60)
    paths = [tmp_path / str(place) / f"{name}.png" for place, name in enumerate(names)]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(picture_bytes(1))
    with ThreadPoolExecutor(len(names)) as pool:
        outcomes = [o for (o,) in pool.map(lambda path: upload(bucket, [path]), paths)]
    assert len(keys(bucket)) == 1
    assert State.REFUSED not in states(outcomes)


@pytest.mark.skipif(sys.platform == "win32", reason="children inherit nothing patched when forked")
def test_a_picture_that_crashes_its_decoder_is_refused_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = MemoryBucket(tmp_path)
    paths = write_pictures(tmp_path, range(2))
    assert states(upload(bucket, paths[:1])) == {State.ADDED: 1}
    looks._sandbox.cache_clear()
    monkeypatch.setattr(sandbox, "_work", odd_children.crash_at_once)
    (outcome,) = upload(bucket, paths[1:])
    assert outcome.state is State.REFUSED
    assert "crashed (SIGSEGV)" in outcome.reason
    monkeypatch.undo()
    assert states(upload(bucket, paths[1:])) == {State.ADDED: 1}


@pytest.mark.skipif(sys.platform == "win32", reason="children inherit nothing patched when forked")
@pytest.mark.parametrize("state", [State.ADDED, State.REFUSED])
def test_a_picture_whose_look_is_killed_is_tried_once_more_then_named_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state: State
) -> None:
    paths = write_pictures(tmp_path, range(4))
    looks._sandbox.cache_clear()
    once = partial(odd_children.killed_once, "1.png", tmp_path / "killed")
    work = once if state is State.ADDED else partial(odd_children.killed, "1.png")
    monkeypatch.setattr(sandbox, "_work", work)
    outcomes = {one.path.name: one for one in upload(MemoryBucket(tmp_path), paths)}
    looks._sandbox.cache_clear()
    one = outcomes.pop("1.png")
    assert states(outcomes.values()) == {State.ADDED: 3}
    assert one.state is state
    if state is State.REFUSED:
        assert "1.png could not be looked at, in two attempts: " in one.reason
        assert "killed from outside. Try it again" in one.reason


def test_a_double_that_has_labels_by_now_is_kept(tmp_path: Path) -> None:
    bucket = MemoryBucket(tmp_path)
    data = picture_bytes(1)
    digest = hashlib.sha256(data).hexdigest()
    first, second, third = (IMAGES + content_name(digest, f"{name}.png") for name in "cba")
    for key in (first, second, third):
        bucket.put_if(key, data, "image/png", None, {"sha256": digest})
    answer(bucket, second, "ana1")
    uploader = Uploader(bucket, Limits())
    kept = uploader._settle(list(bucket.list("images/")))
    assert kept.key == first
    assert keys(bucket) == sorted([first, second])


def test_another_picture_under_the_same_key_is_never_overwritten(
    bucket: Bucket, tmp_path: Path
) -> None:
    (path,) = write_pictures(tmp_path, range(1))
    key = IMAGES + content_name(hashlib.sha256(path.read_bytes()).hexdigest(), path.name)
    bucket.put(key, b"x" * path.stat().st_size, "image/png", {"sha256": "0" * 64})
    (outcome,) = upload(bucket, [path])
    assert outcome.state is State.REFUSED
    assert bucket.get(key).body.startswith(b"x")


def test_an_outage_ends_the_upload_and_running_it_again_does_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "pause", nothing)
    paths = write_pictures(tmp_path / "set", range(60))
    bucket, left = MemoryBucket(tmp_path), iter(range(4))

    def fail(*_: object) -> None:
        if next(left, None) is None:
            raise UnreachableError("the network is down")

    bucket.before_put = fail
    begun: list[Outcome] = []
    with pytest.raises(UnreachableError):
        begun.extend(Uploader(bucket, Limits()).upload(paths))
    assert states(begun) == {State.ADDED: 4}
    bucket.before_put = nothing
    assert states(upload(bucket, paths)) == {State.THERE: 4, State.ADDED: 56}


def test_nothing_more_is_begun_once_the_user_stops(tmp_path: Path) -> None:
    paths = write_pictures(tmp_path / "set", range(200))
    bucket = MemoryBucket(tmp_path)
    stopped = threading.Event()
    begun = []
    for outcome in Uploader(bucket, Limits()).upload(paths, stopped.is_set):
        begun.append(outcome)
        stopped.set()
    assert len(begun) == len(keys(bucket)) <= 1 + 2 * upload_room.THREADS


def test_a_thousand_files_are_uploaded_in_flat_memory(tmp_path: Path) -> None:
    """200 MB of files; what is held is bounded by the bytes in hand and the threads."""
    padding = bytes(200_000)
    paths = write_pictures(tmp_path / "set", range(1000))
    for path in paths:  # what stands behind a BMP's pixels is part of the file, not of the picture
        path.write_bytes(picture_bytes(int(path.stem), "BMP") + padding)
    bucket = MemoryBucket(tmp_path)
    bucket.keep_bodies = False
    sizes = []
    uploader = Uploader(bucket, Limits())
    uploader._same = lambda digest, size: []  # type: ignore[method-assign]
    tracemalloc.start()
    try:
        for outcome in uploader.upload(paths):
            assert outcome.state is State.ADDED
            sizes.append(tracemalloc.get_traced_memory()[1])
    finally:
        tracemalloc.stop()
    assert len(sizes) == len(bucket.objects) == 1000
    assert sizes[-1] < 4 * upload_room.THREADS * len(padding) + 5_000_000


def test_large_files_wait_for_room() -> None:
    room = upload_room._Room(10)
    held, most = 0, 0
    guard = threading.Lock()

    def hold(wanted: int) -> None:
        nonlocal held, most
        with room.taken(wanted):
            with guard:
                held += wanted
                most = max(most, held)
            threading.Event().wait(0.001)
            with guard:
                held -= wanted

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(hold, [4, 6, 10, 1, 3, 7, 2, 9] * 5))
        pool.submit(hold, 50).result(60)  # more than all the room: alone
    assert held == 0
    assert most in range(10, 11) or most == 50


def test_from_a_folder_pictures_are_taken_and_the_rest_is_named(tmp_path: Path) -> None:
    paths = write_pictures(tmp_path, range(2))
    for name in ("README.md", "a.txt", ".DS_Store"):
        (tmp_path / name).touch()
    (tmp_path / "more").mkdir()
    found = select([str(tmp_path), str(paths[0])])
    assert found.files == tuple(paths)
    assert found.others_line == "not taken: README.md, a.txt, more/"
    for number in range(20):
        (tmp_path / f"{number}.csv").touch()
    assert select([str(tmp_path)]).others_line.endswith(" and 18 more")


def test_a_file_that_is_named_is_taken_whatever_its_ending(tmp_path: Path) -> None:
    odd = tmp_path / "photo.dat"
    odd.write_bytes(picture_bytes(1))
    assert select([str(odd), str(tmp_path / "*.dat")]) == select([str(odd)])


@pytest.mark.parametrize("name", ["missing.png", "empty", "empty/*.png"])
def test_nothing_found_is_an_error_of_usage(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "notes.txt").touch()
    with pytest.raises(UsageError):
        select([str(tmp_path / name)])
