"""A value on a slider, with a live preview of what it does.

The preview is drawn by a `Painter`: the slider always follows the keys at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from labapp.console import theme
from labapp.console.accessible import mode, questions
from labapp.console.key import Key, bind
from labapp.console.layout import body_rows, compact, width, wrong
from labapp.console.painter import Painter
from labapp.console.scale import DIGITS, FAR, Scale
from labapp.console.screen import run
from labapp.console.stage import Frame, Stage

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.layout import Window

#: Draws a value's effect into (value, columns, rows) cells: text with escape codes, or a Drawing.
Preview = Callable[[float, int, int], object]

#: Rows of the body that are not the preview: the slider itself, a blank line, and what is wrong.
_AROUND = 4
_AROUND_COMPACT = 1


def slide(
    title: str,
    *,
    minimum: float,
    maximum: float,
    step: float,
    value: float,
    preview: Preview | None = None,
    frame: Frame,
    help: str = "",
) -> float:
    """Let the user move a value; arrows by one step, PageUp and PageDown by ten, or type a number.

    Args:
        title: what the value is.
        minimum: its lower limit.
        maximum: its upper limit.
        step: what one key press adds.
        value: where it starts.
        preview: draws the value's effect; runs in another thread and may take its time.
        frame: header, notices and screen.
        help: what `?` shows.

    Returns:
        The value, within the limits. A typed one need not be a multiple of the step.

    Raises:
        Back: Esc.
        KeyboardInterrupt: Ctrl-C.
    """
    if mode.is_on():
        return questions.number(title, minimum, maximum, value, frame=frame, help=help)
    slider = _Slider(minimum, maximum, step, value)
    painter = _painter(slider, preview, frame) if preview else None
    glyphs = theme.current().glyphs
    stage = Stage(
        body=painter.below(slider.window()) if painter else slider.window(),
        keys=lambda: [
            Key(glyphs.sideways, "change", stays=True),
            Key("Enter", "accept", stays=bool(slider.message)),
        ],
        bindings=slider.bindings(),
        title=title,
        status=slider.status,
        help=help,
        started=painter.start if painter else None,
        steady=lambda: painter is not None,
    )
    try:
        run(stage, frame)
        return float(slider.value)
    finally:
        if painter:
            painter.stop()


class _Slider(Scale):
    """A scale on a page of its own."""

    def bindings(self) -> KeyBindings:
        from prompt_toolkit.key_binding import KeyBindings

        bindings = KeyBindings()
        steps = {"left": -1, "right": 1, "down": -1, "up": 1, "pagedown": -10, "pageup": 10}
        bind(bindings, steps | {"home": -FAR, "end": FAR}, self.move)
        for character in DIGITS:
            bindings.add(character)(lambda event: self.type(event.data))
        bindings.add("backspace", eager=True)(lambda event: self.erase())
        return bindings

    def shown(self) -> StyleAndTextTuples:
        return [("", "   "), *self.line(width() - 4)]

    def status(self) -> StyleAndTextTuples:
        return wrong(self.message) if self.message else []

    def window(self) -> Window:
        from prompt_toolkit.layout import FormattedTextControl, Window

        control = FormattedTextControl(self.shown, focusable=True, show_cursor=False)
        return Window(control, height=1)


def _painter(slider: _Slider, preview: Preview, frame: Frame) -> Painter[float]:
    """Return what draws the preview, as high as there is room."""

    def rows() -> int:
        return max(body_rows(frame, steady=True) - (_AROUND_COMPACT if compact() else _AROUND), 1)

    return Painter(lambda: slider.value, preview, rows, lambda: not compact(), stretches=True)
