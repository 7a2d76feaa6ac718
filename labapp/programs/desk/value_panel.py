"""Values on sliders, each a line: of an operation's parameters; the view follows them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import figures, slider
from labapp.console.accessible import mode
from labapp.console.key import Key, bind
from labapp.console.scale import DIGITS, FAR
from labapp.pictures import registry
from labapp.pictures.pipeline import MAX_STEPS, Step
from labapp.programs.desk import fields
from labapp.programs.desk.fields import Field, NumberField
from labapp.programs.desk.order import Order, all_in_words
from labapp.programs.desk.step_panel import StepPanel, told

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent

#: Columns kept free between the titles and the values.
_GAP = 2

HELP = """Left and right change the value, PageUp and PageDown by ten steps, Home and End go to \
its ends; up and down go to the next value. A typed number is taken too. The picture follows: at \
first by a reduced copy, a moment later as a worker will give it."""


class FieldPanel(StepPanel):
    """A panel whose rows are values that the arrows change."""

    help = HELP

    def fields(self) -> Sequence[Field]:
        """Return its lines."""
        raise NotImplementedError

    def changed(self) -> None:
        """Take note of what was changed."""

    @property
    def field(self) -> Field | None:
        """The line at the pointer."""
        return self.fields()[self.index] if self.fields() else None

    def length(self) -> int:
        """Return how many rows there are now."""
        return max(len(self.fields()), 1)

    def row(self, number: int, pointed: bool, columns: int) -> StyleAndTextTuples:
        """Return a row as it stands on the screen."""
        if not self.fields():
            return [("class:muted", figures.cut("nothing to choose", columns))]
        one = self.fields()[number]
        title = max(len(field.title) for field in self.fields()) + _GAP
        title = min(title, max(columns // 2, 1))
        style = "class:pointed" if pointed else ""
        return [(style, figures.cut(one.title, title - 1).ljust(title)), *one.line(columns - title)]

    def said(self, number: int) -> str:
        """Return a row as a sentence."""
        if not self.fields():
            return "nothing to choose"
        one = self.fields()[number]
        return f"{one.title}: {one.text}. {one.meaning}"

    def undone(self) -> bool:
        """Take back what was typed; tell whether there was anything."""
        if self.field is None or not self.field.clear():
            return False
        self.changed()
        return True

    def wrong(self) -> str:
        """Return why this cannot be sent now; empty if it can."""
        return (self.field.message if self.field else "") or super().wrong()

    def move(self, steps: int) -> None:
        """Change the value at the pointer."""
        if self.field:
            self.field.move(steps)
            self.changed()

    def ask_key(self) -> list[Key]:
        """Return the key that asks for the value, where nothing can follow the arrows."""
        if not (mode.is_on() and self.field):
            return []
        ask = partial(self.order.desk.sides.leave_for, self._ask)
        return [Key("c", f"change {self.field.title.lower()}", ask, stays=True)]

    def _ask(self) -> None:
        one, frame = self.field, self.order.desk.menu.frame
        if isinstance(one, NumberField):
            scale = one.scale
            scale.value = slider.slide(one.title, minimum=scale.minimum, maximum=scale.maximum,
                                       step=scale.step, value=scale.value, frame=frame,
                                       help=one.meaning)  # fmt: skip
        elif one is not None:
            one.move(1)
        self.changed()

    def bindings(self) -> KeyBindings | None:
        """Return what else listens."""
        bindings = super().bindings()
        assert bindings is not None
        steps = {"left": -1, "right": 1, "pagedown": -10, "pageup": 10, "home": -FAR, "end": FAR}
        bind(bindings, steps, self.move)

        def typed(event: KeyPressEvent) -> None:
            if self.field:
                self.field.type(event.data)
                self.changed()

        for character in DIGITS:
            bindings.add(character)(typed)

        @bindings.add("backspace", eager=True)
        def _erase(event: KeyPressEvent) -> None:
            if self.field:
                self.field.erase()
                self.changed()

        # A number that was typed is done when the pointer goes to another.
        def leave(step: int) -> None:
            if self.field and not self.field.message:
                if isinstance(self.field, NumberField):
                    self.field.move(0)
                self.index = (self.index + step) % self.length()

        bind(bindings, {"up": -1, "down": 1}, leave)
        return bindings


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
        keys = [self.send_key(), *self.ask_key()]
        if len(self.steps()) < MAX_STEPS and not self.wrong():
            keys.append(Key("+", "another step", self._add,
                            "adds another operation behind this one", stays=True))  # fmt: skip
        return [*keys, storing_key(self), *self.view_keys("z")]

    def _add(self) -> None:
        from labapp.programs.desk.operations_panel import OperationsPanel

        panel = OperationsPanel(self.order, self.depth + 1, before=self.steps())
        self.order.desk.sides.push(panel)

    def bindings(self) -> KeyBindings | None:
        """Return what else listens."""
        bindings = super().bindings()
        assert bindings is not None
        bindings.add("tab", eager=True)(lambda _: store(self))
        return bindings


def storing_key(panel: StepPanel) -> Key:
    """Return the key that leads from steps to how results are stored; Tab does the same."""
    told = "or Tab chooses the results' format and quality, and exact work"
    return Key("s", "format, quality", partial(store, panel), told, stays=True)


def store(panel: StepPanel) -> None:
    """Put how results are stored on top of steps."""
    from labapp.programs.desk.storing_panel import StoringPanel

    panel.order.desk.sides.push(StoringPanel(panel.order, panel.depth + 1, panel.steps()))
