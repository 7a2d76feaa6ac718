"""The overlay: sends the pictures of a page on top of its blanks, each only where it is new.

It looks at the screen as prompt_toolkit is about to send it. Where the marked cells of a picture
are a whole rectangle, they become blanks with a style of that place: while the picture there
changes and the place does not, prompt_toolkit has nothing to rewrite; when the place goes, it has,
and that wipes what lies in the cells. Any other marked cell shows its part of the picture in
blocks: half scrolled away, wrapped for a moment after the window got smaller, on the last row.

Pictures go out in one write with the drawing around them.
"""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, Any

from labapp.console.graphics import choice, placed
from labapp.console.terminal import swapped

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.layout.mouse_handlers import MouseHandlers
    from prompt_toolkit.layout.screen import Screen, WritePosition

    from labapp.console.graphics.marks import Content
    from labapp.console.graphics.rectangles import Place

#: Above whatever floats over a page.
_TOPMOST = 10**9

#: Terminals that know it show nothing of what comes in between.
_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"

_SAVE, _RESTORE = "\x1b7", "\x1b8"

#: Numbers of places, from anywhere on: kitty has other programs' pictures, too.
_numbers = itertools.count(random.randrange(1 << 16, 1 << 30))

#: Styles of places as long as they may stand on one screen.
_STYLES = 1 << 16


def attach(app: Application[Any]) -> None:
    """Have an application show the pictures that its page is drawn with; before it runs."""
    _Overlay(app)


class _Overlay:
    def __init__(self, app: Application[Any]) -> None:
        self._app, self._output = app, app.output
        #: What a place shows now, and the place's number.
        self._shown: dict[Place, tuple[Content, int]] = {}
        #: The size of the screen that they are shown on; None where all is to be sent again.
        self._size: tuple[int, int] | None = None
        #: What is to be sent after the drawing that is under way.
        self._codes = ""
        root, renderer = app.layout.container, app.renderer
        write = root.write_to_screen

        def render(*args: Any, **kwargs: Any) -> None:
            type(renderer).render(renderer, *args, **kwargs)

        def write_to_screen(
            screen: Screen, mouse: MouseHandlers, position: WritePosition, **others: Any
        ) -> None:
            write(screen, mouse, position, **others)
            if self._is_needed():
                size = position.width, position.height
                screen.draw_with_z_index(_TOPMOST, lambda: self._look(screen, size))

        def rendered(*args: Any, **kwargs: Any) -> None:
            if renderer.last_rendered_screen is None:  # all is drawn anew, over whatever was there
                self._size = None
            # Always: it may be this drawing that makes the first marks.
            with swapped(self._output, "flush", lambda: None):
                render(*args, **kwargs)
                self._send()
            self._output.flush()

        setattr(root, "write_to_screen", write_to_screen)  # noqa: B010
        setattr(renderer, "render", rendered)  # noqa: B010

    def _is_needed(self) -> bool:
        """Whether a page may have marks, or the terminal a picture: else nothing is looked at."""
        if not choice.is_decided():  # how pictures are shown: so there was none yet
            return False
        from labapp.console.graphics import marks

        return marks.are_used() or placed.are_there() or bool(self._shown)

    def _look(self, screen: Screen, size: tuple[int, int]) -> None:
        """Put blanks where pictures go, and note what is to be sent for them."""
        from labapp.console.graphics import rectangles  # not for a menu, which has no picture

        codes: list[str] = []
        if self._size != size:
            codes.append(placed.take_all())
            self._shown.clear()
            self._size = size
        # Elsewhere nobody knows on which row a page begins; and sixel scrolls the last one.
        found, rest = rectangles.find(screen, size[1] - 1 if self._app.full_screen else 0)
        for place, content in found.items():
            shown = self._shown.get(place)
            number = shown[1] if shown else next(_numbers)
            if shown is None or shown[0] is not content:
                codes.append(content.encoded.shown(place.column, place.row, number))
                placed.note(number, content.encoded.gone(number))
                self._shown[place] = content, number
            rectangles.blank(screen, place, f"fg:#{number % _STYLES:06x}")
        for run in rest:
            rectangles.show_blocks(screen, run)
        # Behind what is new, so that nothing is bare in between.
        codes += [placed.take(self._shown.pop(place)[1])
                  for place in self._shown.keys() - found.keys()]  # fmt: skip
        self._codes = "".join(codes)
        if self._codes:
            self._output.write_raw(_BEGIN)

    def _send(self) -> None:
        """Send what was noted, the cursor where it was."""
        if self._codes:
            screen = self._app.renderer.last_rendered_screen
            self._output.hide_cursor()
            self._output.write_raw(_SAVE + self._codes + _RESTORE)
            if screen is not None and screen.show_cursor:
                self._output.show_cursor()
            self._output.write_raw(_END)
            self._codes = ""
