"""A preview beside a part: drawn in a thread of its own, so that the part follows the keys at once.

Of the values passed over only the latest is drawn.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from labapp.console.graphics import choice
from labapp.console.layout import whole_width
from labapp.errors import LabappError

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.layout import AnyContainer, Window

V = TypeVar("V")


class Painter(Generic[V]):
    """Draws the latest value in a thread, below the part that changes it.

    Args:
        value: gives the value as it is now.
        preview: draws a value into (columns, rows) cells: text with escape codes, or a Drawing; may
            take its time.
        rows: rows that there are for it now.
        gap: whether a blank line stands above it.
        stretches: whether it takes its part of rows that nothing needs.
    """

    def __init__(
        self,
        value: Callable[[], V],
        preview: Callable[[V, int, int], object],
        rows: Callable[[], int],
        gap: Callable[[], object],
        *,
        stretches: bool = False,
    ) -> None:
        self._value = value
        self._preview = preview
        self._rows = rows
        self._gap = gap
        self._stretches = stretches
        self._stopped = False
        #: What is to be drawn, into how many columns and rows.
        self._wanted: tuple[V, int, int] | None = None
        #: How pictures were shown when it was asked for.
        self._choice: choice.Choice | None = None
        self._changed = threading.Event()
        self._fragments: StyleAndTextTuples = []
        #: What they were made of: a picture that is shown is kept by its drawing.
        self._drawn: object = None

    def start(self, app: Application[Any]) -> None:
        """Begin to draw on a part that is open now."""
        threading.Thread(target=self._paint, args=(app,), name="preview", daemon=True).start()

    def stop(self) -> None:
        """End the thread, after what it draws just now."""
        self._stopped = True
        self._changed.set()

    def below(self, part: Window) -> AnyContainer:
        """Return the part with what was drawn last below it."""
        from prompt_toolkit.layout import Dimension, FormattedTextControl, HSplit, Window

        def height() -> Dimension:
            rows = self._rows()
            return Dimension(min=1, preferred=rows) if self._stretches else Dimension.exact(rows)

        view = Window(
            FormattedTextControl(self._look, show_cursor=False),
            height=height,
            get_line_prefix=lambda *_: "   ",
            wrap_lines=True,
        )
        return HSplit([part, Window(height=lambda: 1 if self._gap() else 0), view])

    def _look(self) -> StyleAndTextTuples:
        wanted, shown = (self._value(), whole_width() - 4, self._rows()), choice.current()
        if (self._wanted, self._choice) != (wanted, shown):
            self._wanted, self._choice = wanted, shown
            self._changed.set()
        return self._fragments

    def _paint(self, app: Application[Any]) -> None:
        from prompt_toolkit.formatted_text import ANSI, to_formatted_text

        while self._changed.wait() and not self._stopped:
            self._changed.clear()
            assert self._wanted is not None  # set before it was said to be another
            value, columns, rows = self._wanted
            if columns < 2 or rows < 1:
                continue
            try:
                drawn = self._preview(value, columns, rows)
            except LabappError as error:
                drawn = str(error)
            except Exception:  # noqa: BLE001 - a preview is an aid, and no reason to end
                drawn = "no preview can be drawn"
            # Read here, not at every redraw: a picture's many colours take a while.
            self._fragments = to_formatted_text(ANSI(str(drawn)))
            self._drawn = drawn
            app.invalidate()
