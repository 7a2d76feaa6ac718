"""A number between two ends that keys move by steps, or that is typed; and its line on a page."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from labapp.console import theme

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples

#: Steps from any value to the ends.
FAR = 10**9

#: Characters that a typed number is made of.
DIGITS = "0123456789.,-"

#: Columns of its line, where there is room.
MOST_BAR, LEAST_BAR = 40, 5


@dataclass
class Scale:
    """A number between two ends.

    Args:
        minimum: its lower limit.
        maximum: its upper limit.
        step: what one key press adds.
        value: where it starts; within the limits from then on.

    Attributes:
        typed: what was typed of a number so far; empty while none is.
        message: what is wrong with that.
    """

    minimum: float
    maximum: float
    step: float
    value: float
    typed: str = ""
    message: str = ""

    def __post_init__(self) -> None:
        self.value = self._within(self.value)

    def _within(self, value: float) -> float:
        return max(self.minimum, min(self.maximum, value))

    def move(self, steps: int) -> None:
        """Move it by steps, no further than the ends."""
        self.typed = self.message = ""
        # In decimals, since ten times 0.1 in binary is not 1.
        target = Decimal(str(self.value)) + Decimal(str(self.step)) * Decimal(str(steps))
        self.value = self._within(float(target))

    def type(self, character: str) -> None:
        """Take one more character of a typed number; the value follows where it can."""
        self.typed += character.replace(",", ".")
        self._take()

    def erase(self) -> None:
        """Take back the last character that was typed."""
        self.typed = self.typed[:-1]
        self._take()

    def _take(self) -> None:
        self.message = ""
        if self.typed.strip("-.") == "":
            return
        try:
            number = float(self.typed)
        except ValueError:
            self.message = f"'{self.typed}' is not a number"
            return
        if self.minimum <= number <= self.maximum:
            self.value = number
        else:
            self.message = self.range

    @property
    def range(self) -> str:
        """Its ends, in words."""
        return f"from {self.minimum:g} to {self.maximum:g}"

    @property
    def text(self) -> str:
        """The number as it is shown: what was typed, or its value."""
        return self.typed or f"{self.value:g}"

    def line(self, room: int, *, ends: bool = True) -> StyleAndTextTuples:
        """Return it as a bar with its value, in so many columns, with the ends beside it."""
        glyphs = theme.current().glyphs
        span = self.maximum - self.minimum
        low, high = (f"{self.minimum:g} ", f" {self.maximum:g}") if ends else ("", "")
        # Whatever the value, what stands behind it stays where it is.
        widest = self.maximum, self.maximum - self.step, self.minimum, self.minimum + self.step
        digits = max(len(self.text), *(len(f"{one:g}") for one in widest))
        left = room - len(low) - len(high) - digits - 2
        bar = max(min(MOST_BAR, left), LEAST_BAR)
        at = round((self.value - self.minimum) / span * (bar - 1)) if span else 0
        return [
            ("class:muted", low),
            ("class:accent", glyphs.bar_full * at),
            ("class:pointed", glyphs.knob),
            ("class:muted", f"{glyphs.bar_empty * (bar - 1 - at)}{high}"),
            ("class:strong", f"  {self.text}"),
        ]
