"""A real terminal for tests: a program in a pty, its screen kept by an emulator.

Tests wait for text on the screen, never for time. The emulator answers cursor-position requests,
keeps the alternate screen apart from the shell's, and can be written out as an SVG that is the
same in every run. Windows has no ptys: a test that opens a terminal is skipped there.
"""

from __future__ import annotations

import itertools
import os
import re
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, Protocol

import pyte
import pytest
from pyte.screens import Char
from rich.console import Console
from rich.style import Style
from rich.text import Text

from tests.support.modes import left_by
from tests.support.platforms import NO_TERMINALS
from tests.support.python_path import python_path
from tests.support.waiting import PATIENCE, until
from tests.support.windows_rules import VARIABLE

if sys.platform != "win32":
    import termios

    import pexpect

#: The folder that programs are started in unless a test says otherwise: the project's root.
ROOT = Path(__file__).resolve().parents[2]

#: Keys by name, as a terminal in normal mode sends them.
KEYS = {
    "enter": "\r", "esc": "\x1b", "tab": "\t", "backspace": "\x7f", "space": " ",
    "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
    "home": "\x1b[H", "end": "\x1b[F", "pageup": "\x1b[5~", "pagedown": "\x1b[6~",
    "ctrl-c": "\x03", "ctrl-d": "\x04", "ctrl-z": "\x1a",
}  # fmt: skip

_ALTERNATE_SCREEN = 1049


class _Screen(pyte.Screen):
    """pyte's screen, with the alternate one that it lacks."""

    def __init__(self, columns: int, rows: int, answer: Callable[[str], None]) -> None:
        self._answer = answer
        self._shell: tuple[Any, Any] | None = None
        super().__init__(columns, rows)

    def write_process_input(self, data: str) -> None:
        self._answer(data)

    def set_mode(self, *modes: int, **kwargs: Any) -> None:
        if kwargs.get("private") and _ALTERNATE_SCREEN in modes and self._shell is None:
            lines = {row: dict(cells) for row, cells in self.buffer.items()}
            self._shell = lines, (self.cursor.x, self.cursor.y)
            self.erase_in_display(2)
        super().set_mode(*modes, **kwargs)

    def reset_mode(self, *modes: int, **kwargs: Any) -> None:
        if kwargs.get("private") and _ALTERNATE_SCREEN in modes and self._shell is not None:
            lines, (column, row) = self._shell
            self._shell = None
            self.erase_in_display(2)
            for number, cells in lines.items():
                self.buffer[number].update(cells)
            self.cursor_position(row + 1, column + 1)
        super().reset_mode(*modes, **kwargs)

    @property
    def alternate(self) -> bool:
        return self._shell is not None


