"""The values of an operation, each on a line of its own; the view follows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import figures
from labapp.console.accessible import mode
from labapp.console.key import Key
from labapp.pictures import registry
from labapp.pictures.pipeline import MAX_STEPS, Step
from labapp.programs.desk import fields
from labapp.programs.desk.field_panel import HELP, FieldPanel
from labapp.programs.desk.fields import Field
from labapp.programs.desk.order import Order, all_in_words
from labapp.programs.desk.recipe_saving import saving_key
from labapp.programs.desk.step_panel import StepPanel, told
from labapp.programs.desk.storing_panel import StoringPanel

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings


class ValuePanel(FieldPanel):
    """The values of one operation among the steps.

    Args:
        order: the pictures.
        depth: as of `StepPanel`.
        step: the operation, with the values that it starts with.
        before: the steps before it.
        after: those behind it.
        kept: told of the step as it is changed.
    """

    def __init__(
        self,
        order: Order,
        depth: int,
        step: Step,
        *,
        before: Sequence[Step] = (),
        after: Sequence[Step] = (),
        kept: Callable[[Step], None] = lambda _: None,
    ) -> None:
        super().__init__(order, depth)
        operation = registry.get(step.op)
        self.title = operation.title
        self.help = f"{operation.summary}\n\n{HELP}"
        self._op = operation.name
        self._before, self._after = tuple(before), tuple(after)
        self._kept = kept
        self._fields = {
            parameter.name: fields.of_parameter(parameter, step.values[parameter.name])
            for parameter in operation.parameters
        }

    def fields(self) -> Sequence[Field]:
        """Return its lines."""
        return list(self._fields.values())

    @property
    def step(self) -> Step:
        """The operation with its values as they are now."""
        return Step.of(self._op, {name: one.value for name, one in self._fields.items()})

    def steps(self) -> Sequence[Step]:
        """Return the steps as they are now: what is shown, and what is sent."""
        return (*self._before, self.step, *self._after)

    def changed(self) -> None:
        """Take note of what was changed."""
        self._kept(self.step)

    def status(self) -> StyleAndTextTuples:
        """Return what is wrong or selected."""
        if self.wrong():
            return told(self.wrong(), "bad")
        if self._before:
            return [("class:muted", f"   after {figures.cut(all_in_words(self._before), 60)}")]
        return []

    def keys(self) -> Sequence[Key]:
        """Return the keys as things stand."""
        keys = [self.send_key()]
        if len(self.steps()) < MAX_STEPS and not self.wrong():
            keys.append(Key("+", "another step", self._add,
                            "adds another operation behind this one", stays=True))  # fmt: skip
        return [*keys, storing_key(self), saving_key(self), *self.view_keys()]

    def _add(self) -> None:
        self.order.add(self.depth + 1, self.steps())

    def bindings(self) -> KeyBindings | None:
        """Return what else listens."""
        bindings = super().bindings()
        assert bindings is not None
        bindings.add("tab", eager=True)(lambda _: store(self))
        return bindings


def storing_key(panel: StepPanel) -> Key:
    """Return the key that leads from steps to how results are stored; Tab does the same."""
    told = "chooses the results' format and quality, and exact work"
    told = told if mode.is_on() else f"or Tab {told}"
    return Key("s", "format, quality", partial(store, panel), told, stays=True)


def store(panel: StepPanel) -> None:
    """Put how results are stored on top of steps."""
    panel.order.desk.sides.push(StoringPanel(panel.order, panel.depth + 1, panel.steps()))
