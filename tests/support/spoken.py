"""A terminal that is spoken to: what is typed is there before, what is said is kept."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator

import pytest

from labapp.console import theme
from labapp.console.accessible import mode
from labapp.console.header import Header
from labapp.console.stage import Frame, Notice


class Keyboard:
    """Lines that are typed; what is a function among them is done before the next is read."""

    def __init__(self) -> None:
        self._lines: list[str | Callable[[], object]] = []
        #: What is typed once all of these are read; None: the end of input.
        self.then: str | None = None
        #: How often a line was asked for.
        self.asked = 0

    def type(self, *lines: str | Callable[[], object]) -> None:
        self._lines += lines

    def forget(self) -> None:
        """Take back what was not read."""
        self._lines.clear()

    def isatty(self) -> bool:
        return True

    def readline(self) -> str:
        self.asked += 1
        while self._lines:
            line = self._lines.pop(0)
            if isinstance(line, str):
                return f"{line}\n"
            line()
        return "" if self.then is None else f"{self.then}\n"

    @property
    def left(self) -> int:
        return len(self._lines)


class Paper(io.StringIO):
    def isatty(self) -> bool:
        return True


class Spoken:
    """What both ends of the terminal have."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self.keyboard, self.paper = Keyboard(), Paper()
        self.notices: list[Notice] = []
        self.workers: int | None = None
        self._frame = Frame(self.header, lambda: self.notices)

    def header(self) -> Header:
        return Header("client", "local", "us-east-1", "labapp", "anna", self.workers)

    def take(self) -> None:
        """Stand where the process's streams do; pytest has its own there when a test begins."""
        self._patch.setattr(sys, "stdin", self.keyboard)
        self._patch.setattr(sys, "stdout", self.paper)
        self._patch.setattr(sys, "stderr", self.paper)

    @property
    def frame(self) -> Frame:
        self.take()
        return self._frame

    def type(self, *lines: str | Callable[[], object]) -> None:
        self.take()
        self.keyboard.type(*lines)

    @property
    def text(self) -> str:
        return self.paper.getvalue()

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> Iterator[Spoken]:
    """Give a terminal in the accessible mode; all that was typed must have been read at the end."""
    terminal = Spoken(monkeypatch)
    monkeypatch.setattr(mode, "_reason", "a test asks for it")
    monkeypatch.setattr(theme, "_current", None)
    with terminal.frame:
        yield terminal
    assert terminal.keyboard.left == 0
    assert "\x1b" not in terminal.text
