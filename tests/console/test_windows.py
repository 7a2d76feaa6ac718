"""What is sent to a console of Windows goes by what it can do; the consoles are made up."""

from __future__ import annotations

import io
import os
import pathlib
import sys
from typing import Any

import pytest

from labapp.console import theme, windows
from labapp.console.theme import Depth, detect


class Console:
    """The part of kernel32 that tells of consoles: `mode` is None for a file or a pipe."""

    def __init__(self, mode: int | None, *, takes: bool = True) -> None:
        self.mode = mode
        self._takes = takes

    class GetStdHandle:
        restype: Any = None

        def __call__(self, number: int) -> int:
            return -number

    GetStdHandle = GetStdHandle()  # type: ignore[assignment,misc]

    def GetConsoleMode(self, handle: Any, mode: Any) -> int:  # noqa: N802
        if self.mode is None:
            return 0
        mode._obj.value = self.mode
        return 1

    def SetConsoleMode(self, handle: Any, mode: Any) -> int:  # noqa: N802
        if self._takes:
            self.mode = mode.value
        return int(self._takes)


def test_a_console_is_told_to_heed_codes_and_keeps_its_other_modes() -> None:
    console = Console(3)
    assert windows.told_to_heed(console)
    assert console.mode == 7


@pytest.mark.parametrize("console", [Console(3, takes=False), Console(None)])
def test_an_old_console_and_a_pipe_heed_none(console: Console) -> None:
    assert not windows.told_to_heed(console)


def test_nul_is_no_console_though_it_takes_itself_for_a_terminal() -> None:
    assert windows.has_mode(Console(3), 7)
    assert not windows.has_mode(Console(None), 7)
    assert windows.is_console(io.StringIO()), "that is for whoever made it to tell"
    with pathlib.Path(os.devnull).open("w", encoding="utf-8") as nothing:
        assert windows.is_console(nothing) is (sys.platform != "win32")


@pytest.mark.parametrize(
    ("environ", "heeds", "build", "colors"),
    [
        ({}, False, 9600, Depth.ANSI16),
        ({}, False, 19045, Depth.ANSI16),  # set to 'legacy'
        ({"COLORTERM": "truecolor"}, False, 19045, Depth.ANSI16),
        ({"ConEmuANSI": "ON"}, False, 9600, Depth.ANSI256),
        ({}, True, 14393, Depth.ANSI256),
        ({}, True, 15063, Depth.TRUECOLOR),
        ({"WT_SESSION": "1"}, True, 22631, Depth.TRUECOLOR),
        ({"NO_COLOR": "1"}, True, 22631, Depth.NONE),
    ],
)
def test_colours_go_by_what_the_console_heeds(
    environ: dict[str, str],
    heeds: bool,
    build: int,
    colors: Depth,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(windows, "heeds_codes", lambda: heeds)
    monkeypatch.setattr(windows, "build", lambda: build)
    assert detect("auto", environ).depth == colors


@pytest.mark.parametrize(
    ("environ", "unicode"),
    [
        ({}, False),
        ({"WT_SESSION": "1"}, True),
        ({"ConEmuANSI": "ON"}, True),
        ({"ConEmuANSI": "OFF"}, False),
        ({"TERM_PROGRAM": "vscode"}, True),
        ({"TERM": "xterm-256color"}, True),
    ],
)
def test_signs_go_by_the_fonts_of_the_console(
    environ: dict[str, str], unicode: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(windows, "heeds_codes", lambda: True)
    monkeypatch.setattr(windows, "build", lambda: 19045)
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert detect("auto", environ).unicode is unicode


@pytest.mark.parametrize("encoding", ["cp437", "cp1252", "ascii"])
def test_a_code_page_without_our_signs_gets_those_of_ascii(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    look = detect("auto", {"LANG": "en_GB.UTF-8", "WT_SESSION": "1", "TERM": "xterm"})
    assert look.glyphs is theme.ASCII
