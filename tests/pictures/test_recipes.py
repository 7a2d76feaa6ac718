from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labapp.errors import LabappError, UsageError
from labapp.pictures import pipeline, recipes, registry
from labapp.pictures.limits import FORMATS
from labapp.pictures.recipes import Recipe

RECIPES = st.builds(
    Recipe,
    st.lists(st.sampled_from(sorted(registry.operations())), min_size=1, max_size=16).map(
        pipeline.parse
    ),
    st.just("web"),
    st.sampled_from(["", *FORMATS]),
    st.none() | st.integers(1, 100),
    st.booleans(),
)


@given(RECIPES)
@settings(max_examples=30)
def test_a_recipe_comes_back_from_its_text_as_it_was(recipe: Recipe) -> None:
    assert recipes.of_document(tomllib.loads(recipes.to_text(recipe)), "web") == recipe


def test_its_text_can_be_read_and_typed() -> None:
    recipe = Recipe(pipeline.parse(["blur:sigma=3", "flip"]), "soft", "jpeg", 80, exact=True)
    assert recipes.to_text(recipe) == (
        "# client.py image PHOTO --recipe soft\n"
        'steps = ["blur:sigma=3", "flip"]\n'
        'format = "jpeg"\nquality = 80\nexact = true\n'
    )
    assert recipe.told == "blur:sigma=3, then flip, as jpeg, quality 80, exact"


@pytest.mark.parametrize(
    ("typed", "name"),
    [("web", "web"), (" Web 800 ", "web-800"), ("a_b", "a-b"), ("-x-", "x"), ("2", "2")],
)
def test_a_name_is_taken_as_people_type_it(typed: str, name: str) -> None:
    assert recipes.checked_name(typed) == name


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "a recipe needs a name"),
        (" - ", "a recipe needs a name"),
        ("a/b", "'/' is no letter from a to z"),
        ("größe", "'ö' is no letter from a to z"),
        ("../../etc", "'.' is no letter"),
        ("a\x1b[2Jb", "is no letter from a to z"),
        ("x" * 41, "has 41 characters; at most 40"),
    ],
)
def test_what_is_no_name_is_told(typed: str, told: str) -> None:
    with pytest.raises(UsageError) as error:
        recipes.checked_name(typed)
    assert told in error.value.message
    assert "\x1b" not in str(error.value)
    assert error.value.remedy


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, "it says no steps"),
        ({"steps": []}, "it says no steps"),
        ({"steps": 3}, "steps is no list of texts"),
        ({"steps": ["blur", 3]}, "steps is no list of texts"),
        ({"steps": ["flip", "blur:sigma=999"]}, "step 2: blur cannot take sigma 999"),
        ({"steps": ["nope"]}, "step 1: there is no operation 'nope'"),
        ({"steps": ["blur" * 999]}, "step 1 has 3,996 characters"),
        ({"steps": ["flip"] * 17}, "17 steps; at most 16"),
        ({"steps": ["flip"], "format": "raw"}, "the format 'raw' is not written"),
        ({"steps": ["flip"], "format": 3}, "format is no text"),
        ({"steps": ["flip"], "quality": 0}, "the quality '0' is not taken"),
        ({"steps": ["flip"], "quality": 10**5000}, "the quality '101' is not taken"),
        ({"steps": ["flip"], "quality": 8.5}, "quality is no whole number"),
        ({"steps": ["flip"], "quality": True}, "quality is no whole number"),
        ({"steps": ["flip"], "exact": "yes"}, "exact is neither true nor false"),
        ({"steps": ["flip"], "crop": "centre"}, "crop is no key of a recipe"),
    ],
)
def test_what_is_wrong_in_a_recipe_is_told(said: dict[str, Any], told: str) -> None:
    with pytest.raises(LabappError) as error:
        recipes.of_document(said)
    assert told in error.value.message
    assert error.value.remedy


def test_what_people_write_is_taken() -> None:
    found = recipes.of_document({"steps": "flip", "format": "JPG", "quality": "80"})
    assert (found.texts, found.format, found.quality) == (["flip"], "jpeg", 80)


def test_flags_come_behind_a_recipe_or_in_its_place() -> None:
    web = Recipe(pipeline.parse(["flip"]), "web", "jpeg", 80)

    def with_(*ops: str, wanted: str = "", quality: int | None = None) -> str:
        return recipes.with_flags(web, ops, wanted, quality, exact=False).told

    assert with_("invert") == "flip, then invert, as jpeg, quality 80"
    assert with_(wanted="webp") == "flip, as webp, quality 80"
    assert with_(wanted="png") == "flip, as png", "PNG knows no quality"
    assert with_(wanted="png", quality=5) == "flip, as png, quality 5", "asked for: it is told"
    assert with_(quality=5) == "flip, as jpeg, quality 5"
    assert recipes.with_flags(web, (), "", None, exact=True).exact
    with pytest.raises(LabappError, match="17 steps; at most 16"):
        with_(*["flip"] * 16)
