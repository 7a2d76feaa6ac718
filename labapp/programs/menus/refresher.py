"""A value for live pages: fetched again and again in a thread, read from memory."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from labapp.errors import to_tell

if TYPE_CHECKING:
    from rich.console import RenderableType

#: Seconds between two looks of a live page; each look at the queues on AWS costs a few requests.
EVERY = 2.0

#: A live page's look at something far pauses for so many times as long as it took: a class's many
#: queues are looked at more seldom than a single user's.
PAUSE = 20.0

T = TypeVar("T")


class Refresher(Generic[T]):
    """A value that a thread fetches again and again, for live pages to read from memory.

    Args:
        fetch: gets it; may block.
        every: seconds between two fetches, at least.
        changed: called when what is shown of the value is another; a frame's own, for instance.
        shows: what is shown of the value; all of it unless given.
        pause: for so many times as long as a look took, the next one waits.
    """

    def __init__(
        self,
        fetch: Callable[[], T],
        every: float,
        changed: Callable[[], None] = lambda: None,
        shows: Callable[[T], object] = lambda value: value,
        pause: float = PAUSE,
    ) -> None:
        self._fetch = fetch
        self._every = every
        self._changed = changed
        self._shows = shows
        self._pause = pause
        self._stop = threading.Event()
        self._now = threading.Event()
        self.value: T | None = None
        self.error = ""
        #: Whether it was fetched once, or could not be.
        self.came = threading.Event()
        #: Counts the changes of what is shown.
        self.changes = 0
        threading.Thread(target=self._run, name="refresher", daemon=True).start()

    def __enter__(self) -> Refresher[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._now.set()

    def again(self) -> None:
        """Fetch now."""
        self._now.set()

    def on_page(self, reading: str, draw: Callable[[T], RenderableType]) -> RenderableType:
        """Return what a page shows of the value: it, why there is none, or that it is fetched.

        Args:
            reading: what is done until the first value is there, such as `reading the reports`.
            draw: makes a page of a value.
        """
        from labapp.console import tables

        if self.error:
            return tables.told("bad", self.error)
        if self.value is None:
            return tables.told("warn", reading)
        return draw(self.value)

    def _run(self) -> None:
        shown: object = None
        while not self._stop.is_set():
            self._now.clear()
            began = time.monotonic()
            try:
                self.value, self.error = self._fetch(), ""
            except Exception as error:  # noqa: BLE001 - a page waits for it, and the next may do
                self.error = str(to_tell(error))
            now = (None if self.value is None else self._shows(self.value), self.error)
            if now != shown:
                shown = now
                self.changes += 1
                self._changed()
            self.came.set()
            self._now.wait(max(self._every, self._pause * (time.monotonic() - began)))
