"""On a store that heeds no conditions no answer is lost, and every reader finds them all."""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from labapp.cloud import bounds
from labapp.cloud.abilities import LACKING, Ability
from labapp.cloud.bucket import Bucket
from labapp.cloud.session import Cloud
from labapp.dataset import (
    answers,
    importing,
    label_parts,
    label_writer,
    removal,
    stored_pictures,
)
from labapp.dataset.cache import Cache
from labapp.dataset.statistics import Statistics
from labapp.dataset.upload import Uploader
from labapp.errors import ForbiddenError, TooLargeError
from labapp.labels.effective import labels_of
from labapp.labels.label_file import Entry, Label
from labapp.labels.layout import OWN
from labapp.labels.object_keys import part_key
from labapp.pictures.limits import Limits
from tests.dataset.dataset_kit import (
    MemoryBucket,
    answer,
    label_file_of,
    shown,
    stock,
    write_pictures,
)
from tests.support import odd_stores


@pytest.fixture
def careless(tmp_path: Path) -> MemoryBucket:
    """Give a bucket of a store that heeds no conditions."""
    bucket = MemoryBucket(tmp_path)
    bucket.heeds = False
    return bucket


def answers_of(bucket: Bucket, key: str) -> list[str]:
    """Return what counts on a picture: `ana1` where ana says hot dog."""
    found = labels_of(key, label_file_of(bucket, key)).answers
    return sorted(f"{each.annotator}{each.label.value}" for each in found)


@pytest.mark.parametrize(
    "ignored", [odd_stores.CONDITIONS, ("If-Match",), ("If-None-Match",)], ids=str
)
def test_of_six_who_answer_at_once_all_are_kept_and_each_is_told_once(
    bare_cloud: Cloud, monkeypatch: pytest.MonkeyPatch, ignored: tuple[str, ...], tmp_path: Path
) -> None:
    store = odd_stores.odd_cloud(monkeypatch)
    odd_stores.ignore(store, ignored)
    (key,) = stock(Bucket(store), 1)
    start, told = threading.Barrier(6), Counter[str]()

    def annotate(number: int) -> None:
        cloud = odd_stores.another(store)
        cloud.abilities.listen(lambda text: told.update([text]))
        start.wait()
        for label in (Label.ZERO, Label.ONE):
            label_writer.answer(Bucket(cloud), key, label, f"writer{number}")

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(annotate, range(6)))
    bucket = Bucket(store)
    assert answers_of(bucket, key) == [f"writer{number}1" for number in range(6)]
    assert len(label_file_of(bucket, key).entries) == 12
    assert told == {LACKING[Ability.CONDITIONS]: 6}
    statistics = Statistics(bucket, Cache(tmp_path / "cache"))
    look = statistics.look()
    statistics.close()
    assert (len(look.pictures[0].answers), look.without_picture) == (6, 0)


def test_a_store_whose_writes_always_lose_is_found_out_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = MemoryBucket(tmp_path)
    monkeypatch.setattr(label_writer, "pause", lambda *_: None)
    monkeypatch.setattr(bucket, "put_if", lambda *_: None)
    asked: list[bool] = []

    def heeds(*, anew: bool = False) -> bool:
        asked.append(anew)
        return not anew

    monkeypatch.setattr(bucket, "heeds_conditions", heeds)
    answer(bucket, "images/a.jpg", "ana1")
    assert asked == [False, True]
    assert answers_of(bucket, "images/a.jpg") == ["ana1"]


def say(bucket: Bucket, key: str, *words: str) -> None:
    """Write down answers, each a second after the last: `ana1` ana says hot dog."""
    for word in words:
        number = next(_seconds)
        at = datetime(2026, 11, 21, 10, tzinfo=UTC) + timedelta(seconds=number)
        label_writer.record(bucket, key, Entry(Label(word[-1]), at, word[:-1], f"id{number:09}"))


_seconds = itertools.count()


