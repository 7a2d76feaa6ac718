"""A page below what is printed meanwhile, such as a log, which stays in the scrollback above it.

It is drawn where the cursor stands, no higher than what it shows, and its last drawing stays there
when it ends.
"""

from __future__ import annotations

import contextlib
import sys
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from io import StringIO
from typing import TYPE_CHECKING, Any

from labapp.console import terminal, theme
from labapp.console.header import Header
from labapp.console.stage import Frame
from labapp.console.terminal import swapped

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.output import Output


class Below(Frame):
    """What stands around a page that lines are printed above.

    Args:
        header: as in `Frame`.
    """

    full_screen = False
    around = 1, 2

    def __init__(self, header: Callable[[], Header]) -> None:
        super().__init__(header)
        #: Text with escape codes that is not printed yet.
        self._texts: deque[str] = deque()
        self._is_open = True

    def __enter__(self) -> Below:
        self.output = terminal.create_output(sys.stdout)
        return self

    def __exit__(self, *_: object) -> None:
        self._is_open = False
        with contextlib.suppress(OSError):  # nobody can read it any more
            self._print()

    def sheet(self) -> StringIO:
        """Return what a rich console may write to, for its lines to stand above the page."""
        return _Sheet(self.print)

    def print(self, text: str) -> None:
        """Print text that may have escape codes at the next drawing; any thread may."""
        self._texts.append(text)
        if self._is_open:
            self.changed()
        else:
            self._print()

    def attach(self, app: Application[Any]) -> None:
        """Take the page that opens, and make room above it whenever there is something to print."""
        self.app, output, renderer = app, app.output, app.renderer
        usual = renderer.erase
        drawn: list[object] = []

        def erase(leave_alternate_screen: bool = True) -> None:
            if not drawn or drawn[0] == output.get_size():
                usual()
                return
            # The terminal has folded the old lines anew, or moved them.
            output.erase_screen()
            output.cursor_goto(0, 0)
            renderer.reset()

        def make_room(_: object) -> None:
            """Print what waits, and start afresh where the page gets lower."""
            if self._texts or _gets_lower(app):
                with _held_back(output):
                    renderer.erase()
                    self._print()

        def remember(_: object) -> None:
            drawn[:] = [output.get_size()]

        setattr(renderer, "erase", erase)  # noqa: B010
        app.before_render += make_room
        app.after_render += remember

    def _print(self) -> None:
        from prompt_toolkit.formatted_text import ANSI
        from prompt_toolkit.renderer import print_formatted_text

        assert self.output is not None
        look, texts = theme.current(), ""
        while self._texts:
            texts += self._texts.popleft()
        print_formatted_text(
            self.output, ANSI(texts), look.prompt_style(), None, look.color_depth()
        )


class _Sheet(StringIO):
    def __init__(self, printed: Callable[[str], None]) -> None:
        super().__init__()
        self._printed = printed

    def write(self, text: str) -> int:
        self._printed(text)
        return len(text)


def _gets_lower(app: Application[Any]) -> bool:
    last, size = app.renderer.last_rendered_screen, app.output.get_size()
    if last is None:
        return False
    return last.height > app.layout.container.preferred_height(size.columns, size.rows).preferred


def _held_back(output: Output) -> AbstractContextManager[None]:
    """Send nothing in the block: it goes in one write with the drawing behind it, without a flash.

    The system's own calls on Windows need what was written before them to be there.
    """
    waits = sys.platform != "win32"
    return swapped(output, "flush", lambda: None) if waits else contextlib.nullcontext()
