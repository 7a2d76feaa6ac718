"""A dashboard that refreshes itself below the log, for the worker's console.

Log lines written to the dashboard's console stay in the terminal's scrollback above it. Signal
handlers must only set `stop`: an exception raised while rich takes the screen would leave the
cursor hidden.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

from labapp.console import theme
from labapp.console.keys import Keys
from labapp.console.terminal import Hold

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderableType
    from rich.control import Control
    from rich.segment import Segment

#: Seconds after which `stop` is noticed at the latest.
_STOP_WITHIN = 0.1


def run_live(
    render: Callable[[], RenderableType],
    on_key: Callable[[str], bool | None],
    *,
    stop: threading.Event,
    tick_seconds: float = 1.0,
    watch: Callable[[], object] = object,
    console: Console | None = None,
    on_stop: Callable[[bool], None] = lambda stopped: None,
) -> None:
    """Show what `render` gives, anew after every key and where it has changed, until `stop` is set.

    Args:
        render: the dashboard; from memory, it must not wait for the network.
        on_key: is told each key (see `keys.Keys.read`); a true answer ends the dashboard.
        stop: ends the dashboard when set by anybody, a signal handler included.
        tick_seconds: between two looks whether it has changed.
        watch: what `render` draws from: where it is as before, nothing is drawn. Unless given, all
            counts as changed at every look.
        console: where it is drawn; log handlers must write to the same one. Standard output's by
            default.
        on_stop: is told before the program is stopped by Ctrl-Z (True), and once it goes on.
    """
    console = console or theme.stdout()
    live = _steady(console, render)
    asked: deque[Callable[[], None]] = deque()

    def away() -> None:
        on_stop(True)
        live.away()

    def again() -> None:
        live.again()
        on_stop(False)

    hold = Hold(cast("Any", console.file), soon=asked.append, away=away, again=again)
    with Keys(hold) as keys, live:
        due, size = time.monotonic(), console.size
        seen: object = None
        while not stop.is_set():
            while asked:
                asked.popleft()()
            if (now := time.monotonic()) >= due or console.size != size:
                if (drawn_from := (watch(), console.size)) != seen:
                    seen = drawn_from
                    live.refresh()
                due, size = now + tick_seconds, console.size
            key = keys.read(min(_STOP_WITHIN, max(due - time.monotonic(), 0)))
            if key is None:
                continue
            if on_key(key):
                break
            due, seen = time.monotonic(), None


def sparkline(values: Sequence[float], width: int) -> str:
    """Draw the last `width` values as small bars, the newest on the right, the highest in full."""
    bars = theme.current().glyphs.spark
    shown = list(values)[-width:] if width > 0 else []
    top = max(shown, default=0)
    if top <= 0:
        return bars[0] * len(shown)
    # Only zero is shown as the lowest bar, so that little can be told from nothing.
    steps = len(bars) - 1
    return "".join(bars[0 if value <= 0 else max(1, round(value / top * steps))] for value in shown)


def _steady(console: Console, render: Callable[[], RenderableType]) -> Any:
    """Return a rich Live that sends only the lines that changed, and never blanks before it draws.

    rich's own erases every line first, which flickers over a slow link. `away` takes it off the
    screen, `again` draws it below what has been written there since.
    """
    from rich.console import RenderResult
    from rich.control import Control
    from rich.live import Live
    from rich.live_render import LiveRender
    from rich.segment import ControlType, Segment

    class SteadyRender(LiveRender):
        steady = False
        lines: list[list[Segment]] | None = None
        size = (0, 0)

        def position_cursor(self) -> Control:
            # The terminal has folded the old lines anew, or moved them: start afresh.
            if self.size not in ((0, 0), console.size):
                self.lines = None
                return Control(ControlType.HOME, ControlType.CLEAR)
            if self.steady and self.lines:
                ups = [(ControlType.CURSOR_UP, len(self.lines) - 1)] * (len(self.lines) > 1)
                return Control(ControlType.CARRIAGE_RETURN, *ups)
            self.lines = None
            return super().position_cursor()

        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            lines = console.render_lines(self.renderable, options, pad=False)
            lines = lines[: options.size.height]
            old, self.lines, self.size = self.lines, lines, options.size
            self._shape = Segment.get_shape(lines)
            yield from _changes(old, lines, options.size.width)

    class SteadyLive(Live):
        def process_renderables(
            self, renderables: list[ConsoleRenderable]
        ) -> list[ConsoleRenderable]:
            drawn.steady = all(isinstance(one, Control) for one in renderables)
            return super().process_renderables(renderables)

        def away(self) -> None:
            self.transient = True
            self.stop()
            self.transient = False

        def again(self) -> None:
            drawn.lines, drawn.size, drawn._shape = None, (0, 0), None
            self.start()
            self.refresh()

    live = SteadyLive(
        console=console, get_renderable=render, auto_refresh=False, vertical_overflow="crop"
    )
    drawn = live._live_render = SteadyRender(render(), vertical_overflow="crop")
    return live


def _changes(
    old: list[list[Segment]] | None, lines: list[list[Segment]], columns: int
) -> Iterable[Segment]:
    """Yield what turns the old lines, from whose first the cursor starts, into the new ones."""
    from rich.control import Control
    from rich.segment import ControlType, Segment

    erase = Control((ControlType.ERASE_IN_LINE, 0)).segment
    gone = len(old) - len(lines) if old else 0
    for number, line in enumerate(lines):
        if number:
            yield Segment.line()
        if old is None or number >= len(old) or line != old[number]:
            yield from line
            # After a full line the cursor still stands on its last character.
            if Segment.get_line_length(line) < columns:
                yield erase
    for _ in range(gone):
        yield Segment.line()
        yield erase
    if gone > 0:
        yield Control((ControlType.CURSOR_UP, gone)).segment
