"""A lock that tells when somebody wants it: to see that a guard is there, whatever the timing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from tests.support.waiting import until


class Watched:
    """A lock for one that is replaced; `wanted` is set once somebody waits for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.wanted = threading.Event()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        if blocking and self._lock.locked():
            self.wanted.set()
        return self._lock.acquire(blocking, timeout)

    def release(self) -> None:
        self._lock.release()

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


def watch(holder: Any, name: str) -> Watched:
    """Put a watched lock in the place of a lock, or of the one that a condition stands on."""
    lock = Watched()
    found: Any = lock
    if isinstance(getattr(holder, name), threading.Condition):
        found = threading.Condition(found)
    setattr(holder, name, found)
    return lock


def check_guarded(holder: Any, name: str, act: Callable[[], object]) -> None:
    """Assert that `act` waits while another thread holds a lock, and is done afterwards."""
    lock = watch(holder, name)
    lock.acquire()
    check_waits(lock, act)


def check_waits(lock: Watched, act: Callable[[], object]) -> None:
    """Assert that `act` waits for a lock that is held, or comes to be, and is done afterwards."""
    done = threading.Event()

    def other() -> None:
        act()
        done.set()

    thread = threading.Thread(target=other, daemon=True)
    thread.start()
    until(lambda: lock.wanted.is_set() or done.is_set())
    assert not done.is_set(), "it went by the lock"
    lock.release()
    thread.join(15)
    assert done.is_set()
