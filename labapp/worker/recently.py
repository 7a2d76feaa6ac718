"""What was seen of late: a set that forgets the oldest."""

from __future__ import annotations

import threading
from collections.abc import Iterable


class Recently:
    """At most `most` words, shared by threads; the empty word is never among them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._words: dict[str, None] = {}
        self._lock = threading.Lock()

    def add(self, words: Iterable[str]) -> None:
        """Remember words, as the newest."""
        with self._lock:
            for word in words:
                self._words.pop(word, None)
                if word:
                    self._words[word] = None
            while len(self._words) > self._most:
                del self._words[next(iter(self._words))]

    def drop(self, words: Iterable[str]) -> None:
        """Forget words."""
        with self._lock:
            for word in words:
                self._words.pop(word, None)

    def __contains__(self, word: str) -> bool:
        return word in self._words
