"""The terminal itself: held while a part is on it, and given back as it was found.

A part changes modes: lines no longer wrap, the cursor is hidden, keys come one by one, pages stand
on the alternate screen. A `held` block gives all of it back however it ends: by a key, an error or
a signal, also by Ctrl-Z, after which the shell has it until `fg`. What could not be undone on the
way out (a second signal came while the first was being answered) `give_back` undoes at the very
end of the program.

Nothing here asks the terminal anything: late answers read as keys. Who does (`graphics.question`)
reads an answer that is outstanding away `before_release`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TextIO

from labapp import background
from labapp.console.graphics import placed

if TYPE_CHECKING:
    from prompt_toolkit.output import Output

#: Seconds after which a lone escape byte is the Esc key. Less mistakes a slow arrow key for Esc;
#: the library's own 1.5 s feels dead.
ESCAPE_SECONDS = 0.1

#: Ordinary letters, lines that wrap, pasted text as it is, the cursor shown: as after power-on.
_POWER_ON = "\x1b[0m\x1b[?7h\x1b[?2004l\x1b[?25h"

#: xterm's alternate screen, from its top left; and back, the cursor where it was. Where there is
#: but one screen, as in GNU screen and on a console, the page would stay under the shell's lines.
_ALTERNATE, _MAIN = "\x1b[?1049h\x1b[H", "\x1b[H\x1b[J\x1b[?1049l"


@dataclass(eq=False)
class Hold:
    """What one part, or the frame around all parts, needs for giving the terminal back.

    Args:
        stream: where it is drawn.
        alternate: whether it is on the alternate screen.
        soon: does something at the part's next good moment; a signal comes at any.
        away: takes the part off the screen, before the program is stopped.
        again: draws it anew, after the program was continued.
    """

    stream: TextIO
    alternate: bool = False
    soon: Callable[[Callable[[], None]], None] = lambda action: action()
    away: Callable[[], None] = lambda: None
    again: Callable[[], None] = lambda: None
    #: How the keyboard was found, and how the part has it; None where it is no terminal.
    found: list[Any] | None = field(default=None, init=False)
    own: list[Any] | None = field(default=None, init=False)

    def ready(self) -> None:
        """Note how the part has the keyboard, once it has it; later calls change nothing."""
        self.own = self.own or _keyboard()


#: Those who hold the terminal now, the outermost first.
_holds: list[Hold] = []

#: Whether the program is stopped, or about to be, by Ctrl-Z.
_stopped = threading.Event()


#: What is done before the terminal is given back.
_last_acts: list[Callable[[], object]] = []


@contextmanager
def held(hold: Hold) -> Iterator[Hold]:
    """Hold the terminal for the block; call it in the main thread, which alone hears signals.

    Within another's block only the keyboard is given back; the screen stays the outer one's.
    """
    hold.found = _keyboard()
    _holds.append(hold)
    handlers = _hear_stops() if len(_holds) == 1 else {}
    try:
        yield hold
    finally:
        # Given back before it is forgotten: an interrupt in between leaves it to `give_back`.
        if _holds[:1] == [hold]:
            give_back()
        else:
            _set_keyboard(hold.found)
            if hold in _holds:
                _holds.remove(hold)
        _stopped.clear()  # whoever was to stop at a good moment is gone
        for number, handler in handlers.items():
            signal.signal(number, handler)


def hush() -> None:
    """Have what is typed while no page is open, such as between two, wait unseen for the next one.

    Whoever holds the terminal gives back how the keyboard was found.
    """
    if sys.platform != "win32" and (modes := _keyboard()) is not None:
        import termios

        modes[3] &= ~termios.ECHO
        _set_keyboard(modes)


def is_held() -> bool:
    """Whether a part is on the terminal, so that nothing else may be written there."""
    return bool(_holds)


def give_back() -> None:
    """Give the terminal back, whoever holds it; nothing where nobody does."""
    if _holds:
        _release()
        _holds.clear()


def before_release(act: Callable[[], object]) -> None:
    """Have something done each time before the terminal is given back, instead of the last such."""
    _last_acts[:] = [act]


def settle() -> None:
    """Do what is to be done before the terminal is given back."""
    for act in _last_acts:
        act()


def stop() -> None:
    """Stop the program, as Ctrl-Z does where the terminal itself reads it."""
    if sys.platform != "win32" and signal.getsignal(signal.SIGTSTP) != signal.SIG_IGN:
        os.kill(0, signal.SIGTSTP)  # what the shell started with it stops with it


@contextmanager
def swapped(owner: object, name: str, value: object) -> Iterator[None]:
    """Give a thing another attribute for the block, such as a library's method another way."""
    usual = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, usual)


