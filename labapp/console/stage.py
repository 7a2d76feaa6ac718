"""What stands on a page, and what stands around every page of a program.

Inside `with Frame(...)` every part is a page on the terminal's alternate screen, which is entered
once, so that nothing blinks between two pages; the user's shell comes back untouched at the end.
Without a frame (in a sub-command) a part is drawn where the cursor stands, on standard error,
since standard output is for results.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from labapp.console import key, terminal, theme
from labapp.console.accessible import mode
from labapp.console.graphics import placed
from labapp.console.header import Header
from labapp.console.key import Key, Keys
from labapp.console.terminal import Hold, held
from labapp.errors import UsageError

if TYPE_CHECKING:
    from prompt_toolkit.application import Application
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindingsBase
    from prompt_toolkit.layout import AnyContainer, Window
    from prompt_toolkit.output import Output

Kind = Literal["info", "done", "warning", "failed"]


@dataclass(frozen=True)
class Notice:
    """Something to announce on whatever page is open, for instance a finished job.

    Args:
        text: one line.
        kind: decides the glyph and the colour in front.
    """

    text: str
    kind: Kind = "info"


class Frame:
    """What stands around every page of a program, and the screen they share.

    No clock redraws a page: an idle one costs nothing. Whoever changes what it shows says so by
    `changed`; what time alone changes is told by `lasts`.

    Args:
        header: called at every drawing; must answer from memory.
        notices: likewise; what it returns is shown above the page's body, the last lines if many.
        lasts: seconds for which header and notices stay as they are now, if nobody calls `changed`;
            None where time does not change them.
        dismiss: takes the notices off the page, which Ctrl-L asks for.
        earlier: what was told before and is shown no longer, the newest first, for the help.
    """

    def __init__(
        self,
        header: Callable[[], Header],
        notices: Callable[[], Sequence[Notice]] = tuple,
        lasts: Callable[[], float | None] = lambda: None,
        dismiss: Callable[[], object] = lambda: None,
        earlier: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        self.header = header
        self.notices = notices
        self.lasts = lasts
        self.dismiss = dismiss
        self.earlier = earlier
        #: The page that is open now.
        self.app: Application[Any] | None = None
        self.output: Output | None = None
        #: Opens the manual, for which the help of each page has a key; None where there is none.
        self.manual: Callable[[], None] | None = None
        #: Set once the first page is on the screen: what is heavy may begin behind it.
        self.painted = threading.Event()

    #: Whether its pages are on the terminal's alternate screen.
    full_screen = True
    #: Rows of a page besides header, notices and body, without blank lines and with them.
    around = 2, 5

    def changed(self) -> None:
        """Have the open page drawn anew; any thread may say so, as often as it likes."""
        if (app := self.app) is not None:
            with contextlib.suppress(RuntimeError):  # it ended in this moment: the next one is new
                app.invalidate()

    def attach(self, app: Application[Any]) -> None:
        """Take a page that opens, and draw it over the last one without a flash.

        Nothing is erased between the two. All else that the library's own `erase` does is done:
        line wrap is on again, and the page starts at the top left.
        """
        self.app, output = app, app.output

        def erase(leave_alternate_screen: bool = True) -> None:
            output.cursor_goto(0, 0)
            output.reset_attributes()
            output.enable_autowrap()
            app.renderer.reset(leave_alternate_screen=leave_alternate_screen)

        setattr(app.renderer, "erase", erase)  # noqa: B010

    def __enter__(self) -> Frame:
        if not theme.is_interactive():
            raise UsageError("a menu needs a terminal", "give a sub-command, or see --help")
        if mode.is_on():
            theme.speak()
            return self
        self.output = terminal.create_output(sys.stdout)
        self._hold = Hold(sys.stdout, alternate=True)
        self._guard = held(self._hold)
        self._guard.__enter__()
        terminal.hush()
        self.output.enter_alternate_screen()
        self.output.flush()
        self._leave = self.output.quit_alternate_screen
        # Each page would enter and leave the alternate screen by itself; within the frame, to enter
        # is to start at the top left, over what the last page left there.
        goto = self.output.cursor_goto
        setattr(self.output, "enter_alternate_screen", lambda: goto(0, 0))  # noqa: B010
        setattr(self.output, "quit_alternate_screen", lambda: None)  # noqa: B010
        return self

    def __exit__(self, *_: object) -> None:
        if self.output is None:
            return
        try:
            terminal.settle()
            self.output.write_raw(placed.ending())
            self.output.cursor_goto(0, 0)
            self.output.erase_down()  # it may be the only screen there is
            self._leave()
            self.output.show_cursor()
            self.output.flush()
            self._hold.alternate = False
        finally:
            self.output = None
            self._guard.__exit__(None, None, None)


@dataclass
class Stage:
    """One page, or one line where there is no frame; `run` shows it and returns its result.

    Args:
        body: the part itself.
        keys: its keys, as things stand; one that does not stay ends it, and is its result.
        bindings: what else listens: to the arrows, and to what is typed.
        focus: the window in it that takes what is typed; the body itself if None, and then a key
            that is bound nowhere does nothing.
        completes: whether completions of what is typed float over the page.
        typing: whether letters are typed just now although no window takes them: they search.
        title: stands above the body.
        intro: a few sentences below the title.
        leave: the key that leaves it; None where none does.
        instead: what stands there instead of the keys, where it matters more; empty if nothing.
        moves: the keys that move in it, to be told of; they stand last in the line of keys, where
            those go without words that do not fit.
        status: one or two lines under the body, for what is wrong or selected; () for none.
        help: what `?` shows, above what its keys do; without both `?` is an ordinary key.
        more: what the window has no room for now, which `?` shows below the help; a line each.
        escape: whether Esc and Ctrl-D end it by raising `Back`.
        undone: asked first by Esc and Ctrl-D: takes back what is half done on the page itself, such
            as a search, and returns whether there was anything; then the page stays.
        lasts: seconds for which what it shows stays true if nothing happens; None: for ever.
        pace: seconds between two drawings, at least.
        erase: without a frame, whether it disappears when it is done.
        started: called with the running application, for parts that have a thread.
        interrupt: what Ctrl-C does; None: it ends the page.
        halted: called before the program is stopped by Ctrl-Z (True), and once it goes on.
        steady: whether its body keeps its size while notices come and go, as a picture must: they
            then lie on the line below the header, or over it in a low window.
    """

    body: AnyContainer
    keys: Keys = tuple
    bindings: KeyBindingsBase | None = None
    focus: Window | None = None
    completes: bool = False
    typing: Callable[[], bool] = lambda: False
    title: Callable[[], str] = str
    intro: str = ""
    leave: Callable[[], Key | None] = lambda: key.BACK
    instead: Callable[[], str] = str
    moves: Keys = tuple
    status: Callable[[], StyleAndTextTuples] = list
    help: Callable[[], str] = str
    more: Callable[[], Sequence[str]] = tuple
    escape: bool = True
    undone: Callable[[], bool] = lambda: False
    lasts: Callable[[], float | None] = lambda: None
    pace: float = 0.0
    erase: bool = True
    started: Callable[[Application[Any]], None] | None = None
    interrupt: Callable[[], object] | None = None
    halted: Callable[[bool], object] = bool
    steady: Callable[[], bool] = lambda: False
    #: What stands around it; None where there is nothing, or it is not open.
    frame: Frame | None = field(default=None, init=False)
    helping: bool = field(default=False, init=False)
    #: The first line of the help that is shown, and the window that shows it.
    help_line: int = field(default=0, init=False)
    help_window: Window | None = field(default=None, init=False)

    def opens_manual(self, frame: Frame | None) -> bool:
        """Whether its help leads to the manual; a part with a thread cannot be left for it."""
        return frame is not None and frame.manual is not None and self.started is None

    @property
    def hints(self) -> list[tuple[str, str]]:
        """The line of keys, the most important first."""
        leave = self.leave()
        own = sorted(self.keys(), key=lambda one: not one.first)
        every = [*([leave] if leave else []), *own, *self.common(), *self.moves()]
        return [(one.hint, one.words) for one in every]

    def common(self) -> list[Key]:
        """Return those of the keys of all pages that this one has, as things stand."""
        typed = self.focus is not None or self.typing()
        heard = {
            key.HELP: bool(self.help() or any(one.help for one in self.keys())),
            key.DISMISS: self.frame is not None and bool(self.frame.notices()),
        }
        return [one for one in key.EVERYWHERE if heard.get(one, not typed)]

    @property
    def whole_help(self) -> str:
        """What `?` shows: the help's text, and what the keys do, a line for each."""
        told = "\n".join(one.sentence for one in (*self.keys(), *self.common()) if one.help)
        return "\n\n".join(filter(None, (self.help(), told)))

    def key_of(self, pressed: str) -> Key | None:
        """Return the page's own key that the keyboard sent; None for any other."""
        keys = self.keys()
        return next((one for one in keys if one.answers_to(pressed)), None)

    @property
    def help_overflow(self) -> int:
        """Lines of the help that the window has no room for; it scrolls by so many."""
        info = self.help_window.render_info if self.help_window else None
        return info.content_height - info.window_height if info else 0

    def scroll_help(self, step: int) -> None:
        """Move the help by some lines, no further than its ends."""
        self.help_line = max(0, min(self.help_line + step, self.help_overflow))

    def page_help(self, pages: int) -> None:
        """Move the help by some windows, less the line that is seen in both."""
        info = self.help_window.render_info if self.help_window else None
        self.scroll_help(pages * max(info.window_height - 1, 1) if info else 0)


def finish(
    app: Application[Any], result: Any = None, exception: BaseException | None = None
) -> None:
    """End the application, unless another key or thread has ended it already."""
    if app.future is not None and not app.future.done():
        if exception is not None:
            app.exit(exception=exception)
        else:
            app.exit(result=result)
