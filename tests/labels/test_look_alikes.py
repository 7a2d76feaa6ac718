from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labapp.labels.look_alikes import look_alikes, skeleton, spelled_out

CYRILLIC = "\u0430na"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ana", CYRILLIC),
        ("paypal", "\u0440\u0430\u0443\u0440\u0430l"),
        ("bob", "b\u03bfb"),
        ("bob", "b0b"),
        ("BOB", "B0B"),
        ("Al", "AI"),
        ("Al", "A1"),
        ("modern", "rnodern"),
        ("wim", "vvim"),
        ("ana", "\uff41\uff4e\uff41"),
        ("Ana", "\U0001d400na"),
        ("ana", "ANA"),
        ("Zo\u00eb", "Zoe\u0308"),
        ("ana", "an\u200ba"),
        ("\u041d\u0438\u043d\u0430", "H\u0438\u043da"),
    ],
)
def test_names_that_look_alike_are_found_both_ways(one: str, other: str) -> None:
    assert look_alikes([one, "somebody", other]) == {one: (other,), other: (one,)}


@pytest.mark.parametrize(
    ("one", "other"), [("Zoe", "Zo\u00eb"), ("ana", "anna"), ("bo", "cy"), ("\u738b", "\u674e")]
)
def test_names_that_one_can_tell_apart_are_not(one: str, other: str) -> None:
    assert look_alikes([one, other]) == {}


@given(st.text())
def test_a_skeleton_is_its_own(name: str) -> None:
    assert skeleton(skeleton(name)) == skeleton(name)


def test_only_a_few_of_many_are_named() -> None:
    names = [f"{'0' * n}{'o' * (9 - n)}" for n in range(10)]
    assert {len(others) for others in look_alikes(names).values()} == {3}


def test_a_name_says_which_of_its_letters_deceive() -> None:
    assert spelled_out(CYRILLIC) == f"{CYRILLIC} (U+0430)"
    assert spelled_out("Zo\u00eb") == "Zo\u00eb"
