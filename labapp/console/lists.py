"""Lists to choose from: a checklist, and a long list that typing filters.

Both are the menu's list with other keys; Esc raises `Back` in them as in every question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from labapp.console import theme
from labapp.console.figures import count, printable
from labapp.console.frame import Frame, Stage, any_keys, finish, run
from labapp.console.layout import cut, width, wrong
from labapp.console.listing import Listing

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent

T = TypeVar("T")


@dataclass(frozen=True)
class Option(Generic[T]):
    """One line of a checklist or a searchable list.

    Args:
        title: what is shown and searched.
        value: what it stands for.
        note: a few words beside it.
        checked: whether a checklist starts with it checked.
    """

    title: str
    value: T
    note: str = ""
    checked: bool = False


def checklist(
    question: str,
    options: Sequence[Option[T]],
    *,
    at_least: int = 0,
    frame: Frame,
    help: str = "",
) -> list[T]:
    """Let the user check any number of options; the checked values, in the given order.

    `?` shows `help`.

    Raises:
        Back: Esc or Ctrl-D.
        KeyboardInterrupt: Ctrl-C.
    """
    checked = {number for number, option in enumerate(options) if option.checked}
    message: list[str] = []

    def row(number: int, pointed: bool) -> StyleAndTextTuples:
        glyphs = theme.current().glyphs
        box = glyphs.checked if number in checked else glyphs.unchecked
        style = "class:good" if number in checked else "class:muted"
        return [(style, f"{box} "), *_label(options, number, pointed, len(box) + 1)]

    listing = Listing(lambda: len(options), row)
    bindings = any_keys()
    listing.bind(bindings)

    @bindings.add("space", eager=True)
    def _toggle(event: KeyPressEvent) -> None:
        message.clear()
        checked.symmetric_difference_update({listing.index} if options else set())

    @bindings.add("a", eager=True)
    def _all(event: KeyPressEvent) -> None:
        message.clear()
        every = set(range(len(options)))
        checked.symmetric_difference_update(every if checked == every else every - checked)

    @bindings.add("enter", eager=True)
    def _accept(event: KeyPressEvent) -> None:
        if len(checked) < at_least:
            message[:] = [f"check at least {count(at_least)}"]
        else:
            finish(event.app, [options[number].value for number in sorted(checked)])

    hints = [("Esc", "back"), ("Space", "check"), ("a", "all"), ("Enter", "accept")]
    hints += [("?", "help")] if help else []
    stage = Stage(
        body=listing.window(),
        keys=bindings,
        title=question,
        help=help,
        hints=lambda: hints,
        status=lambda: wrong(message[0]) if message else [],
    )
    answer: list[T] = run(stage, frame)
    return answer


def search_list(question: str, options: Sequence[Option[T]], *, frame: Frame, help: str = "") -> T:
    """Let the user choose one of many options; typing filters them, and `?` shows `help`.

    Raises:
        Back: Esc or Ctrl-D.
        KeyboardInterrupt: Ctrl-C.
    """
    from prompt_toolkit.keys import Keys

    typed: list[str] = []

    def matching() -> list[Option[T]]:
        words = "".join(typed).lower().split()
        return [one for one in options if all(word in one.title.lower() for word in words)]

    def row(number: int, pointed: bool) -> StyleAndTextTuples:
        return _label(matching(), number, pointed, 0)

    listing = Listing(lambda: len(matching()), row)
    bindings = any_keys()
    listing.bind(bindings)

    @bindings.add(Keys.Any)
    @bindings.add(Keys.BracketedPaste)
    def _type(event: KeyPressEvent) -> None:
        typed.extend(character for character in event.data if character.isprintable())
        listing.index = 0

    @bindings.add("backspace", eager=True)
    def _erase(event: KeyPressEvent) -> None:
        del typed[-1:]
        listing.index = 0

    @bindings.add("enter", eager=True)
    def _accept(event: KeyPressEvent) -> None:
        if found := matching():
            finish(event.app, found[listing.index].value)

    def status() -> StyleAndTextTuples:
        found, searched = len(matching()), printable("".join(typed))
        if not found:
            return wrong(f"nothing matches '{searched}'")
        of = f"{count(found)} of {count(len(options))}"
        return [("class:muted", f"   {of}"), ("class:accent", f"  {searched}" if typed else "")]

    hints = [("Esc", "back"), ("type", "to search"), ("Enter", "choose")]
    hints += [("?", "help")] if help else []
    stage = Stage(
        body=listing.window(),
        keys=bindings,
        title=question,
        help=help,
        hints=lambda: hints,
        status=status,
    )
    answer: T = run(stage, frame)
    return answer


def _label(
    options: Sequence[Option[T]], number: int, pointed: bool, used: int
) -> StyleAndTextTuples:
    """Return a line's title and its note, in columns; `used` columns stand before them."""
    room = width() - 6 - used
    title = cut(printable(options[number].title), room)
    column = min(max(len(option.title) for option in options), room)
    fragments: StyleAndTextTuples = [("class:pointed" if pointed else "", title)]
    if options[number].note and (left := room - column - 3) > 3:
        note = cut(printable(options[number].note), left)
        fragments.append(("class:muted", " " * (column - len(title) + 3) + note))
    return fragments
