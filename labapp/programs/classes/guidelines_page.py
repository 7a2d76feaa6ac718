"""The page of a dataset's guidelines: read, written by paragraphs, taken from a file."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from labapp.console import prompts
from labapp.console.key import Key
from labapp.console.page import show
from labapp.labels import scheme_edits
from labapp.programs.classes.commands import text_of
from labapp.programs.dataset import why_read_only
from labapp.programs.menus import history
from labapp.programs.menus.actions import attempt
from labapp.visible import visible_lines

if TYPE_CHECKING:
    from labapp.labels.classes import Scheme
    from labapp.programs.classes.changing import Editing

TITLE = "Guidelines"

HELP = """What annotators are told at length: g shows it while they label. A text file is the \
easiest way to write more than a few lines."""

WRITE = Key("w", "write more", help="adds a paragraph at the end")
FILE = Key("f", "from a file", help="takes them from a text file")
CLEAR = Key("x", "take away", help="leaves none")


def show_guidelines(editing: Editing) -> None:
    """Show the guidelines until the admin goes back, and change them."""
    from rich.text import Text

    while True:
        text = editing.scheme.guidelines
        keys = [WRITE, FILE, *([CLEAR] if text else [])]
        body = Text(visible_lines(text) if text else "None yet.")
        key = show(
            TITLE,
            body,
            frame=editing.menu.frame,
            keys=[] if why_read_only(editing.menu) else keys,
            help=HELP,
        )
        if key is None:
            return
        act = {WRITE: _write, FILE: _take_file, CLEAR: _clear}[key]
        attempt(TITLE, partial(act, editing), editing.menu.frame)


def _with(editing: Editing, text: str) -> Scheme:
    return scheme_edits.checked(replace(editing.scheme, guidelines=text))


def _write(editing: Editing) -> None:
    before = editing.scheme.guidelines

    def longer(text: str) -> str:
        return f"{before}\n\n{text}" if before else text

    text = prompts.text(
        "A paragraph more:",
        check=editing.check(lambda text: replace(editing.scheme, guidelines=longer(text))),
        title=TITLE,
        frame=editing.menu.frame,
    )
    editing.make(_with(editing, longer(text)))


def _take_file(editing: Editing) -> None:
    path = prompts.path(
        "Text file:", kind="file", endings=(".txt", ".md"), title=TITLE,
        frame=editing.menu.frame, history=history.CLASS_FILES,
    )  # fmt: skip
    editing.make(_with(editing, text_of(str(path))))


def _clear(editing: Editing) -> None:
    editing.make(replace(editing.scheme, guidelines=""))
