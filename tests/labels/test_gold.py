"""The file of gold pictures: what is written is read, errors are told, retired codes count."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from labapp.errors import RefusedError
from labapp.labels import gold
from labapp.labels.classes import DEFAULT_SCHEME, LabelClass, Scheme
from labapp.labels.gold import MOST, Gold, of_text, to_text

CAT, DOG = LabelClass(1, "c", "cat", "a cat"), LabelClass(2, "d", "dog", "a dog")

keys = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


@settings(max_examples=60)
@given(st.dictionaries(keys, st.integers(0, 9), max_size=6))
@example({"images/\x7f\x00\x1f\"\\'\u2028\ud7ff.jpg": 3})
def test_what_is_written_is_read(codes: dict[str, int]) -> None:
    assert of_text(to_text(Gold(codes))) == Gold(codes)


def test_none_is_an_empty_file_and_the_other_way_round() -> None:
    assert to_text(Gold()) == ""
    assert of_text("") == Gold()


def test_it_is_sorted_so_that_a_change_is_seen() -> None:
    assert to_text(Gold({"images/b": 0, "images/a": 1})) == (
        '[pictures]\n"images/a" = 1\n"images/b" = 0\n'
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("gold", "no TOML"),
        ("more = 1", "'more' is no key"),
        ("pictures = 1", "no table"),
        ('[pictures]\n"images/a" = 10', "'images/a'"),
        ('[pictures]\n"images/a" = true', "'images/a'"),
        ('[pictures]\n"images/a" = "cat"', "'images/a'"),
        ("[pictures]\nimages.a = 1", "'images'"),
    ],
)
def test_what_is_wrong_is_said(text: str, told: str) -> None:
    with pytest.raises(RefusedError, match=told):
        of_text(text)


def test_one_more_and_another_class() -> None:
    one = Gold().with_more(["images/a"], CAT)
    assert one.codes == {"images/a": 1}
    assert one.with_more(["images/a"], DOG).codes == {"images/a": 2}


def test_there_are_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    most = Gold({f"images/{number}": 1 for number in range(MOST)})
    with pytest.raises(RefusedError, match="at most 5,000"):
        most.with_more(["images/a"], CAT)
    assert most.with_more(["images/7"], DOG).codes["images/7"] == 2
    assert of_text(to_text(most)) == most
    monkeypatch.setattr(gold, "MOST", 2)
    with pytest.raises(RefusedError, match="5,000"):
        of_text(to_text(most))


def test_codes_count_by_the_scheme_of_now() -> None:
    scheme = Scheme("Which?", (CAT, DOG), retired={0: 2, 5: None})
    given = Gold({"images/a": 1, "images/b": 0, "images/c": 5, "images/d": 9})
    assert given.by(scheme) == {"images/a": 1, "images/b": 2}
    assert Gold({"images/a": 1}).by(DEFAULT_SCHEME) == {"images/a": 1}
