"""Row by row, which terminal gets which protocol; in doubt there are blocks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labapp.console.graphics.choice import Choice
from labapp.console.graphics.detection import Answer, Seen, Wish, detect, remedy, unwelcome
from labapp.console.graphics.tmux import Tmux

XTERM = {"TERM": "xterm-256color"}
SSH = {"SSH_TTY": "/dev/pts/1"}
TMUX = {"TERM": "tmux-256color", "TMUX": "/tmp/tmux-0/default,1,0"}
CELL = (9, 18)

#: What terminals answer, as measured.
SIXEL, PLAIN, VTE = Answer((62, 4, 22), CELL), Answer((1, 2)), Answer((61, 1, 21, 22, 28))


def of(
    environ: dict[str, str], answer: Answer | None = None, *, cell: tuple[int, int] | None = CELL
) -> Choice:
    return detect(Seen(environ, cell=cell, answer=answer))


@pytest.mark.parametrize(
    ("environ", "protocol", "reason"),
    [
        ({"TERM": "xterm-kitty", "KITTY_WINDOW_ID": "1"}, "kitty", "TERM is xterm-kitty"),
        ({"TERM": "xterm-kitty", **SSH}, "kitty", "TERM is xterm-kitty"),
        ({"TERM": "xterm-ghostty", "TERM_PROGRAM": "ghostty"}, "kitty", "TERM is xterm-ghostty"),
        ({**XTERM, "KONSOLE_VERSION": "250402"}, "kitty", "Konsole 250402"),
        ({"TERM": "foot"}, "sixel", "TERM is foot"),
        ({"TERM": "mlterm-256color", "MLTERM": "3.9.0"}, "sixel", "TERM is mlterm-256color"),
        ({**XTERM, "TERM_PROGRAM": "iTerm.app"}, "iterm", "TERM_PROGRAM is iTerm.app"),
        ({**XTERM, "LC_TERMINAL": "iTerm2", **SSH}, "iterm", "LC_TERMINAL is iTerm2"),
        ({**XTERM, "TERM_PROGRAM": "WezTerm"}, "iterm", "TERM_PROGRAM is WezTerm"),
        ({"TERM": "wezterm"}, "iterm", "TERM is wezterm"),
        ({**XTERM, "TERM_PROGRAM": "mintty"}, "iterm", "TERM_PROGRAM is mintty"),
        ({**XTERM, "TERM_PROGRAM": "Tabby"}, "iterm", "TERM_PROGRAM is Tabby"),
        ({**XTERM, "TERM_PROGRAM": "WarpTerminal"}, "iterm", "TERM_PROGRAM is WarpTerminal"),
        ({"TERM": "alacritty"}, "blocks", "TERM is alacritty"),
        ({**XTERM, "TERM_PROGRAM": "Apple_Terminal"}, "blocks", "TERM_PROGRAM is Apple_Terminal"),
        ({"TERM": "screen.xterm-256color", "STY": "1.a"}, "blocks", "screen shows no pictures"),
        ({"TERM": "screen-256color"}, "blocks", "TERM is screen-256color"),
        ({"TERM": "tmux-256color", **SSH}, "blocks", "TERM is tmux-256color"),
        ({"TERM": "xterm-kitty", "ZELLIJ": "0"}, "blocks", "Zellij shows no pictures"),
    ],
)
def test_some_terminals_are_known_without_a_question(
    environ: dict[str, str], protocol: str, reason: str
) -> None:
    found = of(environ)
    assert (found.protocol, found.reason, found.is_open) == (protocol, reason, False)


@pytest.mark.parametrize(
    ("environ", "answer", "protocol"),
    [
        (XTERM, SIXEL, "sixel"),  # xterm -ti vt340
        (XTERM, PLAIN, "blocks"),  # and as it comes
        (XTERM, Answer(), "blocks"),
        ({**XTERM, "VTE_VERSION": "8000"}, VTE, "blocks"),
        (XTERM, Answer((6,)), "blocks"),  # Alacritty without its TERM
        ({**XTERM, "TERM_PROGRAM": "vscode"}, SIXEL, "iterm"),
        ({**XTERM, "TERM_PROGRAM": "vscode"}, PLAIN, "blocks"),
        ({**XTERM, "WT_SESSION": "1"}, SIXEL, "sixel"),
        ({**XTERM, "WT_SESSION": "1"}, PLAIN, "blocks"),
        ({**XTERM, "KONSOLE_VERSION": "220300"}, PLAIN, "blocks"),
        ({"TERM": "rxvt-unicode-256color"}, PLAIN, "blocks"),
        # What was inherited from the terminal that started this one proves nothing.
        ({**XTERM, "KITTY_WINDOW_ID": "1", "WEZTERM_PANE": "0"}, PLAIN, "blocks"),
        ({**XTERM, "KONSOLE_VERSION": "250402", "XTERM_VERSION": "XTerm(379)"}, PLAIN, "blocks"),
        ({**XTERM, "KONSOLE_VERSION": "250402", "VTE_VERSION": "8000"}, VTE, "blocks"),
        ({**XTERM, "KONSOLE_VERSION": "250402", "TERM_PROGRAM": "vscode"}, PLAIN, "blocks"),
        ({**XTERM, "TERM_PROGRAM": "WezTerm", "XTERM_VERSION": "XTerm(379)"}, PLAIN, "blocks"),
        ({**XTERM, "TERM_PROGRAM": "WezTerm", "VTE_VERSION": "8000"}, SIXEL, "sixel"),
        ({**XTERM, "TERM_PROGRAM": "vscode", "XTERM_VERSION": "XTerm(379)"}, SIXEL, "sixel"),
        ({**XTERM, "LC_TERMINAL": "iTerm2"}, PLAIN, "blocks"),
    ],
)
def test_what_the_environment_leaves_open_the_answer_decides(
    environ: dict[str, str], answer: Answer, protocol: str
) -> None:
    first = of(environ)
    assert (first.protocol, first.is_open) == ("blocks", True)
    assert first.reason == "the terminal is asked at the first page"
    then = of(environ, answer)
    assert (then.protocol, then.is_open) == (protocol, False)


def test_the_reason_tells_the_answer() -> None:
    assert of(XTERM, SIXEL).reason == "the terminal answers 62;4;22"
    assert of(XTERM, VTE).reason == "the terminal answers 61;1;21;22;28, without sixel"
    assert of(XTERM, Answer()).reason == "the terminal did not answer"
    vscode = of({**XTERM, "TERM_PROGRAM": "vscode"}, SIXEL)
    assert vscode.reason == "TERM_PROGRAM is vscode, and the terminal answers 62;4;22"


def test_sixel_needs_to_know_how_large_a_cell_is() -> None:
    foot = of({"TERM": "foot"}, cell=None)
    assert (foot.protocol, foot.is_open) == ("blocks", True)
    assert of({"TERM": "foot"}, SIXEL, cell=None).cell == CELL
    silent = of({"TERM": "foot"}, Answer((62, 4)), cell=None)
    assert silent == Choice(reason="TERM is foot, but nobody tells how large a cell is")
    assert of({"TERM": "xterm-kitty"}, cell=None) == Choice("kitty", "TERM is xterm-kitty")


def test_the_window_tells_of_cells_before_the_answer_does() -> None:
    assert of(XTERM, Answer((4,), (10, 22))).cell == CELL
    assert of(XTERM, Answer((4,), (10, 22)), cell=None).cell == (10, 22)
    assert of({**XTERM, "WT_SESSION": "1"}, SIXEL).cell == (10, 20)


def test_far_terminals_are_known_as_such() -> None:
    assert of({"TERM": "xterm-kitty", **SSH}).is_remote
    assert not of({"TERM": "xterm-kitty"}).is_remote


KITTY = Tmux((3, 5), "/dev/pts/3", 1, "kitty(0.41.1)", frozenset({"256"}), CELL, True)
SIXELS = replace(KITTY, terminal="XTerm(398)", features=frozenset({"sixel"}), passes=False)


@pytest.mark.parametrize(
    ("told", "protocol", "reason"),
    [
        (KITTY, "placeholders", "tmux passes pictures on to kitty(0.41.1)"),
        (replace(KITTY, terminal="ghostty 1.2.0"), "placeholders", "tmux passes pictures on to"),
        (replace(KITTY, passes=False), "blocks", "its allow-passthrough is off"),
        (replace(KITTY, terminal="kitty(0.26.5)"), "blocks", "no pictures on kitty(0.26.5)"),
        (replace(KITTY, clients=2), "blocks", "tmux is shown on 2 terminals"),
        (replace(KITTY, clients=0, terminal=""), "blocks", "tmux is shown on 0 terminals"),
        (replace(KITTY, version=(3, 3)), "blocks", "tmux is older than 3.4"),
        (SIXELS, "sixel", "tmux draws sixel on XTerm(398)"),
        (replace(SIXELS, cell=None), "blocks", "tmux draws no pictures on XTerm(398)"),
        (replace(SIXELS, features=frozenset()), "blocks", "tmux draws no pictures on XTerm(398)"),
        (None, "blocks", "tmux does not say what it is shown on"),
    ],
)
def test_in_tmux_its_own_word_counts(told: Tmux | None, protocol: str, reason: str) -> None:
    seen = Seen({**TMUX, "KITTY_WINDOW_ID": "1"}, tty="/dev/pts/3")
    first = detect(seen)
    assert (first.protocol, first.is_open, first.in_tmux) == ("blocks", True, True)
    found = detect(replace(seen, tmux=told, answer=None if told else Answer()))
    assert (found.protocol, found.is_open) == (protocol, False)
    assert reason in found.reason
    assert found.in_tmux == (protocol != "blocks")
    assert found.cell == (told.cell if told else None)


def test_in_tmux_the_cell_is_that_of_the_pane_as_it_is_now() -> None:
    found = detect(Seen(TMUX, tty="/dev/pts/3", tmux=SIXELS, cell=(9, 20)))
    assert (found.protocol, found.cell) == ("sixel", (9, 20))


def test_a_terminal_started_in_tmux_is_known_by_its_term_alone() -> None:
    kitty = {"TERM": "xterm-kitty", "TMUX": "/tmp/tmux-0/default,1,0"}
    assert detect(Seen(kitty, tty="/dev/pts/9", tmux=KITTY)).protocol == "kitty"
    other = detect(Seen({**kitty, **XTERM}, tty="/dev/pts/9", tmux=KITTY))
    assert (other.protocol, other.is_open) == ("blocks", False)
    assert detect(Seen(TMUX, tty="/dev/pts/9", tmux=KITTY)).protocol == "blocks"


@pytest.mark.parametrize(
    ("environ", "colors", "uni", "reason"),
    [
        ({**XTERM, "NO_COLOR": "1"}, False, True, "NO_COLOR is set"),
        (XTERM, False, True, "colours are off"),
        (XTERM, True, False, "only ASCII is shown"),
        ({"TERM": "dumb"}, True, True, "TERM is dumb"),
        ({"TERM": "linux"}, True, True, "TERM is linux"),
        ({}, True, True, "TERM is not set"),
        (XTERM, True, True, ""),
    ],
)
def test_what_rules_pixels_out(
    environ: dict[str, str], colors: bool, uni: bool, reason: str
) -> None:
    assert unwelcome(environ, has_colors=colors, has_unicode=uni) == reason
    if reason:
        kitty = Seen({"TERM": "xterm-kitty"}, unwelcome=reason)
        assert detect(kitty) == Choice(reason=reason)
        wished = detect(replace(kitty, wish="kitty"))
        assert wished.protocol == "kitty"


@pytest.mark.parametrize("wish", ["blocks", "kitty", "iterm", "sixel"])
def test_the_setting_overrules_and_the_reason_tells_where_it_was_set(wish: Wish) -> None:
    seen = Seen(XTERM, cell=CELL, wish=wish, wished_by="environment LABAPP_IMAGES")
    found = detect(seen)
    told = f"images = {wish} in environment LABAPP_IMAGES"
    assert (found.protocol, found.reason, found.is_open) == (wish, told, False)
    barred = detect(replace(seen, impossible="this is no terminal"))
    assert barred.protocol == "blocks"
    assert barred.reason == (
        told if wish == "blocks" else f"this is no terminal, for all that {told}"
    )


def test_in_tmux_the_setting_is_what_tmux_can_do_of_it() -> None:
    def found(wish: Wish, told: Tmux | None = KITTY) -> Choice:
        return detect(Seen(TMUX, tty="/dev/pts/3", tmux=told, answer=Answer(), wish=wish))

    assert (found("kitty").protocol, found("kitty").in_tmux) == ("placeholders", True)
    assert found("kitty", None).protocol == "placeholders"
    assert (found("sixel").protocol, found("sixel").cell) == ("sixel", CELL)
    assert found("sixel", None).protocol == "blocks"
    assert found("iterm").protocol == "blocks"
    assert detect(Seen(TMUX, wish="kitty")).is_open


def test_what_helps_is_told_where_it_takes_little() -> None:
    vscode = {**XTERM, "TERM_PROGRAM": "vscode"}
    assert "enableImages" in remedy(of(vscode, PLAIN), vscode)
    assert remedy(of(vscode, SIXEL), vscode) == ""
    assert remedy(of(vscode), vscode) == ""
    assert remedy(of(XTERM, PLAIN), XTERM) == ""
