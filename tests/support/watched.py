"""A lock that tells when somebody has to wait for it."""

from __future__ import annotations

import threading


class Watched:
    """A lock that tells when somebody wants it who has to wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.wanted = threading.Event()

    def __enter__(self) -> None:
        if self._lock.locked():
            self.wanted.set()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()
