"""What takes long, done in a thread, so that a page follows the keys meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from labapp.errors import to_tell

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)

#: Seconds that the first one is waited for: nearly always it is there by then, and the page comes
#: with it at once. What is typed meanwhile is not lost.
AT_FIRST = 0.15


class Latest(Generic[K]):
    """Does the latest thing that is wanted; of those passed over none is done.

    Its thread ends once there is nothing to do. What nobody foresaw does not end it: that is told.

    Args:
        do: does what a key stands for; one call at a time.
        name: of the thread.
        rest: seconds for which nothing else is wanted before it is done.
    """

    def __init__(self, do: Callable[[K], object], name: str, rest: float = 0.0) -> None:
        self._do = do
        self._name = name
        self._rest = rest
        self._lock = threading.Lock()
        self._wanted: K | None = None
        self._overtaken = threading.Event()
        self._is_busy = self._stopped = False

    def want(self, wanted: K) -> None:
        """Have it done, instead of what was wanted before."""
        with self._lock:
            if self._stopped:
                return
            self._wanted = wanted
            self._overtaken.set()
            if self._is_busy:
                return
            self._is_busy = True
        threading.Thread(target=self._work, name=self._name, daemon=True).start()

    def stop(self) -> None:
        """Do nothing any longer, after what is done just now."""
        with self._lock:
            self._stopped, self._wanted = True, None
            self._overtaken.set()

    @property
    def is_overtaken(self) -> bool:
        """Whether what is done just now is no longer what is wanted."""
        return self._overtaken.is_set()

    def _work(self) -> None:
        while (wanted := self._next()) is not None:
            if self._overtaken.wait(self._rest):
                continue
            try:
                self._do(wanted)
            except Exception as error:  # noqa: BLE001 - what is wanted next may do
                to_tell(error)

    def _next(self) -> K | None:
        with self._lock:
            wanted, self._wanted = self._wanted, None
            if wanted is None:
                self._is_busy = False
            else:
                self._overtaken.clear()
            return wanted


class Behind(Generic[K, T]):
    """Makes the latest thing that is wanted.

    Args:
        make: makes what a key stands for, in another thread.
        changed: is told once it is there.
    """

    def __init__(self, make: Callable[[K], T], changed: Callable[[], object]) -> None:
        self._make = make
        self._changed = changed
        self._latest = Latest(self._make_it, "behind")
        self._wanted: K | None = None
        self._is_first = True
        #: What was made last, for what, and what went wrong with it.
        self._made: tuple[K, T | None, Exception | None] | None = None
        self._ready = threading.Event()

    def made(self, wanted: K) -> T | None:
        """Return what is wanted, or have it made and return None.

        Raises:
            Exception: what making it raised.
        """
        if self._wanted != wanted:
            self._wanted = wanted
            self._latest.want(wanted)
        if self._is_first:
            self._is_first = False
            self._ready.wait(AT_FIRST)
        last, made, error = self._made or (None, None, None)
        if last != wanted:
            return None
        if error is not None:
            raise error
        return made

    def _make_it(self, wanted: K) -> None:
        try:
            self._made = wanted, self._make(wanted), None
        except Exception as error:  # noqa: BLE001 - raised where it was wanted
            self._made = wanted, None, error
        self._ready.set()
        self._changed()
