"""A desk without a menu or a page, for the panels of steps: it notes what is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from labapp import settings
from labapp.console.panel import Panel
from labapp.jobs.picture_request import ProcessingRequest
from labapp.pictures import looks
from labapp.programs.desk.operations_panel import open_steps
from labapp.programs.desk.order import Order
from labapp.programs.desk.step_panel import StepPanel
from labapp.programs.menus.picture_page import Seen

#: The longest side of copies.
SIDE = 60


@dataclass
class Sides:
    """A page that is not shown."""

    panels: list[Panel] = field(default_factory=list)
    drawn: int = 0

    def push(self, panel: Panel) -> None:
        self.panels.append(panel)

    def pop(self, panels: int = 1) -> None:
        del self.panels[len(self.panels) - panels :]

    def changed(self) -> None:
        self.drawn += 1

    def leave_for(self, action: Callable[[], object]) -> None:
        action()


class FakeDesk:
    """A desk without a menu: it reads pictures and notes what is sent."""

    def __init__(self) -> None:
        self.sides = Sides()
        self.menu = SimpleNamespace(
            context=SimpleNamespace(settings=settings.Settings()), frame=None
        )
        self.kept: dict[Path, Seen] = {}
        self.sent: list[tuple[Sequence[Path], ProcessingRequest]] = []

    def seen(self, path: Path) -> Seen:
        if path not in self.kept:
            found = looks.see(path, SIDE)
            self.kept[path] = Seen(path, found.header, found.copy, found.problem)
        return self.kept[path]

    def known(self, path: Path) -> Seen | None:
        return self.kept.get(path)

    def send(self, paths: Sequence[Path], request: ProcessingRequest) -> None:
        self.sent.append((paths, request))

    @property
    def top(self) -> StepPanel:
        return cast("StepPanel", self.sides.panels[-1])


def opened(desk: FakeDesk, paths: Sequence[Path]) -> Order:
    """Open the steps for pictures, above where those were chosen."""
    for path in paths:
        desk.seen(path)
    desk.sides.panels = [cast("Any", SimpleNamespace(title="files"))]
    open_steps(cast("Any", desk), paths, None)
    return desk.top.order
