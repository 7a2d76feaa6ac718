"""A page that shows something and stays until it is dismissed: a result, a list, a dashboard.

The body scrolls when it is higher than the terminal and is drawn anew when the window changes.
With a function as body the page is live: it is asked again when what it draws has changed, and only
what differs is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from labapp.console import Back, theme
from labapp.console.accessible import mode, pages
from labapp.console.behind import Behind
from labapp.console.graphics import choice
from labapp.console.graphics.choice import Choice
from labapp.console.key import BACK, BACKWARDS, LINES, PAGES, Key, Keys, bind
from labapp.console.layout import body_rows, whole_width
from labapp.console.listing import rows, scrolled
from labapp.console.many_colours import styled_lines
from labapp.console.picture import Drawing
from labapp.console.screen import run
from labapp.console.stage import Frame, Stage, finish
from labapp.console.tables import Fitted

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent
    from rich.console import RenderableType


Lines = list["StyleAndTextTuples"]


def show(
    title: str | Callable[[], str],
    body: RenderableType | Callable[[int, int], RenderableType],
    *,
    frame: Frame,
    keys: Sequence[Key] | Keys = (),
    until: Callable[[], bool] | None = None,
    watch: Callable[[], object] = lambda: None,
    pace: float = 0.0,
    every: float = 0.0,
    behind: bool = False,
    help: str = "",
) -> Key | None:
    """Show a body until a key dismisses it, or until something else does.

    Args:
        title: stands above it; a function where it changes while the page is open.
        body: anything that rich prints, a `picture.Drawing`, or a function of the columns and rows
            there are for it, which must answer from memory unless it is drawn behind.
        frame: header, notices and screen.
        keys: the page's, or a function that gives them as things stand; without any, every key but
            those that scroll ends it.
        until: ends the page, as if dismissed, once it says so; asked at every drawing.
        watch: what a body that is a function is drawn from: it is called again when this is
            another. Whoever changes that tells the frame, which draws the page.
        pace: seconds between two drawings, at least, where it changes faster than anybody reads.
        every: seconds between two looks at `watch`, where time alone changes it; 0: it is looked at
            when the frame is told.
        behind: whether it is drawn in a thread, as pictures are, and as wide as the screen.
        help: what `?` shows, above what the keys do.

    Returns:
        The key that ended it, for the caller to let it act; None if it was dismissed, as by Esc.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    shown = keys if callable(keys) else lambda: keys
    if mode.is_on():
        said = title() if callable(title) else title
        return pages.show(said, body, shown, frame, help, until, watch)
    page = Page(body, shown, watch, frame, behind=behind)
    stage = page.stage(title, help)
    stage.pace = pace
    if until:
        stage.started = partial(end_when, until)
    elif every:
        stage.started = partial(look_every, every, watch)
    try:
        pressed: Key | None = run(stage, frame)
    except Back:
        return None
    return pressed


def end_when(until: Callable[[], bool], app: Application[Any]) -> None:
    """End a page that runs once `until` says so, which is asked at every drawing."""

    def look(_: object) -> None:
        if until():
            finish(app)

    app.after_render += look


def look_every(seconds: float, watch: Callable[[], object], app: Application[Any]) -> None:
    """Have a page that runs drawn anew where `watch` gives another value, looked at so often."""
    loop, seen = app.loop, watch()
    assert loop is not None  # it is running when this is called

    def look() -> None:
        nonlocal seen
        if (now := watch()) != seen:
            seen = now
            app.invalidate()
        loop.call_later(seconds, look)

    look()


def _tables(body: object) -> Iterator[Fitted]:
    """Yield the tables of a body."""
    if isinstance(body, Fitted):
        yield body
    for part in getattr(body, "renderables", ()):
        yield from _tables(part)


def _styled(body: RenderableType, columns: int, narrow: int) -> Lines:
    """Return the lines of a body: tables and pictures fill the columns, text is narrower."""
    from rich.console import Group

    if isinstance(body, Group):
        return [line for part in body.renderables for line in _styled(part, columns, narrow)]
    if isinstance(body, Drawing):
        return body.styled
    return styled_lines(theme.current().ansi(body, columns if isinstance(body, Fitted) else narrow))


@dataclass(frozen=True)
class _Seen:
    """What a body is drawn from."""

    columns: int
    rows: int
    choice: Choice
    watched: object


