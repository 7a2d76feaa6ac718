"""Whatever is done to a menu, the terminal is given back, and every screen explains itself."""

from __future__ import annotations

import ast
import signal
import socket
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.bucket import Bucket
from tests.dataset.dataset_kit import picture_bytes
from tests.menus.conftest import Open
from tests.support.terminal import ROOT

SCREENS = sorted((ROOT / "labapp" / "programs").rglob("*.py"))

#: The parts that have a `?`; a question in words takes it as text.
EXPLAINED = {"show", "choose", "search_list", "checklist"}


@pytest.mark.parametrize("program", ["client.py", "admin.py"])
def test_sigterm_ends_a_menu_with_143_and_the_cursor_back(opened: Open, program: str) -> None:
    with opened(program) as screen:
        screen.wait_for("q  Quit")
        screen.kill(signal.SIGTERM)
        assert screen.finish() == 143
        assert not screen.alternate
        assert not screen.cursor_hidden


def test_a_home_that_cannot_be_written_is_told_in_the_menu(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for program, key in (("client.py", "j"), ("admin.py", "4")):
        with opened(program, data=str(tmp_path / "file" / "data")) as screen:
            screen.wait_for("Welcome to labapp")
            screen.send("0")
            screen.wait_for("q  Quit")
            screen.send(key)
            screen.wait_for("✗ ")
            screen.wait_for("any key goes back")  # a notice has the sign too, above the menu
            screen.send("x", "q")
            assert screen.finish() == 0
            assert "Traceback" not in screen.text


def test_an_admins_pages_can_be_read_at_40_by_12(opened: Open) -> None:
    with opened("admin.py", columns=40, rows=12) as screen:
        screen.wait_for("Label statistics")
        pages = (("4", "requestQueue"), ("5", "No jobs are logged yet"), ("7", "Status"))
        for key, told in pages:
            screen.send(key)
            screen.wait_for(told)
            if key != "5":  # what is cut can be read below the help
                screen.send("?")
                screen.wait_for("key closes")
                screen.send(*["pagedown"] * 8)
                in_full = "dead letters 0" if key == "4" else "Doctor: what holds, what does not"
                screen.wait_for(in_full)
                screen.send("x")
            screen.send("esc")
            screen.wait_for("q quit")


def test_help_that_is_longer_than_the_window_scrolls(opened: Open) -> None:
    with opened("client.py", columns=40, rows=12) as screen:
        screen.wait_for("q quit")
        screen.send("?")
        screen.wait_for("You send work to the lab's queues")
        screen.wait_for("scroll")
        screen.send(*["pagedown"] * 4)
        screen.wait_for("one step back.")
        screen.send("up")
        screen.wait_for("key closes")
        screen.send("x")
        screen.wait_for("1  Numbers")


def test_every_key_of_a_page_is_told_at_40_by_12(opened: Open, bucket: Bucket) -> None:
    bucket.put("images/1.png", picture_bytes(1), "image/png")
    with opened("admin.py", columns=40, rows=12) as screen:
        screen.wait_for("Label statistics")
        screen.send("1")
        screen.wait_for("p pictures")
        screen.wait_for("? more")
        progress = next(line for line in screen.lines if "progress" in line)
        assert " 0 %" in progress
        screen.send("?")
        screen.wait_for("closes")
        screen.resize(100, 40)
        screen.wait_for(" d shows those")
        screen.wait_for(" a lists the annotators")


def test_a_notice_is_folded_so_that_its_end_is_read(opened: Open, bucket: Bucket) -> None:
    bucket.put("images/lunch.png", picture_bytes(1), "image/png")
    with opened("client.py", LABAPP_ANNOTATOR="anna", PATH="/nowhere") as screen:
        screen.wait_for("Label pictures")
        screen.send("3")
        screen.wait_for("o open in viewer")
        screen.send("o")
        screen.wait_for("this system has no viewer that opens pictures")
        screen.wait_until(lambda: screen.says("lunch.png."), "its end")


def test_the_workers_console_shows_queues_and_keys_at_40_by_12(opened: Open) -> None:
    with opened("server.py", columns=40, rows=12) as screen:
        screen.wait_for("✓ running")
        screen.wait_for("responseQueue")
        screen.wait_for("q stop")
        screen.send("?")
        screen.wait_for("Jobs come from")
        screen.send(" ")
        screen.wait_for("says why.")
        screen.send("x")
        screen.wait_for("responseQueue")
        screen.send("q")
        assert screen.finish() == 0


def test_a_page_follows_the_window_and_is_never_wider_than_100(opened: Open) -> None:
    with opened("admin.py", columns=200, rows=40) as screen:
        screen.wait_for("Label statistics")
        screen.send("4")
        screen.wait_for("requestQueue")  # and all that is drawn with it
        screen.settle()
        assert max(len(line) for line in screen.lines) <= 100, screen.text
        screen.resize(40, 12)
        screen.wait_gone("delayed")
        screen.wait_for("requestQueue")


def test_without_unicode_and_colour_a_menu_is_ascii(opened: Open) -> None:
    with opened("client.py", LANG="C", LC_ALL="C", NO_COLOR="1") as screen:
        screen.wait_for("> 1  Numbers")
        assert screen.text.isascii()
        assert b"\x1b[3" not in screen.raw.replace(b"\x1b[39", b"").replace(b"\x1b[30m", b"")


def test_work_that_is_left_goes_on_and_its_end_is_announced(opened: Open) -> None:
    with opened("admin.py") as screen:
        screen.wait_for("Upload pictures")
        screen.send("2")
        screen.wait_for("File or folder:")
        screen.send("enter")
        screen.wait_for("b go on behind")
        screen.send("b")
        screen.wait_for("uploading 20 pictures is done: 20 added")


@pytest.mark.parametrize("path", SCREENS, ids=lambda path: path.stem)
def test_the_question_mark_explains_every_screen(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            given = {keyword.arg for keyword in node.keywords}
            if name in EXPLAINED and "frame" in given:
                assert "help" in given, f"{path.name}:{node.lineno}"


def test_a_wait_that_is_left_is_no_error_and_its_end_is_told(opened: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        nowhere: dict[str, Any] = {
            "LABAPP_CLOUD": "aws", "AWS_REGION": "us-east-1",
            "LABAPP_ENDPOINT_URL": f"http://127.0.0.1:{silent.getsockname()[1]}",
            "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
        }  # fmt: skip
        with opened("admin.py", **nowhere) as screen:
            screen.wait_for("q  Quit")
            screen.send("4")
            screen.wait_for("opening the aws cloud")
            screen.send("esc")
            screen.wait_for("What would you like to look after?")
            screen.wait_for("opening the aws cloud goes on behind")
            assert "✗" not in screen.text
            screen.kill(signal.SIGKILL)
