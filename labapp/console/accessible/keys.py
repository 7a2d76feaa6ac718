"""A page's keys as letters to type: told once, and again where they are others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labapp.console.figures import one_line

if TYPE_CHECKING:
    from labapp.console.accessible.voice import Voice
    from labapp.console.key import Key


class Told:
    """What can be typed on one page, as last told."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._last: list[str] = []

    def forget(self) -> None:
        """Have it told again the next time."""
        self._last = []

    def tell(self, words: Sequence[str]) -> None:
        """Say what can be typed, unless that was told the last time."""
        if words and list(words) != self._last:
            self._voice.say(f"Type {', '.join(words)}.")
        self._last = list(words)


def words_of(keys: Sequence[Key]) -> list[str]:
    """Return what each key is typed as, with what it does."""
    return [f"{key.letter} ({key.words})" for key in keys]


def answers(key: Key, answer: str) -> bool:
    """Tell whether an answer is this key: its letter, or its name; Enter alone is Enter."""
    if len(key.letter) > 1:
        return answer.lower() == ("" if key.letter == "Enter" else key.letter.lower())
    return answer == key.letter or (not answer and key.enter)


def no_such(answer: str, keys: Sequence[Key]) -> str:
    """Say that a page has no such key, and which it has."""
    letters = ", ".join(key.letter for key in keys)
    return f"There is no '{one_line(answer)}' on this page. Type one of {letters}."
