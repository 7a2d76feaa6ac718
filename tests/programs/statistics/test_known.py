"""The statistics' pages go on while classes, annotators and gold change elsewhere."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labapp.dataset import counting, decisions
from labapp.dataset.cache import Cache
from labapp.dataset.statistics import Statistics
from labapp.labels import annotator_file, scheme_file
from labapp.labels.annotator_file import Annotators
from labapp.programs.statistics import screen
from labapp.programs.statistics.known import Known
from labapp.programs.statistics.model import annotators_table, pictures_table
from labapp.programs.statistics.pictures_screen import Shown
from tests.dataset.dataset_kit import MemoryBucket, answer, stock
from tests.labels.test_scheme_file import CATS


@pytest.fixture
def known(tmp_path: Path) -> Known:
    bucket = MemoryBucket(tmp_path)
    for key in stock(bucket, 4):
        answer(bucket, key, "ana1", "bo1", "eve0")
    menu: Any = SimpleNamespace(
        frame=None,
        wait=lambda message, action, title="": action(),
        context=SimpleNamespace(settings=SimpleNamespace(target_answers=3)),
    )
    return Known(menu, Statistics(bucket, Cache(tmp_path / "cache")))


def pages(known: Known) -> None:
    """Draw what the pages draw."""
    scheme = known.look.scheme
    pictures_table(scheme, known.model).to_browse(known.summary.tallies).told(0)
    annotators_table(known.look, known.model).to_browse(known.summary.annotators).told(0)
    for columns in (37, 77, 97):
        screen._overview(known)(columns, 40)
    screen.help_text(known)


def test_a_look_again_has_new_classes_and_who_is_left_out_and_the_model_follows(
    known: Known,
) -> None:
    known.switch_model()
    pages(known)
    assert known.model
    assert known.model.model.basis.answers == 12
    assert [one.label_class.name for one in known.classes] == ["hot dog", "other"]
    decided = annotator_file.to_text(Annotators(left_out=("Eve",)))
    decisions.change(known.statistics.bucket, annotator_file.KEY, lambda before: decided)
    pages(known)
    assert known.model.model.basis.answers == 12, "as it was, until another look"
    known.look_again()
    pages(known)
    assert known.model.model.basis.answers == 8
    assert [one.is_left_out for one in known.summary.annotators] == [False, False, True]
    decisions.change(known.statistics.bucket, scheme_file.KEY, lambda before: CATS)
    known.look_again()
    pages(known)
    classes = [each.name for each in counting.scheme_of(known.statistics.bucket).classes]
    assert [one.label_class.name for one in known.classes] == classes
    known.switch_model()
    assert known.model is None
    pages(known)


def test_an_order_by_a_class_that_is_no_more_becomes_the_usual_one(known: Known) -> None:
    shown = Shown()
    shown.take(known.look.scheme)
    shown.sort = shown.filter = known.look.scheme.first.word
    decisions.change(known.statistics.bucket, scheme_file.KEY, lambda before: CATS)
    known.look_again()
    shown.take(known.look.scheme)
    assert (shown.sort, shown.filter) == ("disputed", "all")
