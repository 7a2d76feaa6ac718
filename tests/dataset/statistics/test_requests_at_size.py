"""What labelling asks of S3 is bounded: by pages of listings, and by what has changed."""

from __future__ import annotations

import random

import pytest

from labapp.dataset import counting
from labapp.dataset.choosing import Chooser
from labapp.dataset.label_reader import LabelFiles
from labapp.dataset.statistics import DatasetSnapshot, Statistics
from labapp.labels.layout import OWN
from tests.benchmarks.large_dataset import LargeBucket, billed, fill, lines_of

PICTURES = 6_000


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> LargeBucket:
    bucket = LargeBucket(tmp_path_factory.mktemp("home"))
    fill(bucket, PICTURES, answers=1)
    return bucket


def look(bucket: LargeBucket) -> tuple[DatasetSnapshot, dict[str, int]]:
    """Look as a program that is new does; return what it saw and asked for."""
    bucket.calls.clear()
    statistics = Statistics(bucket)
    found = statistics.look()
    statistics.close()
    return found, billed(bucket.calls)


def test_a_look_reads_each_label_file_once_and_then_what_has_changed(filled: LargeBucket) -> None:
    first, asked = look(filled)
    assert sum(len(one.answers) for one in first.pictures) == PICTURES
    assert (asked["HEAD"], asked["PUT"]) == (0, 0)
    assert asked["LIST"] <= 2 * (PICTURES // 1_000 + 3)
    assert PICTURES <= asked["GET"] <= PICTURES + 10

    for key, line in lines_of(sorted(first.listed)[:50], 1, first=7).items():
        place = OWN.label_key(key)
        filled.write(place, filled.objects[place][0] + line)
    second, asked = look(filled)
    assert second.fetched == 50
    assert asked["GET"] <= 50 + 10


def test_labelling_starts_with_a_few_pages(filled: LargeBucket) -> None:
    filled.calls.clear()
    files = LabelFiles(filled)
    chooser = Chooser(filled, files, "ana", None, random.Random(1), 0.0, lambda *_: None)
    chooser.begin(lambda: counting.of(filled))
    assert chooser.may_draw
    assert len(chooser.draw(8, set())) == 8
    files.close()
    asked = billed(filled.calls)
    assert asked["LIST"] <= 10
    assert asked["GET"] <= 50
    assert (asked["HEAD"], asked["PUT"]) == (0, 0)
