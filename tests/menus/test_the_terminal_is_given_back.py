"""Whatever program is left, in whatever way: line wrap, cursor, keyboard and the rest come back.

`Terminal.finish` replays all that was written and compares; every test that ends a program does so.
Here are the ways out that no other test takes.
"""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from labapp.cloud.bucket import Bucket
from tests.dataset.dataset_kit import picture_bytes
from tests.menus.conftest import Open
from tests.support.terminal import Terminal

#: A cloud that nobody answers for: a menu opens without it, and no local one is started.
NOWHERE: dict[str, Any] = {
    "LABAPP_CLOUD": "aws", "LABAPP_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
}  # fmt: skip

#: Runs a program whose settings page, and whose worker's console, fail when they are drawn.
BROKEN = """
import sys
from labapp.console import tables
from labapp.programs import {0}
from labapp.programs.workers import console as worker_console
def broken(*_, **__): raise ZeroDivisionError("a bug")
tables.table = worker_console._state = broken
sys.exit({0}.main())
"""


def leave(screen: Terminal, way: str) -> int:
    if way.startswith("SIG"):
        screen.kill(signal.Signals[way])
    else:
        screen.send(way)
    return screen.finish()


@pytest.mark.parametrize(
    ("program", "way", "code"),
    [
        ("client.py", "q", 0), ("client.py", "ctrl-c", 130), ("client.py", "ctrl-d", 0),
        ("client.py", "SIGINT", 130), ("client.py", "SIGHUP", 129), ("client.py", "SIGTERM", 143),
        ("admin.py", "q", 0), ("admin.py", "SIGHUP", 129),
    ],
)  # fmt: skip
def test_a_menu_gives_the_terminal_back(opened: Open, program: str, way: str, code: int) -> None:
    with opened(program, **NOWHERE) as screen:
        screen.wait_for("q  Quit")
        assert leave(screen, way) == code
        assert not screen.text


def test_a_menu_whose_terminal_goes_away_ends_as_hung_up(opened: Open) -> None:
    with opened("client.py", **NOWHERE) as screen:
        screen.wait_for("q  Quit")
        assert screen.hang_up() == 129


def test_labelling_gives_the_terminal_back(opened: Open, bucket: Bucket) -> None:
    bucket.put("images/1.png", picture_bytes(1), "image/png")
    with opened("client.py", "label", LABAPP_ANNOTATOR="anna") as screen:
        screen.wait_for("Picture 1 of 1")
        assert leave(screen, "ctrl-c") == 130


@pytest.mark.parametrize(("way", "code"), [("y", 0), ("ctrl-c", 130), ("SIGHUP", 129)])
def test_a_question_gives_the_terminal_back(
    opened: Open, bucket: Bucket, way: str, code: int
) -> None:
    with opened("admin.py", "queues", "purge", "requestQueue") as screen:
        screen.wait_for("(y/N)")
        assert leave(screen, way) == code


@pytest.mark.parametrize(("program", "key"), [("client", "s"), ("admin", "s"), ("server", "")])
def test_an_error_in_a_page_is_one_line_and_the_terminal_is_given_back(
    opened: Open, tmp_path: Path, program: str, key: str
) -> None:
    script = tmp_path / "broken.py"
    script.write_text(BROKEN.format(program))
    cloud = "local" if program == "server" else "aws"
    with opened(str(script), **{**NOWHERE, "LABAPP_CLOUD": cloud}) as screen:
        if key:
            screen.wait_for("q  Quit")
            screen.send(key)
        assert screen.finish() == 1
        assert screen.says("an unforeseen error: ZeroDivisionError: a bug")
        assert "Traceback" not in screen.text
