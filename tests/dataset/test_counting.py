"""What an admin has decided lies in the bucket: looked for where a listing tells, and changed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from labapp.dataset import counting, decisions
from labapp.dataset.cache import Cache
from labapp.dataset.statistics import Statistics
from labapp.errors import CloudError
from labapp.labels import annotator_file, gold, scheme_file
from labapp.labels.annotator_file import Annotators
from labapp.labels.classes import DEFAULT_SCHEME
from labapp.labels.gold import Gold
from labapp.labels.gold_accuracy import GoldAccuracy
from tests.dataset.dataset_kit import MemoryBucket, answer, stock
from tests.labels.test_scheme_file import CATS


@pytest.fixture
def bucket(tmp_path: Path) -> MemoryBucket:
    return MemoryBucket(tmp_path)


def test_a_bucket_without_decisions_counts_as_written_and_is_not_asked(
    bucket: MemoryBucket, tmp_path: Path
) -> None:
    keys = stock(bucket, 3)
    answer(bucket, keys[0], "ana1")
    bucket.calls = Counter()
    look = Statistics(bucket, Cache(tmp_path / "cache")).look()
    assert bucket.calls["get"] == 1
    assert look.scheme == DEFAULT_SCHEME


def test_statistics_follow_classes_and_who_is_left_out(
    bucket: MemoryBucket, tmp_path: Path
) -> None:
    key = stock(bucket, 1)[0]
    answer(bucket, key, "ana1", "bo3", "cy3")
    statistics = Statistics(bucket, Cache(tmp_path / "cache"))
    assert statistics.look().pictures[0].file.unreadable == 2
    decisions.change(bucket, scheme_file.KEY, lambda before: CATS)
    look = statistics.look()
    assert look.summary(3).tallies[0].consensus == "dog"
    left_out = annotator_file.to_text(Annotators(left_out=("cy",)))
    decisions.change(bucket, annotator_file.KEY, lambda before: left_out)
    assert statistics.look().summary(3).tallies[0].consensus == "disputed"
    assert counting.of(bucket).left_out == {"cy"}


def test_gold_pictures_are_read_where_the_listing_has_them_and_nothing_else_is(
    bucket: MemoryBucket, tmp_path: Path
) -> None:
    key = stock(bucket, 1)[0]
    answer(bucket, key, "ana1", "bo0")
    statistics = Statistics(bucket, Cache(tmp_path / "cache"))
    statistics.look()
    known = gold.to_text(Gold().with_more([key], DEFAULT_SCHEME.first))
    decisions.change(bucket, gold.KEY, lambda before: known)
    bucket.calls = Counter()
    people = statistics.look().summary(3).annotators
    assert bucket.calls["get"] == 1
    assert [one.gold for one in people] == [GoldAccuracy(1, 1), GoldAccuracy(1, 0)]


def test_of_two_who_change_at_once_neither_is_lost(bucket: MemoryBucket) -> None:
    others = iter(["b", "c"])

    def edit(before: str) -> str:
        if other := next(others, ""):
            bucket.put("labels/x.toml", (before + other).encode(), "text/plain")
        return before + "a"

    assert decisions.change(bucket, "labels/x.toml", edit) == "bca"
    assert decisions.text_of(bucket, "labels/x.toml") == "bca"


def test_what_is_changed_each_time_is_given_up(
    bucket: MemoryBucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decisions, "pause", lambda *_: None)

    def edit(before: str) -> str:
        bucket.put("labels/x.toml", (before + "b").encode(), "text/plain")
        return before + "a"

    with pytest.raises(CloudError, match="changed by others"):
        decisions.change(bucket, "labels/x.toml", edit)
