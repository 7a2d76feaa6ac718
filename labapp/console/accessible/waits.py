"""What goes on for a while, as lines: one at the beginning, and then now and then."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from labapp.console.accessible.voice import Voice, voice_of
from labapp.console.figures import count, duration, one_line, size

if TYPE_CHECKING:
    import threading
    from concurrent.futures import Future

    from labapp.console.stage import Frame

#: Seconds between two lines of one wait, and between two looks.
EVERY, LOOK = 10.0, 0.2

#: Steps, in percent, of which a line each is said, and seconds between two of them at least.
STEP, LEAST = 25, 2.0


def wait_for(
    answer: Future[Any],
    stop: threading.Event,
    said: Callable[[], str],
    leave: str,
    within: float,
    frame: Frame | None,
) -> None:
    """Say that something is waited for until it is there; within a menu Ctrl-C leaves the wait.

    Args:
        answer: what is waited for.
        stop: is set once the user left.
        said: what is waited for, in words.
        leave: what to leave does.
        within: seconds that leaving waits for the question under way.
        frame: the program's; in a command, without one, Ctrl-C ends the program.
    """
    from concurrent.futures import wait

    voice, began = voice_of(frame), time.monotonic()
    due = began + EVERY
    try:
        if frame:
            voice.news(frame.manual)
        voice.say(f"{_begun(said())}. Ctrl-C: {leave if frame else 'leave'}.")
        while not wait([answer], LOOK).done:
            if frame:
                voice.news()
            if (now := time.monotonic()) >= due:
                due = now + EVERY
                voice.say(f"Still {said()}, {duration(int(now - began))}.")
    except KeyboardInterrupt:
        if frame is None:
            raise
        stop.set()
        voice.read([""])
        voice.say("Leaving.")
        wait([answer], within)


def _begun(said: str) -> str:
    return one_line(f"{said[:1].upper()}{said[1:]}")


class Steps:
    """The progress of one thing, as a line for each quarter of it.

    Args:
        what: for instance 'uploading'.
        unit: what is counted; empty for bytes.
        voice: says it; None: standard error.
    """

    def __init__(self, what: str, unit: str = "", voice: Voice | None = None) -> None:
        self._what = what
        self._unit = unit
        self._voice = voice or Voice(None)
        self._step = 0
        self._at = time.monotonic()

    def moved(self, done: int, total: int) -> None:
        """Say how far it is, where a further step is done; safe to call as often as wanted."""
        step = done * 100 // total // STEP if total else 0
        now = time.monotonic()
        if step <= self._step or (done < total and now - self._at < LEAST):
            return
        self._step, self._at = step, now
        shown = f"{count(done)} of {count(total)} {self._unit}" if self._unit else size(done)
        self._voice.say(f"{_begun(self._what)}: {done * 100 // total} %, {shown}.")
