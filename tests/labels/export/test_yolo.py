"""Folders for classification: parts by the pictures' bytes, classes under names for any disk."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.errors import UsageError
from labapp.labels.classes import DEFAULT_SCHEME, LabelClass, Scheme
from labapp.labels.export import FORMATS
from labapp.labels.export.format import Labels
from labapp.labels.export.yolo import folders, labels_csv, placed, remark, shares_of
from tests.labels.builders import picture


def labels_of(said: list[int], split: tuple[int, ...] = (80, 20)) -> Labels:
    """Return labels of as many pictures, each with one answer."""
    keys = [
        f"images/{hashlib.sha256(str(number).encode()).hexdigest()[:16]}-p.jpg"
        for number in range(len(said))
    ]
    return Labels(
        [picture(f"ana{code}", key) for key, code in zip(keys, said, strict=True)], split=split
    )


def parts(labels: Labels) -> dict[str, str]:
    return {one.picture.key: part for part, one in placed(labels)}


def test_shares_are_those_asked_for_and_a_picture_stays_in_its_part() -> None:
    some, more = labels_of([1, 0] * 200), labels_of([1, 0] * 400)
    counts = Counter(parts(more).values())
    assert 600 < counts["train"] < 680
    assert parts(some).items() <= parts(more).items()
    three = Counter(parts(replace(more, split=(50, 25, 25))).values())
    assert all(150 < three[part] < 250 for part in ("val", "test"))


@given(st.lists(st.sampled_from([0, 1]), max_size=12), st.sampled_from([(80, 20), (98, 1, 1)]))
def test_each_part_has_each_class_if_there_are_enough(
    said: list[int], split: tuple[int, ...]
) -> None:
    labels = labels_of(said, split=split)
    found = Counter((part, one.taken.code) for part, one in placed(labels))
    assert sum(found.values()) == len(said)
    for code, count in Counter(said).items():
        has = [part for part in ("train", "val", "test")[: len(split)] if found[part, code]]
        assert len(has) == min(count, len(split))
        assert has[0] == "train"
    told = remark(labels)
    assert bool(told) is any(count < len(split) for count in Counter(said).values())


def test_the_table_says_where_each_picture_is_and_is_read_again() -> None:
    labels = labels_of([1, 0, 1, 0])
    rows = list(csv.DictReader(labels_csv(labels)))
    has = FORMATS["yolo"].pictures
    assert has
    names = [name for _, name in has.of(labels)]
    assert [row["file_name"] for row in rows] == names
    assert {(row["label"], row["class"]) for row in rows} == {("1", "hot dog"), ("0", "other")}
    assert all(name.split("/")[1] == row["class"] for name, row in zip(names, rows, strict=True))
    assert list(has.named_in("".join(labels_csv(labels)))) == names
    own = "file_name\nmine.jpg\n../../0123456789abcdef-a.jpg\ntrain/../0123456789abcdef-a.jpg\n"
    assert list(has.named_in(own)) == []


def scheme_of(*names: str) -> Scheme:
    made = (LabelClass(code, str(code), name, name) for code, name in enumerate(names))
    return replace(DEFAULT_SCHEME, classes=tuple(made))


def test_folders_have_names_that_any_disk_takes_and_keeps_apart() -> None:
    names = ("con", "Nul.x", "a/b", "dog.", ".hidden", "Dog", "dog ", "猫", "..", "a:b")
    found = folders(scheme_of(*names))
    assert [*found.values()] == [
        *("class_con", "class_Nul.x", "a_b", "dog", "class_.hidden"),
        *("Dog_5", "dog_6", "猫", "class", "a_b_9"),
    ]


def test_gifs_are_told_of() -> None:
    labels = Labels([picture("ana1", f"images/{n:016x}-a.gif") for n in range(4)])
    assert remark(labels).startswith("4 GIF are there")


@pytest.mark.parametrize("wrong", ["80", "80/30", "100/0", "a/b", "-10/110", "25/25/25/25", ""])
def test_shares_that_are_none_are_refused(wrong: str) -> None:
    with pytest.raises(UsageError, match="no shares"):
        shares_of(wrong)
    assert shares_of("70/20/10") == (70, 20, 10)
