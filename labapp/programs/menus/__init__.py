"""What all menus stand on: the session behind one, long work, progress, pictures, welcome."""

from __future__ import annotations

import gc
from importlib import import_module
from typing import TYPE_CHECKING

from labapp.errors import UsageError

if TYPE_CHECKING:
    from labapp.programs.shell.context import Context


def open_menu(context: Context, module: str) -> int | None:
    """Open a program's menu, which the `run(context)` of a module shows.

    Raises:
        UsageError: there is no terminal to show it on.
    """
    from labapp.console import theme

    if not theme.is_interactive():
        raise UsageError(
            "a menu needs a terminal, and this is none",
            f"Give a command, such as '{context.program} --help' lists.",
        )
    gc.disable()  # what is imported now stays; `MenuSession` enables it once a page is painted
    try:
        code: int | None = import_module(module).run(context)
    finally:
        gc.enable()
    return code
