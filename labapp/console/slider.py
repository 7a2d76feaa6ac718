"""A value on a slider, with a live preview of what it does.

The preview is drawn by a `Painter`: the slider always follows the keys at once.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from labapp.console import theme
from labapp.console.key import Key, bind
from labapp.console.layout import body_rows, compact, width, wrong
from labapp.console.painter import Painter
from labapp.console.screen import run
from labapp.console.stage import Frame, Stage

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.layout import Window

#: Draws a value's effect into (value, columns, rows) cells: text with escape codes, or a Drawing.
Preview = Callable[[float, int, int], object]

#: Columns of the slider's line, where there is room.
_BAR = 40

#: Steps from any value to the ends.
_FAR = 10**9

#: Characters that a typed number is made of.
_NUMBER = "0123456789.,-"

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


class _Slider:
    def __init__(self, minimum: float, maximum: float, step: float, value: float) -> None:
        self.minimum, self.maximum, self.step = minimum, maximum, step
        self.typed = ""
        self.message = ""
        self.value = self._within(value)

    def _within(self, value: float) -> float:
        return max(self.minimum, min(self.maximum, value))

    def move(self, steps: int) -> None:
        self.typed = self.message = ""
        # In decimals, since ten times 0.1 in binary is not 1.
        target = Decimal(str(self.value)) + Decimal(str(self.step)) * Decimal(str(steps))
        self.value = self._within(float(target))

    def type(self, character: str) -> None:
        """Take one more character of a typed number; the slider follows where it can."""
        self.typed += character.replace(",", ".")
        self._take()

    def erase(self) -> None:
        self.typed = self.typed[:-1]
        self._take()

    def _take(self) -> None:
        self.message = ""
        if self.typed.strip("-.") == "":
            return
        try:
            number = float(self.typed)
        except ValueError:
            self.message = f"'{self.typed}' is not a number"
            return
        if self.minimum <= number <= self.maximum:
            self.value = number
        else:
            self.message = f"from {self.minimum:g} to {self.maximum:g}"

    def bindings(self) -> KeyBindings:
        from prompt_toolkit.key_binding import KeyBindings

        bindings = KeyBindings()
        steps = {"left": -1, "right": 1, "down": -1, "up": 1, "pagedown": -10, "pageup": 10}
        bind(bindings, steps | {"home": -_FAR, "end": _FAR}, self.move)
        for character in _NUMBER:
            bindings.add(character)(lambda event: self.type(event.data))
        bindings.add("backspace", eager=True)(lambda event: self.erase())
        return bindings

    def line(self) -> StyleAndTextTuples:
        glyphs = theme.current().glyphs
        span = self.maximum - self.minimum
        low, high = f"{self.minimum:g}", f"{self.maximum:g}"
        shown = self.typed or f"{self.value:g}"
        room = max(min(_BAR, width() - len(low) - len(high) - len(shown) - 9), 5)
        at = round((self.value - self.minimum) / span * (room - 1)) if span else 0
        return [
            ("class:muted", f"   {low} "),
            ("class:accent", glyphs.bar_full * at),
            ("class:pointed", glyphs.knob),
            ("class:muted", f"{glyphs.bar_empty * (room - 1 - at)} {high}"),
            ("class:strong", f"  {shown}"),
        ]

    def status(self) -> StyleAndTextTuples:
        return wrong(self.message) if self.message else []

    def window(self) -> Window:
        from prompt_toolkit.layout import FormattedTextControl, Window

        control = FormattedTextControl(self.line, focusable=True, show_cursor=False)
        return Window(control, height=1)


def _painter(slider: _Slider, preview: Preview, frame: Frame) -> Painter[float]:
    """Return what draws the preview, as high as there is room."""

    def rows() -> int:
        return max(body_rows(frame, steady=True) - (_AROUND_COMPACT if compact() else _AROUND), 1)

    return Painter(lambda: slider.value, preview, rows, lambda: not compact(), stretches=True)
