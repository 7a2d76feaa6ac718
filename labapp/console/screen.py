"""How a part gets on the screen: as a page within a frame, redrawn in place, or as a bare line.

No clock redraws it: what it shows has changed where somebody says so, or `lasts` is over.
"""

from __future__ import annotations

import functools
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, TextIO

from labapp.console import Back, key, known_keys, layout, terminal, theme
from labapp.console.graphics import choice, overlay
from labapp.console.key import BACKWARDS, LINES, MANUAL, PAGES, Key, bind
from labapp.console.many_colours import look_up_quickly
from labapp.console.stage import Frame, Stage, finish
from labapp.console.terminal import Hold, held, swapped
from labapp.errors import UsageError
from labapp.visible import is_unseen, visible

if TYPE_CHECKING:
    from asyncio import TimerHandle

    from prompt_toolkit.application import Application
    from prompt_toolkit.key_binding import KeyBindings, KeyBindingsBase
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent

#: Seconds between two drawings that only time asks for, at least: nobody reads faster.
LEAST_SECONDS = 0.1


def run(stage: Stage, frame: Frame | None) -> Any:
    """Show the stage until one of its keys ends it, and return what that key gave.

    While its help leads to the manual, it is left for that and comes back as it was.

    Raises:
        Back: Esc or Ctrl-D.
        KeyboardInterrupt: Ctrl-C, or the terminal went away.
        UsageError: there is no terminal to ask on.
    """
    stage.frame = frame
    while (given := _given(stage, frame)) is MANUAL and frame and (manual := frame.manual):
        with swapped(frame, "manual", None):  # its own pages lead to no other
            manual()
    return given


def _given(stage: Stage, frame: Frame | None) -> Any:
    """Show the stage once; errors as of `run`."""
    from prompt_toolkit.application import Application
    from prompt_toolkit.input import create_input
    from prompt_toolkit.layout import Layout

    stream = sys.stdout if frame else sys.stderr
    if not (sys.stdin.isatty() and stream.isatty()):
        raise UsageError("this question needs a terminal", "answer it with an option, see --help")
    show_unseen()
    look, full = theme.current(), frame is not None and frame.full_screen
    root = layout.page(stage, frame) if frame else layout.line(stage)
    source = create_input()
    known_keys.attach(source)
    with editing_keys(wanted=stage.focus is not None):
        app: Application[Any] = Application(
            layout=Layout(root, focused_element=stage.focus or stage.body),
            key_bindings=_bindings(stage, frame),
            style=look.prompt_style(),
            include_default_pygments_style=False,
            color_depth=look.color_depth(),
            full_screen=full,
            erase_when_done=stage.erase or full,
            output=(frame.output if frame else None) or terminal.create_output(stream),
            input=source,
            min_redraw_interval=stage.pace,
            # Where a window says by itself that its size is another, nobody asks for it.
            terminal_size_polling_interval=None if hasattr(signal, "SIGWINCH") else 0.5,
        )
    look_up_quickly(app)
    _wake_in_time(app, stage, frame)
    app.ttimeoutlen = app.timeoutlen = terminal.ESCAPE_SECONDS
    if frame:
        frame.attach(app)
        _attach_question(app, frame)
    overlay.attach(app)
    hold = _hold(app, stream, stage, full=full)

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
            return _run(app, running, hears_interrupts=stage.interrupt is None)
    except EOFError:  # the terminal is gone: nobody can answer any further question
        raise KeyboardInterrupt from None


def _attach_question(app: Application[Any], frame: Frame) -> None:
    """Have the terminal asked how pictures are shown, if it must be, and its answers be no keys.

    What that needs is loaded behind the first page.
    """
    attached = False

    def attach(_: object = None) -> None:
        nonlocal attached
        if not attached:
            attached = True
            from labapp.console.graphics import question

            question.attach(app, frame.changed)

    if choice.is_decided():
        attach()
    else:
        app.after_render += attach


def _run(app: Application[Any], running: Callable[[], None], *, hears_interrupts: bool) -> Any:
    is_main = threading.current_thread() is threading.main_thread()
    hears = hears_interrupts and is_main and sys.platform != "win32"
    before = signal.getsignal(signal.SIGINT)

    def begin() -> None:
        # The library's own way would load ctypes for it, while the first page is waited for.
        if hears and app.loop is not None:
            app.loop.add_signal_handler(signal.SIGINT, app.key_processor.send_sigint)
        running()

    try:
        return app.run(pre_run=begin, set_exception_handler=False, handle_sigint=False)
    except Exception:  # in its first drawing, of which a part waits to be sent
        app.renderer.reset()
        raise
    finally:
        if hears:
            signal.signal(signal.SIGINT, before)


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


