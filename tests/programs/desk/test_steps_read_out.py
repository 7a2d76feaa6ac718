"""The steps in the accessible mode: numbers that stay, and keys that are there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from labapp.console.accessible import mode
from labapp.pictures import registry
from labapp.pictures.pipeline import Step
from labapp.pictures.recipes import Recipe
from labapp.programs.desk.operations_panel import OperationsPanel
from labapp.programs.desk.storing_panel import StoringPanel
from labapp.programs.processing import recipes
from tests.support.fake_desk import FakeDesk, opened


@pytest.fixture(autouse=True)
def accessible(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mode, "_reason", "a test asks for it")


def test_recipes_are_numbered_by_themselves(desk: FakeDesk, photos: list[Path]) -> None:
    operations = len(registry.operations())
    recipes.save(Recipe((Step.of("resize"),), "web", "webp", 70))
    recipes.remember(Recipe((Step.of("invert"),)))
    opened(desk, photos[:1])
    panel = desk.top
    assert isinstance(panel, OperationsPanel)
    assert panel.lettered == 2
    assert panel.length() - panel.lettered == operations
    assert panel.said(2).startswith("Blur: ")


def test_a_recipes_format_is_told_where_it_is_sent(desk: FakeDesk, photos: list[Path]) -> None:
    recipes.remember(Recipe((Step.of("resize"),), "web", "webp", 70))
    opened(desk, photos[:1])
    assert desk.top.said(0).endswith("as webp, quality 70")
    desk.top.keys()[0].act()
    assert desk.top.keys()[0].words == "send a.png as webp, quality 70"


def test_of_several_pictures_each_can_be_told_of(desk: FakeDesk, photos: list[Path]) -> None:
    opened(desk, photos)
    for _ in ("operations", "values"):
        choose, *_, forth, back = desk.top.keys()
        forth.act()
        assert (forth.letter, desk.top.order.trial.path) == ("n", photos[1])
        back.act()
        assert (back.letter, desk.top.order.trial.path) == ("p", photos[0])
        choose.act()


def test_a_value_that_is_refused_leaves_the_one_that_was(
    desk: FakeDesk, photos: list[Path]
) -> None:
    order = opened(desk, photos[:1])
    order.request = replace(order.request, format="webp", quality=70)
    panel = StoringPanel(order, 1, (Step.of("blur"),))
    assert panel.take(0, "png") == ""
    assert order.request.quality is None
    panel.index = 1
    assert panel.take(1, "101") == panel.asks(1) == "from 1 to 100, or its own"
    assert order.request.quality is None
    assert panel.asks(0).startswith("one of its own, JPEG, ")
