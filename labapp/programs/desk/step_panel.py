"""What the panels of steps have in common: whom they are for, and the keys of the view beside."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import theme
from labapp.console.accessible import mode
from labapp.console.figures import cell_width, cut, one_line
from labapp.console.key import Key, bind
from labapp.console.layout import whole_width
from labapp.programs.desk.picture_view import ZOOM
from labapp.programs.desk.preview import Preview
from labapp.programs.processing import recipes

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings

    from labapp.console.panel import View
    from labapp.pictures.pipeline import Step
    from labapp.programs.desk.order import Order
    from labapp.programs.desk.trial import Trial

#: Columns that the line of keys has for the key itself, the one that leaves, and `?`.
_HINTS = 20

#: By what the keys of letters move what is seen at 1:1, across and down.
_MOVES = {"h": (-1, 0), "l": (1, 0), "k": (0, -1), "j": (0, 1)}


class StepPanel(ABC):
    """A panel of an order.

    Args:
        order: the pictures, and how their results are stored.
        depth: how many panels of the order are on the page with this one.
    """

    title = ""
    help = ""
    is_low = True

    def __init__(self, order: Order, depth: int) -> None:
        self.order = order
        self.depth = depth
        self._index = 0
        self.view: View | None = Preview(order, self.steps)

    @abstractmethod
    def steps(self) -> Sequence[Step]:
        """Return the steps as they are now: what the view shows, and what is sent."""

    @abstractmethod
    def length(self) -> int:
        """Return how many rows there are now."""

    @abstractmethod
    def row(self, number: int, pointed: bool, columns: int) -> StyleAndTextTuples:
        """Return a row as it stands on the screen."""

    @abstractmethod
    def said(self, number: int) -> str:
        """Return a row as a sentence."""

    @abstractmethod
    def keys(self) -> Sequence[Key]:
        """Return the keys as things stand, the main action first."""

    @property
    def index(self) -> int:
        """The row that the pointer is on."""
        return max(0, min(self._index, self.length() - 1))

    @index.setter
    def index(self, value: int) -> None:
        self._index = value

    def typing(self) -> bool:
        """Tell whether letters are typed just now."""
        return False

    def undone(self) -> bool:
        """Take back what was typed; tell whether there was anything."""
        return False

    def status(self) -> StyleAndTextTuples:
        """Return what is wrong or selected."""
        return []

    def wrong(self) -> str:
        """Return why this cannot be sent now; empty if it can."""
        refused = self.order.refusal(self.steps())
        # Of several pictures another may be small enough.
        return refused if len(self.order.paths) == 1 else ""

    def send_key(self) -> Key:
        """Return the key that sends."""
        words = one_line(f"send {self.order.what}")
        if mode.is_on():  # where nothing else tells that a recipe has chosen a format
            told = " ".join(filter(None, (words, recipes.of_request(self.order.request).stored)))
            return Key("Enter", told, self.send, stays=True)
        # A name that is longer would leave no room for the key itself.
        fits = cell_width(words) <= whole_width() - _HINTS
        return Key("Enter", words if fits else "send", self.send, stays=True)

    def send(self) -> None:
        """Send the pictures, unless something is wrong, which the status tells."""
        if not self.wrong():
            self.order.send(self.steps(), self.depth)

    def view_keys(self) -> list[Key]:
        """Return the keys of the view."""
        trial = self.order.trial
        keys = []
        if not mode.is_on():  # where pictures are told in words
            told = "shows before and after side by side, or one of them at a time"
            keys = [Key("b", "before/after", trial.compare, told, stays=True),
                    self.zoom_key()]  # fmt: skip
        return [*keys, *self.turn_keys()]

    def turn_keys(self) -> list[Key]:
        """Return the keys that show other pictures, where there are any."""
        trial = self.order.trial
        if len(trial.paths) < 2:
            return []
        if mode.is_on():  # where a key that is not told is not there
            return [Key("n", "next picture", partial(trial.turn, 1), stays=True),
                    Key("p", "picture before", partial(trial.turn, -1), stays=True)]  # fmt: skip
        told = "shows it on the next picture, p on the one before"
        return [Key("n", "next picture", partial(trial.turn, 1), told, stays=True)]

    def zoom_key(self) -> Key:
        """Return the key that shows a place at 1:1."""
        trial = self.order.trial
        told = "shows a place at 1:1, where h, j, k and l move it, and the whole again"
        return Key(ZOOM, "whole" if trial.place else "1:1", trial.zoom, told, stays=True)

    def bindings(self) -> KeyBindings | None:
        """Return what else listens."""
        from prompt_toolkit.filters import Condition
        from prompt_toolkit.key_binding import KeyBindings

        bindings, trial = KeyBindings(), self.order.trial
        zoomed = Condition(lambda: trial.place is not None)

        def moving(across: int, down: int) -> Callable[[object], None]:
            return lambda _: trial.move(across, down)

        for letter, way in _MOVES.items():
            bindings.add(letter, filter=zoomed)(moving(*way))
        several = Condition(lambda: len(trial.paths) > 1)
        bindings.add("p", filter=several)(lambda _: trial.turn(-1))
        return bindings


def sideways(bindings: KeyBindings, trial: Trial) -> None:
    """Have the arrows sideways show the other pictures, if there are any."""
    from prompt_toolkit.filters import Condition

    several = Condition(lambda: len(trial.paths) > 1)
    bind(bindings, {"left": -1, "right": 1}, trial.turn, filter=several)


def told(text: str, kind: str = "warn") -> StyleAndTextTuples:
    """Return a status line; `kind` is that of its sign."""
    sign = theme.current().sign("bad" if kind == "bad" else "warn")
    style = "class:bad" if kind == "bad" else "class:warn"
    return [(style, f"   {sign} "), ("", cut(text, whole_width() - 6))]
