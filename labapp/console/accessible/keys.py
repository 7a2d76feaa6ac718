"""A page's keys as letters to type: told once, and again where they are others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labapp.console.accessible.voice import none_such
from labapp.console.key import AT_POINTER

if TYPE_CHECKING:
    from labapp.console.accessible.voice import Voice
    from labapp.console.key import Key


class Told:
    """What can be typed on one page: in full the first time on such a page, later in short.

    Args:
        voice: says it, and knows what it has told.
        page: what kind of page it is; empty: as its keys say.
    """

    def __init__(self, voice: Voice, page: str = "") -> None:
        self._voice = voice
        self._page = page
        self._last: list[str] = []

    def forget(self) -> None:
        """Have it told again the next time."""
        self._last = []

    def tell(self, words: Sequence[str], main: str = "") -> None:
        """Say what can be typed, unless that was told the last time; of `main` always all."""
        if words and list(words) != self._last:
            letters = [word.partition(" (")[0] for word in words]
            known = self._voice.told.setdefault(self._page or ", ".join(letters), set())
            new = [word for word in words if word not in known]
            told = [word for word in words if word in new or word == main]
            if not new:
                told = [word if word == main else word.partition(" (")[0] for word in words]
            more = "; ? explains" if len(new) < len(words) else ""
            self._voice.say(f"Type {', '.join(told)}{more}.")
            known.update(words)
        self._last = list(words)


def words_of(keys: Sequence[Key]) -> list[str]:
    """Return what each key is typed as, with what it does."""
    return [f"{key.letter}{' and a number' if key.on_row else ''} ({key.words})" for key in keys]


def sentences(keys: Sequence[Key], main: str) -> list[str]:
    """Return what the help says of keys; `main` is typed for Enter, which alone does nothing."""
    letters = [main if key.letter == "Enter" else key.letter for key in keys if key.help]
    helps = [key.help.replace(AT_POINTER, " of that row") for key in keys if key.help]
    return [f"{letter} {told}." for letter, told in zip(letters, helps, strict=True)]


def answers(key: Key, answer: str) -> bool:
    """Tell whether an answer is this key: its letter, or its name; Enter alone is Enter."""
    if len(key.letter) > 1:
        return answer.lower() == ("" if key.letter == "Enter" else key.letter.lower())
    return answer == key.letter or (not answer and key.enter)


def no_such(answer: str, keys: Sequence[Key]) -> str:
    """Say that a page has no such key, and which it has."""
    letters = ", ".join(key.letter for key in keys)
    return f"{none_such(answer)} on this page. Type one of {letters}."
