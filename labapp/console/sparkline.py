"""Values as a row of small bars."""

from __future__ import annotations

from collections.abc import Sequence

from labapp.console import theme


def sparkline(values: Sequence[float], width: int) -> str:
    """Draw the last `width` values as small bars, the newest on the right, the highest in full."""
    bars = theme.current().glyphs.spark
    shown = list(values)[-width:] if width > 0 else []
    top = max(shown, default=0)
    if top <= 0:
        return bars[0] * len(shown)
    # Only zero is shown as the lowest bar, so that little can be told from nothing.
    steps = len(bars) - 1
    return "".join(bars[0 if value <= 0 else max(1, round(value / top * steps))] for value in shown)
