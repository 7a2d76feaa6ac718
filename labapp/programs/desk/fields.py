"""One line of a panel of values: a number on a slider, one of some words, yes or no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from labapp.console import figures, theme
from labapp.console.scale import DIGITS, FAR, Scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prompt_toolkit.formatted_text import StyleAndTextTuples

    from labapp.pictures.registry import Parameter, Value

#: Columns of a slider from which its ends stand beside it.
_WITH_ENDS = 24

#: Columns of the value of a choice, at least: what stands behind it stays where it is.
_CHOICE = 4


class Field(Protocol):
    """A line with a value.

    Attributes:
        title: what the value is.
        meaning: the same in a sentence.
    """

    title: str
    meaning: str

    @property
    def text(self) -> str:
        """The value as people write it."""

    @property
    def range(self) -> str:
        """Which values it takes."""

    @property
    def typed(self) -> str:
        """What was typed of it so far."""

    @property
    def message(self) -> str:
        """What is wrong with what was typed; empty if nothing is."""

    def line(self, room: int) -> StyleAndTextTuples:
        """Return it as it stands behind its title."""

    def move(self, steps: int) -> None:
        """Change it by steps, no further than its ends."""

    def type(self, character: str) -> None:
        """Take one more character of a typed value."""

    def erase(self) -> None:
        """Take back the last of them."""

    def clear(self) -> bool:
        """Take back what was typed; tell whether there was anything."""

    def take(self, text: str) -> str:
        """Take the value as it is written; return what is wrong with it, empty if nothing."""


class NumberField:
    """A number on a slider.

    Args:
        title: what it is.
        meaning: the same in a sentence.
        scale: its limits and where it is.
        whole: whether it is a whole number.
    """

    def __init__(self, title: str, meaning: str, scale: Scale, *, whole: bool) -> None:
        self.title, self.meaning = title, meaning
        self.scale = scale
        self.whole = whole
        #: What it was before one was typed.
        self._before = scale.value

    @property
    def value(self) -> int | float:
        """The number."""
        return round(self.scale.value) if self.whole else float(self.scale.value)

    @property
    def text(self) -> str:
        """The value as people write it."""
        return self.scale.typed or f"{self.value:g}"

    @property
    def range(self) -> str:
        """Which values it takes."""
        return self.scale.range

    @property
    def typed(self) -> str:
        """What was typed of it so far."""
        return self.scale.typed

    @property
    def message(self) -> str:
        """What is wrong with what was typed."""
        return self.scale.message

    def line(self, room: int) -> StyleAndTextTuples:
        """Return it as it stands behind its title, in so many columns."""
        return self.scale.line(room, ends=room >= _WITH_ENDS)

    def move(self, steps: int) -> None:
        """Change it by steps, no further than its ends."""
        self.scale.move(steps)

    def type(self, character: str) -> None:
        """Take one more character of a typed value."""
        self._before = self._before if self.scale.typed else self.scale.value
        if not (self.whole and character in ".,"):
            self.scale.type(character)

    def erase(self) -> None:
        """Take back the last character that was typed."""
        self.scale.erase()

    def clear(self) -> bool:
        """Take back what was typed; tell whether there was anything."""
        if not self.scale.typed:
            return False
        self.scale.typed = self.scale.message = ""
        self.scale.value = self._before
        return True

    def take(self, text: str) -> str:
        """Take the value as it is written; return what is wrong with it, empty if nothing."""
        self.clear()
        for character in text:
            if character not in DIGITS:
                return f"'{text}' is not a number"
            self.type(character)
        if wrong := self.message:
            self.clear()
            return wrong
        self.move(0)
        return ""


class ChoiceField:
    """One of some values.

    Args:
        title: what it is.
        meaning: the same in a sentence.
        choices: words and the values that they stand for.
        value: that it starts with.
    """

    typed = ""
    message = ""

    def __init__(
        self, title: str, meaning: str, choices: Sequence[tuple[str, Value]], value: Value
    ) -> None:
        self.title, self.meaning = title, meaning
        self.choices = choices
        self.index = [one for _, one in choices].index(value)

    @property
    def value(self) -> Value:
        """What is chosen."""
        return self.choices[self.index][1]

    @property
    def text(self) -> str:
        """The value as people write it."""
        return self.choices[self.index][0]

    @property
    def range(self) -> str:
        """Which values it takes."""
        return f"one of {', '.join(word for word, _ in self.choices)}"

    def line(self, room: int) -> StyleAndTextTuples:
        """Return it as it stands behind its title, in so many columns."""
        first, last = self.index == 0, self.index == len(self.choices) - 1
        least, most = theme.current().glyphs.sideways[0], theme.current().glyphs.sideways[-1]
        ways = ("<", ">") if not theme.current().unicode else (least, most)
        return [
            ("class:muted", (" " if first else ways[0]) + " "),
            ("class:strong", figures.cut(self.text, room - 4).ljust(_CHOICE)),
            ("class:muted", " " + (" " if last else ways[1])),
        ]

    def move(self, steps: int) -> None:
        """Change it by steps, no further than its ends."""
        # Keys that go to the ends go to the ends; one step beyond them begins anew.
        if abs(steps) >= FAR:
            self.index = 0 if steps < 0 else len(self.choices) - 1
        elif abs(steps) == 1:
            self.index = (self.index + steps) % len(self.choices)

    def type(self, character: str) -> None:
        """Take one more character of a typed value."""

    def erase(self) -> None:
        """Take back the last character that was typed."""

    def clear(self) -> bool:
        """Take back what was typed; tell whether there was anything."""
        return False

    def take(self, text: str) -> str:
        """Take the value as it is written; return what is wrong with it, empty if nothing."""
        words = [word.casefold() for word, _ in self.choices]
        found = [place for place, word in enumerate(words) if word.startswith(text.casefold())]
        if not text or (len(found) != 1 and text.casefold() not in words):
            return self.range
        self.index = words.index(text.casefold()) if text.casefold() in words else found[0]
        return ""


def of_parameter(parameter: Parameter, value: Value) -> NumberField | ChoiceField:
    """Return the line of an operation's parameter."""
    meaning = parameter.meaning
    if parameter.kind == "bool":
        return ChoiceField(parameter.title, meaning, (("no", False), ("yes", True)), value)
    if parameter.kind == "choice":
        words = [(word, word) for word in parameter.choices]
        return ChoiceField(parameter.title, meaning, words, value)
    scale = Scale(
        parameter.minimum or 0, parameter.maximum or 100, parameter.step or 1, float(value)
    )
    return NumberField(parameter.title, meaning, scale, whole=parameter.kind == "int")
