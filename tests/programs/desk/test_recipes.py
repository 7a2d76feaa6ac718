"""Recipes on the desk: saved from steps, taken again, removed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from labapp.console import Back, prompts
from labapp.pictures import pipeline
from labapp.pictures.pipeline import Step
from labapp.pictures.recipes import Recipe
from labapp.programs.desk import recipe_saving
from labapp.programs.desk.recipes_panel import RecipesPanel, open_again, open_recipes
from labapp.programs.desk.steps_panel import StepsPanel
from labapp.programs.desk.value_panel import ValuePanel
from labapp.programs.processing import recipes
from tests.programs.desk.test_steps import press, rows, text
from tests.support.fake_desk import FakeDesk, opened


@pytest.fixture
def answers(desk: FakeDesk, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Give what questions are answered with; what is announced comes behind."""
    given: list[Any] = []

    def ask(question: str, **how: Any) -> Any:
        answer = given.pop(0)
        return how["default"] if answer is None else answer

    monkeypatch.setattr(prompts, "text", ask)
    monkeypatch.setattr(prompts, "confirm", ask)
    desk.menu.announce = lambda text, _: given.append(text)
    return given


def save(desk: FakeDesk) -> None:
    recipe_saving.save(desk.top)


def test_steps_are_saved_with_how_their_results_are_stored(
    desk: FakeDesk, photos: list[Path], answers: list[Any]
) -> None:
    opened(desk, photos)
    press(desk, *"blur", "enter", "9", "s", "right", "tab")
    answers.append("My Blur")
    press(desk, "w")
    assert recipes.get("my-blur").told == "blur:sigma=9, as jpeg"
    assert answers == ["saved the recipe my-blur: client.py image --recipe my-blur"]
    assert desk.sent == [], "it is not sent by that"
    opened(desk, photos)
    assert rows(desk.top, 90)[0].startswith("my-blur ")


def test_one_that_is_there_is_replaced_when_that_is_said(
    desk: FakeDesk, photos: list[Path], answers: list[Any]
) -> None:
    recipes.save(Recipe(pipeline.parse(["flip", "invert"]), "web"))
    opened(desk, photos)
    press(desk, "enter", "x")
    assert isinstance(desk.top, StepsPanel)
    answers += [None, False]  # its own name is offered
    with pytest.raises(Back):
        save(desk)
    assert recipes.get("web").told == "flip, then invert"
    answers[:] = [None, True]
    save(desk)
    assert recipes.get("web").told == "invert"


def test_a_recipe_says_how_results_are_stored_until_another_choice_is_made(
    desk: FakeDesk, photos: list[Path]
) -> None:
    recipes.save(Recipe(pipeline.parse(["flip"]), "web", "jpeg", 80))
    order = opened(desk, photos)
    press(desk, "enter")
    assert (order.request.format, order.recipe_name) == ("jpeg", "web")
    desk.sides.pop()
    press(desk, *"invert", "enter")
    assert (order.request.format, order.request.quality, order.recipe_name) == ("", None, "")
    # Behind other steps it says only what nobody has said before.
    order.add(3, (Step.of("flip"),))
    press(desk, "enter")
    assert (order.request.format, order.request.quality) == ("jpeg", 80)
    assert desk.top.steps() == (Step.of("flip"), Step.of("flip"))


def test_the_recipes_are_listed_taken_and_removed(
    desk: FakeDesk, photos: list[Path], answers: list[Any]
) -> None:
    for path in photos:
        desk.seen(path)
    for name, ops in (("one", ["flip"]), ("two", ["flip", "invert"])):
        recipes.save(Recipe(pipeline.parse(ops), name, "webp"))
    recipes.file_of("zero").write_text('steps = ["nope"]\n', "utf-8")
    desk.sides.panels = [cast("Any", SimpleNamespace(title="files"))]
    open_recipes(cast("Any", desk), photos, None)
    panel = desk.top
    assert isinstance(panel, RecipesPanel)
    assert rows(panel, 40) == [
        "one   flip, as webp",
        "two   flip, then invert, as webp",
        "zero  not taken: step 1: there is no op…",
    ]
    assert panel.steps() == (Step.of("flip"),)
    assert panel.said(2).startswith("zero: step 1: there is no operation 'nope'")
    press(desk, "down", "enter")
    assert isinstance(desk.top, StepsPanel)
    press(desk, "enter")
    assert desk.sent[0][1].format == "webp"
    assert [panel.title for panel in desk.sides.panels] == ["files"]
    open_recipes(cast("Any", desk), photos, None)
    press(desk, "down", "down")
    line = desk.top.keys()
    assert [key.letter for key in line] == ["x"]
    assert "there is no operation" in text(desk.top.status())
    answers.append(True)
    press(desk, "x")
    assert answers == ["removed the recipe zero"]
    assert rows(desk.top, 40) == ["one  flip, as webp", "two  flip, then invert, as webp"]
    for name in ("one", "two"):
        recipes.remove(name)
    open_recipes(cast("Any", desk), photos, None)
    assert "no recipes yet" in text(desk.top.status())
    assert desk.top.keys() == []


def test_what_was_sent_last_is_opened_with_its_values_and_sent_by_enter(
    desk: FakeDesk, photos: list[Path]
) -> None:
    opened(desk, photos[:1])
    press(desk, *"blur", "enter", "9", "s", "right", "enter")
    last = recipes.last()
    assert last is not None
    open_again(cast("Any", desk), photos, None, last)
    assert isinstance(desk.top, ValuePanel)
    press(desk, "enter")
    (_, first), (paths, again) = desk.sent
    assert (list(paths), again) == (photos, first)
    assert [panel.title for panel in desk.sides.panels] == ["files"]
