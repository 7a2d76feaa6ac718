"""What JSON, pipes and people see of a picture's answers is one declaration."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from labapp.console import tables, theme
from labapp.labels.annotators import AnnotatorReport, Flag
from labapp.labels.classes import DEFAULT_SCHEME, LabelClass, Scheme
from labapp.labels.gold_accuracy import GoldAccuracy
from labapp.labels.tally import Tally
from labapp.programs.statistics.annotators_table import annotators
from labapp.programs.statistics.table import answers, balance, pictures, totals_table
from tests.labels.builders import entries

KEY = "images/0123456789abcdef-bun.jpg"


def shown(each: Tally, *, page: bool) -> dict[str, Any]:
    heads, (cells,) = pictures().heads(page=page), pictures().cells([each], page=page)
    return {head.title: cell for head, cell in zip(heads, cells, strict=True)}


def test_the_document_carries_the_promised_fields() -> None:
    assert pictures().document(Tally(KEY, {1: 2, 0: 1})) == {
        "key": KEY,
        "name": "bun.jpg",
        "answers": 3,
        "hot_dog_percent": 66.67,
        "other_percent": 33.33,
        "agreement": 0.6667,
        "consensus": "hot dog",
    }
    assert pictures().document(Tally(KEY))["consensus"] == ""  # null, once it is written
    assert pictures().document(Tally(KEY))["agreement"] is None
    assert pictures().document(Tally(KEY, {1: 1, 0: 0}))["agreement"] is None
    assert pictures().document(Tally(KEY, {1: 2, 0: 0}))["agreement"] == 1.0


def test_a_pipe_gets_the_whole_key_and_digits_enough() -> None:
    assert pictures().row(Tally(KEY, {1: 2, 0: 1})) == [KEY, 3, "66.7", "33.3", "0.67", "hot dog"]
    assert pictures().row(Tally(KEY, {0: 1})) == [KEY, 1, "0.0", "100.0", "n/a", "other"]
    assert pictures().row(Tally(KEY)) == [KEY, 0, None, None, None, "no labels yet"]


def test_people_see_the_same_on_a_terminal_and_on_a_page() -> None:
    tied = Tally(KEY, {1: 2, 0: 2})
    terminal, page = shown(tied, page=False), shown(tied, page=True)
    assert terminal["key"] == "0123456789abcdef-bun.jpg"
    assert page["picture"] == "bun.jpg"
    assert terminal["agreement"] == page["agreement"] == "50 %"
    assert terminal["consensus"] == "disputed"
    assert str(page["consensus"]).endswith(" disputed"), "with a sign"
    assert str(shown(Tally(KEY, {1: 1}), page=True)["consensus"]) == "hot dog"
    assert len(set(page[" "])) == 2, "a bar that is half full"
    settled = Tally(KEY, {1: 2, 0: 2}, verdict=1, broken=1)
    assert shown(settled, page=False)["consensus"] == "hot dog, settled"
    assert shown(Tally(KEY, {0: 1}, broken=1), page=False)["consensus"] == "broken"
    assert shown(Tally(KEY, broken=1), page=False)["consensus"] == "broken"
    assert pictures().row(settled)[-1] == "hot dog", "a pipe tells the class alone"


def test_who_answered_without_a_name_is_told() -> None:
    named, bare = entries("ana1 0")
    ((who, what, _), (nobody, _, when)) = answers().cells([named, bare])
    assert (who, what) == ("ana", "hot dog")
    assert (nobody, when) == ("(a lab's own program)", "")
    assert answers().row(bare) == ["anonymous", "other", ""]
    assert answers().document(named)["labelled_at"] == "2026-11-21T10:00:00Z"


def test_what_is_odd_of_an_annotator_is_told_whole_in_a_narrow_window() -> None:
    last, flags = datetime(2026, 11, 21, tzinfo=UTC), (Flag.ONE_KEY, Flag.TOO_FAST, Flag.AGAIN)
    odd = AnnotatorReport("ana", 20, {1: 20}, 40, 20, last, 0.2, flags)
    table = tables.table(annotators().heads(), annotators().cells([odd]))
    head, _, *rows = theme.detect("never").ansi(table, 60).splitlines()
    told = " ".join(row[head.index("flags") :].strip() for row in rows)
    assert told == "one key, too fast, answered again"


def test_accuracy_on_gold_has_a_column_only_where_there_is_gold() -> None:
    last = datetime(2026, 11, 21, tzinfo=UTC)
    ana = AnnotatorReport("ana", 20, {1: 20}, 40, 20, last, 5, (), gold=GoldAccuracy(10, 8))
    bo = AnnotatorReport("bo", 20, {1: 20}, 40, 20, last, 5, (), gold=GoldAccuracy(3, 0))
    cy = AnnotatorReport("cy", 20, {1: 20}, 40, 20, last, 5, ())
    table = annotators()
    assert [table.document(one)["gold_accuracy"] for one in (ana, bo, cy)] == [0.8, 0.0, None]
    assert (table.document(ana)["gold_low"], table.document(ana)["gold_high"]) == (0.4902, 0.9433)
    assert table.row(ana)[-1] == "80 (49-94)"
    assert table.row(bo)[-1] == "0 (0-56)"
    assert len(table.row(cy)) == len(table.row(ana)) - 1, "as without gold pictures"
    with_gold, without = table.without_empty([ana, cy]), table.without_empty([cy])
    assert "gold %" in [head.title for head in with_gold.heads()]
    assert "gold %" not in [head.title for head in without.heads(page=True)]


def test_no_classs_total_takes_the_name_of_another() -> None:
    classes = tuple(
        LabelClass(code, str(code), name, name)
        for code, name in enumerate(("picture", "answer", "pair", "unreadable line", "fox"))
    )
    names = totals_table(Scheme("Which?", classes)).listing.names
    assert len(set(names)) == len(names)
    assert {"pictures", "picture_class", "foxs"} < set(names)


def test_of_many_classes_the_balance_has_those_that_pictures_are_of() -> None:
    classes = tuple(LabelClass(code, str(code), f"n{code}", "") for code in range(10))
    progress: Any = SimpleNamespace(count=lambda each: {3: 1, 7: 5}.get(each.code, 0))
    assert [n for n, _ in balance(progress, Scheme("?", classes))] == [5, 1]
    assert [n for n, _ in balance(progress, DEFAULT_SCHEME)] == [0, 0]
    assert [each.counted(2) for each in DEFAULT_SCHEME.classes] == ["2 hot dogs", "2 others"]
    assert classes[3].counted(1_000) == "1,000 n3"