def _hold(app: Application[Any], stream: TextIO, stage: Stage, *, full: bool) -> Hold:
    """Return how a part that is open gives the terminal back, and takes it again."""

    def soon(action: Callable[[], None]) -> None:
        if app.loop is None:
            action()
        else:
            app.loop.call_soon_threadsafe(action)

    def away() -> None:
        stage.halted(True)
        if not full:  # the shell's words follow where the part stood
            app.renderer.erase()

    def again() -> None:
        if full:
            app.renderer.erase(leave_alternate_screen=False)
        else:
            app.renderer.reset()
        app.invalidate()
        stage.halted(False)

    return Hold(stream, soon=soon, away=away, again=again)


def editing_keys(*, wanted: bool) -> AbstractContextManager[None]:
    """Spare a page without text the 700 bindings for editing it, a third of the time to open it."""
    from prompt_toolkit.application import application
    from prompt_toolkit.key_binding import KeyBindings

    return nullcontext() if wanted else swapped(application, "load_key_bindings", KeyBindings)


def _fail(app: Application[Any], error: BaseException | None) -> None:
    """End the application by what a redraw or a key raised.

    The library's own way would show a traceback, and wait for Enter below it.
    """
    if error is not None:
        finish(app, exception=error)


def _bindings(stage: Stage, frame: Frame | None) -> KeyBindingsBase:
    """Join the stage's keys and every page's; while help is open, any key closes it."""
    from prompt_toolkit.filters import Condition
    from prompt_toolkit.key_binding import ConditionalKeyBindings, KeyBindings, merge_key_bindings
    from prompt_toolkit.keys import Keys

    helping = Condition(lambda: stage.helping)
    common = KeyBindings()
    scrolling = helping & Condition(lambda: stage.help_overflow > 0)  # else they close it, too
    bind(common, LINES, stage.scroll_help, filter=scrolling)
    bind(common, {**PAGES, BACKWARDS: -1}, stage.page_help, filter=scrolling)

    @common.add(Keys.Any, filter=helping)
    def _close(event: KeyPressEvent) -> None:
        stage.helping = False
        stage.help_line = 0

    common.add(Keys.Escape, filter=helping, eager=True)(_close)

    if stage.opens_manual(frame):

        @common.add(MANUAL.letter, filter=helping, eager=True)
        def _manual(event: KeyPressEvent) -> None:
            finish(event.app, MANUAL)

    def hear(one: Key) -> None:
        heard = ~helping & Condition(lambda: one in stage.common())
        common.add(one.bound, filter=heard, eager=True)(lambda _: one.act(stage))

    for one in key.EVERYWHERE:
        hear(one)

    if stage.escape:

        @common.add(Keys.Escape, filter=~helping, eager=True)
        @common.add(Keys.ControlD, filter=~helping, eager=True)
        def _back(event: KeyPressEvent) -> None:
            if not stage.undone():
                finish(event.app, exception=Back())

    own: list[KeyBindingsBase] = [] if stage.focus else [_letters(stage)]
    own += [stage.bindings] if stage.bindings else []
    return merge_key_bindings([*(ConditionalKeyBindings(one, ~helping) for one in own),
                               common, _always(stage)])  # fmt: skip


def _always(stage: Stage) -> KeyBindings:
    """Return the keys that do the same on every page, also while its help is open."""
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.keys import Keys

    always = KeyBindings()

    @always.add(Keys.ControlC, eager=True)
    @always.add(Keys.SIGINT, eager=True)
    def _interrupt(event: KeyPressEvent) -> None:
        if stage.interrupt:
            stage.interrupt()
        else:
            finish(event.app, exception=KeyboardInterrupt())

    @always.add(Keys.ControlZ, eager=True)
    def _stop(event: KeyPressEvent) -> None:
        terminal.stop()

    return always


def _letters(stage: Stage) -> KeyBindings:
    """Return what listens to the page's own keys; what is bound nowhere else does nothing."""
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.keys import Keys

    letters = KeyBindings()

    @letters.add("enter")
    @letters.add(Keys.Any)
    def _letter(event: KeyPressEvent) -> None:
        found = stage.key_of(event.data)
        if found is not None and found.stays:
            found.act()
        elif found is not None:
            finish(event.app, found)

    return letters


class _Shown(dict[str, str]):
    """prompt_toolkit's table of signs to be drawn as others, with all that would not be seen."""

    def __contains__(self, sign: object) -> bool:
        if super().__contains__(sign):
            return True
        # A letter with its marks is asked for as one sign; it is seen.
        return isinstance(sign, str) and len(sign) == 1 and not sign.isascii() and is_unseen(sign)

    def __missing__(self, sign: str) -> str:
        return visible(sign)


@functools.cache
def show_unseen() -> None:
    """Have prompt_toolkit draw, and measure, such signs as their escapes."""
    from prompt_toolkit.layout.screen import Char

    Char.display_mappings = _Shown({**Char.display_mappings, "\xa0": visible("\xa0")})
