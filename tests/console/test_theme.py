"""What is sent to a terminal follows what the user and the environment say."""

from __future__ import annotations

from io import StringIO

import pytest

from labapp.console import theme
from labapp.console.theme import Depth, Theme, detect
from labapp.errors import UsageError
from tests.support.platforms import posix_only

UTF8 = {"LANG": "en_GB.UTF-8"}


@pytest.mark.parametrize(
    ("environ", "depth"),
    [
        ({"TERM": "xterm-256color"}, Depth.ANSI256),
        ({"TERM": "xterm"}, Depth.ANSI16),
        ({"TERM": "linux"}, Depth.ANSI16),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, Depth.TRUECOLOR),
        ({"TERM": "xterm-kitty"}, Depth.TRUECOLOR),
        ({"TERM": "screen", "STY": "1.tty", "COLORTERM": "truecolor"}, Depth.ANSI16),
        ({"TERM": "screen.xterm-256color", "STY": "1.tty", "WT_SESSION": "1"}, Depth.ANSI256),
        ({"TERM": "xterm-kitty", "STY": "1.tty"}, Depth.TRUECOLOR),  # opened from within screen
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, Depth.NONE),
        ({"TERM": "xterm-256color", "NO_COLOR": ""}, Depth.ANSI256),
        ({"TERM": "xterm-256color", "NO_COLOR": "1", "FORCE_COLOR": "1"}, Depth.NONE),
        ({"TERM": "xterm-256color", "WT_SESSION": "1"}, Depth.TRUECOLOR),
        (
            {"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal", "COLORTERM": "truecolor"},
            Depth.ANSI256,
        ),
        ({"TERM": "xterm", "TERM_PROGRAM": "Apple_Terminal"}, Depth.ANSI256),
        ({"TERM": "dumb"}, Depth.NONE),
        ({"TERM": "dumb", "FORCE_COLOR": "1"}, Depth.ANSI16),
    ],
)
def test_depth_goes_by_the_environment(environ: dict[str, str], depth: Depth) -> None:
    assert detect("auto", environ).depth == depth


def test_what_the_user_asks_for_wins() -> None:
    environ = {"TERM": "xterm-256color", "NO_COLOR": "1"}
    assert detect("truecolor", environ).depth == Depth.TRUECOLOR
    assert detect("never", {"COLORTERM": "truecolor"}).depth == Depth.NONE
    with pytest.raises(UsageError, match="take auto, never, 16, 256, truecolor"):
        detect("blue", {})  # type: ignore[arg-type]


@posix_only("what Windows shows is asked of its console")
@pytest.mark.parametrize(
    ("environ", "speaks"),
    [
        (UTF8, True),
        ({"LANG": "C"}, False),
        ({"LANG": "C", "LC_CTYPE": "C.UTF-8"}, False),  # what Python itself sets under LANG=C
        ({"LC_ALL": "C", "LANG": "en_GB.UTF-8"}, False),
        ({"LC_CTYPE": "de_DE.utf8", "LANG": "C"}, True),
        ({"LC_CTYPE": "C.UTF-8"}, True),
        ({}, True),
        ({"LANG": "de_DE.ISO-8859-1"}, False),
    ],
)
def test_unicode_goes_by_the_locale_as_the_user_set_it(
    environ: dict[str, str], speaks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", StringIO())
    assert detect("auto", environ).unicode is speaks


def test_both_sets_of_glyphs_are_complete_and_the_plain_one_is_ascii() -> None:
    every, plain = (
        {name: sign for name, sign in vars(type(signs)).items() if not name.startswith("_")}
        for signs in (theme.UNICODE, theme.ASCII)
    )
    assert all(plain.values())
    assert all("".join(sign).isascii() for sign in plain.values())
    assert plain.keys() == every.keys()


def test_a_pipe_gets_no_escape_codes_and_no_folded_lines() -> None:
    sheet = StringIO()
    Theme(Depth.ANSI256).console(sheet).print("word " * 100, style="good")
    assert sheet.getvalue() == "word " * 100 + "\n"


def test_forced_colour_reaches_a_pipe() -> None:
    sheet = StringIO()
    detect("auto", {"FORCE_COLOR": "1", **UTF8}).console(sheet).print("yes", style="good")
    assert "\x1b[32m" in sheet.getvalue()


def test_what_looks_like_markup_is_text() -> None:
    assert Theme(Depth.NONE).ansi("[bold]:smile: [/nope]", 80) == "[bold]:smile: [/nope]"


def test_a_dumb_terminal_gets_no_escape_codes() -> None:
    look = detect("auto", {"TERM": "dumb"})
    assert "\x1b" not in look.ansi("hello", 80)
