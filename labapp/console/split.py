"""The page of two sides: panels on the left, what the top one points at on the right.

It is one page for as long as it is open: to put a panel on top leaves nothing. On a narrow screen
there is one column: a low panel stands above the view, and so does a short list where there is
room; any other is shown instead of it, and `v` changes between the two. On a wide one `v` shows the
view alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from labapp.console import Back, theme
from labapp.console.accessible import mode
from labapp.console.accessible import split as spoken
from labapp.console.key import BACK, Key
from labapp.console.layout import body_rows, compact, whole_width
from labapp.console.listing import Listing
from labapp.console.panel import Panel, View
from labapp.console.screen import run
from labapp.console.stage import Frame, Stage, finish
from labapp.console.viewer import Viewer

if TYPE_CHECKING:
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindingsBase
    from prompt_toolkit.layout import AnyContainer, Container, UIContent, UIControl

#: Columns up to which there is one column.
NARROW = 80

#: Columns of the panels where there are two: a third of the screen, between these.
LEAST, MOST = 28, 60

#: Columns before and behind a row: the pointer, and the arrows.
_AROUND = 5

#: Columns before and behind the view, and before the caption below a list.
_GAP, _POINTER = 1, 3

#: The caption has one row of so many of the page's body.
_CAPTION_SHARE = 5

#: Rows below a short list in one column from which on a picture is shown there.
_SMALL = 4

#: Does what a page was left for, and shows what went wrong: (its title, the action).
Attempt = Callable[[str, Callable[[], object]], None]


class Split:
    """A page of two sides.

    Args:
        frame: header, notices and screen.
        attempt: as `Attempt`; what it raises ends the page.

    Attributes:
        panels: the stack, the one that is seen last.
        alone: whether the view is shown alone.
    """

    def __init__(self, frame: Frame, attempt: Attempt) -> None:
        self.frame = frame
        self.panels: list[Panel] = []
        self.alone = False
        self._attempt = attempt
        self._viewer = Viewer(frame.changed)
        self._listing = _TopPanel(self)
        self._bindings: dict[int, KeyBindingsBase] = {}
        self._is_open = False

    def run(self, panel: Panel) -> None:
        """Show the page, with a panel on the left, until that is left.

        Raises:
            KeyboardInterrupt: Ctrl-C.
        """
        self.push(panel)
        if mode.is_on():
            return spoken.run(self, self._attempt)
        stage = self._stage()
        try:
            while self.panels:
                self._attempt(self.top.title, lambda: self._show(stage))
        finally:
            self._viewer.stop()

    def _show(self, stage: Stage) -> None:
        """Show the page once, and do what it is left for."""
        self._is_open = True
        try:
            left_for = run(stage, self.frame)
        except Back:
            self.panels.clear()
            return
        finally:
            self._is_open = False
        if isinstance(left_for, Key):
            left_for.act()
        elif left_for is not None:
            left_for()

    @property
    def top(self) -> Panel:
        """The panel that is seen."""
        return self.panels[-1]

    @property
    def view(self) -> View | None:
        """What is shown beside it."""
        return next((one.view for one in reversed(self.panels) if one.view is not None), None)

    # What a panel may do: `panel.Sides`.

    def push(self, panel: Panel) -> None:
        """Put a panel on top."""
        self.alone = False
        self.panels.append(panel)
        self._bindings[id(panel)] = self._bindings_of(panel)
        self.changed()

    def pop(self, panels: int = 1) -> None:
        """Take panels away from the top; the last one ends the page."""
        kept = self.panels[: max(len(self.panels) - panels, 0)]
        if kept:
            for gone in self.panels[len(kept) :]:
                self._bindings.pop(id(gone), None)  # they would keep it, and its pictures
                if gone.view is not None:
                    self._viewer.forget(gone.view)
            self.panels = kept
            self.changed()
        elif self._is_open and self.frame.app is not None:
            finish(self.frame.app, exception=Back())
        else:
            self.panels = []

    def changed(self) -> None:
        """Have the page drawn anew; any thread may say so."""
        self.frame.changed()

    def leave_for(self, action: Callable[[], object]) -> None:
        """Leave the page for another one, and come back as it was."""
        if self._is_open and self.frame.app is not None:
            finish(self.frame.app, action)
        else:
            self._attempt(self.top.title, action)

    # How it stands on the screen.

    def _stage(self) -> Stage:
        from prompt_toolkit.key_binding import DynamicKeyBindings

        return Stage(
            body=self._body(),
            keys=self.keys,
            bindings=DynamicKeyBindings(lambda: self._bindings[id(self.top)]),
            typing=lambda: self.top.typing(),
            title=lambda: self.top.title,
            leave=lambda: Key(BACK.letter, "clear") if self.top.typing() else BACK,
            moves=lambda: [Key(theme.current().glyphs.arrows, "move")],
            status=lambda: self.top.status(),
            help=lambda: self.top.help,
            more=self._more,
            undone=self.undone,
            lasts=self._viewer.lasts,
            steady=lambda: True,
        )

    def keys(self) -> list[Key]:
        """Return the keys of the panel that is seen, and the one that shows the view alone."""
        keys = list(self.top.keys())
        if self.view is not None and not self.top.typing():
            words = "list" if self.alone else "picture"
            told = "shows the picture alone, as large as there is room, and the list again"
            view = Key("v", words, self._turn, told, stays=True)
            # In one column it is how the picture is seen at all.
            keys.insert(1 if whole_width() <= NARROW else len(keys), view)
        return keys

    def _turn(self) -> None:
        self.alone = not self.alone

    def undone(self) -> bool:
        """Take back one thing on Esc: what is half done, the view alone, a panel; tell whether."""
        if self.top.undone():
            return True
        if self.alone:
            self.alone = False
            return True
        if len(self.panels) > 1:
            self.pop()
            return True
        return False

    def _more(self) -> Sequence[str]:
        return [self.top.said(self.top.index)] if self.top.length() else []

    def _bindings_of(self, panel: Panel) -> KeyBindingsBase:
        from prompt_toolkit.key_binding import merge_key_bindings

        own = panel.bindings()
        moves = self._listing.bindings()
        return merge_key_bindings([moves, own]) if own is not None else moves

    def _body(self) -> AnyContainer:
        from prompt_toolkit.layout import Dimension, DynamicContainer, HSplit, VSplit, Window

        def whole() -> Dimension:
            return Dimension(min=1, preferred=body_rows(self.frame, steady=True))

        listed = self._listing.shown

        def beside_rows() -> Dimension:
            return Dimension(min=1 + len(self._caption()), preferred=1_000)

        beside = Window(_lines_control(self._view_lines), height=beside_rows)
        wide = VSplit(
            [
                HSplit([listed], width=lambda: Dimension.exact(self.columns())),
                Window(width=_GAP),
                beside,
            ],
            height=whole,
        )
        below = Window(
            _lines_control(lambda columns, rows: self._caption()),
            height=lambda: Dimension.exact(len(self._caption())),
        )
        caption = VSplit([Window(width=_POINTER), below])
        one_column = HSplit([listed, caption], height=whole)
        gap = Window(height=lambda: 0 if compact() else 1)
        indented = VSplit([Window(width=_GAP), beside])
        above = HSplit([listed, gap, indented], height=whole)
        alone = VSplit([Window(width=_GAP), beside], height=whole)

        def arranged() -> Container:
            if self.view is None:
                return one_column
            if self.alone:
                return alone
            if whole_width() > NARROW:
                return wide
            return above if self.top.is_low or self._has_room() else one_column

        return DynamicContainer(arranged)

    def _has_room(self) -> bool:
        """Tell whether a list in one column leaves room for a small picture below it."""
        from prompt_toolkit.formatted_text import fragment_list_to_text

        status = fragment_list_to_text(self.top.status()).count("\n") + 2
        rows = body_rows(self.frame, steady=True)
        taken = self.top.length() + status + rows // _CAPTION_SHARE + 2
        return not compact() and rows - taken >= _SMALL

    def columns(self) -> int:
        """Return the columns of the panels, where there are two sides."""
        if whole_width() <= NARROW or self.view is None:
            return whole_width()
        return max(LEAST, min(MOST, whole_width() // 3))

    def _view_columns(self) -> int:
        beside = 0 if self.alone or whole_width() <= NARROW else self.columns()
        return whole_width() - beside - 2 * _GAP

    def _view_lines(self, columns: int, rows: int) -> list[StyleAndTextTuples]:
        """Return the view's lines with the caption below them, into so many cells."""
        if self.view is None:
            return []
        caption = self._caption()
        left = max(rows - len(caption), 1)
        lines = self._viewer.lines(self.view, columns - _GAP, left)
        # Before anything was drawn, the caption stands as below a picture that fills the room.
        return [*(lines or [[]] * left), *caption]

    def _caption(self) -> list[StyleAndTextTuples]:
        """Return the lines below the view, or where that is not seen, below the list."""
        view = self.view
        if view is None or (shown := view.shows()) is None:
            return []
        most = max(body_rows(self.frame, steady=True) // _CAPTION_SHARE, 1)
        found = list(view.caption(shown, self._view_columns()))[:most]
        return [[], *found] if found and not compact() else found


class _TopPanel(Listing):
    """The pointer over the rows of the panel that is seen, which it keeps itself."""

    def __init__(self, split: Split) -> None:
        super().__init__(lambda: split.top.length(), self._panel_row)
        self._split = split
        self.shown = self.window()

    @property
    def index(self) -> int:
        return self._split.top.index

    @index.setter
    def index(self, value: int) -> None:
        self._split.top.index = value

    def _panel_row(self, number: int, pointed: bool) -> StyleAndTextTuples:
        return self._split.top.row(number, pointed, self._split.columns() - _AROUND)


def _lines_control(lines: Callable[[int, int], list[StyleAndTextTuples]]) -> UIControl:
    """Return what draws lines into the cells that there are."""
    from prompt_toolkit.layout import UIContent, UIControl

    class View(UIControl):
        def is_focusable(self) -> bool:
            return True  # a page must have something that is, and it may be all that is seen

        def create_content(self, width: int, height: int | None) -> UIContent:
            found = lines(width, height or 1)
            return UIContent(lambda number: found[number], len(found), show_cursor=False)

    return View()
