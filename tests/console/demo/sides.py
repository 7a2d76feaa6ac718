"""A page of two sides: numbers on the left, each drawn on the right; a slider may come on top."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

from labapp.console import Back, picture
from labapp.console.key import Key
from labapp.console.panel import View
from labapp.console.split import Split
from labapp.errors import LabappError
from tests.console.demo.around import HELP, frame, show

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings


class Numbers:
    """A panel of numbers, and the view of the one that is pointed at."""

    title = "Numbers"
    help = HELP
    is_low = False

    def __init__(self, split: Split, count: int) -> None:
        self.split = split
        self.count = count
        self.index = 0
        self.view: View | None = self
        self.marked = False

    def length(self) -> int:
        return self.count

    def row(self, number: int, pointed: bool, columns: int) -> StyleAndTextTuples:
        return [("class:pointed" if pointed else "", f"number {number}"[:columns])]

    def said(self, number: int) -> str:
        return f"the number {number} in full"

    def keys(self) -> Sequence[Key]:
        return [
            Key("Enter", "open", lambda: self.split.push(Low(self.split)), stays=True),
            Key("p", "a page", lambda: show("Another", "page", frame=self.split.frame)),
            Key("e", "an error", self.fail),
            Key("m", "mark", self.mark, stays=True),
        ]

    def fail(self) -> None:
        raise LabappError("it went wrong", "Do it again.")

    def mark(self) -> None:
        self.marked = True

    def bindings(self) -> KeyBindings | None:
        return None

    def typing(self) -> bool:
        return False

    def status(self) -> StyleAndTextTuples:
        return [("", "   marked")] if self.marked else []

    def undone(self) -> bool:
        was, self.marked = self.marked, False
        return was

    def shows(self) -> Hashable:
        return self.index

    def draw(self, shown: Hashable, columns: int, rows: int) -> picture.Drawing | str:
        while shown == 13 and self.index in (12, 13):  # it may be asked for ahead
            time.sleep(0.01)
        if shown == 3:
            raise LabappError("it has no picture")
        lines = [f"{shown}:{columns}x{rows}".ljust(columns, "#")] * rows
        return picture.Drawing(tuple(lines), columns)

    def caption(self, shown: Hashable, columns: int) -> Sequence[StyleAndTextTuples]:
        return [[("class:strong", f"caption of {shown}")], [("", "more of it")]]

    def ahead(self) -> Sequence[Hashable]:
        return [self.index + 1]


class Low(Numbers):
    """A panel of three rows, with the view of what is below it."""

    title = "A low one"
    help = ""
    is_low = True

    def __init__(self, split: Split) -> None:
        super().__init__(split, 3)
        self.view = None

    def keys(self) -> Sequence[Key]:
        return [Key("Enter", "done", self.split.pop, stays=True)]


def sides(count: int = 1000) -> object:
    with frame() as around:

        def attempt(_: str, action: Callable[[], object]) -> None:
            try:
                action()
            except Back:
                return
            except LabappError as error:
                show("Wrong", str(error), frame=around)

        split = Split(around, attempt)
        split.run(Numbers(split, count))
    return "left"


def few_sides() -> object:
    return sides(2)
