"""`w` on steps: they are saved as a recipe, with how results are stored."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from labapp.console import Back, prompts
from labapp.console.key import Key
from labapp.pictures.recipes import checked_name
from labapp.programs.menus import history
from labapp.programs.menus.actions import refusal_of
from labapp.programs.processing import recipes

if TYPE_CHECKING:
    from labapp.programs.desk.step_panel import StepPanel

TITLE = "Save as a recipe"


def saving_key(panel: StepPanel) -> Key:
    """Return the key that saves a panel's steps as a recipe."""
    told = "saves the steps as a recipe, with format and quality: it comes first from then on"
    return Key("w", "save as a recipe", partial(save, panel), told)


def save(panel: StepPanel) -> None:
    """Ask for a name, and keep the steps under it; errors as of `recipes.save`."""
    menu = panel.order.desk.menu
    recipe = recipes.of_request(panel.order.request_for(panel.steps()))
    name = prompts.text(
        "Its name:", default=panel.order.recipe_name,
        check=lambda text: refusal_of(partial(checked_name, text)),
        hint=f"({recipe.told})", title=TITLE, frame=menu.frame, history=history.RECIPES,
    )  # fmt: skip
    recipe = recipes.named(recipe, checked_name(name))
    try:
        recipes.save(recipe)
    except recipes.TakenError as error:
        if not prompts.confirm(f"{error.message}. Replace it?", title=TITLE, frame=menu.frame):
            raise Back from error
        recipes.save(recipe, over=True)
    menu.announce(f"saved the recipe {recipe.name}: client.py image --recipe {recipe.name}", "done")
