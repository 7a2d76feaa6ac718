"""The first screen that anybody sees: where they are, and what a newcomer wants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labapp.console.menu import MenuItem, choose
from labapp.programs import memory
from labapp.programs.screens.parts import Action, attempt
from labapp.settings import data_dir

if TYPE_CHECKING:
    from labapp.programs.screens.desk import Desk

LOCAL = "Everything runs on this machine: no account is needed, and nothing touches AWS."

AWS = "This works in your AWS account, as the line on top says; nothing is made there unasked."

HELP = """This is shown once. Esc goes to the menu, which has all of this and more.

? explains every screen, Esc goes one step back, Ctrl-C leaves."""


def greet(desk: Desk, program: str, items: Sequence[MenuItem[Action]]) -> None:
    """Show the welcome to whoever opens a program for the first time.

    Args:
        desk: the program's.
        program: `client` or `admin`.
        items: what a newcomer wants, done here and now.
    """
    name = f"greeted by {program}"
    if memory.recall(name):
        return
    memory.remember(name, "yes")
    where = LOCAL if desk.context.settings.cloud == "local" else AWS
    intro = f"{where} Data is kept in {data_dir()}.\nBegin with one of these:"
    chosen = ""
    while item := choose("Welcome to labapp", items, frame=desk.frame,
                         help=HELP, intro=intro, start=chosen, back="To the menu"):  # fmt: skip
        chosen = item.key
        attempt(item.title, item.value, desk.frame)
