"""Lists to choose from: a checklist, and a long list that typing filters.

Both are the menu's list with other keys; Esc raises `Back` in them as in every question. What a
list shows is worked out once for each change of the search, so that ten thousand lines are no
slower to move in than ten.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from labapp.console import theme
from labapp.console.accessible import choices, mode
from labapp.console.figures import cell_width, count, cut, cut_middle, in_lines, one_line
from labapp.console.key import BACK, Key, typed_by
from labapp.console.layout import whole_width, wrong
from labapp.console.listing import Listing
from labapp.console.screen import run
from labapp.console.stage import Frame, Stage

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent

T = TypeVar("T")

#: Columns between the titles and the notes.
_GAP = 3

#: Columns before and behind a line: the pointer, and the arrows.
_AROUND = 6

#: Columns that a note needs to say anything.
_LEAST_NOTE = 4

#: Says that letters are a search.
_TYPE = Key("type", "to search", stays=True)


@dataclass(frozen=True)
class Option(Generic[T]):
    """One line of a checklist or a searchable list.

    Args:
        title: what is shown and searched.
        value: what it stands for.
        note: a few words beside it.
        checked: whether a checklist starts with it checked.
        words: what is searched besides, and not shown.
    """

    title: str
    value: T
    note: str = ""
    checked: bool = False
    words: str = ""


@dataclass
class Place:
    """Where the user was in a searchable list: kept by whoever opens it more than once."""

    typed: str = ""
    index: int = 0


class _Found(Generic[T]):
    """The options that match what is typed, how wide they are, and the pointer over them."""

    def __init__(self, options: Sequence[Option[T]], among: str = "") -> None:
        self.options = options
        self.among = among
        self.typed = ""
        self._titles = [one_line(option.title) for option in options]
        searched = zip(self._titles, options, strict=True)
        self._lower = [f"{title} {option.words}".lower() for title, option in searched]
        self._widths = [cell_width(title) for title in self._titles]
        self._notes = [cell_width(one_line(option.note)) for option in options]
        self.listing = Listing(lambda: len(self.matches), self.row)
        self.type("")

    def type(self, typed: str) -> None:
        """Search for these words."""
        self.typed = typed
        words = typed.lower().split()
        self.matches = [
            number for number, title in enumerate(self._lower) if all(w in title for w in words)
        ]
        self._widest = max((self._widths[number] for number in self.matches), default=0)
        self._widest_note = max((self._notes[number] for number in self.matches), default=0)
        self.listing.index = 0

    def cleared(self) -> bool:
        """Clear the search, with the pointer kept where it is; return whether there was any."""
        if not self.typed:
            return False
        pointed = self.pointed
        self.type("")
        self.listing.index = pointed[0] if pointed else 0
        return True

    def leave(self) -> Key:
        """Return what Esc does."""
        return Key(BACK.letter, "clear search") if self.typed else BACK

    @property
    def pointed(self) -> list[int]:
        """The number of the option at the pointer; none where nothing matches."""
        return self.matches[self.listing.index :][:1]

    def bindings(self, heeded: Callable[[], bool]) -> KeyBindings:
        """Return the keys that move, and those that type and erase while `heeded` says so."""
        from prompt_toolkit.filters import Condition
        from prompt_toolkit.keys import Keys

        bindings = self.listing.bindings()

        @bindings.add(Keys.Any, filter=Condition(heeded))
        @bindings.add(Keys.BracketedPaste, filter=Condition(heeded))
        def _type(event: KeyPressEvent) -> None:
            self.type(self.typed + typed_by(event))

        @bindings.add("backspace", eager=True, filter=Condition(heeded))
        def _erase(event: KeyPressEvent) -> None:
            self.type(self.typed[:-1])

        return bindings

    def row(self, place: int, pointed: bool) -> StyleAndTextTuples:
        """Return a match's title and note, in columns."""
        number, box = self.matches[place], self.box(self.matches[place])
        room = whole_width() - _AROUND - sum(len(text) for _, text, *_ in box)
        # A long title gives way before the notes of all lines do, yet keeps half of the room.
        notes = min(self._widest_note, room // 2 - _GAP) if self._widest_note else 0
        column = min(self._widest, room - (notes + _GAP if notes >= _LEAST_NOTE else 0))
        title = cut_middle(self._titles[number], column)
        fragments = [*box, ("class:pointed" if pointed else "", title)]
        note, left = one_line(self.options[number].note), room - column - _GAP
        if note and left >= _LEAST_NOTE:
            blank = " " * (column - cell_width(title) + _GAP)
            fragments.append(("class:muted", blank + cut(note, left)))
        return fragments

    def box(self, number: int) -> StyleAndTextTuples:
        """Return what stands before an option's title."""
        return []

    def cut(self) -> list[str]:
        """Return the option at the pointer in full, where its line is cut."""
        for number in self.pointed:
            title, note = self._titles[number], one_line(self.options[number].note)
            shown = "".join(text for _, text, *_ in self.row(self.listing.index, False))
            box = "".join(text for _, text, *_ in self.box(number))
            if not (shown.startswith(box + title) and shown.endswith(note)):
                return [f"{title}: {note}" if note else title]
        return []

    def status(self) -> StyleAndTextTuples:
        """Say how many match."""
        searched = in_lines(self.typed)
        if not self.matches:
            among = f" in {self.among}" if self.among else ""
            return wrong(f"nothing matches '{searched}'{among}")
        of = f"{count(len(self.matches))} of {self.among or count(len(self.options))}"
        return [("class:muted", f"   {of}"), ("class:accent", f"  {searched}" if searched else "")]


def search_list(
    question: str,
    options: Sequence[Option[T]],
    *,
    frame: Frame,
    help: str = "",
    among: str = "",
    place: Place | None = None,
) -> T:
    """Let the user choose one of many options; typing filters them, and Esc clears that first.

    Args:
        question: stands above the list.
        options: what can be chosen.
        frame: header, notices and screen.
        help: what `?` shows.
        among: what the options are, where they are not all there are, such as `the newest 100`.
        place: what was typed and where the pointer was the last time; left as it is at the end.

    Raises:
        Back: Esc or Ctrl-D.
        KeyboardInterrupt: Ctrl-C.
    """
    if mode.is_on():
        return choices.search_list(question, options, frame=frame, help=help, among=among).value
    found, place = _Found(options, among), place or Place()
    found.type(place.typed)
    found.listing.index = place.index
    stage = Stage(
        body=found.listing.window(),
        keys=lambda: [_TYPE, Key("Enter", "choose", stays=not found.matches)],
        bindings=found.bindings(lambda: True),
        typing=lambda: True,
        title=lambda: question,
        help=lambda: help,
        more=found.cut,
        status=found.status,
        leave=found.leave,
        undone=found.cleared,
    )
    try:
        run(stage, frame)
    finally:
        place.typed, place.index = found.typed, found.listing.index
    return options[found.pointed[0]].value


def checklist(
    question: str,
    options: Sequence[Option[T]],
    *,
    look: Callable[[T], object] | None = None,
    frame: Frame,
    help: str = "",
) -> list[T]:
    """Let the user check options, one at least; the checked values, in the given order.

    `/` searches as `search_list` does, until Enter; `a` then checks what was found. Esc clears a
    search first.

    Args and errors are those of `search_list`. `look` shows the option that is pointed at, on a
    page of its own; None where none can be.
    """
    if mode.is_on():
        return choices.checklist(question, options, look=look, frame=frame, help=help)
    chosen = _Checklist(options)
    while run(chosen.stage(question, help, looks=look is not None), frame).letter != "Enter":
        assert look  # no other key ends it
        look(options[chosen.pointed[0]].value)
    return [options[number].value for number in sorted(chosen.checked)]


class _Checklist(_Found[T]):
    """What is checked, typed and pointed at: kept while a look at an option is in between."""

    def __init__(self, options: Sequence[Option[T]]) -> None:
        super().__init__(options)
        self.checked = {number for number, option in enumerate(options) if option.checked}
        self.searching = False
        self.message = ""

    def box(self, number: int) -> StyleAndTextTuples:
        glyphs = theme.current().glyphs
        if number in self.checked:
            return [("class:good", f"{glyphs.checked} ")]
        return [("class:muted", f"{glyphs.unchecked} ")]

    def stage(self, question: str, help_text: str, *, looks: bool) -> Stage:
        return Stage(
            body=self.listing.window(),
            keys=lambda: self.keys(looks),
            bindings=self.bindings(lambda: self.searching),
            typing=lambda: self.searching,
            title=lambda: question,
            help=lambda: help_text,
            leave=self.leave,
            more=self.cut,
            status=self.status,
            undone=self.cleared,
        )

    def keys(self, looks: bool) -> list[Key]:
        """Return the keys as things stand; the last one ends the list with what is checked."""
        if self.searching:
            return [_TYPE, Key("Enter", "go on with these", self.search, stays=True)]
        view = Key("v", "view", stays=not self.matches)
        return [
            Key("Space", "check", self.toggle, stays=True),
            Key("a", "all", self.toggle_all, stays=True),
            Key("/", "search", self.search, stays=True),
            *([view] if looks else []),
            Key("Enter", "accept", self.refuse, stays=not self.checked),
        ]

    def cleared(self) -> bool:
        searched, self.searching = self.searching, False
        return super().cleared() or searched

    def leave(self) -> Key:
        return Key(BACK.letter, "clear") if self.searching else super().leave()

    def search(self) -> None:
        """Begin to search, or end it with what was found."""
        self.searching = not self.searching

    def toggle(self) -> None:
        """Check the option at the pointer, or no longer."""
        self.message = ""
        self.checked ^= set(self.pointed)

    def toggle_all(self) -> None:
        """Check all that match, or none of them where all are checked."""
        self.message = ""
        every = set(self.matches)
        self.checked ^= every if every <= self.checked else every - self.checked

    def refuse(self) -> None:
        """Say that one must be checked."""
        self.message = "check at least 1"

    def status(self) -> StyleAndTextTuples:
        if self.message:
            return wrong(self.message)
        checked = f"{count(len(self.checked))} checked"
        if not (self.searching or self.typed):
            return [("class:muted", f"   {checked}")]
        return [*super().status(), ("class:muted", f"  {checked}")]
