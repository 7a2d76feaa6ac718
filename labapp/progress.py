"""How something long tells of itself: one action, shown by a bar or by a page."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Whom an action tells how far it is, and asks whether to go on; from any of its threads.

    A command has `console.progress.Transfer`, a bar; a menu `menus.progress_page.Work`, a page.
    """

    def moved(self, amount: int, /) -> None:
        """Count bytes, or things where the total is of things."""

    def done(self, line: str, state: str, *, good: bool = True) -> None:
        """Say that one thing is done.

        Args:
            line: what became of it.
            state: the same in a word, by which things are counted, such as `refused`.
            good: whether it went well.
        """

    def stopped(self) -> bool:
        """Return whether the user wants no more of it."""
