"""The menu, used as a person would in a real terminal."""

from __future__ import annotations

import pytest

from labapp.console.theme import UNICODE
from tests.console.conftest import Demo

POINTER = UNICODE.pointer


def test_a_number_key_acts_at_once(demo: Demo) -> None:
    screen = demo("menu")
    screen.wait_for("Type a list")
    screen.send("4")
    screen.wait_for("result: 'random'")
    assert screen.finish() == 0


def test_arrows_and_enter_choose_the_pointed_line(demo: Demo) -> None:
    screen = demo("menu")
    screen.wait_for(f"{POINTER} 1")
    screen.send("down", "down")
    screen.wait_for(f"{POINTER} 3")
    screen.send("up", "enter")
    screen.wait_for("result: 'file'")


def test_the_pointer_goes_round_the_ends(demo: Demo) -> None:
    screen = demo("menu")
    screen.wait_for(f"{POINTER} 1")
    screen.send("up")
    screen.wait_for(f"{POINTER} 0  Back")
    screen.send("home")
    screen.wait_for(f"{POINTER} 1")


@pytest.mark.parametrize("key", ["esc", "0", "ctrl-d"])
def test_escape_zero_and_ctrl_d_go_back(demo: Demo, key: str) -> None:
    screen = demo("menu")
    screen.wait_for("Type a list")
    screen.send(key)
    screen.wait_for("result: None")


def test_a_slow_arrow_key_is_not_mistaken_for_escape(demo: Demo) -> None:
    screen = demo("menu")
    screen.wait_for(f"{POINTER} 1")
    screen.send("\x1b")
    screen.settle(quiet=0.03)  # the rest of the sequence comes in a packet of its own
    screen.send("[B")
    screen.wait_for(f"{POINTER} 2")


def test_escape_does_not_leave_the_top_menu_and_q_does(demo: Demo) -> None:
    screen = demo("top")
    screen.wait_for("q  Quit")
    screen.send("esc")
    screen.wait_for("Press q to quit")
    screen.send("q")
    screen.wait_for("result: None")


def test_ctrl_c_interrupts(demo: Demo) -> None:
    screen = demo("menu")
    screen.wait_for("Type a list")
    screen.send("ctrl-c")
    screen.wait_for("result: interrupted")
    assert screen.finish() == 130


def test_a_disabled_line_says_why_and_cannot_be_chosen(demo: Demo) -> None:
    screen = demo("menu")
    screen.wait_for("(no reply is waiting in your queue)")
    screen.send("5")
    screen.wait_for("! Not now: no reply is waiting in your queue")
    screen.send("enter")
    screen.send("1")
    screen.wait_for("result: 'type'")


def test_a_disabled_line_is_dimmed(demo: Demo) -> None:
    screen = demo("menu")
    screen.wait_for("Purge my replies")
    assert screen.style_of("Purge my").fg == "808080"
    assert screen.style_of("Random numbers").fg == "default"


def test_a_line_becomes_possible_while_the_menu_is_open(demo: Demo) -> None:
    screen = demo("opening")
    screen.wait_for("1  Send")
    screen.wait_gone("(no worker is running)")
    assert b"(no worker is running)" in screen.raw
    screen.send("1")
    screen.wait_for("result: 'send'")


def test_the_question_mark_explains_the_screen_and_any_key_closes_it(demo: Demo) -> None:
    screen = demo("menu")
    screen.wait_for("? help")
    screen.send("?")
    screen.wait_for("Any list of up to ten")
    screen.wait_gone("Random numbers")
    screen.send("4")
    screen.wait_for("Random numbers")
    screen.send("1")
    screen.wait_for("result: 'type'")


def test_what_happens_meanwhile_is_announced_in_place(demo: Demo) -> None:
    screen = demo("menu")
    screen.wait_for("Type a list")
    screen.wait_for("✓ job 01JD3 is done")
    assert screen.raw.index(b"Type a list") < screen.raw.index(b"job 01JD3")
    assert screen.text.count("Type a list") == 1
    assert screen.lines[0].startswith("╭─ labapp client")


def test_an_announcement_sends_only_what_changed(demo: Demo) -> None:
    screen = demo("menu")
    screen.wait_for("✓ job 01JD3 is done")
    screen.settle()
    drawn = len(screen.raw)
    screen.send("down")
    screen.wait_for(f"{POINTER} 2")
    screen.settle()
    assert len(screen.raw) - drawn < 400


def test_in_40_by_12_the_menu_scrolls_and_every_line_can_be_reached(demo: Demo) -> None:
    screen = demo("menu", columns=40, rows=9)
    screen.wait_for(f"{POINTER} 1")
    screen.wait_for("↓")
    screen.send("end")
    screen.wait_for(f"{POINTER} 0  Back")
    screen.send("home", "2")
    screen.wait_for("result: 'file'")


def test_a_page_is_redrawn_whole_when_the_window_is_resized(demo: Demo) -> None:
    screen = demo("menu")
    screen.wait_for("Purge my replies")
    for columns, rows in ((40, 12), (120, 40), (80, 24)):
        screen.resize(columns, rows)
        screen.wait_until(
            lambda: (
                screen.text.count("Type a list") == 1
                and screen.text.count("labapp client") == 1
                and ("╭" in screen.text) == (screen.rows >= 18)
                and len(screen.lines[0]) <= screen.columns
            ),
            f"a whole page in {columns} by {rows}",
        )
    screen.send("3")
    screen.wait_for("result: 'ready'")


def test_a_wide_window_is_not_filled_to_its_edge(demo: Demo) -> None:
    screen = demo("menu", columns=200)
    screen.wait_for("Type a list")
    assert max(len(line) for line in screen.lines) <= 100


def test_no_color_sends_no_colour(demo: Demo) -> None:
    screen = demo("menu", env={"NO_COLOR": "1"})
    screen.wait_for("✓ job 01JD3 is done")
    screen.send("5")
    screen.wait_for("! Not now")
    assert {screen.cell(row, column).fg for row in range(24) for column in range(80)} == {"default"}


def test_without_unicode_everything_is_ascii(demo: Demo) -> None:
    screen = demo("menu", env={"LANG": "C"})
    screen.wait_for("+ job 01JD3 is done")
    screen.send("5")
    screen.wait_for("> 5")
    screen.wait_for("! Not now")
    assert screen.text.isascii()


def test_the_sixteen_colours_are_enough(demo: Demo) -> None:
    screen = demo("menu", env={"TERM": "xterm"})
    screen.wait_for("Type a list")
    assert b"38;5;" not in screen.raw
    assert b"38;2;" not in screen.raw
    assert screen.style_of("1  Type").fg == "cyan"


def test_lines_are_asked_for_once_a_drawing_however_many_there_are(demo: Demo) -> None:
    screen = demo("counted")
    screen.wait_for("Type a list")
    screen.send("down", "down", "up", "down")
    screen.wait_for("job 01JD3 is done")
    screen.send("esc")
    screen.wait_for("result: '0 too many; drawn often'")


def test_an_open_menu_writes_nothing_while_nothing_changes(demo: Demo) -> None:
    screen = demo("menu")
    screen.wait_for("job 01JD3 is done")  # the last thing that time changes there
    screen.settle()
    written = len(screen.raw)
    screen.settle(quiet=1.5)
    assert len(screen.raw) == written
