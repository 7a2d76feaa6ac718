"""A `Progress` that keeps what it is told, and stops when a test says so."""

from __future__ import annotations

from collections.abc import Callable


class Kept:
    """Keeps amounts and lines; `stop` says whether the user wants no more."""

    def __init__(self, stop: Callable[[], bool] = lambda: False) -> None:
        self.amounts: list[int] = []
        self.lines: list[tuple[str, str, bool]] = []
        self.stopped = stop

    def moved(self, amount: int, /) -> None:
        self.amounts.append(amount)

    def done(self, line: str, state: str, *, good: bool = True) -> None:
        self.lines.append((line, state, good))
