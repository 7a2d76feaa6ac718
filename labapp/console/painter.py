"""A preview beside a part: drawn in a thread of its own, so that the part follows the keys at once.

Of the values passed over only the latest is drawn.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from labapp.errors import LabappError

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.formatted_text import StyleAndTextTuples

V = TypeVar("V")


class Painter(Generic[V]):
    """Draws the latest value in a thread; `fragments` is what it drew last.

    Args:
        value: gives the value as it is now.
        preview: draws a value into (columns, rows) cells: text with escape codes, or a Drawing; may
            take its time.
    """

    def __init__(self, value: Callable[[], V], preview: Callable[[V, int, int], object]) -> None:
        self._value = value
        self._preview = preview
        self._stopped = False
        self._size = (0, 0)
        #: Set when the value is another.
        self.changed = threading.Event()
        self.fragments: StyleAndTextTuples = []

    def start(self, app: Application[Any]) -> None:
        """Begin to draw on a part that is open now."""
        self.changed.set()
        threading.Thread(target=self._paint, args=(app,), name="preview", daemon=True).start()

    def stop(self) -> None:
        """End the thread, after what it draws just now."""
        self._stopped = True
        self.changed.set()

    def resize(self, columns: int, rows: int) -> None:
        """Draw anew if there are other cells to draw into."""
        if self._size != (columns, rows):
            self._size = (columns, rows)
            self.changed.set()

    def _paint(self, app: Application[Any]) -> None:
        from prompt_toolkit.formatted_text import ANSI, to_formatted_text

        while self.changed.wait() and not self._stopped:
            self.changed.clear()
            columns, rows = self._size
            if columns < 2 or rows < 1:
                continue
            try:
                text = str(self._preview(self._value(), columns, rows))
            except LabappError as error:
                text = str(error)
            except Exception:  # noqa: BLE001 - a preview is an aid, and no reason to end
                text = "no preview can be drawn"
            # Read here, not at every redraw: a picture's many colours take a while.
            self.fragments = to_formatted_text(ANSI(text))
            app.invalidate()
