"""How results are stored: format, quality, exact; and what the picture that is seen loses by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from labapp.console import theme
from labapp.console.key import Key
from labapp.console.layout import folded, whole_width
from labapp.console.scale import Scale
from labapp.pictures.limits import BEST_QUALITY, FORMATS, LOSSY, USUAL_QUALITY
from labapp.programs.desk.field_panel import FieldPanel
from labapp.programs.desk.fields import ChoiceField, Field, NumberField

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings

    from labapp.pictures.pipeline import Step
    from labapp.programs.desk.order import Order

HELP = """Format: results are stored as each picture is, or all in the one that is chosen. What \
the picture that you see loses by it stands below.

Quality, of JPEG and WebP: from 1, the smallest file, to 100, the best picture; where none is \
chosen each result is as good as its picture.

Exact: the worker does the steps as scikit-image defines them, in float64, which takes longer and \
more memory; else by fast code that gives the same within one grey level.

Left and right change a value. Esc goes back to the steps, and keeps what was chosen."""

#: Lines of the status.
_MOST_LINES = 2


class _Quality(NumberField):
    """A quality, or that of each picture: below the worst."""

    def __init__(self, value: int | None, usual: int) -> None:
        scale = Scale(0, BEST_QUALITY, 1, value or 0)
        super().__init__("Quality", "Of JPEG and WebP, from 1 to 100.", scale, whole=True)
        self._usual = usual

    @property
    def text(self) -> str:
        return self.scale.typed or (f"{self.value}" if self.value else "its own")

    def line(self, room: int) -> StyleAndTextTuples:
        if self.value or self.typed:
            return self.scale.line(room, ends=False)
        return [("class:strong", "its own")]

    @property
    def range(self) -> str:
        return f"from 1 to {BEST_QUALITY}, or its own"

    def take(self, text: str) -> str:
        """Take the value as it is written; none for that of each picture."""
        if text.casefold() in ("", "its own", "own", "none", "0"):
            self.scale.value = 0
            return ""
        return self.range if super().take(text) else ""

    def move(self, steps: int) -> None:
        if not self.value and abs(steps) == 1:
            self.scale.move(self._usual if steps > 0 else BEST_QUALITY)
        else:
            super().move(steps)


class StoringPanel(FieldPanel):
    """How the results of an order are stored.

    Args:
        order: the pictures.
        depth: as of `StepPanel`.
        steps: what is done to them.
    """

    title = "Results"
    help = HELP

    def __init__(self, order: Order, depth: int, steps: Sequence[Step]) -> None:
        super().__init__(order, depth)
        self._steps = tuple(steps)
        request, header = order.request, order.header
        formats = [("its own", ""), *((name.upper(), name) for name in FORMATS)]
        self._format = ChoiceField("Format", "Of all results.", formats, request.format)
        usual = (header.stored.quality if header else None) or USUAL_QUALITY
        self._quality = _Quality(request.quality, usual)
        told = "As scikit-image defines the steps: slower."
        self._exact = ChoiceField("Exact", told, (("no", False), ("yes", True)), request.exact)

    def steps(self) -> Sequence[Step]:
        """Return the steps as they are now: what is shown, and what is sent."""
        return self._steps

    def fields(self) -> Sequence[Field]:
        """Return its lines."""
        return [self._format, self._quality, self._exact]

    def changed(self) -> None:
        """Take note of what was changed."""
        wanted = str(self._format.value)
        if self.field is self._format and wanted and wanted not in LOSSY:
            self._quality.scale.value = 0  # that says nothing to it
        quality = int(self._quality.value) or None
        self.order.request = replace(
            self.order.request, format=wanted, quality=quality, exact=bool(self._exact.value)
        )

    def keys(self) -> Sequence[Key]:
        """Return the keys as things stand."""
        return [self.send_key(), *self.view_keys()]

    def bindings(self) -> KeyBindings | None:
        """Return what else listens: Tab goes back to the steps."""
        bindings = super().bindings()
        assert bindings is not None
        bindings.add("tab", eager=True)(lambda _: self.order.desk.sides.pop())
        return bindings

    def status(self) -> StyleAndTextTuples:
        """Say what is wrong, or what is lost."""
        lost = "; ".join(self.order.losses())
        text = self.wrong() or lost
        if not text:
            return []
        kind = "bad" if self.wrong() else "warn"
        style = "class:bad" if self.wrong() else "class:warn"
        lines = folded(text, max(whole_width() - 7, 10), hyphens=True)[:_MOST_LINES]
        return [(style, f"   {theme.current().sign(kind)} "), ("", "\n     ".join(lines))]
