"""What is to be done: the last steps again, recipes by name, all operations; typing filters."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from labapp.console import figures
from labapp.console.accessible import mode
from labapp.console.key import Key
from labapp.pictures import registry
from labapp.pictures.pipeline import MAX_STEPS, Step
from labapp.programs.desk.order import Order, all_in_words
from labapp.programs.desk.picture_view import ZOOM
from labapp.programs.desk.preview import Preview
from labapp.programs.desk.step_panel import StepPanel, sideways, told
from labapp.programs.desk.steps_panel import put_on
from labapp.programs.processing import recipes

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent

    from labapp.pictures.recipes import Recipe
    from labapp.programs.desk.desk import Desk

HELP = """The picture shows what the line at the pointer would do to it, an operation with its \
usual values. Type a part of a name to find it. Enter goes on to its values; nothing is sent yet."""

#: Columns between the titles and what they do; and those that this needs to tell anything.
_GAP, _LEAST_NOTE = 2, 30


@dataclass(frozen=True)
class _Line:
    """A line: what it is called, what it does in words, its steps, and the recipe if it is one."""

    title: str
    note: str
    steps: tuple[Step, ...]
    recipe: Recipe | None = None

    def has(self, text: str) -> bool:
        """Tell whether it is among what is looked for."""
        names = " ".join((self.title, self.note, *(step.op for step in self.steps)))
        return text.casefold() in names.casefold()


class OperationsPanel(StepPanel):
    """The operations, and what was done before.

    Args:
        order: the pictures.
        depth: as of `StepPanel`.
        before: the steps that come first.
    """

    help = HELP
    is_low = False

    def __init__(self, order: Order, depth: int = 1, *, before: Sequence[Step] = ()) -> None:
        super().__init__(order, depth)
        self._before = tuple(before)
        self._lines = _lines(len(before))
        self._typed = ""
        self.view = Preview(order, self.steps, moves=False)  # letters search
        self.title = f"Steps for {order.what}" if not before else "And then"

    @property
    def found(self) -> list[_Line]:
        """The lines that what was typed leaves; those first whose name begins so."""
        text = self._typed.strip()
        if not text:
            return self._lines
        found = [line for line in self._lines if line.has(text)]
        return sorted(found, key=lambda one: not one.title.casefold().startswith(text.casefold()))

    @property
    def lettered(self) -> int:
        """How many recipes come first."""
        return sum(line.recipe is not None for line in self.found)

    def length(self) -> int:
        """Return how many rows there are now."""
        return len(self.found)

    def steps(self) -> Sequence[Step]:
        """Return the steps as they are now: what is shown, and what is sent."""
        found = self.found
        return (*self._before, *(found[self.index].steps if found else ()))

    def row(self, number: int, pointed: bool, columns: int) -> StyleAndTextTuples:
        """Return a row as it stands on the screen."""
        line = self.found[number]
        style = "class:pointed" if pointed else ""
        titles = max(figures.cell_width(one.title) for one in self._lines if one.note) + _GAP
        title, room = figures.cut(line.title, columns), columns - titles
        if room < _LEAST_NOTE or not line.note:
            return [(style, title)]
        gap = " " * max(titles - figures.cell_width(title), _GAP)
        return [(style, title + gap), ("class:muted", figures.cut(line.note, room))]

    def said(self, number: int) -> str:
        """Return a row as a sentence."""
        line = self.found[number]
        return f"{line.title}: {line.note}" if line.note else line.title

    def typing(self) -> bool:
        """Tell whether letters are typed just now."""
        return bool(self._typed)

    def undone(self) -> bool:
        """Take back what was typed; tell whether there was anything."""
        was, self._typed, self.index = self._typed, "", 0 if self._typed else self.index
        return bool(was)

    def status(self) -> StyleAndTextTuples:
        """Return what is wrong or selected."""
        if self._typed and not self.found:
            return told(f"nothing is called '{self._typed}'; Esc shows all", "bad")
        if self._typed:
            return [("class:muted", "   with "), ("class:strong", self._typed)]
        if self._before:
            words = figures.cut(all_in_words(self._before), 60)
            return [("class:muted", f"   after {words}")]
        return []

    def keys(self) -> Sequence[Key]:
        """Return the keys as things stand."""
        choose = Key("Enter", "choose", self.choose, stays=True)
        if self._typed:
            return [choose]
        if mode.is_on():  # where letters do not search
            return [choose, *self.turn_keys()]
        return [choose, Key("type", "to find"), self.zoom_key()]

    def choose(self) -> None:
        """Go on to the values of the line at the pointer."""
        if not self.found:
            return
        line = self.found[self.index]
        if line.recipe is not None or not self._before:
            self.order.take(line.recipe, behind=bool(self._before))
        put_on(self.order, self.depth + 1, line.steps, self._before)

    def bindings(self) -> KeyBindings | None:
        """Return what else listens."""
        from prompt_toolkit.key_binding import KeyBindings
        from prompt_toolkit.keys import Keys

        bindings = KeyBindings()
        sideways(bindings, self.order.trial)

        @bindings.add(Keys.Any)
        def _letter(event: KeyPressEvent) -> None:
            key = event.data
            if (key.isalpha() and key != ZOOM) or (self._typed and key.isprintable()):
                self._typed, self.index = self._typed + key, 0
            else:
                for one in self.keys():
                    if one.answers_to(key):
                        one.act()

        @bindings.add("backspace", eager=True)
        def _erase(event: KeyPressEvent) -> None:
            self._typed, self.index = self._typed[:-1], 0

        return bindings


def open_steps(desk: Desk, paths: Sequence[Path], folder: Path | None) -> None:
    """Let the user say what is to be done to pictures, and send them; arguments as of `begin`."""
    begin(desk, paths, folder).add(1, ())


def begin(desk: Desk, paths: Sequence[Path], folder: Path | None) -> Order:
    """Return an order for pictures, of which no panel is on the page yet.

    Args:
        desk: the page.
        paths: the pictures; at least one.
        folder: where their results are saved; None: beside each.
    """

    def add(depth: int, before: Sequence[Step]) -> None:
        desk.sides.push(OperationsPanel(order, depth, before=before))

    order = Order(desk, paths, add, folder)
    threading.Thread(target=order.trial.begin, name="first", daemon=True).start()
    return order


def _lines(done: int) -> list[_Line]:
    """Return what there is to choose from, behind so many steps."""
    lines = []
    last = recipes.last()
    if last is not None and done + len(last.steps) <= MAX_STEPS:
        name = f"{last.name}: " if last.name else ""
        title = f"again: {name}{all_in_words(last.steps)}"
        title += f", {last.stored}" if last.stored else ""
        lines.append(_Line(title, "", last.steps, last))
    for recipe in recipes.load():
        if done + len(recipe.steps) <= MAX_STEPS and not (last and last.name == recipe.name):
            lines.append(_Line(recipe.name, recipe.told, recipe.steps, recipe))
    for one in registry.operations().values():
        lines.append(_Line(one.title, one.summary, (Step.of(one.name),)))
    return lines
