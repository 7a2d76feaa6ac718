"""A page on a screen with pixels, drawn as often as a test says, without a loop and a keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from prompt_toolkit.application import Application, set_app
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import DummyInput
from prompt_toolkit.layout import FormattedTextControl, HSplit, Layout, Window
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.output.vt100 import Vt100_Output

from labapp.console.graphics import overlay
from labapp.console.many_colours import styled_lines
from labapp.console.picture import Drawing
from tests.support.pixel_screen import PixelScreen

Pixels = NDArray[np.uint8]


class PixelPage:
    """A page of lines, full screen unless told otherwise.

    Args:
        screen: what it is drawn on; a page before it may have been, too.
        lines: what it shows; set it to another, and draw.
    """

    def __init__(self, screen: PixelScreen, *lines: object, full_screen: bool = True) -> None:
        self.screen = screen
        self.lines: Sequence[object] = lines
        control = FormattedTextControl(self._text, show_cursor=False)
        window = Window(control, wrap_lines=True)
        self.app: Application[Any] = Application(
            layout=Layout(HSplit([window])),
            output=Vt100_Output(screen, self._size, term="xterm-256color", enable_cpr=False),  # type: ignore[arg-type]
            input=DummyInput(),
            full_screen=full_screen,
            color_depth=ColorDepth.DEPTH_24_BIT,
        )
        overlay.attach(self.app)

    def draw(self, *lines: object) -> str:
        """Draw it, with other lines if any are given; return what was sent."""
        self.lines = lines or self.lines
        before = len(self.screen.writes)
        self.app.render_counter += 1  # its windows ask for their text once a drawing
        with set_app(self.app):
            self.app.renderer.render(self.app, self.app.layout)
        assert len(self.screen.writes) <= before + 1, "a drawing is sent in one write"
        return "".join(self.screen.writes[before:])

    def forget(self) -> None:
        """Draw all anew the next time, as after Ctrl-Z and `fg`."""
        self.app.renderer.reset(leave_alternate_screen=False)

    def _size(self) -> Size:
        columns, rows = self.screen.size
        return Size(rows=rows, columns=columns)

    def _text(self) -> Any:
        found: list[Any] = []
        for line in self.lines:
            for fragments in line.styled if isinstance(line, Drawing) else styled_lines(str(line)):
                found += [*fragments, ("", "\n")]
        return found


def plain(color: int, width: int = 40, height: int = 30) -> Pixels:
    """Return a picture of two colours, other ones for each number."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2] = (255, color, 0)
    pixels[:, width // 2 :] = (0, color, 255)
    return pixels
