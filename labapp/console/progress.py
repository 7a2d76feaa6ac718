"""A progress bar by bytes or by things, with a line for each finished thing above it.

The bar is drawn on standard error and only on a terminal. The lines are results: they go to
standard output, one per thing done, and stand above the bar where both are the same terminal.

Esc is heard meanwhile; all other keys stay where they are, for whoever reads them next. Ctrl-C and
Ctrl-Z are signals as ever.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from labapp.console import escape_key, theme
from labapp.console.accessible import mode, waits
from labapp.console.figures import exact_line, one_line
from labapp.console.terminal import Hold, held

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress


def _nothing(_done: int, _total: int) -> None:
    """Say nothing."""


class Transfer:
    """Bytes or things on their way, as a `Progress`; safe to call from several threads.

    Args:
        total: bytes, or things, to send or fetch.
        bar: rich's bar of one task, or None where none is drawn.
        left: set when the user presses Esc; one of its own unless given.
        lines: whether a line is written for each thing done.
        told: called with what is done, and all there is, whenever it is more.
    """

    def __init__(
        self,
        total: int,
        bar: Progress | None,
        left: threading.Event | None = None,
        *,
        lines: bool = True,
        told: Callable[[int, int], object] = _nothing,
    ) -> None:
        self._lines = lines
        self._told = told
        self._total = total
        self._bar = bar
        self._sent = 0
        #: How many of those that no line tells of ended badly, by how.
        self._bad: dict[str, int] = {}
        #: Set when the user pressed Esc: whoever sends should stop at the next good moment.
        self.left = left or threading.Event()
        self._lock = threading.Lock()

    @property
    def sent(self) -> int:
        """Bytes so far, never more than the total."""
        return min(self._sent, self._total)

    def moved(self, octets: int) -> None:
        """Count bytes; beyond the total (boto3 counts a repeated part twice) it shows all."""
        with self._lock:
            self._sent += octets
        self._update()

    def more(self, octets: int) -> None:
        """Raise the total, where its end is found on the way."""
        with self._lock:
            self._total += octets
        self._update()

    def stopped(self) -> bool:
        """Return whether the user pressed Esc."""
        return self.left.is_set()

    def done(self, line: str, state: str = "", *, good: bool = True) -> None:
        """Say that one thing is finished: one line on standard output, unless results come later.

        `state` and `good` say how it ended: where no lines are written, the bar counts the bad.
        """
        if not self._lines:
            if not good:
                self._bad[state] = self._bad.get(state, 0) + 1
            return
        if self._bar is not None and sys.stdout.isatty():
            self._bar.console.print(one_line(line), soft_wrap=True)
        else:
            # In a pipe the names of files keep bytes that are no text.
            sys.stdout.write(exact_line(line) + "\n")
            sys.stdout.flush()

    def finish(self) -> None:
        """Show all of it as sent."""
        self._sent = self._total
        self._update()

    def _update(self) -> None:
        self._told(self.sent, self._total)
        if self._bar is not None:
            bad = ", ".join(f"{count:,} {state}" for state, count in self._bad.items())
            self._bar.update(
                self._bar.task_ids[0],
                completed=self.sent,
                total=self._total,
                description=bad or None,
            )


@contextmanager
def transfer(
    what: str,
    total: int,
    unit: str = "",
    left: threading.Event | None = None,
    esc: str = "stops",
    *,
    lines: bool = True,
    rate: bool = False,
) -> Iterator[Transfer]:
    """Show a bar while the block runs; one of bytes ends full if the block ends without an error.

    Esc sets the transfer's `left`, for the block to look at between two things.

    Args:
        what: for instance 'uploading'.
        total: bytes in all, or things.
        unit: what the things are called, for instance 'pictures'; empty for bytes.
        left: what `escape` gave, where there are several bars; None: Esc is looked for here.
        esc: what Esc does, shown behind the bar.
        lines: whether a line is written for each thing done.
        rate: whether it is told how many things are done in a second.
    """
    if not is_drawn():
        told = waits.Steps(what, unit).moved if mode.is_on() and sys.stderr.isatty() else _nothing
        yield Transfer(total, None, left, lines=lines, told=told)
        return
    # The keyboard comes first: the terminal drops what was typed before its mode was changed, and
    # the bar says that Esc is heard.
    watched = contextlib.nullcontext(left) if left else escape()
    with watched as heard, _bar(theme.stderr(), unit, esc, rate=rate) as bar:
        bar.add_task(one_line(what), total=total)
        moving = Transfer(total, bar, heard, lines=lines)
        yield moving
        # Files may change while they are read; things are counted one by one, and some may lack.
        if not unit and not moving.stopped():
            moving.finish()


def _bar(console: Console, unit: str, esc: str, *, rate: bool) -> Progress:
    from rich import progress
    from rich.text import Text

    glyphs = theme.current().glyphs
    narrow = console.width < 70

    class Bar(progress.ProgressColumn):
        """rich's own bar needs Unicode and a colour to tell its halves apart."""

        def render(self, task: progress.Task) -> Text:
            room = 8 if rate else 12 if narrow else 24
            full = round(room * task.percentage / 100)
            return Text.assemble(
                (glyphs.bar_full * full, "accent"), (glyphs.bar_empty * (room - full), "muted")
            )

    class Rate(progress.ProgressColumn):
        """Things a second."""

        def render(self, task: progress.Task) -> Text:
            return Text(f"{task.finished_speed or task.speed or 0:,.0f}/s", "progress.data.speed")

    done = Text(glyphs.done, "good")
    parts: list[progress.ProgressColumn] = [
        progress.SpinnerColumn(
            "dots" if theme.current().unicode else "line", "accent", finished_text=done
        ),
        progress.TextColumn("{task.description}", markup=False),
        Bar(),
        progress.TextColumn("{task.percentage:>3.0f}%", markup=False),
    ]
    if not narrow:
        counted: list[progress.ProgressColumn] = [
            progress.DownloadColumn(),
            progress.TransferSpeedColumn(),
        ]
        if unit:
            text = "{task.completed:,.0f} of {task.total:,.0f} " + unit
            counted = [progress.TextColumn(text, "progress.download", markup=False)]
            counted += [Rate()] if rate else []
        parts += [
            *counted,
            progress.TimeRemainingColumn(compact=True),
            progress.TextColumn(f"Esc {esc}", "muted", markup=False),
        ]
    return progress.Progress(*parts, console=console, redirect_stdout=False, transient=False)


@contextmanager
def escape() -> Iterator[threading.Event]:
    """Give an event that Esc sets while the block runs, which no page shows.

    For several bars, one after the other: in between, Esc would be heard by nobody.
    """
    left, done = threading.Event(), threading.Event()
    if not is_drawn():
        yield left
        return

    hold = Hold(sys.stderr)
    with held(hold), escape_key.heard(hold.ready) as is_pressed:

        def watch() -> None:
            while not (done.is_set() or left.is_set()):
                if is_pressed():
                    left.set()

        watcher = threading.Thread(target=watch, name="escape", daemon=True)
        watcher.start()
        try:
            yield left
        finally:
            done.set()
            watcher.join()


def is_drawn() -> bool:
    """Whether a bar can be drawn on standard error, so that Esc is told of."""
    return sys.stderr.isatty() and not (mode.is_on() or theme.stderr().is_dumb_terminal)
