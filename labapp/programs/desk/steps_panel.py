"""What was put together so far, a line for each step, and what to do with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labapp.console import figures
from labapp.console.key import Key
from labapp.pictures.pipeline import MAX_STEPS, Step
from labapp.programs.desk.order import Order, in_words
from labapp.programs.desk.recipe_saving import saving_key
from labapp.programs.desk.step_panel import StepPanel, sideways, told
from labapp.programs.desk.value_panel import ValuePanel, store, storing_key

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings

HELP = """The steps are done one after another, in this order. The picture shows what all of them \
make of it."""


class StepsPanel(StepPanel):
    """Several steps.

    Args:
        order: the pictures.
        depth: as of `StepPanel`.
        steps: what was put together so far; at least one.
    """

    title = "Steps"
    help = HELP
    is_whole = True

    def __init__(self, order: Order, depth: int, steps: Sequence[Step]) -> None:
        super().__init__(order, depth)
        self._steps = list(steps)

    def steps(self) -> Sequence[Step]:
        """Return the steps as they are now: what is shown, and what is sent."""
        return tuple(self._steps)

    def length(self) -> int:
        """Return how many rows there are now."""
        return len(self._steps)

    def row(self, number: int, pointed: bool, columns: int) -> StyleAndTextTuples:
        """Return a row as it stands on the screen."""
        style = "class:pointed" if pointed else ""
        words = figures.cut(in_words(self._steps[number]), columns - 4)
        return [("class:muted", f"{number + 1:>2}  "), (style, words)]

    def said(self, number: int) -> str:
        """Return a row as a sentence."""
        return f"step {number + 1}: {in_words(self._steps[number])}"

    def status(self) -> StyleAndTextTuples:
        """Return what is wrong or selected."""
        return told(self.wrong(), "bad") if self.wrong() else []

    def keys(self) -> Sequence[Key]:
        """Return the keys as things stand."""
        keys = [self.send_key(), Key("e", "its values", self._edit,
                                     "changes the values of the step at the pointer",
                                     stays=True)]  # fmt: skip
        if len(self._steps) > 1:
            keys.append(Key("x", "take out", self._remove,
                            "takes the step at the pointer out", stays=True))  # fmt: skip
        if len(self._steps) < MAX_STEPS:
            keys.append(Key("+", "another step", self._add,
                            "adds another operation behind these", stays=True))  # fmt: skip
        return [*keys, storing_key(self), saving_key(self), *self.view_keys()]

    def _edit(self) -> None:
        place = self.index

        def kept(step: Step) -> None:
            self._steps[place] = step

        before, after = self._steps[:place], self._steps[place + 1 :]
        self.order.desk.sides.push(
            ValuePanel(self.order, self.depth + 1, self._steps[place], before=before, after=after,
                       kept=kept)
        )  # fmt: skip

    def _remove(self) -> None:
        del self._steps[self.index]

    def _add(self) -> None:
        self.order.add(self.depth + 1, self.steps())

    def bindings(self) -> KeyBindings | None:
        """Return what else listens."""
        bindings = super().bindings()
        assert bindings is not None
        sideways(bindings, self.order.trial)
        bindings.add("tab", eager=True)(lambda _: store(self))
        return bindings


def put_on(order: Order, depth: int, steps: Sequence[Step], before: Sequence[Step] = ()) -> None:
    """Put steps on the page, behind others: the values of one, a list of several.

    Args:
        order: the pictures.
        depth: as of `StepPanel`.
        steps: the steps; at least one.
        before: those that come first.
    """
    if len(steps) == 1:
        order.desk.sides.push(ValuePanel(order, depth, steps[0], before=before))
    else:
        order.desk.sides.push(StepsPanel(order, depth, (*before, *steps)))
