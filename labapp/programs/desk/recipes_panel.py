"""The recipes, as a panel: what each does to the picture, and to take one or remove it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console import figures, prompts
from labapp.console.key import Key
from labapp.programs.desk.operations_panel import begin
from labapp.programs.desk.step_panel import StepPanel, sideways, told
from labapp.programs.desk.steps_panel import put_on
from labapp.programs.processing import recipes
from labapp.visible import printable

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings

    from labapp.pictures.pipeline import Step
    from labapp.pictures.recipes import Recipe
    from labapp.programs.desk.desk import Desk
    from labapp.programs.desk.order import Order
    from labapp.programs.processing.recipes import Listed

HELP = """Recipes are steps that were saved under a name, with how results are stored: w saves \
those that you see, where their values are chosen. The picture shows what the recipe at the \
pointer makes of it.

Each is a file of its own in the folder recipes of your settings, which can be edited and copied \
to another machine. client.py recipes lists them, too."""


class RecipesPanel(StepPanel):
    """The recipes.

    Args:
        order: the pictures.
        depth: as of `StepPanel`.
    """

    title = "Recipes"
    help = HELP
    is_low = False

    def __init__(self, order: Order, depth: int = 1) -> None:
        super().__init__(order, depth)
        self._listed = recipes.listed()

    @property
    def _pointed(self) -> Listed | None:
        return self._listed[self.index] if self._listed else None

    def steps(self) -> Sequence[Step]:
        """Return the steps of the recipe at the pointer: what is shown."""
        one = self._pointed
        return one.recipe.steps if one and one.recipe else ()

    def length(self) -> int:
        """Return how many rows there are now."""
        return len(self._listed)

    def row(self, number: int, pointed: bool, columns: int) -> StyleAndTextTuples:
        """Return a row as it stands on the screen."""
        one = self._listed[number]
        names = max(figures.cell_width(each.name) for each in self._listed) + 2
        names = min(names, max(columns // 2, 1))
        name = figures.cut(one.name, names - 1)
        gap = " " * (names - figures.cell_width(name))
        does = one.recipe.told if one.recipe else f"not taken: {printable(one.fault)}"
        style = "class:pointed" if pointed else ""
        kind = "class:muted" if one.recipe else "class:bad"
        return [(style, name + gap), (kind, figures.cut(does, max(columns - names, 1)))]

    def said(self, number: int) -> str:
        """Return a row as a sentence."""
        one = self._listed[number]
        return f"{one.name}: {one.recipe.told if one.recipe else printable(one.fault)}"

    def status(self) -> StyleAndTextTuples:
        """Return what is wrong or selected."""
        if not self._listed:
            return told("no recipes yet: w saves steps as one, once they are chosen")
        return told(self.wrong(), "bad") if self.wrong() else []

    def wrong(self) -> str:
        """Return why this cannot be sent now; empty if it can."""
        one = self._pointed
        return printable(one.fault) if one and one.fault else super().wrong()

    def keys(self) -> Sequence[Key]:
        """Return the keys as things stand."""
        one = self._pointed
        if one is None:
            return []
        keys = [Key("Enter", "take it", self.choose, "goes on to its steps", stays=True)]
        remove = partial(self._remove, one.name)
        keys.append(Key("x", "remove", remove, "removes the recipe at the pointer"))
        return [*keys, *self.view_keys()] if one.recipe else keys[1:]

    def choose(self) -> None:
        """Go on to the steps of the recipe at the pointer."""
        one = self._pointed
        if one and one.recipe:
            self.order.take(one.recipe)
            put_on(self.order, self.depth + 1, one.recipe.steps)

    def _remove(self, name: str) -> None:
        menu = self.order.desk.menu
        if prompts.confirm(f"Remove the recipe {name}?", title=self.title, frame=menu.frame):
            recipes.remove(name)
            self._listed = recipes.listed()
            menu.announce(f"removed the recipe {name}", "done")

    def bindings(self) -> KeyBindings | None:
        """Return what else listens."""
        bindings = super().bindings()
        assert bindings is not None
        sideways(bindings, self.order.trial)
        return bindings


def open_recipes(desk: Desk, paths: Sequence[Path], folder: Path | None) -> None:
    """Let the user take a recipe for pictures; arguments as of `operations_panel.open_steps`."""
    order = begin(desk, paths, folder)
    desk.sides.push(RecipesPanel(order))


def open_again(desk: Desk, paths: Sequence[Path], folder: Path | None, recipe: Recipe) -> None:
    """Open the steps of a recipe at once, so that Enter sends; arguments as of `open_recipes`."""
    order = begin(desk, paths, folder)
    order.take(recipe)
    put_on(order, 1, recipe.steps)
