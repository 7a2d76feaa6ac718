"""What a terminal answers, cut out of what is typed: no answer is a key, and no key is lost.

It stands in front of prompt_toolkit's own reader of keys, which takes an answer for Esc and a row
of letters. An answer may come late, in pieces, twice, on another page than the one that asked, and
between any two keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

#: The answers to `CSI c`, which every terminal gives, and `CSI 16 t`.
_ANSWER = re.compile(r"\x1b\[(?:\?[\d;]*c|6;\d+;\d+t)")

#: What may be the start of one, or of what is pasted, at the end of what has come so far.
_STARTED = re.compile(r"\x1b(?:\[(?:\?[\d;]*|6(?:;\d*){0,2}|20{0,2})?)?\Z")

#: The start of one that no key begins like; other starts are those of Esc and the arrows, too.
_SURE = re.compile(r"\x1b\[(?:\?\d|6;\d+;)")

#: Around what is pasted, which is text whatever is in it.
_PASTED, _PASTE_ENDS = "\x1b[200~", "\x1b[201~"

#: Most characters of a start that are kept: no answer is longer.
_MOST = 100


class Parser(Protocol):
    """What reads keys out of what is typed."""

    def feed(self, data: str) -> None:
        """Take what was typed."""

    def flush(self) -> None:
        """Take what was begun as it is: nothing followed."""


class Answers:
    """Hands on to a parser what is typed, less what the terminal answers.

    There is one for the whole process; each page has a parser of its own.

    Args:
        heard: called with each answer.
    """

    def __init__(self, heard: Callable[[str], object]) -> None:
        self._heard = heard
        self._parser: Parser | None = None
        #: The start of what may be an answer.
        self._kept = ""
        #: The last of what is being pasted; None outside.
        self._paste: str | None = None

    def before(self, parser: Parser) -> Answers:
        """Stand before another parser from now on."""
        self._parser = parser
        self._paste = None
        return self

    @contextmanager
    def unread(self) -> Iterator[None]:
        """Have nobody read the keys for the block; after Ctrl-Z the same page goes on."""
        parser, self._parser = self._parser, None
        try:
            yield
        finally:
            self._parser = parser

    @property
    def keeps(self) -> bool:
        """Whether something is kept that may be an answer's start, or else is a key."""
        return bool(self._kept)

    def feed(self, data: str) -> None:
        """Take what has come in."""
        text, self._kept = self._kept + data, ""
        while text:
            text = self._keys(text) if self._paste is None else self._pasted(text)

    def flush(self) -> None:
        """Hand on what was kept, since nothing followed; what is surely an answer's start waits."""
        if not _SURE.match(self._kept):
            kept, self._kept = self._kept, ""
            self._hand_on(kept)
        if self._parser:
            self._parser.flush()

    def _keys(self, text: str) -> str:
        """Take text up to the next answer or paste; return what follows."""
        answer, paste = _ANSWER.search(text), text.find(_PASTED)
        if paste >= 0 and not (answer and answer.start() < paste):
            end = paste + len(_PASTED)
            self._hand_on(text[:end])
            self._paste = ""
            return text[end:]
        if answer:
            self._hand_on(text[: answer.start()])
            if self._parser:  # keys come whole: what was begun before it is one
                self._parser.flush()
            self._heard(answer[0])
            return text[answer.end() :]
        started = _STARTED.search(text)
        start = started.start() if started and len(text) - started.start() <= _MOST else len(text)
        self._hand_on(text[:start])
        self._kept = text[start:]
        return ""

    def _pasted(self, text: str) -> str:
        """Take text up to the end of what is pasted; return what follows."""
        assert self._paste is not None
        known = len(self._paste)
        end = (self._paste + text).find(_PASTE_ENDS)
        here = len(text) if end < 0 else end + len(_PASTE_ENDS) - known
        self._hand_on(text[:here])
        self._paste = (self._paste + text)[1 - len(_PASTE_ENDS) :] if end < 0 else None
        return text[here:]

    def _hand_on(self, text: str) -> None:
        if text and self._parser:
            self._parser.feed(text)
