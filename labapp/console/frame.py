"""How a part gets on the screen: a page with the header on top, redrawn in place, or a bare line.

Inside `with Frame(...)` every part is a page on the terminal's alternate screen, which is entered
once, so that nothing blinks between two pages; the user's shell comes back untouched at the end.
Without a frame (in a sub-command) a part is drawn where the cursor stands, on standard error,
since standard output is for results.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TextIO

from labapp.console import Back, key, layout, signs, terminal, theme
from labapp.console.header import Header
from labapp.console.key import Keys
from labapp.console.terminal import Hold, held
from labapp.errors import UsageError

if TYPE_CHECKING:
    from asyncio import TimerHandle
    from types import TracebackType

    from prompt_toolkit.application import Application
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding import KeyBindings, KeyBindingsBase
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent
    from prompt_toolkit.layout import AnyContainer, Window
    from prompt_toolkit.output import Output

#: Seconds between two drawings that only time asks for, at least: nobody reads faster.
LEAST_SECONDS = 0.1

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
    """

    def __init__(
        self,
        header: Callable[[], Header],
        notices: Callable[[], Sequence[Notice]] = tuple,
        lasts: Callable[[], float | None] = lambda: None,
    ) -> None:
        self.header = header
        self.notices = notices
        self.lasts = lasts
        #: The page that is open now.
        self.app: Application[Any] | None = None
        self.output: Output | None = None
        #: Set once the first page is on the screen: what is heavy may begin behind it.
        self.painted = threading.Event()

    def changed(self) -> None:
        """Have the open page drawn anew; any thread may say so, as often as it likes."""
        if (app := self.app) is not None:
            with contextlib.suppress(RuntimeError):  # it ended in this moment: the next one is new
                app.invalidate()

    def __enter__(self) -> Frame:
        if not theme.is_interactive():
            raise UsageError("a menu needs a terminal", "give a sub-command, or see --help")
        self.output = terminal.create_output(sys.stdout)
        self._hold = Hold(sys.stdout, alternate=True)
        self._guard = held(self._hold)
        self._guard.__enter__()
        self.output.enter_alternate_screen()
        self.output.flush()
        self._leave = self.output.quit_alternate_screen
        # Each page would enter and leave the alternate screen by itself; within the frame, to enter
        # is to start at the top left, over what the last page left there.
        goto = self.output.cursor_goto
        setattr(self.output, "enter_alternate_screen", lambda: goto(0, 0))  # noqa: B010
        setattr(self.output, "quit_alternate_screen", lambda: None)  # noqa: B010
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self.output is not None
        try:
            self._leave()
            self.output.show_cursor()
            self.output.flush()
            self._hold.alternate = False
        finally:
            self.output = None
            self._guard.__exit__(kind, error, trace)


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
        title: stands above the body.
        intro: a few sentences below the title.
        leave: the key that leaves it, and what that is called.
        moves: (key, what it does) for those that move in it; they stand last in the line of keys,
            where those go without words that do not fit.
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
    """

    body: AnyContainer
    keys: Keys = tuple
    bindings: KeyBindingsBase | None = None
    focus: Window | None = None
    completes: bool = False
    title: str = ""
    intro: str = ""
    leave: Callable[[], tuple[str, str]] = lambda: (key.BACK.letter, key.BACK.words)
    moves: Callable[[], Sequence[tuple[str, str]]] = tuple
    status: Callable[[], StyleAndTextTuples] = list
    help: str = ""
    more: Callable[[], Sequence[str]] = tuple
    escape: bool = True
    undone: Callable[[], bool] = lambda: False
    lasts: Callable[[], float | None] = lambda: None
    pace: float = 0.0
    erase: bool = True
    started: Callable[[Application[Any]], None] | None = None
    helping: bool = field(default=False, init=False)
    #: The first line of the help that is shown, and the window that shows it.
    help_line: int = field(default=0, init=False)
    help_window: Window | None = field(default=None, init=False)

    @property
    def hints(self) -> list[tuple[str, str]]:
        """The line of keys, the most important first."""
        own = [(one.letter, one.words) for one in self.keys()]
        own += [(key.HELP.letter, key.HELP.words)] if self.whole_help else []
        return [self.leave(), *own, *self.moves()]

    @property
    def whole_help(self) -> str:
        """What `?` shows."""
        return key.sentences(self.help, self.keys())

    def scroll_help(self, step: int) -> None:
        """Move the help by some lines, no further than its ends."""
        info = self.help_window.render_info if self.help_window else None
        most = info.content_height - info.window_height if info else 0
        self.help_line = max(0, min(self.help_line + step, most))


def run(stage: Stage, frame: Frame | None) -> Any:
    """Show the stage until one of its keys ends it, and return what that key gave.

    Raises:
        Back: Esc or Ctrl-D.
        KeyboardInterrupt: Ctrl-C, or the terminal went away.
        UsageError: there is no terminal to ask on.
    """
    from prompt_toolkit.application import Application
    from prompt_toolkit.layout import Layout

    stream = sys.stdout if frame else sys.stderr
    if not (sys.stdin.isatty() and stream.isatty()):
        raise UsageError("this question needs a terminal", "answer it with an option, see --help")
    signs.show_unseen()
    look = theme.current()
    root = layout.page(stage, frame) if frame else layout.line(stage)
    with editing_keys(wanted=stage.focus is not None):
        app: Application[Any] = Application(
            layout=Layout(root, focused_element=stage.focus or stage.body),
            key_bindings=_bindings(stage),
            style=look.prompt_style(),
            include_default_pygments_style=False,
            color_depth=look.color_depth(),
            full_screen=frame is not None,
            erase_when_done=stage.erase or frame is not None,
            output=(frame.output if frame else None) or terminal.create_output(stream),
            input=terminal.create_input(),
            min_redraw_interval=stage.pace,
            # Where a window says by itself that its size is another, nobody asks for it.
            terminal_size_polling_interval=None if hasattr(signal, "SIGWINCH") else 0.5,
        )
    _wake_in_time(app, stage, frame)
    if frame:
        frame.app = app
    app.ttimeoutlen = app.timeoutlen = terminal.ESCAPE_SECONDS
    if frame and frame.output:
        _paint_over(app, frame.output)
    hold = _hold(app, stream, inline=frame is None)

    def painted(_: object) -> None:
        if frame:
            frame.painted.set()

    def running() -> None:
        assert app.loop is not None
        app.loop.set_exception_handler(lambda _, about: _fail(app, about.get("exception")))
        if stage.started:
            stage.started(app)

    # Before anything is seen: whoever sees it may stop the program.
    app.before_render += lambda _: hold.ready()
    app.after_render += painted
    try:
        with held(hold):
            return app.run(pre_run=running, set_exception_handler=False)
    except EOFError:  # the terminal is gone: nobody can answer any further question
        raise KeyboardInterrupt from None


def _wake_in_time(app: Application[Any], stage: Stage, frame: Frame | None) -> None:
    """After each drawing, set the time of the next one, if time alone will change what it shows."""
    due: list[TimerHandle] = []

    def plan(_: object) -> None:
        while due:
            due.pop().cancel()
        told = [stage.lasts(), frame.lasts() if frame else None]
        seconds = min((one for one in told if one is not None), default=None)
        if seconds is not None and app.loop is not None:
            due.append(app.loop.call_later(max(seconds, LEAST_SECONDS), app.invalidate))

    app.after_render += plan


def _paint_over(app: Application[Any], output: Output) -> None:
    """Have a page erase nothing: the next one paints over it in one write, without a flash.

    All else that the library's own `erase` does is done: line wrap is on again between two pages,
    and the next one starts at the top left.
    """

    def erase(leave_alternate_screen: bool = True) -> None:
        output.cursor_goto(0, 0)
        output.reset_attributes()
        output.enable_autowrap()
        app.renderer.reset(leave_alternate_screen=leave_alternate_screen)

    setattr(app.renderer, "erase", erase)  # noqa: B010


def _hold(app: Application[Any], stream: TextIO, *, inline: bool) -> Hold:
    """Return how a part that is open gives the terminal back, and takes it again."""

    def soon(action: Callable[[], None]) -> None:
        if app.loop is None:
            action()
        else:
            app.loop.call_soon_threadsafe(action)

    def away() -> None:
        if inline:  # the shell's words follow where the part stood
            app.renderer.erase()

    def again() -> None:
        if inline:
            app.renderer.reset()
        else:
            app.renderer.erase(leave_alternate_screen=False)
        app.invalidate()

    return Hold(stream, soon=soon, away=away, again=again)


@contextmanager
def editing_keys(*, wanted: bool) -> Iterator[None]:
    """Spare a page without text the 700 bindings for editing it, a third of the time to open it."""
    from prompt_toolkit.application import application
    from prompt_toolkit.key_binding import KeyBindings

    usual = getattr(application, "load_key_bindings")  # noqa: B009
    if not wanted:
        setattr(application, "load_key_bindings", KeyBindings)  # noqa: B010
    try:
        yield
    finally:
        setattr(application, "load_key_bindings", usual)  # noqa: B010


def _bindings(stage: Stage) -> KeyBindingsBase:
    """Join the stage's keys and every page's; while help is open, any key closes it."""
    from prompt_toolkit.filters import Condition
    from prompt_toolkit.key_binding import (
        ConditionalKeyBindings,
        KeyBindings,
        merge_key_bindings,
    )
    from prompt_toolkit.keys import Keys as Pressed

    helping = Condition(lambda: stage.helping)
    common = KeyBindings()

    for name, step in {"up": -1, "down": 1, "pageup": -8, "pagedown": 8, "space": 8}.items():

        def _scroll(event: KeyPressEvent, step: int = step) -> None:
            stage.scroll_help(step)

        common.add(name, filter=helping, eager=True)(_scroll)

    @common.add(Pressed.Any, filter=helping)
    def _close(event: KeyPressEvent) -> None:
        stage.helping = False
        stage.help_line = 0

    common.add(Pressed.Escape, filter=helping, eager=True)(_close)

    explained = Condition(lambda: bool(stage.whole_help))

    @common.add(key.HELP.letter, filter=~helping & explained, eager=True)
    def _open(event: KeyPressEvent) -> None:
        stage.helping = True

    if stage.escape:

        @common.add(Pressed.Escape, filter=~helping, eager=True)
        @common.add(Pressed.ControlD, filter=~helping, eager=True)
        def _back(event: KeyPressEvent) -> None:
            if not stage.undone():
                finish(event.app, exception=Back())

    own: list[KeyBindingsBase] = [] if stage.focus else [key.bindings(stage.keys, finish)]
    own += [stage.bindings] if stage.bindings else []
    return merge_key_bindings([*(ConditionalKeyBindings(one, ~helping) for one in own),
                               common, _always()])  # fmt: skip


def _always() -> KeyBindings:
    """Return the keys that do the same on every page, also while its help is open."""
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.keys import Keys as Pressed

    always = KeyBindings()

    @always.add(Pressed.ControlC, eager=True)
    @always.add(Pressed.SIGINT, eager=True)
    def _interrupt(event: KeyPressEvent) -> None:
        finish(event.app, exception=KeyboardInterrupt())

    @always.add(Pressed.ControlZ, eager=True)
    def _stop(event: KeyPressEvent) -> None:
        terminal.stop()

    return always


def finish(
    app: Application[Any], result: Any = None, exception: BaseException | None = None
) -> None:
    """End the application, unless another key or thread has ended it already."""
    if app.future is not None and not app.future.done():
        if exception is not None:
            app.exit(exception=exception)
        else:
            app.exit(result=result)


def _fail(app: Application[Any], error: BaseException | None) -> None:
    """End the application by what a redraw or a key raised.

    The library's own way would show a traceback, and wait for Enter below it.
    """
    if error is not None:
        finish(app, exception=error)