class Page:
    """What a page draws; the arguments are those of `show`."""

    def __init__(
        self,
        body: RenderableType | Callable[[int, int], RenderableType],
        keys: Keys,
        watch: Callable[[], object],
        frame: Frame,
        *,
        behind: bool = False,
    ) -> None:
        self.frame = frame
        self.body = body
        self.keys = keys
        self._watch = watch
        self.offset = 0
        #: Columns before the body and, where it may scroll, behind it.
        self._around = 3 if frame.full_screen else 1
        self._lines: Lines = [[]]
        self._made: object = None
        #: What the lines were drawn from, and what draws them in a thread.
        self._drawn: _Seen | None = None
        self._behind = Behind(self._draw, frame.changed) if behind else None
        #: The number of the application's drawing that they were looked at for.
        self._drawing = -1
        self.window = scrolled(
            rows(self._line, lambda: len(self.lines()), lambda: self.offset),
            lambda: self.offset,
            arrows=frame.full_screen,
        )

    def stage(self, title: str | Callable[[], str], help_text: str) -> Stage:
        """Return what stands on the page."""
        return Stage(
            body=self.window,
            keys=self.keys,
            bindings=self.bindings(),
            title=title if callable(title) else lambda: title,
            leave=self.leave,
            moves=self.moves,
            help=lambda: help_text,
            more=self.more,
            steady=self.is_picture,
        )

    def more(self) -> list[str]:
        """Return the rows of the body's tables that the window cuts."""
        columns = self._columns()
        return [line for table in _tables(self._made) for line in table.cut_rows(columns)]

    def _columns(self) -> int:
        """Return the columns that there are for the body."""
        return whole_width() - self._around

    def leave(self) -> Key:
        """Return what leaves it: without keys of its own all that do not scroll."""
        if self.keys():
            return BACK
        return Key("any other key" if self.scrolls() else "any key", "goes back")

    def scrolls(self) -> bool:
        """Tell whether there is more than the window shows."""
        return len(self._lines) > self.height()

    def is_picture(self) -> bool:
        """Tell whether it shows a picture, which keeps its size when a notice comes."""
        return self._behind is not None

    def lines(self) -> list[StyleAndTextTuples]:
        """Return the body's lines, drawn anew if the window or what they tell has changed.

        They are the same however often one drawing asks for them.
        """
        from prompt_toolkit.application import get_app

        if self._drawing == (drawing := get_app().render_counter):
            return self._lines
        self._drawing = drawing
        rows = body_rows(self.frame, steady=self.is_picture())
        seen = _Seen(self._columns(), rows, choice.current(), self._watch())
        if self._drawn != seen:
            made = self._behind.made(seen) if self._behind else self._draw(seen)
            if made is not None:
                self._drawn, (self._made, self._lines) = seen, made
                self.offset = max(0, min(self.offset, len(self._lines) - 1))
        return self._lines

    def _draw(self, seen: _Seen) -> tuple[object, Lines]:
        """Return the body, and its lines."""
        body = self.body(seen.columns, seen.rows) if callable(self.body) else self.body
        return body, _styled(body, seen.columns, min(seen.columns, theme.MAX_WIDTH))

    def _line(self, number: int) -> StyleAndTextTuples:
        return [("", " "), *self._lines[number]]

    def height(self) -> int:
        """Return the rows that the window shows."""
        info = self.window.render_info
        return info.window_height if info else 1

    def scroll(self, step: int) -> None:
        """Scroll by some lines, no further than the ends."""
        self.offset = max(0, min(self.offset + step, len(self._lines) - self.height()))

    def bindings(self) -> KeyBindings:
        """Return the keys that scroll, and those that dismiss a page without keys of its own."""
        from prompt_toolkit.filters import Condition
        from prompt_toolkit.key_binding import KeyBindings
        from prompt_toolkit.keys import Keys as Pressed

        bindings = KeyBindings()
        scrolling = Condition(self.scrolls)  # else they are keys like any other
        free = scrolling & Condition(lambda: all(one.letter != BACKWARDS for one in self.keys()))

        def screens(number: int) -> None:
            self.scroll(number * max(self.height() - 1, 1))

        bind(bindings, LINES, self.scroll, filter=scrolling)
        bind(bindings, PAGES, screens, filter=scrolling)
        bind(bindings, {BACKWARDS: -1}, screens, filter=free)
        dismissed = Condition(lambda: not self.keys())

        @bindings.add("enter", filter=dismissed)
        @bindings.add(Pressed.Any, filter=dismissed)
        def _dismiss(event: KeyPressEvent) -> None:
            finish(event.app)

        return bindings

    def moves(self) -> list[Key]:
        """Return the hints of the keys that scroll, where there is more than the window shows."""
        arrows = theme.current().glyphs.arrows
        return [Key(arrows, "scroll"), Key("Space", "a page on")] if self.scrolls() else []
