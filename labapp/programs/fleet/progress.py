"""The page of something that AWS does for minutes: its steps, the last events, how long it takes.

Whoever leaves the page leaves AWS at it, as does whoever leaves the program.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar

from labapp.cloud.fleet.model import Event
from labapp.console import figures, tables
from labapp.console.accessible import mode
from labapp.console.theme import current
from labapp.programs.fleet import steps, table
from labapp.programs.fleet.steps import GOES_ON, LeftError, Step
from labapp.programs.menus import progress_page
from labapp.programs.menus.progress_page import Work

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

    from labapp.programs.fleet.steps import Told
    from labapp.programs.menus.session import MenuSession

#: Rows of a page in which there is no room for more than the steps.
FEW = 10

#: Steps that are told of in such a page, the last ones; those to come are a word each.
AT_ONCE = 3

#: Minutes that a fleet takes from nothing to its first answer.
USUAL = 4

HELP = f"""AWS does this by itself. b or Esc goes back to the menu while it goes on, and a line on \
top of every page says when it is done. Whoever quits leaves AWS at it too: {GOES_ON}."""


class FleetWork(Work):
    """What goes on with the fleet, drawn by its page.

    Args:
        title: what is done, such as `making the fleet`.
        names: its steps, in order.
        cost: what it costs, in one line; empty: that is not told.
    """

    mark: ClassVar[str] = "fleet: updating"
    goes_on: ClassVar[bool] = True
    help: ClassVar[str] = HELP

    def __init__(self, title: str, names: Sequence[str], cost: str = "") -> None:
        super().__init__(title, 0)
        self._told: dict[str, str | None] = {}
        self._names = names
        self._cost = cost
        self._events: deque[Event] = deque(maxlen=table.LAST)
        self._trouble = ""
        self._began = time.monotonic()
        self._seconds = 0

    def tell(self, told: Told) -> None:
        """Take what is new."""
        if isinstance(told, Event):
            self._events.append(told)
        elif isinstance(told, Step):
            self._told[told.name] = told.told
        else:
            self._trouble = told.text
        self.moved(0)

    def tick(self) -> None:
        """Have the clock drawn."""
        self._seconds = int(time.monotonic() - self._began)
        self.moved(0)

    def end(self) -> None:
        """Say that nothing more comes."""
        self.tick()
        super().end()

    def pause(self, seconds: float) -> None:
        """Wait between two looks; see `steps.pause`."""
        steps.pause(seconds, self.stop, self.tick)

    @property
    def epitaph(self) -> str:
        """What is said of it at the program's end."""
        return GOES_ON

    @property
    def line(self) -> str:
        """What came of it last."""
        done = [told for told in self._told.values() if told]
        return done[-1] if done else ""

    def draw(self, rows: int) -> RenderableType:
        """Return steps, events and cost, as far as there is room."""
        from rich.console import Group
        from rich.text import Text

        parts: list[RenderableType] = []
        elapsed = figures.duration(self._seconds)
        if self.ended.is_set():
            parts += [] if self.error else [tables.mark("good", f"Done in {elapsed}.")]
        elif not mode.is_on():  # where it would be read out again and again
            parts.append(Text(f"{elapsed} of about {USUAL} min", style="muted"))
        if rows > FEW and self._cost:
            parts.append(Text(self._cost, style="muted"))
        gone = 0 if rows > FEW else max(0, len(self._told) - AT_ONCE)
        parts.append(Text("\n").join(self._steps()[gone:]))
        if self._trouble:
            parts.append(tables.told("warn", f"waiting: {self._trouble}"))
        if self.error:
            parts.append(tables.problem(self.error))
        if rows > FEW and self._events:
            events = "\n".join(figures.one_line(table.event_line(one)) for one in self._events)
            parts += [Text(""), Text(events, overflow="fold")]
        return Group(*parts)

    def _steps(self) -> list[Text]:
        """Return a line for each step: what came of it, that it is under way, or to come."""
        from rich.text import Text

        lines = []
        for name in self._names:
            if name not in self._told:
                if self.ended.is_set():  # it was none of this one's
                    continue
                to_come = f"{name}: to come" if mode.is_on() else f"  {name}"
                lines.append(Text(to_come, style="muted"))
            elif (told := self._told[name]) is not None:
                lines.append(tables.mark("good", f"{name}: {told}"))
            elif self.error:
                lines.append(tables.mark("bad", name))
            elif mode.is_on():
                lines.append(Text(f"{name}: under way"))
            else:
                sign = current().glyphs.spinner[0]
                lines.append(Text.assemble((sign, "accent"), f" {name}{current().glyphs.ellipsis}"))
        return lines


def run(menu: MenuSession, work: FleetWork, news: Callable[[], Iterator[Told]]) -> bool:
    """Do what gives these news while its page is shown; as `progress_page.run`."""

    def act() -> None:
        try:
            for told in news():
                work.tell(told)
        except LeftError:  # the menu was left, and AWS goes on
            return

    return progress_page.run(menu, work, act, again=f"left: {GOES_ON}")
