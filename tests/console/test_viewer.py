"""What the view draws is known by the view as well as by what it shows."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Hashable, Sequence

from labapp.console.viewer import Viewer
from tests.support.waiting import until


class Words:
    """A view of the same thing as all others, in words of its own."""

    def __init__(self, words: str) -> None:
        self.words = words

    def shows(self) -> Hashable:
        return "the same"

    def draw(self, shown: Hashable, columns: int, rows: int) -> str:
        return self.words

    def ahead(self) -> Sequence[Hashable]:
        return ()

    def caption(self, shown: Hashable, columns: int) -> Sequence[list[tuple[str, str]]]:
        return ()


def test_no_view_takes_the_place_of_one_whose_drawing_is_kept() -> None:
    shown = Viewer(lambda: None)
    shown.start()
    try:
        first, second = Words("drawn"), Words("another")
        asked = weakref.ref(first)
        assert until(lambda: "drawn" in str(shown.lines(first, 20, 5)))
        assert until(lambda: "another" in str(shown.lines(second, 20, 5)))
        del first
        gc.collect()
        assert asked() is not None  # else the next view might get its identity, and its drawing
    finally:
        shown.stop()
