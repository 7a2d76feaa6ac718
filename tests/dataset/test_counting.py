"""What an admin has decided lies in the bucket: looked for where a listing tells, and changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from labapp.dataset import acting, counting, decisions, gold_pictures, predictions, schemes
from labapp.dataset.cache import Cache
from labapp.dataset.statistics import Statistics
from labapp.errors import CloudError, RefusedError
from labapp.labels import annotator_file, gold, scheme_file
from labapp.labels import predictions as predicted
from labapp.labels.annotator_file import Annotators
from labapp.labels.classes import DEFAULT_SCHEME
from labapp.labels.gold import Gold
from labapp.labels.gold_accuracy import GoldAccuracy
from labapp.labels.predictions import Prediction
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


#: How editors and shells of Windows write a text.
AS_WINDOWS_HAS_IT = [
    lambda text: text.replace("\n", "\r\n").encode("utf-8-sig"),
    lambda text: text.replace("\n", "\r\n").encode("utf-16"),
]


@pytest.mark.parametrize("encoded", AS_WINDOWS_HAS_IT)
def test_what_was_edited_on_windows_is_read_and_changed(
    bucket: MemoryBucket, encoded: Callable[[str], bytes]
) -> None:
    bucket.write(scheme_file.KEY, encoded(CATS))
    bucket.write(annotator_file.KEY, encoded('left_out = ["cy"]\n[same]\nana_k = "ana"\n'))
    bucket.write(gold.KEY, encoded('[pictures]\n"images/a" = 1\n'))
    bucket.write(predicted.KEY, encoded("image_key,code,confidence\nimages/a,1,0.5\n"))
    assert schemes.read(bucket).scheme == scheme_file.of_text(CATS)
    assert counting.of(bucket).left_out == {"cy"}
    assert counting.gold_of(bucket).codes == {"images/a": 1}
    assert predictions.of(bucket).of("images/a") == Prediction(1, 0.5)
    assert acting.keep(bucket, lambda before: before.take_back("cy")).same == {"ana_k": "ana"}
    assert bucket.objects[annotator_file.KEY][0].startswith(b"left_out = []")


@pytest.mark.parametrize(
    ("key", "text", "remedy"),
    [
        (scheme_file.KEY, b'newer = 1\nquestion = "Q?"', "A newer labapp may know more. 'admin.py"),
        (annotator_file.KEY, b"newer = 1", "A newer labapp may know more. Mend it there"),
        (annotator_file.KEY, b'left_out = ["!"]', "Mend it there"),
        (gold.KEY, b"newer = 1", "A newer labapp may know more. Mend it there"),
        (gold.KEY, b"\xfe", "Mend it there"),
        (gold.KEY, b"#" * 2_000_000, "Mend it there"),
        (predicted.KEY, b"a,b\n", "'admin.py import --predictions --remove'"),
    ],
)
def test_what_cannot_be_read_is_named_with_what_to_do_and_stays(
    bucket: MemoryBucket, key: str, text: bytes, remedy: str
) -> None:
    bucket.write(key, text)
    of_key: dict[str, list[Callable[[], object]]] = {
        scheme_file.KEY: [lambda: schemes.read(bucket)],
        annotator_file.KEY: [
            lambda: counting.of(bucket),
            lambda: acting.keep(bucket, lambda before: before.leave_out("ana")),
        ],
        gold.KEY: [
            lambda: counting.gold_of(bucket),
            lambda: gold_pictures.add(bucket, ["images/a"], DEFAULT_SCHEME.first),
        ],
        predicted.KEY: [
            lambda: predictions.of(bucket),
            lambda: predictions.change(bucket, lambda before: before),
        ],
    }
    for act in of_key[key]:
        with pytest.raises(RefusedError, match=key) as refused:
            act()
        assert refused.value.remedy.startswith(remedy)
    assert bucket.objects[key][0] == text
