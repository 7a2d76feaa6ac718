"""Choosing from the bucket, in each order: never what was answered, from any machine, few calls."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from labapp.dataset import (
    answers,
    counting,
    gold_pictures,
    layouts,
    pages,
    pool,
    predictions,
)
from labapp.dataset.cache import Cache
from labapp.dataset.choosing import Chooser, Shown
from labapp.dataset.counting import KEYS
from labapp.dataset.label_reader import LabelFiles
from labapp.labels import scheme_file
from labapp.labels.classes import DEFAULT_SCHEME, Order
from labapp.labels.label_file import Label
from labapp.labels.predictions import Prediction, Predictions
from labapp.settings import Settings
from tests.dataset.dataset_kit import MemoryBucket, answer, stock
from tests.labels.test_sampling import assert_uniform

CLASS = DEFAULT_SCHEME.first


class Room:
    """A chooser, and what it found to be answered."""

    def __init__(
        self,
        bucket: MemoryBucket,
        order: Order | None = None,
        *,
        who: str = "ana",
        seed: int = 1,
        patience: float = 0.0,
    ) -> None:
        self.done: set[str] = set()
        self.gone: set[str] = set()
        self.files = LabelFiles(bucket, Cache(bucket.cloud.home / f"{who}.sqlite3"), holds=False)
        self.chooser = Chooser(
            bucket, self.files, who, order, random.Random(seed), patience, self._found
        )
        self.chooser.begin(lambda: counting.of(bucket))

    def _found(self, key: str, is_done: bool, _: float) -> None:
        if is_done:
            self.done.add(key)

    def draw(self, count: int) -> list[str]:
        return [one.key for one in self.shown(count)]

    def shown(self, count: int) -> list[Shown]:
        """Draw, listing on where there is nothing yet."""
        found: list[Shown] = []
        while not self.chooser.may_draw:
            self.chooser.list_on()
        while len(found) < count:
            drawn = self.chooser.draw(count - len(found), self.gone)
            self.gone |= {one.key for one in drawn}
            found += drawn
            if not drawn and self.chooser.is_whole:
                break
            if not drawn:
                self.chooser.list_on()
        return found

    def improve(self) -> None:
        while self.chooser.improve(is_used=False):
            pass


@pytest.fixture
def bucket(tmp_path: Path) -> MemoryBucket:
    return MemoryBucket(tmp_path)


def with_scheme(bucket: MemoryBucket, **said: object) -> None:
    from dataclasses import replace

    text = scheme_file.to_text(replace(DEFAULT_SCHEME, **said))  # type: ignore[arg-type]
    bucket.write(scheme_file.KEY, text.encode())


@pytest.mark.parametrize("order", [*Order])
def test_in_every_order_all_come_once_but_for_those_answered_and_skips_come_last(
    bucket: MemoryBucket, order: Order
) -> None:
    keys = stock(bucket, 60)
    for key in keys[:5]:
        answer(bucket, key, "ana1", "bo0")
    for key in keys[5:8]:
        answer(bucket, key, "bo1", "anas")
    answer(bucket, keys[8], "bo0", "cy1", "dee1", "eve0")
    room = Room(bucket, order)
    found = room.shown(100)
    assert sorted(one.key for one in found) == keys[5:]
    assert {one.key for one in found[-3:]} == set(keys[5:8])
    assert [one.is_again for one in found] == [False] * 52 + [True] * 3


def test_the_draw_is_uniform_among_the_unanswered(bucket: MemoryBucket) -> None:
    keys = stock(bucket, 20)
    for key in keys[:6]:
        answer(bucket, key, "ana1")
    for key in keys[6:]:  # as many answers as the others, so that none goes first
        answer(bucket, key, "bo1")
    drawn = [key for seed in range(100) for key in Room(bucket, seed=seed).draw(4)]
    assert_uniform(drawn, keys[6:])
    rest = [one for seed in range(100) for one in Room(bucket, Order.RANDOM, seed=seed).draw(4)]
    assert_uniform(rest, keys[6:])


def test_the_least_answered_come_first_however_large_the_lines_are(bucket: MemoryBucket) -> None:
    keys = stock(bucket, 12)
    for key in keys[:4]:
        answer(bucket, key, "bo1", "cy1", "dee0")
    for key in keys[4:8]:
        answer(bucket, key, f"{'long_name' * 4}1")
    found = Room(bucket).draw(12)
    assert set(found[:4]) == set(keys[8:])
    assert set(found[4:8]) == set(keys[4:8])


def test_the_most_disputed_come_first_then_the_least_answered(bucket: MemoryBucket) -> None:
    keys = stock(bucket, 30)
    answer(bucket, keys[0], "bo0", "cy1")
    answer(bucket, keys[1], "bo0", "cy1", "dee0", "eve1")
    answer(bucket, keys[2], "bo0", "cy1", "dee1")
    answer(bucket, keys[3], "bo0", "cy0", "dee0")
    answer(bucket, keys[4], "bo0", "cy1", "ana1")
    answer(bucket, keys[5], "bo0")
    found = Room(bucket, Order.DISPUTED).draw(30)
    assert found[:3] == [keys[1], keys[0], keys[2]]
    assert found[-2:] == [keys[5], keys[3]]
    assert keys[4] not in found


def test_the_most_disputed_get_better_as_more_is_read(
    bucket: MemoryBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "LOOKS", 2)
    keys = stock(bucket, 40)
    for key in keys:
        answer(bucket, key, "bo1", "cy1")
    answer(bucket, keys[30], "dee0")
    room = Room(bucket, Order.DISPUTED)
    first = room.draw(1)
    assert room.files.fetched == 3
    room.improve()
    assert room.files.fetched == 40
    assert keys[30] in first + room.draw(1)
    assert room.chooser.is_exact


def test_the_least_certain_prediction_comes_first(bucket: MemoryBucket) -> None:
    keys = stock(bucket, 8)
    said = {key: Prediction(1, 0.5 + place / 20) for place, key in enumerate(keys[:6])}
    predictions.change(bucket, lambda _: Predictions(said))
    answer(bucket, keys[0], "ana1")
    answer(bucket, keys[1], "bo1", "cy1")
    room = Room(bucket, Order.UNCERTAIN)
    found = room.shown(8)
    assert [one.key for one in found[:5]] == keys[1:6]
    assert all(one.hint is None for one in found)  # nobody has asked for hints
    with_scheme(bucket, has_hints=True, order=Order.UNCERTAIN)
    (first,) = Room(bucket).shown(1)
    assert first.hint == said[keys[1]]


@pytest.mark.parametrize("labels_key", ["answers/{name}.txt", "answers/{stem}.txt"])
@pytest.mark.parametrize("order", [*Order])
def test_in_a_labs_own_layout_the_orders_hold_and_this_machine_knows_what_was_said(
    bucket: MemoryBucket, order: Order, labels_key: str
) -> None:
    bucket.cloud.settings = Settings(
        images_prefix="pictures/", labels_key=labels_key, layout_writes=True
    )
    codes = {"a": b"1111", "b": b"1\r\n0\r\n", "c": b"0", "d": b"", "e": b"0\n0\n0"}
    for name, text in codes.items():
        bucket.write(f"pictures/{name}.jpg", b"x")
        layout = layouts.of(bucket)
        bucket.write(layout.label_key(f"pictures/{name}.jpg"), text)
    bucket.write("pictures/f.jpg", b"x")  # has no label file
    answers.answer(bucket, "pictures/c.jpg", Label.ONE, "ana")
    answers.answer(bucket, "pictures/f.jpg", Label.SKIP, "ana")
    room = Room(bucket, order)
    found = "".join(key.removeprefix("pictures/")[0] for key in room.draw(9))
    assert sorted(found) == ["a", "b", "d", "e", "f"]
    assert found[-1] == "f"
    if order is Order.FEWEST:
        assert found == "dbeaf"
    if order is Order.DISPUTED:
        assert found == "bdeaf"
    room.improve()
    assert room.done == {"pictures/c.jpg"}
    assert room.chooser.is_exact


def test_two_at_once_seldom_have_the_same(bucket: MemoryBucket) -> None:
    stock(bucket, 400)
    seeds = range(8)
    firsts = [set(Room(bucket, who=f"a{seed}", seed=seed).draw(8)) for seed in seeds]
    assert len(set.union(*firsts)) > 0.8 * sum(map(len, firsts))


def test_settled_and_broken_pictures_come_after_all_others_but_before_skips(
    bucket: MemoryBucket,
) -> None:
    keys = stock(bucket, 6)
    bucket.write(f"labels/{keys[0][7:]}.txt", b"v 2026-11-21T11:00:00Z eve i1 1\n")
    bucket.write(f"labels/{keys[1][7:]}.txt", b"b 2026-11-21T11:00:00Z bo i1 dark\n")
    bucket.write(f"labels/{keys[2][7:]}.txt", b"b 2026-11-21T11:00:00Z ana i1 dark\n")
    answer(bucket, keys[3], "anas")
    found = Room(bucket).draw(9)
    assert set(found[:2]) == set(keys[4:])
    assert set(found[2:4]) == {keys[0], keys[1]}
    assert found[4:] == [keys[3]]


def test_one_of_every_few_is_gold_until_none_is_left(bucket: MemoryBucket) -> None:
    keys = stock(bucket, 60)
    for key in keys[:5]:
        gold_pictures.add(bucket, [key], CLASS)
    answer(bucket, keys[0], "ana0")
    with_scheme(bucket, gold_every=5)
    found = Room(bucket).shown(60)
    places = [place for place, one in enumerate(found) if one.gold == CLASS.code]
    assert [place // 5 for place in places] == [0, 1, 2, 3]
    assert {found[place].key for place in places} == set(keys[1:5])
    assert len({place % 5 for place in places}) > 1
    assert sorted(one.key for one in found) == keys[1:]


def test_gold_comes_at_the_end_too_where_there_is_nothing_else(bucket: MemoryBucket) -> None:
    keys = stock(bucket, 12)
    for key in keys[:10]:
        gold_pictures.add(bucket, [key], CLASS)
    with_scheme(bucket, gold_every=100)
    assert sorted(Room(bucket).draw(20)) == keys


def test_without_gold_every_few_gold_is_told_for_feedback_only(bucket: MemoryBucket) -> None:
    (key,) = stock(bucket, 1)
    gold_pictures.add(bucket, [key], CLASS)
    assert Room(bucket).shown(1) == [Shown(key)]
    with_scheme(bucket, has_feedback=True)
    assert Room(bucket).shown(1) == [Shown(key, gold=CLASS.code)]


def test_who_is_left_out_labels_as_everybody(bucket: MemoryBucket) -> None:
    keys = stock(bucket, 9)
    answer(bucket, keys[0], "ana1")
    answer(bucket, keys[1], "anas")
    bucket.write("labels/annotators.toml", b'left_out = ["ana"]\n')
    found = Room(bucket).shown(9)
    assert sorted(one.key for one in found) == keys[1:]
    assert found[-1] == Shown(keys[1], is_again=True)


def test_what_an_annotator_has_done_becomes_known_behind(bucket: MemoryBucket) -> None:
    keys = stock(bucket, 50)
    for key in keys[:20]:
        answer(bucket, key, "ana1")
    for key in keys[20:40]:
        answer(bucket, key, "bo1")
    room = Room(bucket)
    assert room.draw(1)[0] in keys[40:]
    assert room.files.fetched == 0
    room.improve()
    assert room.chooser.of == 50
    assert room.chooser.is_exact
    assert room.done == set(keys[:20])


def test_only_so_many_label_files_are_read_to_know_that(
    bucket: MemoryBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labapp.dataset.choosing.READS", 30)
    monkeypatch.setattr("labapp.dataset.choosing.LOOKS", 10)
    for key in stock(bucket, 50):
        answer(bucket, key, "ana1")
    room = Room(bucket)
    room.improve()
    assert room.files.fetched == 30
    assert not room.chooser.is_exact
    again = Room(bucket)  # what was read once is remembered
    again.improve()
    assert again.chooser.is_exact
    assert len(again.done) == 50


def test_only_the_label_files_of_what_may_be_shown_are_read_and_each_once(
    bucket: MemoryBucket,
) -> None:
    for key in stock(bucket, 300):
        answer(bucket, key, "bo1")
    bucket.calls = Counter()
    Room(bucket).draw(4)
    first = bucket.calls["get"] - len(KEYS)  # it begins by what an admin has decided
    assert 4 <= first <= 4 + pool.LOOKS
    Room(bucket).draw(4)  # the same seed: the same draw, from the cache
    assert bucket.calls["get"] == first + 2 * len(KEYS)


def test_of_a_large_dataset_a_page_is_enough_to_begin(
    bucket: MemoryBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = stock(bucket, 3000)
    monkeypatch.setattr(pages, "PAGE", 600)
    bucket.calls = Counter()
    room = Room(bucket)
    assert len(room.draw(8)) == 8
    assert not room.chooser.is_whole
    assert bucket.calls["list images/"] <= 2
    assert bucket.calls["list labels/"] <= 2
    room.improve()
    assert room.chooser.of == len(keys)


def test_a_listing_made_anew_reads_only_what_changed(bucket: MemoryBucket) -> None:
    keys = stock(bucket, 20)
    for key in keys[:10]:
        answer(bucket, key, "bo1")
    room = Room(bucket)
    room.improve()
    room.draw(20)
    assert room.draw(1) == []
    answer(bucket, keys[3], "cy1")
    more = f"images/{'5' * 16}-new.jpg"
    bucket.write(more, b"x")
    before = bucket.calls["get"]
    room.chooser.list_anew()
    assert room.draw(2) == [more]
    room.improve()
    assert bucket.calls["get"] == before + 1
    assert room.chooser.of == 21


def test_one_label_file_that_is_too_large_leaves_its_picture_out(
    bucket: MemoryBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = stock(bucket, 2)
    bucket.write(f"labels/{keys[0][7:]}.txt", b"1\n" * 500_001)
    for order in Order:
        assert Room(bucket, order).draw(9) == [keys[1]]


def test_a_draw_whose_page_was_left_ends(bucket: MemoryBucket) -> None:
    for key in stock(bucket, 300):
        answer(bucket, key, "ana1")
    bucket.calls = Counter()
    room = Room(bucket)
    bucket.before_get = lambda _: room.files.close() if bucket.calls["get"] >= 40 else None
    while not room.chooser.may_draw:
        room.chooser.list_on()
    assert room.chooser.draw(8, set()) == []
    assert bucket.calls["get"] < 150


def test_what_other_programs_put_there_is_offered_too(bucket: MemoryBucket) -> None:
    for key in ("images/", "images/cat.jpg", "images/more/", "images/more/dog.jpg"):
        bucket.put_if(key, b"x", "", None)
    assert set(Room(bucket).draw(4)) == {"images/cat.jpg", "images/more/dog.jpg"}
