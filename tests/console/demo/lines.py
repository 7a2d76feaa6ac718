"""A page below lines that are printed meanwhile."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from functools import partial
from types import FrameType
from typing import Any

from labapp.console import screen, tables, theme
from labapp.console.below import Below
from labapp.console.figures import sparkline
from labapp.console.key import QUIT, Key
from labapp.console.page import Page, end_when, look_every
from labapp.console.stage import Stage
from tests.console.demo.around import HELP, header

#: Lines that are printed at once, by several threads.
MANY, THREADS = 500, 4


def below(
    frame: Below,
    body: Callable[[int, int], Any],
    keys: list[Key],
    watch: Callable[[], object] = lambda: None,
    until: Callable[[], bool] = lambda: False,
    every: float = 0.2,
) -> Any:
    """Show a page until a key ends it, or `until` does."""
    page = Page(body, lambda: keys, watch, frame)
    stage: Stage = page.stage("", HELP)

    def started(app: Any) -> None:
        end_when(until, app)
        look_every(every, watch, app)

    stage.started, stage.pace, stage.erase, stage.escape = started, 0.05, False, False
    stage.interrupt = partial(signal.raise_signal, signal.SIGINT)
    return screen.run(stage, frame)


def still() -> object:
    """Show a page of which nothing changes; tell how often it was drawn until a key came."""
    drawn: list[int] = []

    def body(columns: int, rows: int) -> str:
        drawn.append(1)
        return "nothing new"

    with Below(header) as frame:
        below(frame, body, [Key("x", "end")], lambda: 1, every=0.01)
        times = frame.app.render_counter if frame.app else 0
    return "drawn once" if len(drawn) == 1 and times <= 3 else f"drawn {drawn} {times} times"


def dashboard() -> object:
    stop = threading.Event()
    seen: list[str] = []
    ticks = [0]

    def flag(number: int, stack: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, flag)
    signal.signal(signal.SIGINT, flag)

    def tick() -> int:
        ticks[0] += 1
        return ticks[0]

    def body(columns: int, rows: int) -> Any:
        from rich.console import Group

        return Group(
            tables.key_values({"ticks": ticks[0], "keys": " ".join(seen) or "none"}),
            "steady line",
            f"jobs a second {sparkline([0, 1, 2, 4, 8, 4, 2, 1], 8)}",
        )

    with Below(header) as frame:
        log = theme.current().console(frame.sheet(), tty=True)

        def pressed(letter: str) -> None:
            seen.append(letter)
            log.print(f"log line: {letter}", style="good")

        keys = [Key(letter, "log", partial(pressed, letter), stays=True) for letter in "abx"]
        log.print("log line: before")
        below(frame, body, [QUIT, *keys], tick, stop.is_set)
    log.print("log line: after")
    return "stopped" if stop.is_set() else "quit"


def many_lines() -> object:
    """Print many lines from several threads, and end at once."""
    with Below(header) as frame:

        def printing(number: int) -> None:
            for line in range(MANY):
                frame.print(f"thread {number} line {line}\n")

        threads = [threading.Thread(target=printing, args=(n,)) for n in range(THREADS)]

        def over() -> bool:
            return not any(thread.is_alive() for thread in threads)

        def body(columns: int, rows: int) -> str:
            for thread in threads:
                if thread.ident is None:
                    thread.start()
            return "steady line"

        below(frame, body, [Key("x", "end")], over, over)
        return f"drawn {frame.app.render_counter if frame.app else 0} times"
