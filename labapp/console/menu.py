"""The menu: a page of actions, each with a key that acts at once.

An action that cannot be done now stays in its place, dimmed, with the reason, so that the user
learns that it exists and what it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from labapp.console import Back, theme
from labapp.console.accessible import mode
from labapp.console.figures import cell_width, cut, one_line
from labapp.console.key import BACK, QUIT, Key
from labapp.console.layout import folded, whole_width, width
from labapp.console.listing import Listing
from labapp.console.screen import run
from labapp.console.stage import Frame, Stage, finish

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent

T = TypeVar("T")

#: Columns kept free between the titles and the notes.
_GAP = 3

#: What stands before the reason why something cannot be done.
_NOT_NOW = "Not now: "


@dataclass(frozen=True)
class MenuItem(Generic[T]):
    """One line of a menu.

    Args:
        key: the character that chooses it at once; not `?`, and unique in its menu.
        title: what it does.
        value: what it stands for, for instance the function to call.
        disabled: why it cannot be done now; empty if it can.
        note: a few words shown beside it, for instance a count.
    """

    key: str
    title: str
    value: T
    disabled: str = ""
    note: str = ""


def choose(
    title: str,
    items: Sequence[MenuItem[T]] | Callable[[], Sequence[MenuItem[T]]],
    *,
    frame: Frame,
    help: str = "",
    top: bool = False,
    start: str = "",
    intro: str = "",
    back: str = "Back",
) -> MenuItem[T] | None:
    """Let the user choose one item; None if they go back.

    A last line is added by itself: `0 Back`, or `q Quit` in the top menu, where Esc does nothing.

    Args:
        title: stands above the items.
        items: the lines, or a function that gives them; it is asked once a drawing and must answer
            from memory, and lets an item become possible while the menu is open.
        frame: header, notices and screen.
        help: what `?` shows.
        top: whether this is the program's first menu.
        start: the key of the item that the pointer starts on, for instance the last one chosen.
        intro: a few sentences between the title and the items.
        back: what the last line says.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    last = MenuItem(QUIT.letter, "Quit", None) if top else MenuItem("0", back, None)
    if mode.is_on():
        from labapp.console.accessible import menus

        lines = items if callable(items) else lambda: items
        return menus.choose(title, lines, last, frame, help=help, intro=intro, top=top)
    menu = _Menu(title, items if callable(items) else lambda: items, last, intro)
    menu.listing.index = next((n for n, item in enumerate(menu.lines()) if item.key == start), 0)
    stage = menu.stage(help)
    try:
        choice: MenuItem[T] | None = run(stage, frame)
    except Back:
        return None
    return choice


def _note(item: MenuItem[T] | MenuItem[None]) -> str:
    return f"({item.disabled})" if item.disabled else one_line(item.note)


class _Menu(Generic[T]):
    def __init__(
        self,
        title: str,
        items: Callable[[], Sequence[MenuItem[T]]],
        last: MenuItem[None],
        intro: str,
    ) -> None:
        self.title = title
        self.intro = intro
        self.items = items
        self.last = last
        self.top = last.key == QUIT.letter
        self.message = ""
        #: Where the pointer stood at first; the line there may have just done what it is for.
        self._first: int | None = None
        #: The lines as they were asked for, and the number of the drawing that they were asked for.
        self._lines: list[MenuItem[T] | MenuItem[None]] = []
        self._asked: int | None = None
        self.listing = Listing(lambda: len(self.lines()), self.row)

    def lines(self) -> list[MenuItem[T] | MenuItem[None]]:
        """Return the lines of this drawing, asked for once however often they are read."""
        from prompt_toolkit.application import get_app_or_none

        app = get_app_or_none()
        drawing = app.render_counter if app else 0
        if self._asked != drawing:
            self._lines, self._asked = [*self.items(), self.last], drawing
        return self._lines

    def stage(self, help_text: str) -> Stage:
        from prompt_toolkit.keys import Keys

        bindings = self.listing.bindings()

        @bindings.add("enter", eager=True)
        def _enter(event: KeyPressEvent) -> None:
            self.take(event, self.listing.index)

        @bindings.add(Keys.Any)
        def _key(event: KeyPressEvent) -> None:
            for number, item in enumerate(self.lines()):
                if item.key == event.data:
                    self.listing.index = number
                    self.take(event, number)
                    return

        if self.top:

            @bindings.add("escape", eager=True)
            def _stay(event: KeyPressEvent) -> None:
                self.message = "Esc goes back; here it stays. Press q to quit."

            @bindings.add("c-d", eager=True)
            def _quit(event: KeyPressEvent) -> None:
                finish(event.app)

        return Stage(
            body=self.listing.window(),
            bindings=bindings,
            title=lambda: self.title,
            intro=self.intro,
            leave=lambda: QUIT if self.top else BACK,
            moves=lambda: [Key("Enter", "choose"), Key(theme.current().glyphs.arrows, "move")],
            status=self.status,
            help=lambda: help_text,
            more=self.more,
            escape=not self.top,
        )

    def take(self, event: KeyPressEvent, number: int) -> None:
        """End the menu with this line, or say why not."""
        self.message = ""
        self._asked = None  # as things stand now, not when they were drawn
        item = self.lines()[number]
        if item.disabled:
            self.message = f"{_NOT_NOW}{item.disabled}"
        else:
            finish(event.app, None if item is self.last else item)

    def columns(self) -> tuple[int, int, int]:
        """Return the cells of a line, of its title with the gap behind it, and of its note."""
        room = whole_width() - 5  # pointer on the left, arrows on the right
        column = min(max(cell_width(line.title) for line in self.lines()) + _GAP, room - 3)
        return room, column, room - 3 - column

    def more(self) -> list[str]:
        """Return the notes that the window cuts."""
        _, _, left = self.columns()
        told = [(item.title, _note(item)) for item in self.lines()]
        return [f"{title}: {note}" for title, note in told if note and cell_width(note) > left]

    def row(self, number: int, pointed: bool) -> StyleAndTextTuples:
        item = self.lines()[number]
        room, column, left = self.columns()
        style = "class:muted" if item.disabled else "class:pointed" if pointed else ""
        fragments: StyleAndTextTuples = [
            ("class:muted" if item.disabled else "class:key", f"{item.key}  "),
            (style, cut(item.title, room - 3)),
        ]
        note = _note(item)
        if note and left > _GAP:
            fragments.append(
                ("class:muted", " " * (column - cell_width(item.title)) + cut(note, left))
            )
        return fragments

    def status(self) -> StyleAndTextTuples:
        """Say in full why the line at the pointer cannot be chosen: its row may be cut."""
        item = self.lines()[self.listing.index]
        if self.message.startswith(_NOT_NOW) and not item.disabled:
            self.message = ""  # it has become possible meanwhile
        if self._first is None:
            self._first = self.listing.index
        elif self._first != self.listing.index:
            self._first = -1
        told = item.disabled and self._first == -1
        text = self.message or (f"{_NOT_NOW}{item.disabled}" if told else "")
        if not text:
            return []
        lines = folded(text, width() - 7, hyphens=True)[:2]
        return [("class:warn", f"   {theme.current().sign('warn')} "), ("", "\n     ".join(lines))]
