"""A bucket's scheme is changed by one program at a time, and no answer is lost by it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from labapp.dataset import answers, counting, decisions, label_writer, schemes
from labapp.dataset.cache import Cache
from labapp.dataset.label_reader import LabelFiles
from labapp.dataset.statistics import Statistics
from labapp.errors import RefusedError
from labapp.labels import annotator_file, gold, label_file, predictions, scheme_edits, scheme_file
from labapp.labels.annotator_file import Annotators
from labapp.labels.classes import DEFAULT_SCHEME, Scheme
from labapp.labels.label_file import Label
from labapp.labels.layout import OWN
from labapp.labels.scheme_change import Change, Uses, plan
from labapp.settings import Settings
from tests.dataset.dataset_kit import START, MemoryBucket, answer, label_file_of, stock
from tests.labels.test_scheme_file import CATS

ANIMALS = scheme_file.of_text(CATS)  # cat 1, dog 3


@pytest.fixture
def bucket(tmp_path: Path) -> MemoryBucket:
    return MemoryBucket(tmp_path)


def keep(bucket: MemoryBucket, scheme: Scheme, said: dict[int, int | None] | None = None) -> Change:
    known = schemes.read(bucket)
    planned = plan(known.scheme, scheme, said or {}, schemes.look(bucket).uses)
    schemes.keep(bucket, known, planned)
    return planned


def test_what_there_is_of_each_code_is_counted_whatever_the_scheme(bucket: MemoryBucket) -> None:
    key, other = stock(bucket, 2)
    answer(bucket, key, "ana1", "ana7", "bo3", "cys")
    label_writer.record(bucket, key, label_file.verdict(ANIMALS.classes[1], START, "eve", "v1"))
    bucket.put(OWN.label_key(other), b"0\n77\n", "text/plain")
    bucket.put("labels/orphan.txt", b"5\n", "text/plain")
    bucket.put(gold.KEY, f'[pictures]\n"{key}" = 1\n"{other}" = 9\n'.encode(), "text/plain")
    rows = f"image_key,code,confidence\n{key},8,0.5\n{other},9,\n"
    bucket.put(predictions.KEY, rows.encode(), "text/csv")
    left_out = annotator_file.to_text(Annotators(left_out=("bo",)))
    decisions.change(bucket, annotator_file.KEY, lambda _: left_out)
    assert schemes.look(bucket) == schemes.Look(
        {
            0: Uses(answers=1, lines=1),
            1: Uses(gold=1, lines=1),  # ana said 7 later
            3: Uses(answers=1, verdicts=1, lines=2),
            5: Uses(answers=1, lines=1),
            7: Uses(answers=3, lines=3),
            8: Uses(predictions=1),
            9: Uses(gold=1, predictions=1),
        }
    )


def test_a_class_that_goes_counts_as_another_and_no_line_is_rewritten(
    bucket: MemoryBucket, tmp_path: Path
) -> None:
    key = stock(bucket, 1)[0]
    answer(bucket, key, "ana1", "bo0")
    before = bucket.get(OWN.label_key(key)).body
    with pytest.raises(RefusedError, match=r"other \(0\): 1 answer"):
        keep(bucket, ANIMALS, {1: 1})
    keep(bucket, ANIMALS, {1: 1, 0: 3})
    assert bucket.get(OWN.label_key(key)).body == before
    look = Statistics(bucket, Cache(tmp_path / "cache")).look()
    assert [entry.code for entry in look.pictures[0].answers] == [1, 3]
    assert schemes.read(bucket).scheme.retired == {0: 3}


def test_two_who_change_at_once_do_not_undo_each_other(bucket: MemoryBucket) -> None:
    known = schemes.read(bucket)
    mine = plan(known.scheme, ANIMALS, {}, {})
    keep(bucket, replace(DEFAULT_SCHEME, question="Hot?"))
    with pytest.raises(RefusedError, match="changed by somebody else"):
        schemes.keep(bucket, known, mine)
    assert schemes.read(bucket).scheme.question == "Hot?"


def test_a_change_that_came_in_though_its_answer_was_lost_is_made(bucket: MemoryBucket) -> None:
    known = schemes.read(bucket)
    mine = plan(known.scheme, ANIMALS, {}, {})
    bucket.before_put = lambda key, body: bucket.objects.get(key) or bucket.write(key, body)
    assert schemes.keep(bucket, known, mine).scheme == mine.after


def test_an_answer_of_a_class_that_goes_meanwhile_counts_as_none_and_is_told(
    bucket: MemoryBucket, tmp_path: Path
) -> None:
    key = stock(bucket, 1)[0]
    known = schemes.read(bucket)
    planned = plan(known.scheme, ANIMALS, {}, schemes.look(bucket).uses)
    answer(bucket, key, "ana0")  # by a program that was opened before
    schemes.keep(bucket, known, planned)
    assert "1 of the code 0. They count as none" in schemes.answered_meanwhile(bucket, planned)
    look = Statistics(bucket, Cache(tmp_path / "cache")).look()
    (picture,) = look.pictures
    assert (picture.answers, picture.file.unreadable) == ((), 0)
    again = keep(bucket, schemes.read(bucket).scheme, {0: 3})
    assert schemes.answered_meanwhile(bucket, again) == ""
    assert counting.scheme_of(bucket).retired == {0: 3}


def test_what_was_changed_can_be_taken_back(bucket: MemoryBucket) -> None:
    key = stock(bucket, 1)[0]
    answer(bucket, key, "ana1", "bo0")
    keep(bucket, ANIMALS, {1: 1, 0: 3})
    with pytest.raises(RefusedError, match="is cat, with 1 answer, and would be hot dog"):
        keep(bucket, scheme_edits.default(ANIMALS))
    keep(bucket, DEFAULT_SCHEME, {1: 1, 3: None})  # other is known again by its name
    former = replace(DEFAULT_SCHEME, retired={3: None}, former={3: "dog"})
    assert schemes.read(bucket).scheme == former


def test_programs_of_different_schemes_share_one_cache(
    bucket: MemoryBucket, tmp_path: Path
) -> None:
    key = stock(bucket, 1)[0]
    answer(bucket, key, "ana1", "bo3")
    old = Statistics(bucket, Cache(tmp_path / "cache"))
    assert old.look().pictures[0].file.unreadable == 1
    keep(bucket, replace(ANIMALS, classes=(*ANIMALS.classes, *DEFAULT_SCHEME.classes[1:])), {1: 1})
    new = Statistics(bucket, Cache(tmp_path / "cache"))
    for statistics in (new, old):
        (picture,) = statistics.look().pictures
        assert [entry.code for entry in picture.answers] == [1, 3]
        assert picture.file.unreadable == 0
    assert new.look().fetched == 0


def test_answers_are_found_again_whatever_their_class(bucket: MemoryBucket) -> None:
    key = stock(bucket, 1)[0]
    keep(bucket, replace(ANIMALS, classes=(*ANIMALS.classes, *DEFAULT_SCHEME.classes[1:])))
    told: list[object] = []
    first = label_writer.answer(bucket, key, Label("3"), "ana", told.append)
    assert not told
    label_writer.answer(bucket, key, Label("1"), "ana", told.append)
    assert told == [replace(first, at=first.at and first.at.replace(microsecond=0))]
    assert label_file_of(bucket, key).unreadable == 1  # by the usual scheme


def test_a_layout_that_is_only_read_has_no_classes_of_its_own(bucket: MemoryBucket) -> None:
    bucket.cloud.settings = Settings(images_prefix="", labels_key="files/{name}.txt")
    known = schemes.read(bucket)
    with pytest.raises(RefusedError, match="only read"):
        schemes.keep(bucket, known, plan(known.scheme, ANIMALS, {}, {}))


def test_a_labs_layout_that_is_written_holds_bare_codes_of_its_own_classes(
    bucket: MemoryBucket,
) -> None:
    bucket.cloud.settings = Settings(
        images_prefix="", labels_key="files/{name}.txt", layout_writes=True
    )
    for key, body in (("cat.jpg", b"x"), ("files/cat.jpg.txt", b"0 1\n11")):
        bucket.put(key, body, "text/plain")
    with pytest.raises(RefusedError, match=r"other \(0\): 1 answer"):
        keep(bucket, ANIMALS, {1: 1})
    keep(bucket, ANIMALS, {1: 1, 0: 3})
    first = answers.answer(bucket, "cat.jpg", Label("3"), "ana")
    second = answers.revise(bucket, "cat.jpg", Label("1"), first)
    assert bucket.get("files/cat.jpg.txt").body == b"0 1\n11\n1\n"
    answers.undo(bucket, "cat.jpg", second)
    assert bucket.get("files/cat.jpg.txt").body == b"0 1\n11\n3\n"
    (picture,) = Statistics(bucket).look().pictures
    assert [entry.code for entry in picture.answers] == [3, 1, 1, 1, 3]


def test_a_reading_that_is_overtaken_by_a_change_of_classes_leaves_nothing_wrong(
    bucket: MemoryBucket,
) -> None:
    key = stock(bucket, 1)[0]
    answer(bucket, key, "ana3")
    files = LabelFiles(bucket)
    listed = list(bucket.list("labels/"))

    def overtake(_: str) -> None:
        files.read_as(ANIMALS)

    bucket.before_get = overtake
    assert files.read(listed)[OWN.label_key(key)].unreadable == 1
    bucket.before_get = lambda _: None
    assert files.read(listed)[OWN.label_key(key)].unreadable == 0
