"""--step without a page: each step is told in lines, and a letter with Enter says how to go on."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING

from labapp.programs.workers import stepping_page, stepping_texts
from labapp.worker import control

if TYPE_CHECKING:
    from collections.abc import Iterator

    from labapp.programs.shell.context import Context
    from labapp.worker.control import Runnable
    from labapp.worker.standing import Stand, Standing

#: What is said first, and under each step.
BEGIN = "One job at a time, one step at a time. Ctrl-C stops the worker."
KEYS = "Enter: next step. r: this job to its end. g: all jobs, without a stop. k: kill -9. q: stop."

#: What is said of what was typed, or was not.
UNKNOWN = "{word!r} is none of these letters."
NOT_KILLED = "It is not killed."
NO_JOB = "No job is in hand yet. q: stop."
GOES_ON = "It goes on without a stop. g: step again. q: stop."
ENDED = "Nobody types any more, so the worker stops."

#: What is meant whether or not a job stands.
_AT_ANY_TIME = frozenset({"g", "q", "?"})


class Lines:
    """Tells each step on standard output, and hears what is typed; each in a thread of its own."""

    def __init__(self, context: Context, worker: Runnable, standing: Standing) -> None:
        self._context = context
        self._worker = worker
        self._standing = standing
        self._told: tuple[str, str] = "", ""
        self._lock = threading.Lock()
        self._typed = self._lines()

    def start(self) -> None:
        """Begin to tell and to hear."""
        stepping_page.write(self._context, BEGIN)
        self._standing.changed = self._tell
        threading.Thread(target=self._hear, name="typed", daemon=True).start()

    def _tell(self) -> None:
        """Tell of the step that a job stands at, once."""
        stand = self._standing.stand
        if stand is None or not stand.stands:
            return
        with self._lock:
            if self._told == (place := (stand.message.receipt, stand.step)):
                return
            self._told = place
        for line in self._said(stand):
            stepping_page.write(self._context, line)

    def _said(self, stand: Stand) -> tuple[str, ...]:
        visibility, left = self._standing.visibility(), self._standing.seconds_left()
        told = stepping_texts.told(stand, visibility)
        return (
            f"{stepping_texts.title(stand).capitalize()}. {stand.job[0].upper()}{stand.job[1:]}.",
            f"  {stepping_texts.whose(stand)}",
            f"  now: {told.now}",
            f"  next: {told.next}",
            f"  killed: {told.killed}",
            f"  others: {stepping_texts.lease(stand, left, visibility)}",
            KEYS,
        )

    def _hear(self) -> None:
        """Do what is typed: each line is for the step that stands when it is read.

        What stops or steps again is heard at any time, where somebody types it.
        """
        is_person = sys.stdin.isatty()
        for line in self._typed:
            word = line.strip().lower()
            is_idle = is_person and self._standing.stand is None
            if not (is_person and word in _AT_ANY_TIME) and not is_idle:
                self._wait()
            if is_idle and word not in _AT_ANY_TIME:
                stepping_page.write(self._context, NO_JOB)
            elif self._standing.runs_on and word not in _AT_ANY_TIME:
                stepping_page.write(self._context, GOES_ON)
            else:
                self._act(word)
            if self._worker.stopping or (self._standing.runs_on and not is_person):
                return
        self._wait()
        if not (self._worker.stopping or self._standing.runs_on):
            self._context.say(ENDED)
            self._worker.stop()

    def _lines(self) -> Iterator[str]:
        # A pipe is read so that nobody else who asks about it has to wait, on Windows.
        yield from sys.stdin if sys.stdin.isatty() else control.lines(sys.stdin)

    def _wait(self) -> None:
        """Wait until a job stands, and its step was told, or until nobody needs to be asked."""
        while not (self._worker.stopping or self._standing.runs_on):
            stand = self._standing.stand
            if stand and stand.stands and self._told == (stand.message.receipt, stand.step):
                return
            time.sleep(control.TICK)

    def _act(self, word: str) -> None:
        standing, stand = self._standing, self._standing.stand
        if word in ("", "n"):
            standing.go()
        elif word == "r":
            standing.run_on()
        elif word == "g":
            standing.go_on()
            if standing.runs_on:
                stepping_page.write(self._context, GOES_ON)
        elif word == "?":
            stepping_page.write(self._context, f"{stepping_page.HELP}\n{KEYS}")
        elif word == "q":
            self._worker.stop()
        elif word == "k" and stand:
            stepping_page.write(self._context, stepping_page.SURE)
            if next(self._typed, "").strip().lower() == "y":
                for line in stepping_page.kill_now(stand, standing.visibility()):
                    stepping_page.write(self._context, line)
                standing.die()
            stepping_page.write(self._context, NOT_KILLED)
        else:
            stepping_page.write(self._context, f"{UNKNOWN.format(word=word)} {KEYS}")
