"""The table of pictures sorts and narrows by the names a user may give."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from labapp.errors import UsageError
from labapp.labels.sorting import filter_tallies, filters, most_disputed, sort_tallies, sorts
from labapp.labels.tally import Tally

DAY = datetime(2026, 11, 21, tzinfo=UTC)
TABLE = [
    Tally("images/1111111111111111-zebra.jpg", {1: 3, 0: 3}, last_at=DAY),
    Tally("images/2222222222222222-Apple.jpg", {1: 1, 0: 1}, unreadable=1),
    Tally("images/3333333333333333-mango.jpg"),
    Tally("images/4444444444444444-bun.jpg", {1: 3, 0: 0}, last_at=DAY.replace(hour=5)),
    Tally("images/5555555555555555-cat.jpg", {1: 1, 0: 2}),
    Tally("images/6666666666666666-dog.jpg", {1: 0, 0: 1}),
]


def firsts(tallies: list[Tally]) -> str:
    return "".join(each.name[0] for each in tallies)


@pytest.mark.parametrize(
    ("by", "order"),
    [
        ("key", "zAmbcd"),
        ("name", "Abcdmz"),
        ("answers", "zbcAdm"),
        ("hot-dog", "bzAcdm"),
        ("Hot_Dog", "bzAcdm"),
        ("1", "bzAcdm"),
        ("agreement", "bczAdm"),
        ("disputed", "zAcbdm"),
        ("recent", "bzAmcd"),
    ],
)
def test_each_order_is_as_it_says_with_equals_by_key(by: str, order: str) -> None:
    assert firsts(sort_tallies(reversed(TABLE), by)) == order
    assert firsts(sort_tallies(TABLE, by, reverse=True)) == order[::-1]


def test_every_order_that_is_offered_works() -> None:
    for by in sorts():
        assert sorted(t.key for t in sort_tallies(TABLE, by)) == [t.key for t in TABLE]


@pytest.mark.parametrize(
    ("by", "kept"),
    [
        ("all", "zAmbcd"),
        ("untouched", "m"),
        ("in-progress", "d"),
        ("decided", "bc"),
        ("disputed", "zA"),
        ("hot-dog", "b"),
        ("other", "cd"),
        ("unreadable", "A"),
    ],
)
def test_each_filter_keeps_what_it_says(by: str, kept: str) -> None:
    assert by in filters()
    assert firsts(filter_tallies(TABLE, by, target=3)) == kept


def test_the_target_decides_what_is_decided() -> None:
    assert firsts(filter_tallies(TABLE, "decided", target=1)) == "bcd"


def test_what_is_unknown_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(UsageError, match="hot-dog"):
        sort_tallies(TABLE, "size")
    with pytest.raises(UsageError, match="in-progress"):
        filter_tallies(TABLE, "mine", target=3)


def test_most_disputed_leaves_out_pictures_on_which_all_agree() -> None:
    assert firsts(most_disputed(TABLE)) == "zAc"


def test_a_tie_of_many_is_more_disputed_than_a_tie_of_two() -> None:
    assert [
        each.key for each in most_disputed([Tally("a", {1: 1, 0: 1}), Tally("b", {1: 3, 0: 3})])
    ] == ["b", "a"]
