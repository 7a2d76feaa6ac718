"""Keys that nobody knows are one key each, and none of the letters that they are sent as.

A terminal sends `CSI I` when its window gets the focus, `CSI 57;5u` for a key with Ctrl, and more
where a program before this one asked for it. prompt_toolkit, which does not know them, reads Esc
and letters: a page would be left, and the next one be given keys that nobody pressed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from prompt_toolkit.input import Input

#: What terminals send for one key: the Linux console's, and those of all others.
_SEQUENCE = re.compile(r"\x1b(?:\[\[[A-Z]|\[[0-?]*[ -/]*[@-~]|O[0-9]*[A-Za-z])")

#: What is read as a key without a meaning: the one in the middle of a pad of digits.
_NO_MEANING = "\x1b[E"

#: What more than the sequence belongs to: a mouse and its place, and what is pasted.
_BEGUN = ("\x1b[M", "\x1b[200~", "\x1b[201~")

_PASTED = "\x1b[200~"


class Reader(Protocol):
    """What reads keys out of what is typed."""

    def feed(self, data: str) -> None:
        """Take what was typed."""

    def flush(self) -> None:
        """Take what was begun as it is."""


def attach(source: Input) -> None:
    """Have an input of the terminal's read no letters out of keys that nobody knows."""
    reader = getattr(source, "vt100_parser", None)
    if reader is not None:  # Windows tells keys otherwise
        setattr(source, "vt100_parser", KnownKeys(reader))  # noqa: B010


class KnownKeys:
    """Hands on to a reader what is typed, with one key without a meaning for each unknown one."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def feed(self, data: str) -> None:
        """Take what was typed; what is pasted is text, whatever is in it."""
        pasting = _PASTED in data or getattr(self._reader, "_in_bracketed_paste", False)
        if "\x1b" in data and not pasting:
            data = _SEQUENCE.sub(lambda found: _known(found[0]), data)
        self._reader.feed(data)

    def flush(self) -> None:
        """Take what was begun as it is: nothing followed."""
        self._reader.flush()


def _known(sequence: str) -> str:
    """Return a key's sequence; one without a meaning where prompt_toolkit has no name for it."""
    from prompt_toolkit.input.ansi_escape_sequences import ANSI_SEQUENCES
    from prompt_toolkit.input.vt100_parser import _cpr_response_re, _mouse_event_re

    known = sequence in ANSI_SEQUENCES or sequence in _BEGUN
    if known or _mouse_event_re.match(sequence) or _cpr_response_re.match(sequence):
        return sequence
    return _NO_MEANING