def create_output(stream: TextIO) -> Output:
    """Return an output that never asks where the cursor is."""
    from prompt_toolkit.output import create_output

    output = create_output(stdout=stream)
    if hasattr(output, "enable_cpr"):
        output.enable_cpr = False
    return output


def _release() -> None:
    outermost = _holds[0]
    settle()
    main = _MAIN + _POWER_ON if outermost.alternate else ""
    _write(outermost, placed.ending() + _POWER_ON + main)
    _set_keyboard(outermost.found)


def _hear_stops() -> dict[int, Any]:
    """Give the terminal back on Ctrl-Z and Ctrl-backslash; return the handlers there were."""
    if sys.platform == "win32" or threading.current_thread() is not threading.main_thread():
        return {}
    mine: dict[int, Callable[..., None]]
    mine = {signal.SIGTSTP: _on_stop, signal.SIGCONT: _on_continue, signal.SIGQUIT: _on_quit}
    # What is ignored from the start, by whoever started us, stays so.
    heard = {n: f for n, f in mine.items() if signal.getsignal(n) == signal.SIG_DFL}
    return {number: signal.signal(number, handler) for number, handler in heard.items()}


def _on_stop(*_: object) -> None:
    if _holds and not _stopped.is_set():
        _stopped.set()
        _holds[-1].soon(_stop)


def _on_continue(*_: object) -> None:
    # Stopped in a way that cannot be heard (SIGSTOP), the shell may have changed any mode since.
    if _holds and not _stopped.is_set():
        _holds[-1].soon(lambda: _take_again(_holds[-1].own))


def _on_quit(number: int, _: object) -> None:
    give_back()
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)


def _stop() -> None:
    """Give the terminal back, stop until the shell continues the program, and take it again."""
    try:
        if not _holds:
            return
        own = _keyboard()
        _holds[-1].away()
        _release()
        background.stop_here()
        _take_again(own)
    finally:
        _stopped.clear()


def _take_again(own: list[Any] | None) -> None:
    if _holds:
        # The keyboard first: continued in the background, a program is stopped here once more.
        _set_keyboard(own)
        if _holds[0].alternate:
            _write(_holds[0], _ALTERNATE)
        _holds[-1].again()


def _write(hold: Hold, codes: str) -> None:
    """Send codes past the stream's buffer: a signal may come in the middle of a write to it."""
    if sys.platform == "win32":  # there the libraries undo what they did, by other means than codes
        return
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        hold.stream.flush()
    with contextlib.suppress(OSError, ValueError):  # the terminal is gone, or it never was one
        if hold.stream.isatty():
            os.write(hold.stream.fileno(), codes.encode("ascii"))


def _keyboard() -> list[Any] | None:
    """Return the keyboard's modes; None where standard input is no terminal."""
    if sys.platform != "win32":
        import termios

        with contextlib.suppress(termios.error, ValueError, OSError):
            return termios.tcgetattr(sys.stdin.fileno())
    return None


def _set_keyboard(modes: list[Any] | None) -> None:
    if sys.platform != "win32" and modes is not None:
        import termios

        while True:
            with contextlib.suppress(ValueError, OSError):
                try:
                    # Drained and not flushed: what was typed ahead is kept.
                    termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, modes)
                except termios.error as error:
                    # Continued in the background it is stopped in here once more, until in front.
                    if error.args[0] == errno.EINTR:
                        continue  # else the terminal is gone
            return
