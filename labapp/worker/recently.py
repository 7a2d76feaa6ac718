"""A bounded set of recent ids, which forgets the oldest."""

from __future__ import annotations

import threading
from collections.abc import Iterable


class Recently:
    """A set of at most `most` words, shared by threads; the empty word is never among them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._words: dict[str, None] = {}
        self._lock = threading.Lock()

    def add(self, words: Iterable[str]) -> None:
        """Remember words, as the newest."""
        with self._lock:
            self._remember(words)

    def is_new(self, word: str) -> bool:
        """Remember a word, as the newest; tell whether it was unknown: to one of all threads."""
        with self._lock:
            known = word in self._words
            self._remember([word])
        return not known

    def drop(self, words: Iterable[str]) -> None:
        """Forget words."""
        with self._lock:
            for word in words:
                self._words.pop(word, None)

    def _remember(self, words: Iterable[str]) -> None:
        for word in words:
            self._words.pop(word, None)
            if word:
                self._words[word] = None
        while len(self._words) > self._most:
            del self._words[next(iter(self._words))]

    def __contains__(self, word: str) -> bool:
        return word in self._words
