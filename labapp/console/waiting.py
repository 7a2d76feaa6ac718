"""Wait for something slow with a spinner that can be left.

The question 'is it there yet?' may itself block on the network for a second or two, so it is
asked in a thread of its own, and the spinner and Esc never freeze. Leaving loses nothing: the
question under way is heard to its end, and if it brings the answer, the answer is given. An error
that comes once the user has left is none: nobody waits for it any more.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from labapp.console import Back, theme
from labapp.console.accessible import mode
from labapp.console.figures import cut, duration
from labapp.errors import LabappError, to_tell

if TYPE_CHECKING:
    from concurrent.futures import Future

    from prompt_toolkit.application import Application
    from prompt_toolkit.formatted_text import StyleAndTextTuples
    from prompt_toolkit.key_binding.key_processor import KeyPressEvent

    from labapp.console.stage import Frame

T = TypeVar("T")

#: Seconds before anything is shown: what is there by then needs no spinner, which would only flash.
SHOW_AFTER = 0.2

#: Seconds that leaving waits for the question under way; longer than SQS's answer to a short poll.
LEAVE_WITHIN = 3.0

#: Seconds between two pictures of the spinner: it says that something goes on, and the clock beside
#: it for how long. Faster ones cost a class on one machine more than the work that is waited for.
_TICK = 0.5


def wait_for(
    message: str | Callable[[], str],
    poll: Callable[[], T | None],
    *,
    leave: str = "leave it running",
    title: str = "",
    frame: Frame | None = None,
    stop: threading.Event | None = None,
    late: Callable[[LabappError], object] = lambda _: None,
    within: float = LEAVE_WITHIN,
) -> T | None:
    """Ask `poll` until it gives something, and return that; None if the user left with Esc.

    Args:
        message: what is waited for: 'waiting for the answer'; a function where that changes.
        poll: gives the answer, or None if it is not there yet; runs in another thread, one call
            at a time, and blocks for a second or two. What it raises is raised here.
        leave: what Esc does, shown beside the spinner.
        title: of the page.
        frame: the program's; None shows one line on standard error, and nothing if that or standard
            input is no terminal.
        stop: is set once the user left, for a `poll` that looks at it.
        late: is given the error that `poll` raised after the user left, in whatever thread.
        within: seconds that leaving waits for the question under way, at most.

    Raises:
        KeyboardInterrupt: Ctrl-C.
    """
    from concurrent.futures import Future, wait

    answer: Future[T | None] = Future()
    stop = stop or threading.Event()
    left = False
    asking = threading.Thread(target=_ask, args=(poll, answer, stop), name="wait_for", daemon=True)
    try:
        asking.start()  # in here: Ctrl-C may come in the next moment
        if not _shown(frame):
            while not wait([answer], 1.0).done:
                pass
        elif not wait([answer], SHOW_AFTER).done:
            said = message if callable(message) else lambda: message
            if mode.is_on():
                from labapp.console.accessible import waits

                waits.wait_for(answer, stop, said, leave, within, frame)
            else:
                _spin(answer, stop, said, leave, within, title, frame)
            left = stop.is_set()
    finally:
        stop.set()
    if left:
        answer.add_done_callback(partial(_hand_over, late))
    if not answer.done() or (left and isinstance(answer.exception(), LabappError)):
        return None
    return answer.result()


def _hand_over(late: Callable[[LabappError], object], answer: Future[Any]) -> None:
    """Give the error that ended a question which nobody waits for to whoever tells of it."""
    if isinstance(error := answer.exception(), LabappError):
        late(error)
    elif isinstance(error, Exception) and not isinstance(error, Back):
        to_tell(error)


def _ask(poll: Callable[[], T | None], answer: Future[T | None], stop: threading.Event) -> None:
    """Ask until there is an answer, or nobody waits for it."""
    found: T | None = None
    try:
        while found is None and not stop.is_set():
            found = poll()
    except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
        answer.set_exception(error)
    else:
        answer.set_result(found)


def _shown(frame: Frame | None) -> bool:
    look = theme.current()
    on_terminal = sys.stderr.isatty() and sys.stdin.isatty()
    return frame is not None or (on_terminal and (mode.is_on() or not look.plain))


def _spin(
    answer: Future[Any],
    stop: threading.Event,
    said: Callable[[], str],
    leave: str,
    within: float,
    title: str,
    frame: Frame | None,
) -> None:
    """Show the spinner until the answer is there, or the user left and the last poll ended."""
    from prompt_toolkit.key_binding import KeyBindings
    from prompt_toolkit.layout import FormattedTextControl, Window

    from labapp.console.key import BACK, Key
    from labapp.console.screen import run
    from labapp.console.stage import Stage, finish

    line = partial(_line, stop, said, leave, time.monotonic() - SHOW_AFTER, aside=frame is None)
    bindings = KeyBindings()

    @bindings.add("escape", eager=True)
    @bindings.add("c-d", eager=True)
    def _leave(event: KeyPressEvent) -> None:
        stop.set()
        loop = event.app.loop
        assert loop is not None  # a key can only be pressed while it runs
        loop.call_later(within, lambda: finish(event.app))

    def started(app: Application[Any]) -> None:
        loop = app.loop
        assert loop is not None  # it is running when this is called

        def done(_: object) -> None:
            # The loop may have closed already, if Ctrl-C came in the same moment.
            if not loop.is_closed():
                loop.call_soon_threadsafe(finish, app)

        answer.add_done_callback(done)

    stage = Stage(
        body=Window(FormattedTextControl(line, focusable=True, show_cursor=False), height=1),
        bindings=bindings,
        title=lambda: title,
        leave=lambda: Key(BACK.letter, leave),
        status=lambda: [("class:muted", "   leaving")] if stop.is_set() else [],
        escape=False,
        lasts=lambda: _TICK,
        started=started,
    )
    try:
        run(stage, frame)
    except Back:
        stop.set()


def _line(
    stop: threading.Event, said: Callable[[], str], leave: str, began: float, *, aside: bool
) -> StyleAndTextTuples:
    """Return spinner, message and clock; `aside`, also what Esc does, which a page has below."""
    from labapp.console.layout import width

    spinner = theme.current().glyphs.spinner
    elapsed = time.monotonic() - began
    sign = spinner[int(elapsed / _TICK) % len(spinner)]
    hint = "leaving" if stop.is_set() else f"Esc to {leave}"
    clock = duration(int(elapsed)) + (f"  {hint}" if aside else "")
    return [
        ("class:accent", f" {sign} "),
        ("", f"{cut(said(), max(width() - len(clock) - 6, 8))} "),
        ("class:muted", clock),
    ]
