"""Which classes annotators confuse is told by command and page, however many classes there are."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from labapp.console import theme
from labapp.console.accessible import mode
from labapp.dataset.statistics import DatasetSnapshot
from labapp.errors import MissingResourceError, UsageError
from labapp.labels import confusion as counted
from labapp.labels.classes import LabelClass, Scheme
from labapp.labels.confusion import Confusion
from labapp.labels.effective import Counting
from labapp.labels.gold import Gold
from labapp.programs.statistics import confusion
from tests.labels.builders import START, picture

#: As many classes as there may be, with names as people give them.
NAMES = (
    *("hot dog", "pizza", "ramen soup", "burger", "salad", "cake", "ice cream", "curry", "paella"),
    "something else",
)
TEN = Scheme("What?", tuple(LabelClass(n, str(n), name, name) for n, name in enumerate(NAMES)))


def look(*scripts: str, gold: dict[str, int] | None = None) -> DatasetSnapshot:
    decided = Counting(TEN)
    labels = tuple(
        picture(script, f"images/{n}.jpg", counting=decided) for n, script in enumerate(scripts)
    )
    return DatasetSnapshot(START, {}, labels, (), 0, counting=decided, gold=Gold(gold or {}))


def drawn(found: list[Confusion], columns: int) -> list[str]:
    body = confusion.drawn(found)(columns, 0)
    return [line.rstrip() for line in theme.detect("never").ansi(body, columns).splitlines()]


@pytest.fixture
def pair() -> Confusion:
    (found,) = counted.pairs(look(*["ana1 bo2"] * 12, *["ana3 bo3"] * 30, "ana9 bo0").pictures)
    return found


@pytest.mark.parametrize(
    ("columns", "heads"), [(120, NAMES), (80, "0123456789"), (37, "0123456789")]
)
def test_ten_classes_are_rows_and_columns_in_any_window(
    pair: Confusion, columns: int, heads: tuple[str, ...]
) -> None:
    lines = drawn([pair], columns)
    assert all(len(line) <= columns for line in lines)
    head = next(n for n, line in enumerate(lines) if line.startswith("rows: ")) + 1
    assert lines[head].split() == " ".join(heads).split()
    row = next(line for line in lines[head:] if line.startswith("1 pizz"))
    assert row.replace("!", " !").split()[-9:] == ["·", "!12", *"·······"], (
        "what is confused most has a sign"
    )
    told = " ".join(lines[: head - 1])
    assert told.startswith("ana and bo: 30 of 43 pictures the same (70 %); most often pizza where")


def test_who_listens_is_told_each_confusion_and_no_grid(
    pair: Confusion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mode, "is_on", lambda: True)
    lines = drawn([pair], 80)
    assert ["pizza", "ramen", "soup", "12"] in [line.split() for line in lines]
    assert not any(line.startswith("rows: ") for line in lines)


def test_an_annotator_is_compared_with_the_rest_and_with_gold_where_there_is_any() -> None:
    seen = look("Ana1 bo2 cy2", "Ana1 bo1")
    (rest,) = confusion.compared(seen, "ANA")
    assert confusion.in_words(rest) == (
        "Ana and the rest: 1 of 2 pictures the same (50 %); most often pizza where the rest says"
        " ramen soup: 1"
    )
    with_gold = look("Ana1 bo2", gold={"images/0.jpg": 1})
    assert [confusion.other_of(one) for one in confusion.compared(with_gold, "ana")] == [
        "the rest", "gold",
    ]  # fmt: skip
    (bo,) = confusion.compared(seen, "ana", "Bo")
    assert confusion.PAIRS.row(bo) == ["Ana", "bo", 2, 1, 0.5, "pizza / ramen soup 1"]
    (nobody,) = confusion.compared(look("Ana1", "bo1"), "ana", "bo")
    assert drawn([nobody], 80) == ["Ana and bo: no picture to compare"]


def test_who_has_not_labelled_cannot_be_compared() -> None:
    with pytest.raises(MissingResourceError, match="nobody called 'eve'"):
        confusion.compared(look("ana1"), "eve")
    asked: Any = SimpleNamespace(arguments=SimpleNamespace(annotator=None, other="bo"))
    with pytest.raises(UsageError, match="needs --annotator"):
        confusion.show(cast("Any", asked), look("ana1"))
