"""How this process comes to its choice: what it sees at once, and what it asks at the first page.

The terminal is asked once, and only where its environment leaves it open, by the page that is open:
until it has answered pictures are blocks, and from the next drawing on they are pixels. tmux is
asked instead where there is one, by a thread. Nobody waits for either.
"""

from __future__ import annotations

import contextlib
import os
import select
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from labapp.console import terminal, theme
from labapp.console.accessible import mode
from labapp.console.graphics import cells, choice, detection, tmux
from labapp.console.graphics.answers import Answers
from labapp.console.graphics.choice import Choice
from labapp.console.graphics.detection import Answer, Seen, Wish

if TYPE_CHECKING:
    from prompt_toolkit.application import Application

#: How large is a cell, and what are you? Only the second is answered by every terminal.
_QUESTION = "\x1b[16t\x1b[c"

#: Seconds that a terminal is waited for at the end, so that its answer does not reach the shell.
_PATIENCE = 0.3

#: Seconds after which no answer is to be expected any more.
_LATEST = 5.0


class Question:
    """What is asked, and what is known by now.

    Args:
        seen: what is known without asking.
    """

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._told = Answer()
        self._changed: Callable[[], None] = lambda: None
        self._was_asked = False
        self._asked_at = 0.0
        #: Whether the terminal has yet to answer.
        self.is_outstanding = False
        #: What stands before each page's reader of keys, from the question on.
        self._answers = Answers(self.hear)

    def decide(self) -> Choice:
        """Have pictures shown by what is known now."""
        found = detection.detect(self._seen)
        choice.use(found)
        return found

    def attach(self, app: Application[None], changed: Callable[[], None]) -> None:
        """Take a page that opens: ask on it if need be, and keep answers from its keys.

        Args:
            app: the page.
            changed: has whatever page is open drawn anew.
        """
        self._changed = changed
        is_open = choice.current().is_open and not self._was_asked
        if self._was_asked or is_open:
            self._filter(app)
        if is_open and app.render_counter:
            self._ask(app)
        elif is_open:
            app.after_render += lambda _: self._ask(app)
        if is_open or choice.current().protocol != "blocks":
            app.before_render += lambda _: self._look_at_cells()

    def _filter(self, app: Application[None]) -> None:
        parser = getattr(app.input, "vt100_parser", None)
        if parser is None:  # Windows: other keys, and nothing is asked
            return
        if parser is not self._answers:
            setattr(app.input, "vt100_parser", self._answers.before(parser))  # noqa: B010
        if self._answers.keeps:  # what the last page had begun to read: nothing may follow it here
            app.after_render += lambda _: self._flush(app)

    def _flush(self, app: Application[None]) -> None:
        """Have a key that was begun on the last page read, once no more can belong to it."""
        if not self._answers.keeps or app.loop is None:
            return

        def flush() -> None:
            if self._answers.keeps and app.is_running and not app.is_done:
                app.key_processor.feed_multiple(app.input.flush_keys())
                app.key_processor.process_keys()

        app.loop.call_later(terminal.ESCAPE_SECONDS, flush)

    def _ask(self, app: Application[None]) -> None:
        """Ask whoever is asked here, once."""
        if self._was_asked:
            return
        self._was_asked = True
        if self._seen.in_tmux:
            threading.Thread(target=self._ask_tmux, name="tmux", daemon=True).start()
        else:
            self.is_outstanding, self._asked_at = True, time.monotonic()
            app.output.write_raw(_QUESTION)
            app.output.flush()

    def _ask_tmux(self) -> None:
        self._know(tmux=tmux.ask(), answer=Answer())

    def _know(self, **more: object) -> None:
        """Take what was told, and have the open page drawn anew by it."""
        self._seen = replace(self._seen, **more)  # type: ignore[arg-type]
        self.decide()
        self._changed()

    def hear(self, text: str) -> None:
        """Take one answer; the second one ends the question, and all later ones say nothing new."""
        if not self.is_outstanding:
            return
        numbers = tuple(int(part) for part in text.strip("\x1b[?ct").split(";") if part)
        if text.endswith("t"):
            self._told = replace(self._told, cell=cells.plausible(numbers[2], numbers[1]))
            return
        self.is_outstanding = False
        self._know(answer=replace(self._told, attributes=numbers))

    def _look_at_cells(self) -> None:
        """Notice that the window's letters are of another size now."""
        cell = cells.of_terminal(sys.stdout.fileno(), is_remote=self._seen.is_remote)
        if cell != self._seen.cell:
            self._seen = replace(self._seen, cell=cell)
            self.decide()

    def settle(self) -> None:
        """Read the answer away if it comes soon: the shell would take it for keys.

        Keys that were typed before it go with it, since nothing read can be put back on every
        system; those behind it are not read.
        """
        if not self.is_outstanding or sys.platform == "win32":
            return
        if time.monotonic() - self._asked_at > _LATEST:
            return
        import termios

        with (
            self._answers.unread(),
            contextlib.suppress(OSError, ValueError, termios.error),  # the terminal is gone
        ):
            keyboard = sys.stdin.fileno()
            found = termios.tcgetattr(keyboard)
            try:
                silent = termios.tcgetattr(keyboard)
                silent[3] &= ~(termios.ICANON | termios.ECHO)
                termios.tcsetattr(keyboard, termios.TCSANOW, silent)
                self._read_away(keyboard)
            finally:
                termios.tcsetattr(keyboard, termios.TCSANOW, found)
        self.is_outstanding = False

    def _read_away(self, keyboard: int) -> None:
        deadline = time.monotonic() + _PATIENCE
        while self.is_outstanding and (left := deadline - time.monotonic()) > 0:
            if not select.select([keyboard], [], [], left)[0]:
                return
            data = os.read(keyboard, 1)  # no more: what follows the answer is the shell's
            if not data:
                return
            self._answers.feed(data.decode("latin-1"))


_question: Question | None = None


def first_choice(wish: str, wished_by: str = "", color: str = "auto") -> Choice:
    """Return how pictures are shown, by what can be seen without asking anybody.

    Args:
        wish: the setting `images`.
        wished_by: where that was set; empty by default.
        color: the setting `color`.
    """
    global _question
    _question = Question(_seen(cast("Wish", wish), wished_by, color))
    terminal.before_release(_question.settle)
    return _question.decide()


def _seen(wish: Wish, wished_by: str, color: str) -> Seen:
    look = theme.detect(color)  # type: ignore[arg-type] # checked by settings
    reasons = [
        f"menus are numbered lists: {mode.reason()}" if mode.is_on() else "",
        "" if theme.is_interactive() else "this is no terminal that has pages",
        "Windows itself has no others yet" if sys.platform == "win32" else "",
    ]
    unwelcome = detection.unwelcome(
        os.environ, has_colors=look.depth > theme.Depth.NONE, has_unicode=look.unicode
    )
    seen = Seen(
        environ=dict(os.environ),
        impossible=next(filter(None, reasons), ""),
        unwelcome=unwelcome,
        wish=wish,
        wished_by=wished_by,
    )
    if sys.platform == "win32":
        return seen
    with contextlib.suppress(OSError, ValueError, AttributeError):  # none, closed, or no file
        output = sys.stdout.fileno()
        cell = cells.of_terminal(output, is_remote=seen.is_remote)
        return replace(seen, cell=cell, tty=os.ttyname(output))
    return seen


def attach(app: Application[None], changed: Callable[[], None]) -> None:
    """Take a page that opens; see `Question.attach`."""
    choice.current()  # which may come to the question in this moment
    if _question is not None:
        _question.attach(app, changed)
