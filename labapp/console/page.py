"""A page that shows something and stays until it is dismissed: a result, a list, a dashboard.

The body scrolls when it is higher than the terminal and is drawn anew when the window changes.
With a function as body the page is live: it is asked again when what it draws has changed, and only
what differs is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from labapp.console import Back, theme
from labapp.console.key import BACK, BACKWARDS, LINES, PAGES, Key, Keys, bind
from labapp.console.layout import body_rows, whole_width, width
from labapp.console.listing import rows, scrolled
from labapp.console.picture import Drawing, styled_lines
from labapp.console.screen import run
from labapp.console.stage import Frame, Stage, finish
from labapp.console.tables import Fitted

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent
    from rich.console import RenderableType

P = TypeVar("P")


def show(
    title: str,
    body: RenderableType | Callable[[int, int], RenderableType],
    *,
    frame: Frame,
    keys: Sequence[Key] | Keys = (),
    until: Callable[[], bool] | None = None,
    watch: Callable[[], object] = lambda: None,
    pace: float = 0.0,
    help: str = "",
) -> Key | None:
    """Show a body until a key dismisses it, or until something else does.

    Args:
        title: stands above it.
        body: anything that rich prints, a `picture.Drawing`, or a function of the columns and rows
            there are for it, which must answer from memory.
        frame: header, notices and screen.
        keys: the page's, or a function that gives them as things stand; without any, every key but
            those that scroll ends it.
        until: ends the page, as if dismissed, once it says so; asked at every drawing.
        watch: what a body that is a function is drawn from: it is called again when this is
            another. Whoever changes that tells the frame, which draws the page.
        pace: seconds between two drawings, at least, where it changes faster than anybody reads.
        help: what `?` shows, above what the keys do.

    Returns:
        The key that ended it, for the caller to let it act; None if it was dismissed, as by Esc.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    page = Page(body, keys if callable(keys) else lambda: keys, watch, frame)
    stage = page.stage(title, help)
    stage.pace = pace
    if until:
        stage.started = partial(end_when, until)
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


def _parts(body: object, kind: type[P]) -> Iterator[P]:
    """Yield the parts of a body that are of a kind, such as its tables."""
    if isinstance(body, kind):
        yield body
    for part in getattr(body, "renderables", ()):
        yield from _parts(part, kind)


def _shows_picture(body: object) -> bool:
    return next(_parts(body, Drawing), None) is not None


def _styled(body: RenderableType, columns: int) -> list[StyleAndTextTuples]:
    """Return the lines of a body: tables and pictures fill the columns, text is narrower."""
    from rich.console import Group

    if isinstance(body, Group):
        return [line for part in body.renderables for line in _styled(part, columns)]
    if isinstance(body, Drawing):
        return body.styled
    room = columns if isinstance(body, Fitted) else min(columns, width())
    return styled_lines(theme.current().ansi(body, room))


class Page:
    """What a page draws; the arguments are those of `show`."""

    def __init__(
        self,
        body: RenderableType | Callable[[int, int], RenderableType],
        keys: Keys,
        watch: Callable[[], object],
        frame: Frame,
    ) -> None:
        self.frame = frame
        self.body = body
        self.keys = keys
        self._watch = watch
        self.offset = 0
        #: Columns before the body and, where it may scroll, behind it.
        self._around = 3 if frame.full_screen else 1
        self._lines: list[StyleAndTextTuples] = []
        self._made: RenderableType = ""
        self._is_picture = False
        #: What the lines were drawn from.
        self._drawn: tuple[object, ...] = ()
        #: The number of the application's drawing that they were looked at for.
        self._drawing = -1
        self.window = scrolled(
            rows(self._line, lambda: len(self.lines()), lambda: self.offset),
            lambda: self.offset,
            arrows=frame.full_screen,
        )

    def stage(self, title: str, help_text: str) -> Stage:
        """Return what stands on the page."""
        return Stage(
            body=self.window,
            keys=self.keys,
            bindings=self.bindings(),
            title=title,
            leave=self.leave,
            moves=self.moves,
            help=help_text,
            more=self.more,
            steady=self.has_picture,
        )

    def more(self) -> list[str]:
        """Return the rows of the body's tables that the window cuts."""
        room = whole_width() - self._around
        return [line for table in _parts(self._made, Fitted) for line in table.cut_rows(room)]

    def leave(self) -> Key:
        """Return what leaves it: without keys of its own all that do not scroll."""
        if self.keys():
            return BACK
        return Key("any other key" if self.scrolls() else "any key", "goes back")

    def scrolls(self) -> bool:
        """Tell whether there is more than the window shows."""
        return len(self._lines) > self.height()

    def has_picture(self) -> bool:
        """Tell whether it shows a picture now, which keeps its size when a notice comes."""
        self.lines()
        return self._is_picture

    def lines(self) -> list[StyleAndTextTuples]:
        """Return the body's lines, drawn anew if the window or what they tell has changed.

        They are the same however often one drawing asks for them.
        """
        from prompt_toolkit.application import get_app

        if self._drawing == (drawing := get_app().render_counter):
            return self._lines
        self._drawing = drawing
        columns = whole_width() - self._around
        whole, left = body_rows(self.frame, steady=True), body_rows(self.frame)
        seen = (columns, whole, self._watch(), left)
        # Notices leave a picture as it is.
        if self._drawn != seen and not (self._is_picture and self._drawn[:-1] == seen[:-1]):
            self._made = self._body_of(columns, whole, left)
            self._is_picture = _shows_picture(self._made)
            self._lines = _styled(self._made, columns)
            self.offset = max(0, min(self.offset, len(self._lines) - 1))
        self._drawn = seen
        return self._lines

    def _body_of(self, columns: int, whole: int, left: int) -> RenderableType:
        """Return the body for `whole` rows if it shows a picture, else for what notices leave."""
        if not callable(self.body):
            return self.body
        body = self.body(columns, whole)
        return body if whole == left or _shows_picture(body) else self.body(columns, left)

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
