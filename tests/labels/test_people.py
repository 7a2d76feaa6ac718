"""Who labels: one row for each person, found by any of their names."""

from __future__ import annotations

import pytest

from labapp.errors import LabappError, UsageError
from labapp.labels.annotator_file import Annotators
from labapp.labels.effective import Counting
from labapp.labels.people import Person, find, people
from tests.labels.builders import picture

DECIDED = Annotators(("bo",), {"ana_k": "Ana"})
COUNTING = Counting(same=DECIDED.people, left_out=DECIDED.people_left_out)


def test_each_has_what_counts_and_what_does_not() -> None:
    pictures = [
        picture("ana1 ana_k0 bo0 eve!1 eve=1 1", "images/a", counting=COUNTING),
        picture("cy1 bos", "images/b", counting=COUNTING),
    ]
    assert people(pictures, DECIDED) == (
        Person("", 1),
        Person("Ana", 1, withdrawn=1, others=("ana_k",)),
        Person("cy", 1),
        Person("bo", left_out=1, is_left_out=True),
    )


def test_who_is_decided_of_is_there_though_nothing_of_theirs_is() -> None:
    assert [one.name for one in people([], DECIDED)] == ["Ana", "bo"]


def test_a_name_is_found_however_it_is_written() -> None:
    among = people([picture("ana_k1 bo0", counting=COUNTING)], DECIDED)
    for text in ("Ana", "ana k", "ANA_K"):
        assert find(text, among).name == "Ana"
    for text in ("", "anonymous"):
        assert find(text, [Person("")]) == Person("")
    assert find("Anonymous", [Person(""), Person("anonymous")]).name == "anonymous"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("anna", "nobody called 'anna' has labelled. Did you mean Ana?"),
        ("\u0430na", "Did you mean Ana?"),
        ("zz", "'admin.py annotators' lists who has"),
        ("", "no answers without a name"),
        ("?!", "has no letter or digit"),
    ],
)
def test_a_name_that_is_nobodys_is_told_with_whom_it_may_mean(text: str, told: str) -> None:
    with pytest.raises(LabappError, match=told.replace("?", r"\?")):
        find(text, people([picture("Ana1 bo0")], Annotators()))


def test_who_looks_like_another_is_spelled_out() -> None:
    among = people([picture("\u0430na1 bo0")], Annotators())
    with pytest.raises(UsageError, match=r"U\+0430"):
        find("ana", among)