def test_undo_and_revision_hold_and_who_answers_again_is_told(
    careless: MemoryBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = itertools.count()

    def counted() -> str:
        return f"id{next(ids):09}"

    monkeypatch.setattr(label_writer, "_new_id", counted)
    monkeypatch.setattr(answers, "ULID", counted)
    key = "images/a.jpg"
    told: list[Entry] = []
    first = label_writer.answer(careless, key, Label.ONE, "ana")
    second = answers.revise(careless, key, Label.ZERO, first, told.append)
    assert (answers_of(careless, key), told) == (["ana0"], [])
    label_writer.undo(careless, key, second)
    assert answers_of(careless, key) == []
    third = label_writer.answer(careless, key, Label.ONE, "ana", told.append)
    label_writer.answer(careless, key, Label.ZERO, "ana", told.append)
    assert [one.answer_id for one in told] == [third.answer_id]
    assert answers_of(careless, key) == ["ana0"]


def test_an_answer_that_is_recorded_again_after_an_error_is_there_once(
    careless: MemoryBucket,
) -> None:
    entry = label_writer.answer(careless, "images/a.jpg", Label.ONE, "ana")
    before = set(careless.objects)
    label_writer.record(careless, "images/a.jpg", entry)
    careless.objects = {key: careless.objects[key] for key in before}
    assert len(label_file_of(careless, "images/a.jpg").entries) == 1


def test_a_bucket_that_lies_on_a_heeding_store_again_has_old_and_new_answers(
    careless: MemoryBucket, tmp_path: Path
) -> None:
    key, other, third = stock_of(careless, 3)
    careless.heeds = True
    say(careless, key, "ana1", "bo1")
    careless.heeds = False
    say(careless, key, "bo0", "cy1")
    say(careless, other, "ana1", "bos")
    careless.heeds = True
    say(careless, key, "cy0", "di1")
    wanted = ["ana1", "bo0", "cy0", "di1"]
    assert answers_of(careless, key) == wanted
    for _ in range(2):  # the second look is the cache's
        statistics = Statistics(careless, Cache(tmp_path / "cache"))
        look = statistics.look()
        found = {each.key: each for each in look.pictures}
        assert sorted(f"{e.annotator}{e.label.value}" for e in found[key].answers) == wanted
        assert [e.annotator for e in found[other].answers] == ["ana"]
        again = statistics.look()
        statistics.close()
        assert (again.pictures, again.fetched) == (look.pictures, 0)
    assert look.fetched == 0
    cache = Cache(tmp_path / "other")
    assert [one.key for one in shown(careless, "ana", cache=cache)] == [third]
    assert [one.key for one in shown(careless, "bo") if one.is_again] == [other]


def stock_of(bucket: MemoryBucket, count: int) -> list[str]:
    bucket.heeds = True
    keys = stock(bucket, count)
    bucket.heeds = False
    return keys


@pytest.mark.parametrize("heeds", [False, True])
def test_a_picture_that_goes_and_comes_back_has_all_its_answers(
    careless: MemoryBucket, tmp_path: Path, heeds: bool
) -> None:
    paths = write_pictures(tmp_path / "pictures", range(1))

    def upload() -> tuple[str, int]:
        careless.heeds = True  # of the pictures nothing depends on it
        uploader = Uploader(careless, Limits())
        (outcome,) = uploader.upload(paths)
        return outcome.key, outcome.labels

    key, _ = upload()
    answer(careless, key, "ana1")
    careless.heeds = False
    answer(careless, key, "bo1", "cy0")
    careless.heeds = heeds
    for _ in range(2):
        (found,) = removal.removals(careless, [key])
        assert found.lines == 3
        (gone,) = removal.remove_all(careless, [found])
        assert gone.aside == OWN.aside_key(key)
        assert answers_of(careless, key) == []
        again, lines = upload()
        careless.heeds = heeds
        assert (again, lines) == (key, 3)
        assert answers_of(careless, key) == ["ana1", "bo1", "cy0"]
        assert len(label_file_of(careless, key).entries) == 3


def test_a_removal_that_was_interrupted_doubles_nothing(careless: MemoryBucket) -> None:
    (key,) = stock_of(careless, 1)
    careless.write(OWN.label_key(key), b"1\n")
    careless.write(part_key(OWN.label_key(key), "a" * 20), b"0\n")
    moved: list[str] = []

    def stop(place: str) -> None:
        moved.append(place)
        if len(moved) < 3:
            raise KeyboardInterrupt

    careless.after_put = stop
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            stored_pictures.remove(careless, key)
    aside = stored_pictures.remove(careless, key)
    assert sorted(label_parts.read_whole(careless, aside).splitlines()) == [b"0", b"1"]
    assert label_parts.read_whole(careless, OWN.label_key(key)) == b""


def test_who_may_not_delete_a_part_empties_it(
    careless: MemoryBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    (key,) = stock_of(careless, 1)
    answer(careless, key, "ana1")

    def forbidden(place: str) -> None:
        if place != key:
            raise ForbiddenError(f"cannot delete {place}")

    monkeypatch.setattr(careless, "delete", forbidden)
    aside = stored_pictures.remove(careless, key)
    assert label_parts.read_whole(careless, OWN.label_key(key)) == b""
    assert label_parts.read_whole(careless, aside).count(b"\n") == 1


@pytest.mark.parametrize("heeds", [False, True])
def test_an_import_adds_none_twice_beside_parts(
    careless: MemoryBucket, tmp_path: Path, heeds: bool
) -> None:
    (key,) = stock_of(careless, 1)
    answer(careless, key, "ana1")
    (tmp_path / "rows.csv").write_text(
        "image_key,label,annotator,answer_id,labelled_at\n"
        f"{key},1,bo,idb,2026-11-21T10:00:00Z\n{key},0,,,\n{key},0,,,\n"
    )
    rows, _ = importing.rows_of([tmp_path / "rows.csv"])
    careless.heeds = heeds
    for state in ("added", "already there"):
        outcomes = [each.state for each in importing.put_in(careless, rows, dry=True)]
        assert outcomes == [each.state for each in importing.put_in(careless, rows)]
        assert {*outcomes} == {state}
    assert answers_of(careless, key) == ["0", "0", "ana1", "bo1"]


def test_parts_that_are_more_than_are_read_are_left_out_and_put_aside_unread(
    careless: MemoryBucket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bounds, "LABELS", 200)
    key, other = stock_of(careless, 2)
    for number in range(4):
        careless.write(part_key(OWN.label_key(key), f"{number:020x}"), b"1\n")
    answer(careless, other, "ana1")
    statistics = Statistics(careless, Cache(tmp_path / "cache"))
    look = statistics.look()
    assert [each.key for each in look.left_out] == [OWN.label_key(key)]
    assert [each.key for each in look.pictures] == [other]
    with pytest.raises(TooLargeError, match="4 parts"):
        label_writer.answer(careless, key, Label.ONE, "ana")
    assert removal.removals(careless, [key])[0].lines is None
    aside = stored_pictures.remove(careless, key)
    assert aside.startswith(stored_pictures.UNREAD)
    assert statistics.look().left_out == ()
    statistics.close()


def test_an_import_of_anonymous_answers_to_a_store_counts_those_of_each_write(
    careless: MemoryBucket,
) -> None:
    place = OWN.label_key("images/a.jpg")
    for _ in range(2):
        label_writer.change(careless, place, lambda existing: existing + b"1\n")
    assert label_parts.read_whole(careless, place) == b"1\n1\n"


def test_an_equal_picture_with_parts_is_not_deleted(careless: MemoryBucket, tmp_path: Path) -> None:
    (path,) = write_pictures(tmp_path / "pictures", range(1))
    careless.heeds = True
    (first,) = Uploader(careless, Limits()).upload([path])
    twin = first.key.replace("0.png", "twin.png")
    careless.write(twin, path.read_bytes())
    careless.write(part_key(OWN.label_key(twin), "a" * 20), b"1\n")
    list(Uploader(careless, Limits()).upload([path]))
    assert twin in careless.objects
