"""Numbered rows: read out in pages of twenty, narrowed by words, and chosen by their numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from labapp.console.accessible.voice import Voice, none_such
from labapp.console.figures import count, one_line

#: Rows read at once, and those left that are not worth a question.
PAGE, REST = 20, 5

#: What stands before the numbers of rows that come and go, so that those of the others stay.
LETTER = "r"

#: What reads the next page, and what the last one again.
MORE, LESS = "more", "less"

READ = f"""{MORE} and {LESS} read the next rows and those before; /word reads only those with the \
word, / alone all again."""
HELP = f"A number chooses its row. {READ}"

_NUMBER = re.compile(rf"({LETTER}?)([0-9]{{1,9}})")


class Rows:
    """Rows that may change while they are open.

    Args:
        length: how many there are now.
        said: a row as a sentence, given its place from 0.
        mark: what stands before it, such as whether it is checked; usually nothing.
        among: what the rows are, where they are not all there are.
        lettered: how many of the first have numbers of their own, behind a letter.
    """

    def __init__(
        self,
        length: Callable[[], int],
        said: Callable[[int], str],
        *,
        mark: Callable[[int], str] = lambda _: "",
        among: str = "",
        lettered: Callable[[], int] = lambda: 0,
    ) -> None:
        self._length = length
        self._said = said
        self._mark = mark
        self._among = among
        self._lettered = lettered
        self.words = ""
        self.start = 0

    def found(self) -> Sequence[int]:
        """Return the places of the rows that have all the words looked for."""
        words = self.words.lower().split()
        if not words:
            return range(self._length())
        return [
            place
            for place in range(self._length())
            if all(word in self._said(place).lower() for word in words)
        ]

    def read(self, voice: Voice) -> None:
        """Read the rows of this page, and say how many there are if these are not all."""
        found = self.found()
        self.start = self.start if self.start < len(found) else 0
        shown = found[self.start :] if self._is_last(found) else found[self.start :][:PAGE]
        for place in shown:
            self.tell(voice, place)
        if not found:
            among = f" in {self._among}" if self._among else ""
            voice.say(f"Nothing has '{self.words}'{among}." if self.words else "There is none.")
        elif len(shown) < len(found) or self.words or self._among:
            voice.say(self._count(len(shown), len(found)))

    def _is_last(self, found: Sequence[int]) -> bool:
        return len(found) - self.start <= PAGE + REST

    def tell(self, voice: Voice, place: int) -> None:
        """Say one row with its number."""
        said = f"{self._mark(place)}{one_line(self._said(place))}"
        voice.say(f"{self.number(place)}. {said}", indent=3)

    def _count(self, shown: int, found: int) -> str:
        of = f" with '{self.words}'" if self.words else ""
        among = f" of {self._among}" if self._among else ""
        first = count(self.start + 1)
        span = f"{first} to {count(self.start + shown)} of " if shown < found else ""
        more = f"; {MORE} reads on" if self.start + shown < found else ""
        return f"{span}{count(found)}{of}{among}{more}."

    def heeds(self, answer: str) -> bool:
        """Do what an answer asks of the rows themselves; tell whether it did."""
        if answer.startswith("/"):
            self.words, self.start = answer[1:].strip(), 0
        elif answer.lower() == MORE and not self._is_last(self.found()):
            self.start += PAGE
        elif answer.lower() == LESS:
            self.start = max(self.start - PAGE, 0)
        elif answer.lower() != MORE:
            return False
        return True

    def number(self, place: int) -> str:
        """Return what a row is chosen by."""
        first = self._lettered()
        return f"{LETTER}{place + 1}" if place < first else f"{place + 1 - first}"

    def place(self, answer: str) -> int | None:
        """Return the place of the row that an answer numbers; None where there is none such."""
        if not (typed := _NUMBER.fullmatch(answer.lower())):
            return None
        place, first = int(typed[2]) - 1, self._lettered()
        if typed[1] and place >= first:
            return None
        place += 0 if typed[1] or place < 0 else first
        # While a word is looked for only what has it was read.
        return place if 0 <= place < self._length() and place in self.found() else None

    def wrong(self, answer: str) -> str:
        """Say what is wrong with an answer that is none."""
        length, first = self._length(), self._lettered()
        told = f"{none_such(answer)} here."
        if self.words:
            return f"{told} Type the number of a row that was read, or / alone for all rows."
        ends = [(self.number(0), self.number(first - 1))] if first else []
        ends += [(self.number(first), self.number(length - 1))] if length > first else []
        spans = [low if low == high else f"from {low} to {high}" for low, high in ends]
        return f"{told} Type a number {' or '.join(spans)}." if spans else told
