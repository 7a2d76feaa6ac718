"""What menus stand on: they open with what their first page needs, and no more."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from typing import Any, cast

import pytest

from labapp.console import page
from labapp.console.accessible.keys import words_of
from labapp.console.key import Key
from labapp.programs.menus import actions

#: What can wait for whoever wants it: other ways to show pages, what lines lead to, what few have.
CAN_WAIT = (
    "labapp.cloud.embedded",
    "labapp.console.accessible.voice",
    "labapp.console.graphics.detection",
    "labapp.console.graphics.marks",
    "labapp.dialects",
    "labapp.jobs.lab_queues",
    "labapp.jobs.session",
    "labapp.labels.label_file",
    "labapp.labels.layout",
    "labapp.pictures",
    *("boto3", "ctypes", "logging", "numpy", "prompt_toolkit", "rich"),
)

#: Makes the lines of a program's menu, as its first page does.
OPEN = f"""
import sys
from types import SimpleNamespace as Object
from labapp import settings
from labapp.labels.classes import DEFAULT_SCHEME
from labapp.programs import find, {{0}}_menu as menu
from labapp.programs.menus.actions import items_of
from labapp.programs.shell.command import lines_of
program = find("{{0}}.py")
loaded = settings.load({{{{}}}})
context = Object(settings=loaded.settings, loaded=loaded)
session = Object(context=context, pending=0, scheme=DEFAULT_SCHEME)
items_of(session, lines_of(program.commands))
print([name for name in {CAN_WAIT!r} if name in sys.modules])
"""


@pytest.mark.parametrize("program", ["client", "admin"])
def test_a_menu_opens_without_what_can_wait(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OPEN.format(program)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_on_the_page_of_one_thing_a_key_needs_no_row(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Key] = []

    def show(*_: object, keys: Sequence[Key], **__: object) -> None:
        shown.extend(keys)

    monkeypatch.setattr(page, "show", show)
    trace = actions.trace_key(cast("Any", None), "of_log")
    assert trace.on_row
    actions.show_one("Log", 1, str, cast("Any", None), "", [trace])
    assert words_of(shown) == ["t (trace)"]
    assert shown[0].help == "shows the way of the job: who did it, when, what is missing"
