"""One of many options, or several of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from labapp.console.accessible import rows
from labapp.console.accessible.rows import Rows
from labapp.console.accessible.voice import Asker
from labapp.console.figures import count

if TYPE_CHECKING:
    from labapp.console.lists import Option
    from labapp.console.stage import Frame

T = TypeVar("T")

#: Said of a checklist.
CHECKS = """A number checks its option, or no longer; several at once: 1 3 5-8. all checks all \
that are read, none no option. Enter alone goes on with what is checked."""

_SPANS = re.compile(r"\d+(-\d+)?([ ,]+\d+(-\d+)?)*")


def search_list(
    question: str, options: Sequence[Option[T]], *, frame: Frame, help: str, among: str
) -> Option[T]:
    """Let the user choose an option by its number; arguments and errors as of `lists`."""
    listed = Rows(lambda: len(options), lambda place: _told(options[place]), among=among)
    asker = Asker(frame, lambda: "\n".join(filter(None, (help, rows.HELP))))
    asker.begin(question)
    listed.read(asker.voice)
    while True:
        answer = asker.choose("Number:")
        chosen = listed.place(answer)
        if chosen is not None:
            return options[chosen]
        titles = [one for one in options if one.title.lower() == answer.lower()]
        if len(titles) == 1:
            return titles[0]
        if not answer or listed.heeds(answer):
            listed.read(asker.voice)
        else:
            asker.voice.say(listed.wrong(answer))


def checklist(
    question: str,
    options: Sequence[Option[T]],
    *,
    look: Callable[[T], object] | None,
    frame: Frame,
    help: str,
) -> list[T]:
    """Let the user check options, one at least; arguments and errors as of `lists`."""
    chosen = {place for place, option in enumerate(options) if option.checked}

    def mark(place: int) -> str:
        return "checked: " if place in chosen else ""

    listed = Rows(lambda: len(options), lambda place: _told(options[place]), mark=mark)
    looks = " v and a number shows that one." if look else ""
    asker = Asker(frame, lambda: "\n".join(filter(None, (help, CHECKS + looks, rows.HELP))))
    asker.begin(question)
    asker.voice.say(CHECKS + looks)
    listed.read(asker.voice)
    while True:
        answer = asker.choose(f"Numbers ({count(len(chosen))} checked):").lower()
        if not answer and chosen:
            return [options[place].value for place in sorted(chosen)]
        place = listed.place(answer[1:].strip())
        if look and answer[:1] == "v" and place is not None:
            look(options[place].value)
        elif answer in ("all", "none"):
            every = set(listed.found()) if answer == "all" else set()
            chosen = chosen | every if every else set()
        elif (several := _places(answer, len(options))) is not None:
            chosen ^= several
        elif listed.heeds(answer):
            listed.read(asker.voice)
        else:
            none = "Check at least one: type its number."
            asker.voice.say(listed.wrong(answer) if answer else none)


def _places(answer: str, length: int) -> set[int] | None:
    """Return the places that numbers and spans such as 2-5 name; None where they do not."""
    if not _SPANS.fullmatch(answer):
        return None
    found: set[int] = set()
    for part in re.split(r"[ ,]+", answer):
        first, _, last = part.partition("-")
        low, high = int(first), int(last or first)
        if not 0 < low <= high <= length:
            return None
        found |= set(range(low - 1, high))
    return found


def _told(option: Option[T]) -> str:
    return f"{option.title}: {option.note}" if option.note else option.title
