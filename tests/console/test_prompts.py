"""Questions, answered as a person would in a real terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from labapp.console.prompts import _wrong_integer, _wrong_path
from labapp.console.typing_help import Paths
from tests.console.conftest import Demo
from tests.support.terminal import ROOT


def test_a_wrong_text_is_said_below_and_can_be_mended(demo: Demo) -> None:
    screen = demo("text")
    screen.wait_for("? Which numbers?")
    screen.send("1,a", "enter")
    screen.wait_for("✗ '1,a' is not a list of numbers")
    screen.send("backspace", "2", "enter")
    screen.wait_for("result: '1,2'")


@pytest.mark.parametrize("part", ["text", "integer", "path", "confirm"])
@pytest.mark.parametrize("key", ["esc", "ctrl-d"])
def test_escape_and_ctrl_d_go_one_step_back(demo: Demo, part: str, key: str) -> None:
    screen = demo(part)
    screen.wait_for("Esc back")
    screen.send(key)
    screen.wait_for("result: back")
    assert screen.finish() == 0


@pytest.mark.parametrize("part", ["text", "confirm", "inline"])
def test_ctrl_c_interrupts_a_question(demo: Demo, part: str) -> None:
    screen = demo(part)
    screen.wait_for("? ")
    screen.send("ctrl-c")
    screen.wait_for("result: interrupted")
    assert screen.finish() == 130


def test_an_integer_outside_its_limits_is_refused_with_the_limit(demo: Demo) -> None:
    screen = demo("integer")
    screen.wait_for("(1 to 10) 4")
    screen.send("backspace", "x", "enter")
    screen.wait_for("'x' is not a whole number")
    screen.send("backspace", "99", "enter")
    screen.wait_for("at most 10")
    screen.send("backspace", "enter")
    screen.wait_for("result: 9")


def test_a_question_mark_can_be_typed(demo: Demo) -> None:
    screen = demo("text")
    screen.wait_for("Which numbers?")
    screen.send("1?")
    screen.wait_for("1?")


def test_a_completed_path_is_accepted_by_one_enter(demo: Demo) -> None:
    screen = demo("path")
    screen.wait_for("Which file?")
    screen.send("pyproj", "tab")
    screen.wait_for("Which file? pyproject.toml")
    screen.send("enter")
    screen.wait_for("result: 'pyproject.toml'")


def test_tab_offers_what_there_is_to_choose_from(demo: Demo) -> None:
    screen = demo("path")
    screen.wait_for("Which file?")
    screen.send("labapp/labels/e", "tab")
    screen.wait_for("effective.py")
    screen.wait_for("export/")
    screen.send("esc")
    screen.wait_for("result: back")


def test_up_steps_through_earlier_answers_and_down_gives_back_what_was_typed(demo: Demo) -> None:
    screen = demo("earlier")
    screen.wait_for("↑ earlier")
    screen.wait_for("Which numbers? 3,4")
    screen.send(",5", "up")
    screen.wait_for("Which numbers? 1,2")
    screen.send("up", "down")
    screen.wait_for("Which numbers? 3,4,5")
    screen.send("up", "enter")
    screen.wait_for("Which others? 3,4")
    screen.send("up")
    screen.wait_for("Which others? 1,2")
    screen.send("enter")
    screen.wait_for("result: ['1,2', '3,4', '1,2', '1,2']")


def test_tab_completes_as_in_a_shell_and_goes_on_in_a_folder(demo: Demo) -> None:
    screen = demo("path")
    screen.wait_for("Which file?")
    assert "earlier" not in screen.text
    screen.send("labapp/lab", "tab", "tab")
    screen.wait_for("Which file? labapp/labels/")
    screen.wait_for("annotators.py")
    screen.send("lay", "tab")
    screen.wait_for("Which file? labapp/labels/layout")
    screen.wait_for("layout_rules.py")
    screen.send("tab", "enter")
    screen.wait_for("result: 'labapp/labels/layout.py'")


def test_a_path_that_is_dropped_takes_the_place_of_the_default(demo: Demo) -> None:
    screen = demo("dropped")
    screen.wait_for("Which folder? labapp")
    screen.send(f"\x1b[200~'{ROOT}/tests' \x1b[201~", "enter")
    screen.wait_for(f"result: '{ROOT}/tests'")


def test_a_whole_path_typed_behind_the_default_is_meant_alone(tmp_path: Path) -> None:
    inner = tmp_path / "in"
    inner.mkdir()
    paths = Paths((), str(tmp_path))
    assert paths.behind_default(f"{tmp_path}{inner}") == str(inner)
    assert paths.behind_default(f"{tmp_path}/in") == ""
    assert paths.behind_default(f"{tmp_path}/nowhere") == ""
    assert paths.behind_default(str(inner)) == ""
    assert Paths((), "").behind_default(str(inner)) == ""


def test_nothing_is_called_wrong_while_it_is_being_typed(demo: Demo) -> None:
    screen = demo("path")
    screen.wait_for("Which file?")
    screen.send("pyproj")
    screen.wait_for("pyproj")
    screen.settle()
    assert "there is no" not in screen.text


def test_a_path_that_is_not_there_is_refused(demo: Demo) -> None:
    screen = demo("path")
    screen.wait_for("Which file?")
    screen.send("nowhere.txt", "enter")
    screen.wait_for("there is no file nowhere.txt")
    screen.send("esc")
    screen.wait_for("result: back")


@pytest.mark.parametrize(("keys", "result"), [("y", "True"), ("n", "False"), ("enter", "False")])
def test_yes_and_no_act_at_once_and_enter_takes_the_default(
    demo: Demo, keys: str, result: str
) -> None:
    screen = demo("confirm")
    screen.wait_for("Delete all 12 replies? (y/N)")
    screen.send(keys)
    screen.wait_for(f"result: {result}")


def test_in_a_narrow_window_a_question_folds_at_words_and_a_title_is_cut_with_a_sign(
    demo: Demo,
) -> None:
    screen = demo("question", columns=40, rows=12)
    screen.wait_for("(y/N)")
    shown = [line.strip() for line in screen.lines]
    assert "A title of many words that has no roo…" in shown
    place = shown.index("? Still uploading 20 pictures. Stop")
    assert shown[place + 1] == "it and quit? (y/N)"
    screen.resize(30, 12)
    screen.wait_for("? Still uploading 20")
    screen.send("y")
    screen.wait_for("result: True")


def test_without_a_frame_questions_stand_below_each_other(demo: Demo) -> None:
    screen = demo("inline")
    screen.wait_for("? Delete all 12 replies?")
    screen.send("y")
    screen.wait_for("? Name:")
    screen.send("anna", "enter")
    screen.wait_for("result: (True, 'anna')")
    assert screen.text.splitlines()[:3] == [
        "before",
        "? Delete all 12 replies? Yes",
        "? Name: anna",
    ]


def test_the_worst_needs_the_name_typed(demo: Demo) -> None:
    screen = demo("named")
    screen.wait_for("(type labapp-hotdogs)")
    screen.send("yes", "enter")
    screen.wait_for("that is not labapp-hotdogs")
    screen.send(*["backspace"] * 3, "labapp-hotdogs", "enter")
    screen.wait_for("result: 'deleted'")


def test_in_a_narrow_window_a_name_is_broken_at_its_hyphen(demo: Demo) -> None:
    screen = demo("named", columns=40, rows=12)
    screen.wait_for("hotdogs.  (type labapp-hotdogs)")
    assert "labapp-" in [line.strip() for line in screen.lines]


def test_an_empty_name_destroys_nothing(demo: Demo) -> None:
    screen = demo("named")
    screen.wait_for("(type labapp-hotdogs)")
    screen.send("enter")
    screen.wait_for("result: back")


def test_a_question_fits_into_40_by_12(demo: Demo) -> None:
    screen = demo("text", columns=40, rows=12)
    screen.wait_for("Which numbers?")
    screen.send("1," + "a" * 20, "enter")
    screen.wait_for("' is not a")
    screen.wait_for("   list of numbers")  # folded, not cut
    screen.wait_for("Esc back")


def test_limits_are_inclusive_and_nan_is_no_number() -> None:
    assert _wrong_integer("1", 1, 10) == _wrong_integer("10", 1, 10) == ""
    assert _wrong_integer("1_000_000", 1, None) == ""
    assert _wrong_integer("0", 1, 10) == "at least 1"
    assert _wrong_integer("10001", 1, 10_000) == "at most 10,000"
    assert _wrong_integer("nan", 1, 10) == "'nan' is not a whole number"


def test_a_name_that_cannot_be_a_path_is_refused_in_words() -> None:
    assert _wrong_path("a\x00b", "file") == "there is no file a?b"
    assert _wrong_path("x" * 5000, "file").startswith(("not a path: ", "there is no file x"))
    assert "Errno" not in _wrong_path("x" * 5000, "file")
    assert _wrong_path("  ", "any") == "type a path; Tab completes it"
    assert _wrong_path("tests", "file") == "tests is a folder; choose a file in it"
    assert _wrong_path("README-to-be.md", "new") == ""
    assert _wrong_path("no/such/folder/file", "new").startswith("there is no folder")
