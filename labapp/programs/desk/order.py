"""What is being put together for some pictures, until it is sent or left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console import figures
from labapp.jobs.picture_request import ProcessingRequest, limits_of
from labapp.pictures import pipeline, registry
from labapp.pictures.limits import losses_of
from labapp.pictures.pipeline import Step
from labapp.programs.desk.trial import Trial
from labapp.programs.menus.actions import refusal_of
from labapp.programs.processing import recipes

if TYPE_CHECKING:
    from labapp.pictures.header import Header
    from labapp.pictures.recipes import Recipe
    from labapp.pictures.registry import Value
    from labapp.programs.desk.desk import Desk


class Order:
    """The pictures, how their results are stored, and what is tried on them.

    Args:
        desk: the page and what stands behind it.
        paths: the pictures; at least one.
        add: puts the operations on the page, given how many panels they are with those before
            them, and the steps that come first.
        folder: where results are saved; None: beside each picture.

    Attributes:
        request: how results are stored; its steps are those of the panel that sends it.
        recipe_name: of the recipe that was taken, if any.
        trial: what is shown of steps.
    """

    def __init__(
        self,
        desk: Desk,
        paths: Sequence[Path],
        add: Callable[[int, Sequence[Step]], None],
        folder: Path | None = None,
    ) -> None:
        self.desk = desk
        self.add = add
        self.paths = tuple(paths)
        settings = desk.menu.context.settings
        self.limits = limits_of(settings)
        self.request = ProcessingRequest((), folder=folder, exact=settings.exact)
        #: What a recipe made of the request, and what that was before; None while none is taken.
        self._taken: ProcessingRequest | None = None
        self._own = self.request
        self.recipe_name = ""
        self.trial = Trial(self.paths, desk, self.limits)

    @property
    def what(self) -> str:
        """The pictures in words: a name, or how many there are."""
        one = len(self.paths) == 1
        return self.paths[0].name if one else figures.plural(len(self.paths), "picture")

    @property
    def header(self) -> Header | None:
        """What the picture that is shown says of itself, if that is known."""
        seen = self.desk.known(self.trial.path)
        return seen.header if seen else None

    def take(self, recipe: Recipe | None, *, behind: bool = False) -> None:
        """Have results stored as a recipe says.

        Args:
            recipe: the recipe; None takes back what another one has said.
            behind: whether it comes behind other steps: then it says only what nobody said before.
        """
        if self._taken is None:
            self._own = self.request
        elif recipe is None and self.request == self._taken:
            self.request = self._own
        if recipe is None:
            self._taken, self.recipe_name = None, ""
            return
        own = self.request if behind else self._own
        wanted, quality = recipe.format, recipe.quality
        if behind and own.format:
            wanted, quality = own.format, own.quality
        exact = recipe.exact or own.exact
        self.request = replace(self.request, format=wanted, quality=quality, exact=exact)
        self._taken, self.recipe_name = self.request, recipe.name

    def request_for(self, steps: Sequence[Step]) -> ProcessingRequest:
        """Return what would be sent with steps."""
        return replace(self.request, steps=tuple(steps))

    def refusal(self, steps: Sequence[Step]) -> str:
        """Return why the picture that is shown would be refused with the steps; empty if not."""
        header = self.header
        if header is None or not steps:
            return ""
        return refusal_of(lambda: pipeline.check_sizes(steps, header.sizes, self.limits))

    def losses(self) -> list[str]:
        """Say what the picture that is shown loses by how its result is stored."""
        header = self.header
        return losses_of(header, self.request.format, self.request.quality) if header else []

    def send(self, steps: Sequence[Step], panels: int) -> None:
        """Send the pictures, and go back to where they were chosen.

        Args:
            steps: what is done to them.
            panels: how many were put on the page since.
        """
        request = self.request_for(steps)
        recipes.remember(recipes.of_request(request))
        self.trial.stop()
        self.desk.sides.pop(panels)
        self.desk.send(self.paths, request)


def in_words(step: Step) -> str:
    """Return a step as people call it, with all its values: `Blur (sigma 3)`."""
    operation = registry.get(step.op)
    values = [
        f"{parameter.title.lower()} {value_in_words(step.values[parameter.name])}"
        for parameter in operation.parameters
    ]
    return f"{operation.title} ({', '.join(values)})" if values else operation.title


def all_in_words(steps: Sequence[Step]) -> str:
    """Return steps as people call them, in their order."""
    return ", then ".join(map(in_words, steps))


def value_in_words(value: Value) -> str:
    """Return a value as people write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
