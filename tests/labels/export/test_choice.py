"""Chosen exports: time and annotator choose answers, the rest chooses pictures by these."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from labapp import utc
from labapp.errors import RefusedError, UsageError
from labapp.labels.effective import Counting, PictureLabels
from labapp.labels.export.choice import Choice, moment
from labapp.labels.export.csv_files import answers_csv, pictures_csv
from labapp.labels.export.format import Labels
from tests.labels.builders import picture

A, B, C, D, E = (f"images/{letter * 16}-p.jpg" for letter in "abcde")

# From 10:00 on, a minute between two lines.
DATASET = [
    picture("ana1 bo1 cy0", A),
    picture("bo0 ana1", B),
    picture("ana0 cy~dark", C),
    picture("bo0 eve=1", D),
    picture("1", E),
]


class Sure:
    """A model that is as sure of hot dogs as it is told."""

    def __init__(self, sure: Mapping[str, float]) -> None:
        self.sure = sure

    def of(self, key: str) -> int | None:
        if key not in self.sure or self.sure[key] == 0.5:
            return None
        return int(self.sure[key] > 0.5)

    def probability(self, key: str) -> Mapping[int, float]:
        found = self.sure.get(key)
        return {} if found is None else {1: found, 0: 1 - found}


def chosen(
    choice: Choice, pictures: list[PictureLabels] | None = None, model: Sure | None = None
) -> Labels:
    of_answers = Labels(choice.answers_of(pictures or DATASET), target=2, model=model)
    return Labels(choice.pictures_of(of_answers), target=2, model=model)


def rows(labels: Labels) -> list[str]:
    """Return the pictures with what they are taken for, votes and status."""
    cells = [line.rstrip().split(",") for line in pictures_csv(labels)][1:]
    return [f"{key[7]}{label}/{votes} {status}" for key, label, votes, _, _, status in cells]


def answers(labels: Labels) -> list[str]:
    cells = [line.split(",") for line in answers_csv(labels)][1:]
    return [f"{key[7]}: {who}{label}" for key, _, who, label, *_ in cells]


def test_all_are_there_but_broken_pictures() -> None:
    everything = chosen(Choice())
    assert rows(everything) == [
        *("a1/3 decided", "b/2 disputed", "d1/1 settled", "e1/1 in progress"),
    ]
    assert not [answer for answer in answers(everything) if answer.startswith("c")]
    assert rows(chosen(Choice(statuses=("broken",)))) == ["c0/1 broken"]


def test_annotators_choose_answers_and_pictures_are_counted_by_these_alone() -> None:
    of_ana = chosen(Choice(annotators=("ANA",)))
    assert answers(of_ana) == ["a: ana1", "b: ana1"]
    assert rows(of_ana) == ["a1/1 in progress", "b1/1 in progress"]
    of_two = chosen(Choice(annotators=("ana", "bo")))
    assert rows(of_two) == ["a1/2 decided", "b/2 disputed", "d1/1 settled"]
    assert answers(chosen(Choice(annotators=("anonymous",)))) == ["e: 1"]


def test_a_broken_picture_is_chosen_by_who_says_so_and_when() -> None:
    broken = ("broken",)
    assert rows(chosen(Choice(annotators=("cy",), statuses=broken))) == ["c/0 broken"]
    assert rows(chosen(Choice(annotators=("bo",), statuses=broken))) == []
    assert rows(chosen(Choice(moment("2026-11-22"), statuses=broken))) == []


def test_merged_names_are_one_person_and_one_who_is_left_out_is_named() -> None:
    counting = Counting(same=MappingProxyType({"anna": "ana"}), left_out=frozenset({"bo"}))
    pictures = [picture("anna1 bo0", A, counting=counting), picture("ana0", B, counting=counting)]
    assert len(answers(chosen(Choice(annotators=("anna",)), pictures))) == 2
    with pytest.raises(RefusedError, match=r"are left out.*take-back bo"):
        chosen(Choice(annotators=("bo",)), pictures)
    nobody = picture("1", A, counting=Counting(left_out=frozenset({""})))
    with pytest.raises(RefusedError, match=r"are left out.*take-back anonymous"):
        chosen(Choice(annotators=("anonymous",)), [nobody])
    with pytest.raises(UsageError, match=r"no answer is of 'zoe'\. There are some of ana"):
        chosen(Choice(annotators=("zoe",)), pictures)


def test_since_has_its_moment_and_until_has_not() -> None:
    since, until = moment("2026-11-21T10:01"), moment("2026-11-21T10:02")
    between = chosen(Choice(since, until))
    assert answers(between) == ["a: bo1", "b: ana1"]
    # Settled in that time, and nothing said that counts.
    assert rows(between) == ["a1/1 in progress", "b1/1 in progress", "d1/0 settled"]
    assert rows(chosen(Choice(until=since))) == [
        *("a1/1 in progress", "b0/1 in progress", "c0/1 in progress", "d0/1 in progress"),
    ], "neither the flag nor the verdict was there"


def test_a_date_alone_is_the_whole_day_in_utc() -> None:
    assert moment("2026-11-21") == datetime(2026, 11, 21, tzinfo=UTC)
    assert moment("2026-11-21", is_end=True) == datetime(2026, 11, 22, tzinfo=UTC)
    assert moment("2026-11-21T10:00", is_end=True) == datetime(2026, 11, 21, 10, tzinfo=UTC)
    assert moment("2026-11-21T10:00+02:00") == datetime(2026, 11, 21, 8, tzinfo=UTC)
    for wrong in ("yesterday", "", "2026-02-30", "9999-12-31", "0001-01-01T00:00+10:00"):
        with pytest.raises(UsageError, match="is no date"):
            moment(wrong, is_end=True)


def test_how_long_ago_is_typed_as_people_do() -> None:
    for text, seconds in (("90s", 90), ("5m", 300), (" 2h ", 7_200), ("1d", 86_400)):
        ago = (utc.now() - moment(text)).total_seconds()
        assert seconds <= ago < seconds + 60
    for wrong in ("5", "5M", "-5m", "5 m", "999999d", "\u0665m"):
        with pytest.raises(UsageError, match="or how long ago"):
            moment(wrong)


def test_classes_and_statuses_choose_pictures_with_all_their_answers() -> None:
    dogs = chosen(Choice(classes=("Hot-Dog",)))
    assert [row[0] for row in rows(dogs)] == ["a", "d", "e"]
    assert answers(dogs) == ["a: ana1", "a: bo1", "a: cy0", "d: bo0", "e: 1"]
    assert rows(chosen(Choice(classes=("0",)))) == []
    assert rows(chosen(Choice(statuses=("disputed", "settled")))) == [
        *("b/2 disputed", "d1/1 settled"),
    ]
    not_of_cy = chosen(Choice(annotators=("cy",), statuses=("untouched",)))
    assert rows(not_of_cy) == ["b/0 untouched", "e/0 untouched"]
    with pytest.raises(UsageError, match=r"there is no class 'cat'\. Choose of 1 hot dog"):
        chosen(Choice(classes=("cat",)))


def test_a_model_decides_but_for_verdicts_and_its_probability_is_a_column() -> None:
    model = Sure({A: 0.25, B: 0.9, D: 0.2, E: 0.5})
    lines = list(pictures_csv(chosen(Choice(), model=model)))
    assert lines[0].endswith(",status,probability\n")
    cells = [line.rstrip().split(",") for line in lines[1:]]
    assert [(row[0][7], row[1], row[-1]) for row in cells] == [
        *(("a", "0", "0.7500"), ("b", "1", "0.9000"), ("d", "1", "1.0000"), ("e", "", "")),
    ]
    sure = chosen(Choice(min_probability=0.8), model=model)
    assert [picture.key[7] for picture in sure.by_key()] == ["b", "d"]
    # Of an answer it is that of what the answer says.
    given = [line.rstrip().split(",") for line in answers_csv(sure)]
    assert [row[-1] for row in given] == ["probability", "0.1000", "0.9000", "0.0000"]


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        (Choice(moment("2026-11-22"), moment("2026-11-21")), "--since is not before"),
        (Choice(statuses=("done",)), "no status 'done'"),
        (Choice(min_probability=1.5), "--min-probability is 1.5"),
        (Choice(min_probability=float("nan")), "--min-probability is nan"),
    ],
)
def test_what_can_mean_nothing_is_refused_at_once(choice: Choice, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        choice.check()
