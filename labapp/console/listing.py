"""What scrolls where the window is lower than it, and lists with a pointer among that.

Arrows at the right edge say so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from labapp.console import theme
from labapp.console.key import LINES, bind

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.layout import UIControl, Window
    from prompt_toolkit.layout.margins import Margin


class Listing:
    """A pointer over rows that may change while the list is open.

    Args:
        length: how many rows there are now.
        row: the fragments of one row, given its index and whether the pointer is on it.
    """

    def __init__(
        self, length: Callable[[], int], row: Callable[[int, bool], StyleAndTextTuples]
    ) -> None:
        self.length = length
        self._row = row
        self._index = 0
        self._window: Window | None = None

    @property
    def index(self) -> int:
        """The row that the pointer is on; 0 if there are none."""
        return max(0, min(self._index, self.length() - 1))

    @index.setter
    def index(self, value: int) -> None:
        self._index = value

    def move(self, step: int) -> None:
        """Move by one row and around the ends, or by more and no further than the ends."""
        if not (length := self.length()):
            return
        target = self.index + step
        self.index = target % length if abs(step) == 1 else max(0, min(target, length - 1))

    def turn(self, pages: int) -> None:
        """Move by some pages."""
        self.move(pages * self.page())

    def bindings(self) -> KeyBindings:
        """Return the keys that move the pointer."""
        from prompt_toolkit.key_binding import KeyBindings

        bindings = KeyBindings()
        bind(bindings, LINES, self.move)
        bind(bindings, {"pageup": -1, "pagedown": 1}, self.turn)
        return bindings

    def page(self) -> int:
        """Return the rows of a page: those that the window shows, less one that is seen in both."""
        info = self._window.render_info if self._window else None
        return max(info.window_height - 1, 2) if info else 2

    def window(self) -> Window:
        """Return the list as a container, as high as its rows where there is room."""
        shown = rows(self.line, lambda: max(self.length(), 1), lambda: self.index)
        self._window = scrolled(shown)
        return self._window

    def line(self, number: int) -> StyleAndTextTuples:
        """Return the fragments of one row, pointer included."""
        if number >= self.length():
            return []
        pointed = number == self.index
        pointer = theme.current().glyphs.pointer
        sign = ("class:pointed", f" {pointer} ") if pointed else ("", "   ")
        return [sign, *self._row(number, pointed)]


def rows(
    line: Callable[[int], StyleAndTextTuples], count: Callable[[], int], at: Callable[[], int]
) -> UIControl:
    """Return what draws lines; of ten thousand only those that the window shows.

    Args:
        line: the fragments of one, given its number.
        count: how many there are now.
        at: the number of the one that is always seen.
    """
    from prompt_toolkit.data_structures import Point
    from prompt_toolkit.layout import UIContent, UIControl

    class Rows(UIControl):
        def is_focusable(self) -> bool:
            return True

        def preferred_height(self, *_: object) -> int:
            return count()

        def create_content(self, width: int, height: int | None) -> UIContent:
            return UIContent(line, count(), Point(0, at()), show_cursor=False)

    return Rows()


def scrolled(
    control: UIControl, top: Callable[[], int] | None = None, *, arrows: bool = True
) -> Window:
    """Return a window as high as what it shows, or as there is room.

    Args:
        control: what it shows.
        top: the first line that is shown; None: by its cursor.
        arrows: whether arrows at its right edge say that lines are hidden.
    """
    from prompt_toolkit.layout import Dimension, Window

    return Window(
        control,
        height=Dimension(min=1),
        dont_extend_height=True,
        get_vertical_scroll=(lambda _: top()) if top else None,
        right_margins=[_more_margin()] if arrows else [],
    )


def _more_margin() -> Margin:
    """Return a margin that shows an arrow where rows are hidden above or below."""
    from prompt_toolkit.layout import UIContent, WindowRenderInfo
    from prompt_toolkit.layout.margins import Margin

    class MoreMargin(Margin):
        def get_width(self, get_ui_content: Callable[[], UIContent]) -> int:
            return 2

        def create_margin(
            self, window_render_info: WindowRenderInfo, width: int, height: int
        ) -> StyleAndTextTuples:
            glyphs = theme.current().glyphs
            info = window_render_info
            above = info.vertical_scroll > 0
            below = info.content_height > info.vertical_scroll + height
            fragments: StyleAndTextTuples = []
            for line in range(height):
                first, last = line == 0, line == height - 1
                sign = glyphs.up if first and above else glyphs.down if last and below else " "
                fragments += [("class:muted", f" {sign}"), ("", "\n")]
            return fragments

    return MoreMargin()
