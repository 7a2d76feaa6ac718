"""What takes long to make, made in a thread, so that a page follows the keys meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

#: Seconds that the first one is waited for: nearly always it is there by then, and the page comes
#: with it at once. What is typed meanwhile is not lost.
AT_FIRST = 0.15


class Behind(Generic[K, T]):
    """Makes the latest thing that is wanted; of those passed over none is made.

    Args:
        make: makes what a key stands for; runs in another thread, one call at a time.
        changed: is told once it is there.
    """

    def __init__(self, make: Callable[[K], T], changed: Callable[[], object]) -> None:
        self._make = make
        self._changed = changed
        self._lock = threading.Lock()
        self._wanted: K | None = None
        self._is_busy = False
        self._is_first = True
        self._made: tuple[K, T] | None = None
        self._error: Exception | None = None
        self._ready = threading.Event()

    def made(self, wanted: K) -> T | None:
        """Return what is wanted, or have it made and return None.

        Raises:
            Exception: what making it raised.
        """
        with self._lock:
            if self._wanted != wanted:
                self._wanted = wanted
                if not self._is_busy:
                    self._is_busy = True
                    threading.Thread(target=self._work, name="behind", daemon=True).start()
        if self._is_first:
            self._is_first = False
            self._ready.wait(AT_FIRST)
        with self._lock:
            if self._error is not None:
                raise self._error
            return self._made[1] if self._made is not None and self._made[0] == wanted else None

    def _work(self) -> None:
        done: K | None = None
        while True:
            with self._lock:
                if self._wanted == done or self._wanted is None:
                    self._is_busy = False
                    break
                done = self._wanted
            try:
                made = self._make(done)
            except Exception as error:  # noqa: BLE001 - raised where it was wanted
                with self._lock:
                    self._error, self._is_busy = error, False
                break
            with self._lock:
                self._made = done, made
            self._ready.set()
            self._changed()
        self._ready.set()
        self._changed()
