"""A menu: its lines with their keys, and one typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from labapp.console import Back
from labapp.console.accessible.voice import Asker, Ended, none_such
from labapp.console.figures import one_line

if TYPE_CHECKING:
    from labapp.console.menu import MenuItem
    from labapp.console.stage import Frame

T = TypeVar("T")


def choose(
    title: str,
    lines: Callable[[], Sequence[MenuItem[T]]],
    last: MenuItem[None],
    frame: Frame,
    *,
    help: str,
    intro: str,
    top: bool,
) -> MenuItem[T] | None:
    """Let the user choose one line; None for the last one, which goes back or quits.

    Args:
        title: stands above the lines.
        lines: gives them, without the last one.
        last: the last line.
        frame: the program's.
        help: what `?` says.
        intro: a few sentences before the lines.
        top: whether this is the program's first menu, which only its last line leaves.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    asker = Asker(frame, lambda: help)
    asker.begin(title, intro)
    while True:
        for line in lines():
            asker.voice.say(_told(line), indent=3)
        asker.voice.say(_told(last))
        try:
            return _answer(asker, lines, last, top=top)
        except _Again:
            continue
        except Back:
            return None


class _Again(Exception):  # noqa: N818 - control flow, not an error
    """The lines are to be read again, as things stand now."""


def _answer(
    asker: Asker,
    lines: Callable[[], Sequence[MenuItem[T]]],
    last: MenuItem[None],
    *,
    top: bool,
) -> MenuItem[T] | None:
    """Ask until a line is chosen that can be done now."""
    while True:
        try:
            answer = asker.choose("Choice:")
        except Ended:
            raise
        except Back:
            if not top:
                raise
            asker.voice.say(f"This is the first menu; {last.key} quits.")
            continue
        if not answer:
            raise _Again
        if answer.lower() == last.key:
            return None
        chosen = _of(lines(), answer)
        if chosen is None:
            keys = ", ".join([*(line.key for line in lines()), last.key])
            asker.voice.say(f"{none_such(answer)} in this menu. Type one of {keys}.")
        elif chosen.disabled:
            asker.voice.say(f"Not now: {chosen.disabled}.")
        else:
            return chosen


def _of(lines: Sequence[MenuItem[T]], answer: str) -> MenuItem[T] | None:
    """Return the line that an answer is the key of; of letters the case may be another."""
    for same in (str, str.lower):
        for line in lines:
            if same(line.key) == same(answer):
                return line
    return None


def _told(line: MenuItem[T] | MenuItem[None]) -> str:
    note = f"not now: {line.disabled}" if line.disabled else line.note
    told = f"{line.key}. {line.title}"
    return f"{told} ({one_line(note)})" if note else told