class Terminal:
    """One program on one terminal; killed at the latest when its block ends.

    Args:
        argv: the program and its arguments.
        columns: width in cells.
        rows: height in cells.
        env: variables on top of a small, fixed environment; a value of "" removes one.
        cwd: working folder; the project's root by default.
    """

    def __init__(
        self,
        argv: Sequence[str | Path],
        *,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
    ) -> None:
        if sys.platform == "win32":
            pytest.skip(NO_TERMINALS)
        self.columns, self.rows = columns, rows
        #: Every byte the program wrote, for assertions on escape codes.
        self.raw = b""
        self._ended = False
        self._lines: list[str] | None = None
        self._screen = _Screen(columns, rows, self._reply)
        self._stream = pyte.ByteStream(self._screen)
        self._child = pexpect.spawn(
            str(argv[0]),
            [str(argument) for argument in argv[1:]],
            dimensions=(rows, columns),
            env=environment(env or {}),
            cwd=str(cwd),
            timeout=PATIENCE,
        )
        self._child.delaybeforesend = None
        self._child.ptyproc.delayafterclose = 0.0  # its end is waited for before
        self._found = self.keyboard

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The program's process id."""
        return int(self._child.pid)

    @property
    def front(self) -> int:
        """The process group that has the terminal: what a shell on it runs just now."""
        return os.tcgetpgrp(self._child.child_fd)

    @property
    def keyboard(self) -> list[Any]:
        """The keyboard's modes just now, or at the program's end: cooked, echo and so on."""
        if not self._child.closed:
            self._keyboard = termios.tcgetattr(self._child.child_fd)
        return self._keyboard

    def left_over(self) -> list[str]:
        """Tell what is not as the program found it; empty: the terminal was given back."""
        return left_by(self.raw) + (["keyboard"] if self.keyboard != self._found else [])

    def send(self, *keys: str) -> None:
        """Type each of `keys`: a name of `KEYS`, or text as it is."""
        for key in keys:
            self._child.send(KEYS.get(key, key))

    def kill(self, number: signal.Signals) -> None:
        """Send a signal to the program."""
        os.kill(self.pid, number)

    def wait_for(self, text: str, timeout: float = PATIENCE) -> None:
        """Wait until `text` stands in one line of the screen."""
        self.wait_until(lambda: any(text in line for line in self.lines), repr(text), timeout)

    def wait_gone(self, text: str, timeout: float = PATIENCE) -> None:
        """Wait until `text` stands in no line of the screen."""
        what = f"{text!r} to go"
        self.wait_until(lambda: all(text not in line for line in self.lines), what, timeout)

    def wait_until(
        self, condition: Callable[[], bool], what: str, timeout: float = PATIENCE
    ) -> None:
        """Read what the program writes until `condition` holds.

        Raises:
            AssertionError: not in time, or the program ended first; it shows the screen.
        """
        deadline = time.monotonic() + timeout
        while not condition():
            if self._ended or time.monotonic() > deadline:
                state = "the program ended" if self._ended else f"{timeout} s passed"
                raise AssertionError(f"waited for {what}; {state}; the screen:\n{self.text}")
            self._read(0.05)

    def says(self, text: str) -> bool:
        """Tell whether `text` stands on the screen, wherever it is folded.

        A path's length, and with it where a sentence is folded, depends on the test's folder.
        """
        return "".join(text.split()) in "".join(self.text.split())

    def settle(self, quiet: float = 0.15, timeout: float = PATIENCE) -> None:
        """Read until nothing comes for `quiet` seconds: for pictures, not for waiting."""
        deadline = time.monotonic() + timeout
        while self._read(quiet) and time.monotonic() < deadline:
            pass

    @property
    def lines(self) -> list[str]:
        """The screen's rows, without spaces at their ends."""
        if self._lines is None:  # conditions ask far more often than a program writes
            self._lines = [line.rstrip() for line in self._screen.display]
        return [*self._lines]

    @property
    def text(self) -> str:
        """The screen as one text, without empty rows at its end."""
        return "\n".join(self.lines).rstrip("\n")

    @property
    def cursor_hidden(self) -> bool:
        """Whether the cursor is hidden just now."""
        return bool(self._screen.cursor.hidden)

    @property
    def alternate(self) -> bool:
        """Whether the alternate screen is shown just now."""
        return self._screen.alternate

    def cell(self, row: int, column: int) -> Char:
        """One cell: its character, colours and weight."""
        return self._screen.buffer[row][column]

    def style_of(self, text: str) -> Char:
        """Return the first cell of the first occurrence of `text`."""
        for row, line in enumerate(self._screen.display):
            if text in line:
                return self.cell(row, line.index(text))
        raise AssertionError(f"{text!r} is not on the screen:\n{self.text}")

    def resize(self, columns: int, rows: int) -> None:
        """Change the window's size, as its user would with the mouse."""
        self.columns, self.rows = columns, rows
        self._lines = None
        self._screen.resize(rows, columns)
        self._child.setwinsize(rows, columns)

    def finish(self, timeout: float = PATIENCE) -> int:
        """Read to the end and return the exit code; 128 and the signal's number if one ended it.

        Raises:
            AssertionError: it had not ended after `timeout` seconds, broke down, or had not given
                the terminal back as it was: every way out that any test takes is held to that.
        """
        self.wait_until(lambda: self._ended, "the program's end", timeout)
        until(lambda: not self._child.isalive(), "the program to be gone", timeout)
        assert self.left_over() == []
        self._child.close()
        if self._child.signalstatus is not None:
            assert self._child.signalstatus not in (signal.SIGABRT, signal.SIGSEGV), self.text
            return 128 + int(self._child.signalstatus)
        return int(self._child.exitstatus)

    def hang_up(self, timeout: float = PATIENCE) -> int:
        """Take the terminal away, as a lost connection does, and return how the program ended.

        Raises:
            AssertionError: it had not ended after `timeout` seconds.
        """
        self._child.ptyproc.fileobj.close()
        self._child.ptyproc.closed = self._child.closed = True
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        os.kill(self.pid, signal.SIGKILL)
        raise AssertionError(f"still running {timeout} s after its terminal went away")

    def close(self) -> None:
        """Kill the program if it still runs, and reap it."""
        if not self._child.closed:
            self._child.kill(signal.SIGKILL)
            until(lambda: not self._child.isalive(), "the program to be gone")
            self._child.close(force=True)

    def svg(self, title: str = "") -> str:
        """Return the screen as an SVG, the same for the same screen."""
        lines = [self._line(row) for row in range(self.text.count("\n") + 1)]
        sheet = Console(
            record=True,
            width=self.columns,
            file=StringIO(),
            force_terminal=True,
            color_system="truecolor",
            legacy_windows=False,
        )
        sheet.print(Text("\n").join(lines), no_wrap=True, overflow="ignore", highlight=False)
        picture = sheet.export_svg(title=title, unique_id="terminal")
        # rich would have the reader's browser fetch a font from elsewhere.
        return re.sub(r"@font-face \{.*?\}\s*", "", picture, flags=re.DOTALL)

    def _line(self, row: int) -> Text:
        # The second half of a wide character is an empty cell.
        cells = [cell for column in range(self.columns) if (cell := self.cell(row, column)).data]
        line = Text()
        for style, run in itertools.groupby(cells, _style):
            line.append("".join(cell.data for cell in run), style)
        line.rstrip()
        return line

    def _reply(self, data: str) -> None:
        if not self._ended:
            self._child.send(data)

    def _read(self, timeout: float) -> bool:
        """Take in what the program wrote; whether there was anything."""
        if self._ended:
            return False
        try:
            data: bytes = self._child.read_nonblocking(65536, timeout)
        except pexpect.TIMEOUT:
            return False
        except pexpect.EOF:
            self._ended = True
            return False
        self.raw += data
        self._stream.feed(data)
        self._lines = None
        return True


def environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return what programs are started with: the same on every machine, plus `extra`."""
    names = ("PATH", "HOME", "TMPDIR", "LABAPP_DATA_DIR", "LABAPP_CONFIG_DIR", VARIABLE)
    kept = {name: os.environ[name] for name in names if name in os.environ}
    fixed = {"TERM": "xterm-256color", "LANG": "C.UTF-8", "PYTHONPATH": python_path()}
    merged = kept | fixed | dict(extra)
    return {name: value for name, value in merged.items() if value}


def _style(cell: Char) -> Style:
    def color(name: str) -> str | None:
        if name == "default":
            return None
        if len(name) == 6 and all(digit in "0123456789abcdef" for digit in name.lower()):
            return f"#{name}"
        # pyte calls yellow brown, and misspells one of the bright ones.
        name = name.replace("brown", "yellow").replace("bfight", "bright")
        return name.replace("bright", "bright_")

    return Style(
        color=color(cell.fg),
        bgcolor=color(cell.bg),
        bold=cell.bold,
        italic=cell.italics,
        underline=cell.underscore,
        reverse=cell.reverse,
    )


class Spawn(Protocol):
    """What the fixture `terminal` gives: call it like `Terminal`."""

    def __call__(
        self,
        argv: Sequence[str | Path],
        *,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
    ) -> Terminal: ...


@pytest.fixture
def terminal() -> Iterator[Spawn]:
    """Start programs in terminals; all are killed when the test ends."""
    opened: list[Terminal] = []

    def spawn(
        argv: Sequence[str | Path],
        *,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
    ) -> Terminal:
        opened.append(Terminal(argv, columns=columns, rows=rows, env=env, cwd=cwd))
        return opened[-1]

    yield spawn
    for one in opened:
        one.close()
