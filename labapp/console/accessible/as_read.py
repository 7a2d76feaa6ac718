"""A panel's rows as they were read: a number keeps its row while others come and go."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from labapp.console.panel import Named

if TYPE_CHECKING:
    from labapp.console.panel import Panel


class AsRead:
    """The rows of a panel as they were when they were read last."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._names: Sequence[Hashable] = ()

    def renew(self) -> None:
        """Take the rows as they are now: they are about to be read."""
        self._names = self._current()

    def _current(self) -> Sequence[Hashable]:
        panel = self._panel
        return panel.row_names() if isinstance(panel, Named) else range(panel.length())

    def __len__(self) -> int:
        return len(self._names)

    def now(self, place: int) -> int | None:
        """Return where a row is now; None where it is gone."""
        name, current = self._names[place], self._current()
        if place < len(current) and current[place] == name:
            return place
        return current.index(name) if name in current else None

    def place(self, now: int) -> int | None:
        """Return where a row was that is at a place now; None where it has come since."""
        current = self._current()
        name = current[now] if now < len(current) else None
        return self._names.index(name) if name in self._names else None

    def said(self, place: int) -> str:
        """Return a row as a sentence."""
        now = self.now(place)
        return "is no longer there" if now is None else self._panel.said(now)
