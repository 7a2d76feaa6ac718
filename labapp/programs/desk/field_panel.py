"""A panel of values, each on a line of its own, that the arrows change; the view follows them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

from labapp.console import figures
from labapp.console.key import bind
from labapp.console.scale import DIGITS, FAR
from labapp.programs.desk.fields import Field, NumberField
from labapp.programs.desk.step_panel import StepPanel

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

    @abstractmethod
    def fields(self) -> Sequence[Field]:
        """Return its lines."""

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
        return f"{one.title}: {one.text}. {one.meaning.rstrip('.')}"

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

    def asks(self, number: int) -> str:
        """Return which values a row takes."""
        return self.fields()[number].range if self.fields() else ""

    def take(self, number: int, text: str) -> str:
        """Take a row's value as it is written; return what is wrong with it, empty if nothing.

        For the accessible mode, where nothing follows the arrows.
        """
        if not self.fields():
            return "there is nothing to choose"
        wrong = self.fields()[number].take(text.strip())
        self.changed()
        return wrong

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
