"""What the view draws is known by the view as well as by what it shows."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

from labapp.console.viewer import Viewer
from tests.support.waiting import PATIENCE, until

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples


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

    def caption(self, shown: Hashable, columns: int) -> Sequence[StyleAndTextTuples]:
        return ()


def test_of_a_view_that_is_gone_nothing_is_kept_and_no_thread_waits() -> None:
    told = threading.Event()
    shown = Viewer(told.set)
    view = Words("drawn")
    shown.lines(view, 20, 5)
    assert told.wait(PATIENCE)
    until(lambda: all(one.name != "view" for one in threading.enumerate()), "the thread's end")
    assert "drawn" in str(shown.lines(view, 20, 5))
    shown.forget(view)
    shown.lines(Words("another"), 20, 5)
    asked = weakref.ref(view)
    del view
    until(lambda: gc.collect() >= 0 and asked() is None, "the view to go")


def test_no_view_takes_the_place_of_one_whose_drawing_is_kept() -> None:
    shown = Viewer(lambda: None)
    try:
        views = [Words("drawn"), Words("another")]
        asked = weakref.ref(views[0])
        assert until(lambda: "drawn" in str(shown.lines(views[0], 20, 5)))
        assert until(lambda: "another" in str(shown.lines(views[1], 20, 5)))
        del views[0]
        gc.collect()
        assert asked() is not None  # else the next view might get its identity, and its drawing
    finally:
        shown.stop()
